// SPDX-License-Identifier: Apache-2.0
// The secure part of a device: its private key, and what it does with a container of the HSS (spec 4.5).
#pragma once

#include <optional>

#include "binding/kme_exchange.h"
#include "crypto/device_key.h"
#include "emu/me.h"

namespace bindhss::emu {

/// How a device takes part in the exchange; all but the first are there to see what the HSS makes of them.
enum class ExchangeConduct : std::uint8_t {
    right,
    silent,     ///< stores the key, and its answer is lost
    slow,       ///< as `right`, and later than anybody waits
    lying,      ///< answers with a wrong Rsp
    replaying,  ///< answers every time as it did the first time
    refusing,   ///< cannot store the key
    wrong_key,  ///< has another private key than the one that the HSS was told of, and tries
    no_key,     ///< has no private key
    garbage,    ///< answers what is no container
};
[[nodiscard]] std::optional<ExchangeConduct> parse_exchange_conduct(std::string_view text);
/// "right, silent, ...": for complaints.
[[nodiscard]] std::string exchange_conduct_names();

/// A key pair whose public half has been worked out: to have many elements with one key.
struct DeviceKeyPair {
    explicit DeviceKeyPair(crypto::DevicePrivateKey key)
        : private_half(std::move(key)), public_half(private_half.public_key()) {}
    crypto::DevicePrivateKey private_half;
    crypto::DevicePublicKey public_half;
};

/// One for each device. One thread at a time.
class SecureElement {
  public:
    explicit SecureElement(DeviceKeyPair keys, ExchangeConduct conduct = ExchangeConduct::right,
                           bool requires_home_mac = false);
    explicit SecureElement(crypto::DevicePrivateKey key, ExchangeConduct conduct = ExchangeConduct::right,
                           bool requires_home_mac = false)
        : SecureElement(DeviceKeyPair(std::move(key)), conduct, requires_home_mac) {}

    /// What the device answers to a container, as far as it does; a new key goes into the ME's slot of its
    /// parity, so that the one in use stays good until the new one is proven. Subscription and device of the
    /// context are the device's own: a container for others does not open.
    [[nodiscard]] std::optional<OctetString> answer(OctetView container, const Imsi& imsi,
                                                    const std::optional<AkaSession>& session, Me& me);

    /// What the device made of the last container, whether or not it said so; nothing: there was none that
    /// it understood.
    [[nodiscard]] std::optional<binding::DeviceStatus> last_status() const { return last_status_; }
    /// Of the key that was stored last.
    [[nodiscard]] std::optional<std::uint32_t> generation() const { return newest_; }
    /// What the manufacturer tells the HSS.
    [[nodiscard]] const crypto::DevicePublicKey& public_key() const { return keys_.public_half; }

  private:
    binding::KmeResponse respond(const binding::KmeProvision& provision, const Imsi& imsi,
                                 const std::optional<AkaSession>& session, Me& me);
    [[nodiscard]] binding::DeviceStatus fault_of(const binding::KmeProvision& provision,
                                                 const binding::Holder& holder,
                                                 const std::optional<AkaSession>& session) const;

    DeviceKeyPair keys_;
    std::optional<crypto::DevicePrivateKey> other_;  ///< of a device with the wrong key
    ExchangeConduct conduct_;
    bool requires_home_mac_;
    std::optional<std::uint32_t> newest_;      ///< generation
    std::optional<OctetString> first_answer_;  ///< for a device that replays
    std::optional<binding::DeviceStatus> last_status_;
};

}  // namespace bindhss::emu
