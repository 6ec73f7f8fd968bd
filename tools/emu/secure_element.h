// SPDX-License-Identifier: Apache-2.0
// The secure part of a device: its private key, and what it does with a container of the HSS (spec 4.5).
#pragma once

#include <memory>
#include <optional>

#include "binding/kme_exchange.h"
#include "crypto/device_key.h"
#include "emu/me.h"

namespace bindhss::emu {

/// How a device takes part in the exchange; all but the first are there to see what the HSS makes of them.
enum class ExchangeConduct : std::uint8_t {
    right,
    silent,     ///< stores the key, and its answer is lost
    lying,      ///< answers with a wrong Rsp
    replaying,  ///< answers every time as it did the first time
    refusing,   ///< cannot store the key
};
[[nodiscard]] std::optional<ExchangeConduct> parse_exchange_conduct(std::string_view text);

/// CK, IK and AUTN of the regular vector that the attach ran on: for HOME-MAC.
struct AkaSession {
    Secret<16> ck;
    Secret<16> ik;
    Autn autn;
};

/// One for each device. One thread at a time.
class SecureElement {
  public:
    SecureElement(crypto::DevicePrivateKey key, ExchangeConduct conduct = ExchangeConduct::right,
                  bool requires_home_mac = false)
        : key_(std::move(key)), conduct_(conduct), requires_home_mac_(requires_home_mac) {}

    /// What the device answers to a container, as far as it does; a new key goes into the ME's slot of its
    /// parity, so that the one in use stays good until the new one is proven. Subscription and device of the
    /// context are the device's own: a container for others does not open.
    [[nodiscard]] std::optional<OctetString> answer(OctetView container, const Imsi& imsi,
                                                    const std::optional<AkaSession>& session, Me& me);

    [[nodiscard]] const crypto::DevicePrivateKey& key() const { return key_; }

  private:
    binding::KmeResponse respond(const binding::KmeProvision& provision, const Imsi& imsi,
                                 const std::optional<AkaSession>& session, Me& me);
    [[nodiscard]] binding::DeviceStatus fault_of(const binding::KmeProvision& provision,
                                                 const binding::Holder& holder,
                                                 const std::optional<AkaSession>& session) const;

    crypto::DevicePrivateKey key_;
    ExchangeConduct conduct_;
    bool requires_home_mac_;
    std::optional<std::uint32_t> newest_;      ///< generation
    std::optional<OctetString> first_answer_;  ///< for a device that replays
};

}  // namespace bindhss::emu
