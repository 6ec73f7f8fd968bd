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
[[nodiscard]] inline Failure not_registered_there() {
    return fail(Cause::unknown_serving_node, "the UE is not registered at that node");
}

}  // namespace bindhss::store
