// SPDX-License-Identifier: Apache-2.0
// The binding's verdict on what a node reports, in ULR and NOR alike (spec 1.8 ADD, 4.7).
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
};

/// The verdict on an Update-Location. Raises an alarm for each finding; stores nothing.
[[nodiscard]] binding::Verdict judge_access(const Ports& ports, const Report& report,
                                            const store::SubscriberView& subscriber);

/// The verdict on a device that a registered node reports: no vector belongs to it, so the device alone is
/// judged. Raises an alarm for each finding; stores nothing.
[[nodiscard]] binding::Verdict judge_device_report(const Ports& ports, const Report& report,
                                                   const store::SubscriberView& subscriber);

}  // namespace bindhss::procedure
