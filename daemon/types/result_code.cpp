// SPDX-License-Identifier: Apache-2.0
#include "types/result_code.h"

#include <array>
#include <cstddef>

namespace bindhss {

namespace {

struct Row {
    Cause cause;
    ResultCode code;
};

constexpr std::array table{
    Row{Cause::user_unknown, {5001, true, false, "DIAMETER_ERROR_USER_UNKNOWN"}},
    Row{Cause::unknown_eps_subscription, {5420, true, false, "DIAMETER_ERROR_UNKNOWN_EPS_SUBSCRIPTION"}},
    Row{Cause::rat_not_allowed, {5421, true, false, "DIAMETER_ERROR_RAT_NOT_ALLOWED"}},
    Row{Cause::roaming_not_allowed, {5004, true, false, "DIAMETER_ERROR_ROAMING_NOT_ALLOWED"}},
    Row{Cause::unknown_serving_node, {5423, true, false, "DIAMETER_ERROR_UNKNOWN_SERVING_NODE"}},
    Row{Cause::authentication_data_unavailable,
        {4181, true, false, "DIAMETER_AUTHENTICATION_DATA_UNAVAILABLE"}},
    Row{Cause::equipment_unknown, {5422, true, false, "DIAMETER_ERROR_EQUIPMENT_UNKNOWN"}},
    Row{Cause::camel_subscription_present, {4182, true, false, "DIAMETER_ERROR_CAMEL_SUBSCRIPTION_PRESENT"}},
    Row{Cause::feature_unsupported, {5011, true, false, "DIAMETER_ERROR_FEATURE_UNSUPPORTED"}},
    Row{Cause::authorization_rejected, {5003, false, false, "DIAMETER_AUTHORIZATION_REJECTED"}},
    Row{Cause::unable_to_comply, {5012, false, false, "DIAMETER_UNABLE_TO_COMPLY"}},
    Row{Cause::unable_to_deliver, {3002, false, true, "DIAMETER_UNABLE_TO_DELIVER"}},
    Row{Cause::realm_not_served, {3003, false, true, "DIAMETER_REALM_NOT_SERVED"}},
    Row{Cause::loop_detected, {3005, false, true, "DIAMETER_LOOP_DETECTED"}},
    Row{Cause::too_busy, {3004, false, true, "DIAMETER_TOO_BUSY"}},
    Row{Cause::command_unsupported, {3001, false, true, "DIAMETER_COMMAND_UNSUPPORTED"}},
    Row{Cause::application_unsupported, {3007, false, true, "DIAMETER_APPLICATION_UNSUPPORTED"}},
    Row{Cause::avp_unsupported, {5001, false, false, "DIAMETER_AVP_UNSUPPORTED"}},
    Row{Cause::invalid_avp_value, {5004, false, false, "DIAMETER_INVALID_AVP_VALUE"}},
    Row{Cause::missing_avp, {5005, false, false, "DIAMETER_MISSING_AVP"}},
    Row{Cause::avp_not_allowed, {5008, false, false, "DIAMETER_AVP_NOT_ALLOWED"}},
    Row{Cause::avp_occurs_too_many_times, {5009, false, false, "DIAMETER_AVP_OCCURS_TOO_MANY_TIMES"}},
    Row{Cause::invalid_avp_length, {5014, false, false, "DIAMETER_INVALID_AVP_LENGTH"}},
    Row{Cause::invalid_avp_bits, {3009, false, true, "DIAMETER_INVALID_AVP_BITS"}},
    Row{Cause::invalid_hdr_bits, {3008, false, true, "DIAMETER_INVALID_HDR_BITS"}},
    Row{Cause::kme_missing, {4181, true, false, "DIAMETER_AUTHENTICATION_DATA_UNAVAILABLE"}},
    Row{Cause::sqn_exhausted, {4181, true, false, "DIAMETER_AUTHENTICATION_DATA_UNAVAILABLE"}},
    Row{Cause::binding_locked, {5003, false, false, "DIAMETER_AUTHORIZATION_REJECTED"}},
    Row{Cause::access_refused, {5003, false, false, "DIAMETER_AUTHORIZATION_REJECTED"}},
    Row{Cause::resync_replayed, {4181, true, false, "DIAMETER_AUTHENTICATION_DATA_UNAVAILABLE"}},
    Row{Cause::rate_limited, {5012, false, false, "DIAMETER_UNABLE_TO_COMPLY"}},
};

constexpr bool rows_in_order_of_enum() {
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (static_cast<std::size_t>(table[i].cause) != i) return false;
    }
    return table.size() == static_cast<std::size_t>(Cause::rate_limited) + 1;
}
static_assert(rows_in_order_of_enum());

}  // namespace

ResultCode result_code(Cause cause) {
    return table[static_cast<std::size_t>(cause)].code;
}

std::optional<Cause> cause_of(std::uint32_t number, bool experimental) {
    for (const auto& row : table) {
        if (row.code.number == number && row.code.experimental == experimental) return row.cause;
    }
    return std::nullopt;
}

}  // namespace bindhss
