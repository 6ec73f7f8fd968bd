// SPDX-License-Identifier: Apache-2.0
// Every statement of the store while it serves requests, in one table, each under a name that appears in the
// log.
#pragma once

#include <span>

namespace bindhss::store::postgres {

struct Statement {
    const char* name;
    const char* sql;
};

namespace statement {
inline constexpr const char* reserve = "reserve";
inline constexpr const char* locked_rows = "locked_rows";
inline constexpr const char* reserve_refusal = "reserve_refusal";
inline constexpr const char* serving_node = "serving_node";
inline constexpr const char* load_authentication = "load_authentication";
inline constexpr const char* load_subscriber = "load_subscriber";
inline constexpr const char* lock_subscriber = "lock_subscriber";
inline constexpr const char* register_mme = "register_mme";
inline constexpr const char* load_equipment = "load_equipment";
inline constexpr const char* record_alarm = "record_alarm";
}  // namespace statement

[[nodiscard]] std::span<const Statement> statements();

}  // namespace bindhss::store::postgres
