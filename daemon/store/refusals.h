// SPDX-License-Identifier: Apache-2.0
// What every implementation of the store says of a subscription that it cannot serve (TS 29.272 5.2.3.1.3).
#pragma once

#include "types/result.h"

namespace bindhss::store {

[[nodiscard]] inline Failure unknown_subscription() {
    return fail(Cause::user_unknown, "no such subscription");
}
[[nodiscard]] inline Failure no_eps_subscription() {
    return {Cause::unknown_eps_subscription, "the subscription has neither an EPS nor a GPRS part",
            ErrorDiagnostic::no_gprs_data_subscribed};
}
[[nodiscard]] inline Failure no_kme() {
    return fail(Cause::kme_missing, "no KME");
}
[[nodiscard]] inline Failure out_of_sequence_numbers() {
    return fail(Cause::sqn_exhausted, "SQN exhausted");
}
[[nodiscard]] inline Failure locked_binding() {
    return fail(Cause::binding_locked, "the binding is locked until the operator acts");
}
[[nodiscard]] inline Failure another_device_was_first() {
    return fail(Cause::authorization_rejected, "another device was first");
}
[[nodiscard]] inline Failure other_uiccs_were_first() {
    return fail(Cause::authorization_rejected, "other UICCs were first in the device");
}
[[nodiscard]] inline Failure refused_a_moment_ago() {
    return fail(Cause::access_refused, "an Update-Location was refused a moment ago");
}
[[nodiscard]] inline Failure replayed_auts() {
    return fail(Cause::resync_replayed, "this AUTS, or a later one, was accepted before");
}
[[nodiscard]] inline Failure reprovisioned_already() {
    return fail(Cause::rate_limited, "another request was given the regular vector");
}
[[nodiscard]] inline Failure not_registered_there() {
    return fail(Cause::unknown_serving_node, "the UE is not registered at that node");
}

}  // namespace bindhss::store
