// SPDX-License-Identifier: Apache-2.0
// The part of an MME that carries containers between HSS and devices (spec 4.4, 4.6; R28), and what an MME
// may get wrong about it.
#pragma once

#include <deque>
#include <map>
#include <vector>

#include "emu/device_nas.h"
#include "emu/fields.h"
#include "emu/trace.h"
#include "types/s6a.h"

namespace bindhss::emu {

enum class RelayFault : std::uint8_t {
    none,
    unreachable,        ///< the UE has gone; it never sees the container
    not_answering,      ///< the same, and the MME waits for it
    lost,               ///< the UE takes the container, and its answer is lost
    no_security,        ///< NAS security is not active
    garbage,            ///< what came from the UE is said to be garbage
    mme_error,          ///< the MME has a fault of its own
    forgetful,          ///< SUCCESS without KME-Provisioning-Response, as a node that knows nothing of it
    wrong_transaction,  ///< the answer names another transaction
    corrupted,          ///< the answer's last octet is another on its way
};

/// How the next container fares.
struct ScriptedRelay {
    RelayFault fault = RelayFault::none;
    std::chrono::milliseconds delay{0};  ///< before the answer, beside what the UE takes
    bool operator==(const ScriptedRelay&) const = default;
};
/// "right", "unreachable", ..., each with "delay 3s" before it; "delay 3s" alone is a late right one.
[[nodiscard]] std::optional<ScriptedRelay> parse_scripted_relay(std::string_view text);
/// For complaints.
[[nodiscard]] std::string relay_fault_names();

/// What the IDA says of the exchange.
struct Relayed {
    std::optional<s6a::KmeProvisioningResponse> response;
    std::chrono::milliseconds delay{0};
};

/// One thread; borrows the trace and the devices, which outlive it or have left before.
class KmeRelay {
  public:
    KmeRelay(std::string node, Trace& trace) : node_(std::move(node)), trace_(trace) {}

    /// The UE has NAS security here, and can be sent messages: while its Update-Location is pending, and
    /// afterwards until it leaves. Without `nas` the device answers nothing.
    void reachable(const Imsi& imsi, DeviceNas* nas);
    void gone(const Imsi& imsi) { devices_.erase(imsi); }
    [[nodiscard]] bool knows(const Imsi& imsi) const { return devices_.contains(imsi); }

    /// One after the other; the last one stays. None: what is right.
    void set(const std::vector<ScriptedRelay>& script) { script_.assign(script.begin(), script.end()); }

    /// Hands the container to the UE, and tells what came back. `delay` is what that takes: the caller's to
    /// wait for.
    [[nodiscard]] Relayed relay(const Imsi& imsi, const s6a::KmeProvisioningRequest& request);

    /// What became of the last container.
    [[nodiscard]] const Fields& told() const { return told_; }
    /// What became of the containers since the last call: `delivery` (the number of KME-Delivery-Result, or
    /// "none"), `status` (the number of what the device made of it, whether or not it said so), `generation`
    /// of the key that it has stored, `exchanges`.
    [[nodiscard]] Fields take_told();

    /// How long a UE has for its answer; less when the HSS waits for less.
    static constexpr std::chrono::milliseconds answer_within{3'000};
    /// UEs at most: a node of a scenario is no load.
    static constexpr std::size_t devices_max = 10'000;
    static constexpr std::uint32_t container_type_default = 75;  // spec 4.6

  private:
    struct Delivery {
        s6a::KmeDeliveryResult result = s6a::KmeDeliveryResult::answered;
        OctetString container;
        std::chrono::milliseconds delay{0};
    };
    Delivery deliver(const Imsi& imsi, const s6a::KmeProvisioningRequest& request, RelayFault fault);
    Delivery hand_over(DeviceNas* nas, const s6a::KmeProvisioningRequest& request);
    void tell_device(const SecureElement& element);
    [[nodiscard]] ScriptedRelay next();
    void say(std::string from, std::string to, std::string message, Event::Fields fields,
             Event::Kind kind = Event::Kind::message);

    std::string node_;
    Trace& trace_;
    std::map<Imsi, DeviceNas*> devices_;
    std::deque<ScriptedRelay> script_;
    Fields told_;
    std::size_t exchanges_ = 0;
};

}  // namespace bindhss::emu
