// SPDX-License-Identifier: Apache-2.0
#include "procedure/kme_exchange.h"

#include <initializer_list>

#include "procedure/node_requests.h"
#include "procedure/unfit_nodes.h"
#include "procedure/witness.h"

namespace bindhss::procedure {

namespace {

using alarm::Id;
using binding::ExchangeOutcome;
using boost::asio::awaitable;

void raise(const Ports& ports, const KeyWanted& wanted, Id id, std::string detail) {
    ports.alarms.raise({id, wanted.imsi, wanted.imei, wanted.node.host, std::move(detail), ports.clock.now(),
                        wanted.session});
}

void tell(const Ports& ports, const KeyWanted& wanted, std::string_view outcome, std::uint32_t generation,
          const std::string& detail) {
    if (ports.witness == nullptr) return;
    const auto imei = wanted.imei.str();
    const Note notes[] = {{"imei", imei},
                          {"way", store::name_of(wanted.way)},
                          {"because", binding::name_of(wanted.occasion)},
                          {"generation", generation},
                          {"detail", detail}};
    ports.witness->decided(
        {Decision::Kind::exchange, wanted.imsi, wanted.session, wanted.node.host, outcome, false, notes});
}

std::string_view outcome_of(store::NotBegun why) {
    switch (why) {
        case store::NotBegun::no_public_key:
            return "no_public_key";
        case store::NotBegun::postponed:
            return "postponed";
        case store::NotBegun::joined:
            break;
    }
    return "joined";
}

SecretString draw_kme(Random& random, binding::RandAlgorithm algorithm) {
    OctetString octets(algorithm == binding::RandAlgorithm::aes128 ? 16 : 32);
    random.fill(octets);
    return SecretString(std::move(octets));
}

store::BeginExchange record_of(const Ports& ports, const KeyWanted& wanted) {
    const auto& settings = ports.settings.provisioning;
    store::BeginExchange record{wanted.imsi, wanted.imei};
    ports.random.fill(record.transaction);
    ports.random.fill(record.nonce);
    record.rand_algorithm = settings.rand_algorithm;
    record.kme = draw_kme(ports.random, settings.rand_algorithm);
    record.now = ports.clock.now();
    if (settings.lifetime.count() != 0) record.not_after = record.now + settings.lifetime;
    record.occasion = wanted.occasion;
    record.way = wanted.way;
    record.node = wanted.node;
    record.end_to_end = wanted.end_to_end;
    record.seen = wanted.seen;
    record.deadline = wanted.deadline;
    return record;
}

std::string text_of(store::NotBegun why) {
    switch (why) {
        case store::NotBegun::no_public_key:
            return "there is no valid public key of the device";
        case store::NotBegun::postponed:
            return "the last exchange failed a short time ago";
        case store::NotBegun::joined:
            break;
    }
    return "another daemon serves the same request";
}

/// The registry may be wrong about a key: what cannot be sealed to is none.
std::optional<Exchange> sealed(const Ports& ports, const KeyWanted& wanted,
                               const store::BeginExchange& record, const store::Begun& begun) {
    const auto parsed = crypto::DevicePublicKey::parse(begun.key.der);
    const auto* key = std::get_if<crypto::DevicePublicKey>(&parsed);
    if (key == nullptr) return std::nullopt;
    Exchange exchange{wanted, {}, record.kme, {}};
    exchange.terms = {record.transaction, record.nonce, begun.generation, record.rand_algorithm,
                      record.not_after};
    const bool signs = ports.settings.provisioning.home_mac && wanted.session_fits;
    const auto session = signs ? begun.session : std::nullopt;
    auto provision = binding::make_provision({wanted.imsi, wanted.imei}, exchange.terms, *key,
                                             record.kme.view(), session, ports.random);
    if (!provision) return std::nullopt;
    exchange.provision = std::move(*provision);
    return exchange;
}

/// What the device's key proves wrong.
void clear_what_is_over(const Ports& ports, const KeyWanted& wanted) {
    const auto now = ports.clock.now();
    for (const auto id :
         {Id::kme_missing, Id::kme_unanswered, Id::kme_refused, Id::kme_rsp_invalid, Id::no_public_key,
          Id::kme_suspect, Id::binding_unverified, Id::approval_pending, Id::pair_unauthorised})
        ports.alarms.clear({id, wanted.imsi, std::nullopt, {}, {}, now});
}

NoExchange not_begun(const Ports& ports, const KeyWanted& wanted, store::NotBegun why, std::string detail) {
    tell(ports, wanted, outcome_of(why), 0, detail);
    return {why, std::move(detail)};
}

}  // namespace

awaitable<Result<std::variant<Exchange, NoExchange>>> begin_exchange(const Ports& ports, KeyWanted wanted) {
    auto record = record_of(ports, wanted);
    bool registry_silent = false;
    if (ports.key_registry != nullptr) {
        // What it does not know, and while it cannot be asked, the table may have.
        auto found = co_await ports.key_registry->find(wanted.imei);
        registry_silent = !found;
        if (found) record.key = std::move(*found);
    }
    const auto begun = co_await ports.exchanges->begin_exchange(record);
    if (!begun) co_return begun.error();
    if (const auto* why = std::get_if<store::NotBegun>(&*begun)) {
        if (registry_silent && *why == store::NotBegun::no_public_key) {
            co_return not_begun(ports, wanted, store::NotBegun::postponed,
                                "the registry of public keys cannot be asked");
        }
        if (*why == store::NotBegun::no_public_key) raise(ports, wanted, Id::no_public_key, {});
        co_return not_begun(ports, wanted, *why, text_of(*why));
    }
    auto exchange = sealed(ports, wanted, record, std::get<store::Begun>(*begun));
    if (exchange) {
        tell(ports, wanted, "begun", exchange->terms.generation, {});
        co_return std::move(*exchange);
    }
    raise(ports, wanted, Id::no_public_key, "the key on record is of no use");
    const auto aborted = co_await ports.exchanges->abort_exchange(wanted.imsi, wanted.node.host);
    if (!aborted) co_return aborted.error();
    co_return not_begun(ports, wanted, store::NotBegun::no_public_key,
                        "the public key on record is of no use");
}

awaitable<Result<Ended>> end_exchange(const Ports& ports, KeyWanted wanted,
                                      binding::TransactionId transaction, binding::Judged judged,
                                      std::uint32_t features, std::optional<store::ProvenKey> key) {
    const auto& settings = ports.settings;
    Ended ended{judged.outcome, {}};
    ended.conclusion =
        binding::conclude(judged.outcome, features, settings.reject_cause, settings.provisioning.retry_cause);
    store::FinishExchange finish{wanted.imsi, transaction, judged.outcome};
    if (ended.conclusion.pause) finish.pauses = settings.provisioning.pauses;
    finish.reattach = wanted.way == store::ExchangeWay::https;
    finish.now = ports.clock.now();
    const auto generation = key ? key->generation : 0U;
    finish.key = std::move(key);
    auto finished = co_await ports.exchanges->finish_exchange(std::move(finish));
    if (!finished) co_return finished.error();
    if (!finished->stored) {
        // A CLR, a PUR or another request came first, or the time was over: whatever the device says.
        ended.outcome = ExchangeOutcome::superseded;
        ended.conclusion = binding::conclude(ended.outcome, features, settings.reject_cause,
                                             settings.provisioning.retry_cause);
        tell(ports, wanted, binding::name_of(ended.outcome), generation, {});
        co_return ended;
    }
    tell(ports, wanted, binding::name_of(ended.outcome), generation, judged.detail);
    if (ended.conclusion.alarm) raise(ports, wanted, *ended.conclusion.alarm, std::move(judged.detail));
    if (ended.conclusion.feature_off && ports.unfit_nodes != nullptr)
        ports.unfit_nodes->add(wanted.node.host);
    if (ended.outcome == ExchangeOutcome::established) clear_what_is_over(ports, wanted);
    co_await send_in_background(ports, std::move(finished->cancellations));
    co_return ended;
}

}  // namespace bindhss::procedure
