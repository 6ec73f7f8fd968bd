// SPDX-License-Identifier: Apache-2.0
#include "binding/kme_exchange.h"

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/hmac.h"

namespace bindhss::binding {

namespace {

using namespace std::string_view_literals;

/// Octets one behind the other.
class Joined {
  public:
    Joined& add(OctetView octets) {
        octets_.insert(octets_.end(), octets.begin(), octets.end());
        return *this;
    }
    Joined& add(std::string_view text) { return add(as_octets(text)); }
    Joined& add(std::uint64_t number, int octets) {
        for (int i = octets - 1; i >= 0; --i) octets_.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
        return *this;
    }
    /// Length in one octet, then the digits.
    Joined& add(const Imsi& imsi) { return add(imsi.digits().size(), 1).add(imsi.digits()); }
    [[nodiscard]] OctetString take() { return std::move(octets_); }

  private:
    OctetString octets_;
};

}  // namespace

OctetString context_of(const Holder& holder, const KmeProvision& provision) {
    return Joined()
        .add("KME-PROV-v1\0"sv)
        .add(holder.imsi)
        .add(holder.imei.str())
        .add(provision.transaction)
        .add(provision.generation, 4)
        .add(static_cast<std::uint64_t>(provision.scheme), 1)
        .add(static_cast<std::uint64_t>(provision.rand_algorithm), 1)
        .add(provision.not_after, 8)
        .add(provision.nonce)
        .take();
}

Secret<32> response_to(const Holder& holder, const KmeProvision& provision, OctetView kme) {
    const auto message = Joined()
                             .add("KME-RSP-v1\0"sv)
                             .add(provision.nonce)
                             .add(provision.transaction)
                             .add(provision.generation, 4)
                             .add(holder.imsi)
                             .add(holder.imei.str())
                             .take();
    return crypto::hmac_sha256(kme, message);
}

Octets<16> home_mac_of(const Holder& holder, const KmeProvision& provision, const Secret<16>& ck,
                       const Secret<16>& ik, const Autn& autn) {
    const SecretString ck_ik(Joined().add(ck.view()).add(ik.view()).take());
    const auto label = Joined().add("KME-HOME-v1\0"sv).add(autn.view()).take();
    const auto key = crypto::hmac_sha256(ck_ik.view(), label);
    const auto sealed =
        Joined().add(provision.ephemeral_public).add(provision.ciphertext).add(provision.tag).take();
    const auto covered = Joined().add(context_of(holder, provision)).add(crypto::sha256(sealed)).take();
    const auto code = crypto::hmac_sha256(key.view(), covered);
    Octets<16> mac;
    std::copy_n(code.view().begin(), mac.size(), mac.begin());
    return mac;
}

}  // namespace bindhss::binding
