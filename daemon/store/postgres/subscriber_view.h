// SPDX-License-Identifier: Apache-2.0
// Rows of the view that an Update-Location decides on, to and from their types.
#pragma once

#include "store/postgres/session.h"
#include "store/store.h"

namespace bindhss::store::postgres {

[[nodiscard]] inline WallTime time_of(std::int64_t milliseconds) {
    return WallTime(std::chrono::milliseconds(milliseconds));
}

/// A row of statement::load_subscriber. Throws std::runtime_error when the database holds what it never
/// should.
[[nodiscard]] SubscriberView view_of(const pqxx::row& row);

/// Ten columns, the first at `first`: host, realm, PLMN, terminal reported, IMEI, SVN, invalid, verified,
/// purged, time. Nothing when the host is NULL.
[[nodiscard]] std::optional<Registration> registration_of(const pqxx::row& row, int first);

/// The parameters of statement::register_mme.
[[nodiscard]] Parameters parameters_of(const Imsi& imsi, const Registration& registration);

/// "low-high,low-high" as the view lists devices.
[[nodiscard]] std::vector<ImeiRange> ranges_of(std::string_view text);

}  // namespace bindhss::store::postgres
