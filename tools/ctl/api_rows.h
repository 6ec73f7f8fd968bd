// SPDX-License-Identifier: Apache-2.0
// Rows out of what the API answers.
#pragma once

#include "ctl/api_client.h"
#include "records/rows.h"

namespace bindhss::ctl {

template <class Row>
[[nodiscard]] std::vector<Row> fetch_rows(ApiClient& api, const std::string& path, const Query& query,
                                          const store::Page& page) {
    std::vector<Row> rows;
    for (const auto& object : fetch_list(api, path, query, page))
        rows.push_back(records::row_from<Row>(object));
    return rows;
}

template <class Row>
[[nodiscard]] std::optional<Row> find_row(ApiClient& api, const std::string& path, const Query& query = {}) {
    const auto object = find(api, path, query);
    return object ? std::optional(records::row_from<Row>(*object)) : std::nullopt;
}

/// A number of an answer; 0: it is not there.
[[nodiscard]] std::uint64_t number_in(const boost::json::object& object, std::string_view name);
/// "35824005111111" or "group:meters", as paths and parameters name an owner.
[[nodiscard]] std::string owner_text(const std::variant<Imei, std::string>& owner);

}  // namespace bindhss::ctl
