// SPDX-License-Identifier: Apache-2.0
// Bodies that are records, as an import file has them, and the names of things in paths. Not for other
// layers.
#pragma once

#include <initializer_list>

#include "management/answers.h"
#include "records/record.h"

namespace bindhss::management {

/// What a path says of a record.
struct Named {
    std::string_view field;
    std::string value;
};

/// The body, one object, as a record with what the path says besides: the body need not say it, and may not
/// say otherwise. No body at all is an empty object. Throws Problem: bad_request (no such object), refused.
/// It may hold keys, which item_of() wipes.
[[nodiscard]] records::Record record_of(const Call& call, records::Kind kind,
                                        std::initializer_list<Named> path);
/// The item that a record is; its secrets are wiped. Throws Problem refused.
[[nodiscard]] store::Item item_of(records::Record record);
/// Both.
[[nodiscard]] store::Item item_of(const Call& call, records::Kind kind, std::initializer_list<Named> path);
/// Throws Problem refused when the reading has errors.
void refuse_errors(const records::Reading& reading);

/// Part `index` of the path. Each throws Problem bad_request.
[[nodiscard]] Imei path_imei(const Call& call, std::size_t index = 0);
[[nodiscard]] ImeiRange path_range(const Call& call, std::size_t index = 0);
[[nodiscard]] std::int64_t path_number(const Call& call, std::size_t index = 0);
/// "35824005111111" or "group:meters".
[[nodiscard]] std::variant<Imei, std::string> path_owner(const Call& call, std::size_t index = 0);
[[nodiscard]] std::variant<Imei, std::string> owner_of(const std::string& text);

/// What is to be removed has to be there, unless it may be gone because this very request came before.
[[nodiscard]] inline bool has_to_be_there(const Call& call) {
    return !call.options.once;
}

/// Throws Problem not_found: "There is no <what>."
[[noreturn]] void none_there(const std::string& what);

/// Of a body_object(). Each throws Problem bad_request that names the member.
/// Nothing: it is not there.
[[nodiscard]] std::optional<std::string> text_member(const boost::json::object& body, std::string_view name);
[[nodiscard]] bool flag_member(const boost::json::object& body, std::string_view name);
/// No other members than these.
void only_members(const boost::json::object& body, std::initializer_list<std::string_view> names);

/// Who may not write KMEs stores none by whatever way. Throws Problem role_missing.
void check_keys(const Call& call, const std::vector<store::Item>& items);

/// Stores one item that is not a thing of its own to show.
[[nodiscard]] http::Response apply_one(Call& call, Desk& desk, store::Item item);
/// Stores one item that takes something away.
[[nodiscard]] http::Response remove_one(Call& call, Desk& desk, store::Item item);

/// The row of a list without a look-up of its own, found page by page; nothing: there is none.
template <class List, class Is, class Name>
[[nodiscard]] auto find_row(List list, Is is, Name name)
    -> std::optional<typename std::invoke_result_t<List, const store::Page&>::value_type> {
    for (store::Page page(limits::api_page_rows_max);;) {
        auto rows = list(page);
        for (auto& row : rows)
            if (is(row)) return std::move(row);
        if (rows.size() < page.limit) return std::nullopt;
        page.after = name(rows.back());
    }
}

}  // namespace bindhss::management
