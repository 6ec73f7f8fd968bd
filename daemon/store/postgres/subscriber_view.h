// SPDX-License-Identifier: Apache-2.0
// Rows of the view that an Update-Location decides on, to and from their types.
#pragma once

#include "store/postgres/registration_rows.h"
#include "store/postgres/session.h"
#include "store/postgres/terms_rows.h"
#include "store/store.h"

namespace bindhss::store::postgres {

[[nodiscard]] inline WallTime time_of(std::int64_t milliseconds) {
    return WallTime(std::chrono::milliseconds(milliseconds));
}

/// A row of statement::load_subscriber: everything but what depends on the device. Throws std::runtime_error
/// when the database holds what it never should.
[[nodiscard]] SubscriberView view_of(const pqxx::row& row);
/// Behind them stands whose row it is.
inline constexpr int view_columns = 16 + terms_columns + 2 * registration_columns;

/// Throws as view_of() does.
[[nodiscard]] Imei imei_of(std::uint64_t number);

/// "low-high,low-high" as the view lists devices.
[[nodiscard]] std::vector<ImeiRange> ranges_of(std::string_view text);

}  // namespace bindhss::store::postgres
