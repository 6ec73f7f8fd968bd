// SPDX-License-Identifier: Apache-2.0
// What the statements of accesses and of evidence return, to its types; terms and rules are beside
// (terms_rows.h, rules.h).
#pragma once

#include "binding/evidence.h"
#include "binding/judge.h"
#include "store/postgres/session.h"

namespace bindhss::store::postgres {

/// The columns of the function access_rules() that `r` names, as rule_of() reads them: a text of SQL.
#define BINDHSS_ACCESS_RULE_COLUMNS(r)                                                                       \
    r ".id, " r ".subscription_low, " r ".subscription_high, " r ".subscription_group, " r ".device_low, " r \
      ".device_high, " r ".device_group, " r ".svns, " r ".allow, " r ".priority, (extract(epoch FROM " r    \
      ".valid_from) * 1000)::bigint, (extract(epoch FROM " r ".valid_until) * 1000)::bigint, " r ".comment"

/// The columns of the function device_facts() that `f` names, as facts_of() reads them.
#define BINDHSS_FACTS_COLUMNS(f) \
    f ".group_names, " f ".uiccs, " f ".uiccs_max, " f ".imei_secure, " f ".key_secure"
inline constexpr int facts_columns = 5;
[[nodiscard]] binding::DeviceFacts facts_of(const pqxx::row& row, int first);

/// The columns of auc that `a` names, as standing_of() reads them.
#define BINDHSS_STANDING_COLUMNS(a)          \
    a ".state, " a ".strong, " a ".weak, " a \
      ".turns, ARRAY("                       \
      "SELECT (extract(epoch FROM t) * 1000)::bigint FROM unnest(" a ".reprovisions) t)"
inline constexpr int standing_columns = 5;
[[nodiscard]] binding::Standing standing_of(const pqxx::row& row, int first);

/// An array of milliseconds; an array of texts.
[[nodiscard]] std::vector<WallTime> times_of(const pqxx::field& field);
[[nodiscard]] std::vector<std::string> texts_of(const pqxx::field& field);

}  // namespace bindhss::store::postgres
