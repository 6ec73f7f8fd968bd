// SPDX-License-Identifier: Apache-2.0
// The binding's verdict on what a node reports, in ULR, NOR and ECR alike (spec 1.8 ADD, 4.7), and the
// evidence that events give.
#pragma once

#include "binding/judge.h"
#include "procedure/ports.h"

namespace bindhss::procedure {

/// What a node says of a UE, as far as the binding goes. Borrows.
struct Report {
    const Imsi& imsi;
    const ServingNode& origin;
    const std::optional<TerminalInformation>& terminal_information;
    WallTime now;
    /// The UE has an emergency service, as this request says or a registration of it (TS 22.016 5).
    bool emergency = false;
    std::string_view session = {};  ///< of the request; empty: none
};

/// Does the UE have an emergency service at a node that serves it?
[[nodiscard]] bool has_emergency(const store::Registrations& registrations);

/// What is said of an access that lacks a key: nothing yet, where the device is about to be given one.
enum class WantOfKey : std::uint8_t { told, provided_for };

/// The verdict on an Update-Location. Raises an alarm for each finding; stores nothing.
[[nodiscard]] binding::Verdict judge_access(const Ports& ports, const Report& report,
                                            const store::SubscriberView& subscriber,
                                            WantOfKey want = WantOfKey::told);

/// What becomes of a verdict: a lock, or a question to the operator, is told of where it is stored.
enum class Consequences : std::uint8_t { stored, none };

/// The verdict on a device that a node reports without a vector that belongs to it: the device alone is
/// judged. Raises an alarm for each finding; stores nothing.
[[nodiscard]] binding::Verdict judge_device_report(const Ports& ports, const Report& report,
                                                   const store::SubscriberView& subscriber,
                                                   Consequences consequences = Consequences::stored);

/// After an access that was admitted and stored: clears the alarms of the subscription that it proves wrong,
/// those that this access raised itself excepted. Nothing for a subscription that is not managed. That
/// somebody reported a UE whom he had not authenticated stays true, whoever comes next.
void clear_what_is_over(const Ports& ports, const Report& report, const store::SubscriberView& subscriber,
                        const binding::Verdict& verdict);

/// Stores what an event says of a binding by key (spec 4.7), and raises or clears the alarms of what becomes
/// of it. `kme_id`: of a proof, the key that was proven; absent: the active one. The error is the store's.
[[nodiscard]] boost::asio::awaitable<Result<binding::Change>> report_sign(
    const Ports& ports, Imsi imsi, std::string peer, binding::Sign sign,
    std::optional<std::int64_t> kme_id = std::nullopt, std::string session = {});

}  // namespace bindhss::procedure
