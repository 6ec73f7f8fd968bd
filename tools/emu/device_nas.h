// SPDX-License-Identifier: Apache-2.0
// The NAS layer of a device, as far as containers of the HSS need it (spec 4.6): between the MME and the
// secure element.
#pragma once

#include <chrono>

#include "emu/nas_transport.h"
#include "emu/secure_element.h"

namespace bindhss::emu {

/// One NAS message of a device, plain: security protection is around it.
struct NasAnswer {
    OctetString message;
    std::chrono::milliseconds after{0};  ///< how long the device took
};

struct DeviceNasSettings {
    std::uint8_t container_type = 75;  ///< any other is not for this device
    std::chrono::milliseconds answers_after{0};
};

/// One for each device; borrows its ME. One thread at a time.
class DeviceNas {
  public:
    DeviceNas(Me& me, SecureElement element, DeviceNasSettings settings = {})
        : me_(me), element_(std::move(element)), settings_(settings) {}
    DeviceNas(const DeviceNas&) = delete;
    DeviceNas& operator=(const DeviceNas&) = delete;

    /// Authentication and security mode are done, for this card.
    void secured(const Imsi& imsi, const std::optional<AkaSession>& session);

    /// Nothing when the device does not answer: what came is no DOWNLINK GENERIC NAS TRANSPORT for it, no
    /// NAS security is active, or its conduct is to be silent.
    [[nodiscard]] std::optional<NasAnswer> take(OctetView message);

    [[nodiscard]] const SecureElement& element() const { return element_; }

    /// What a device takes when it is `slow`: longer than any HSS waits.
    static constexpr std::chrono::milliseconds slow_answer{20'000};

  private:
    Me& me_;
    SecureElement element_;
    const DeviceNasSettings settings_;
    std::optional<Imsi> imsi_;
    std::optional<AkaSession> session_;
};

}  // namespace bindhss::emu
