// SPDX-License-Identifier: Apache-2.0
#include "api/key_limits.h"

#include <algorithm>
#include <array>

#include "types/limits.h"

namespace bindhss::api {

namespace {

crypto::SipHash make_hash(Random& random) {
    Octets<16> key{};
    random.fill(key);
    return crypto::SipHash(key);
}

}  // namespace

KeyLimits::KeyLimits(const KeyRates& rates, Random& random, alarm::Sink& alarms, const Clock& clock)
    : hash_(make_hash(random)),
      clock_(clock),
      address_("https.address", "requests for keys of one client", rates.address,
               limits::key_request_address_slots),
      imsi_("https.imsi", "requests for keys of one IMSI", rates.imsi, limits::key_request_identity_slots),
      imei_("https.imei", "requests for keys of one device", rates.imei, limits::key_request_identity_slots),
      report_(alarms) {}

void KeyLimits::change(const KeyRates& rates) {
    address_.buckets.set_rate(rates.address);
    imsi_.buckets.set_rate(rates.imsi);
    imei_.buckets.set_rate(rates.imei);
}

long KeyLimits::Limit::pause() const {
    const auto rate = buckets.rate();
    const auto each = std::chrono::ceil<std::chrono::seconds>(rate.per / std::max(rate.count, 1U));
    return std::max<long>(static_cast<long>(each.count()), 1);
}

std::optional<long> KeyLimits::refuse_address(const std::string& address) {
    const auto key = hash_(address);
    if (address_.buckets.take(key, clock_.now())) return std::nullopt;
    return report(address_, key, address, nullptr, nullptr);
}

std::optional<long> KeyLimits::refuse_pair(const Imsi& imsi, Imei imei, const std::string& address) {
    const auto now = clock_.now();
    const auto of_imsi = hash_(imsi.digits());
    const auto of_imei = hash_("imei " + imei.str());
    if (!imsi_.buckets.take(of_imsi, now)) return report(imsi_, of_imsi, address, &imsi, nullptr);
    if (imei_.buckets.take(of_imei, now)) return std::nullopt;
    imsi_.buckets.give_back(of_imsi);
    return report(imei_, of_imei, address, nullptr, &imei);
}

long KeyLimits::report(Limit& limit, std::uint64_t object, const std::string& address, const Imsi* imsi,
                       const Imei* imei) {
    procedure::RefusalReport::Refusal refusal;
    refusal.limit = limit.name;
    refusal.object = object;
    refusal.node = hash_(address);
    refusal.imsi = imsi;
    refusal.imei = imei;
    refusal.host = address;
    refusal.text = limit.text;
    refusal.count = ++limit.refused;
    refusal.now = clock_.now();
    report_.tell(refusal);
    return limit.pause();
}

}  // namespace bindhss::api
