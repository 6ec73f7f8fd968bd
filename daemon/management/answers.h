// SPDX-License-Identifier: Apache-2.0
// What operations have in common: reading a request, storing what it says, and answering. Not for other
// layers.
//
// A GET of one thing:   return answer(call, records::object_of(row));
// Of a list:            const auto page = page_of(call);
//                       auto rows = desk.store.profiles(page);
//                       return page_answer(call, page, rows, [](const auto& row) { return row.name; });
// A PUT of one thing:   guard_profile(call, name);
//                       const auto applied = apply(call, desk, {store::PutProfile{name, document}});
//                       if (call.options.dry_run) return applied_answer(call, applied, 1);
//                       ... read the row again ... return answer(call, object, applied);
// A DELETE:             const auto applied = apply(call, desk, {store::RemoveProfile{name}});
//                       return call.options.dry_run ? applied_answer(call, applied, 1) : gone(applied);
#pragma once

#include <boost/json/object.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "management/problem.h"
#include "management/route.h"
#include "records/rows.h"

namespace bindhss::management {

// What the request says. Each throws Problem bad_request that names what is wrong.

/// A parameter of the query; nothing: it is not there. An empty one is refused.
[[nodiscard]] std::optional<std::string> query_text(const Call& call, std::string_view name);
/// "" instead of nothing, as filters of the store have it.
[[nodiscard]] std::string query_or_empty(const Call& call, std::string_view name);
/// "true" or "false"; false: it is not there.
[[nodiscard]] bool query_flag(const Call& call, std::string_view name);
[[nodiscard]] std::optional<std::uint64_t> query_number(const Call& call, std::string_view name,
                                                        std::uint64_t max);
[[nodiscard]] std::optional<WallTime> query_time(const Call& call, std::string_view name);  ///< RFC 3339
[[nodiscard]] std::optional<Imsi> query_imsi(const Call& call, std::string_view name = "imsi");
[[nodiscard]] std::optional<Imei> query_imei(const Call& call, std::string_view name = "imei");
/// Part `index` of the path; throws bad_request when it is no IMSI.
[[nodiscard]] Imsi path_imsi(const Call& call, std::size_t index = 0);
/// The body, which has to be one of these media types: media_type_unknown otherwise.
[[nodiscard]] std::string_view body_text(const Call& call, std::initializer_list<std::string_view> types);
/// The body as one JSON object of application/json; no body at all is an empty object. Complaints never show
/// what stands in it, which may be a key.
[[nodiscard]] boost::json::object body_object(const Call& call);

// Changes.

/// If-Match and If-None-Match of the request become the guard of the change (RFC 9110 13.1): the tags are
/// those that answer() gives to records::object_of(row), and to nothing else. Without these fields they do
/// nothing. Whoever sets a guard has a route of Nature::guarded.
void guard_subscriber(Call& call, const Imsi& imsi);
void guard_profile(Call& call, const std::string& name);
void guard_terms(Call& call, const std::string& name);
void guard_device(Call& call, const ImeiRange& range);

/// Stores all items, or none and throws: refused (with what is wrong line by line), changed_meanwhile,
/// idempotency_key_reused. Returns whether it was done now (Outcome::stored) or had been before.
store::Applied apply(Call& call, Desk& desk, const std::vector<store::Item>& items);
/// Lines that are wrong, as "errors" of a Problem.
[[nodiscard]] boost::json::array errors_of(const std::vector<store::LineError>& errors);

// Answers.

/// Of what is answered, with its quotes: strong (RFC 9110 8.8.3). "<what operators store>.<all of it>", so
/// that If-Match need not fail because a request has moved a counter meanwhile.
[[nodiscard]] std::string etag_of(const boost::json::object& object);
/// 200 with the object and its ETag; 304 when a GET names it in If-None-Match.
[[nodiscard]] http::Response answer(const Call& call, const boost::json::object& object);
/// Of a change: with "idempotency-replayed: true" when it had been done before.
[[nodiscard]] http::Response answer(const Call& call, const boost::json::object& object,
                                    const store::Applied& applied);
/// 200 {"applied": items, "dry_run": ..., "before": ...}, without ETag: of changes in bulk and of dry runs.
[[nodiscard]] http::Response applied_answer(const Call& call, const store::Applied& applied,
                                            std::size_t items);
/// 204
[[nodiscard]] http::Response gone(const store::Applied& applied);
/// 200 with what has no ETag because it is another at any moment.
[[nodiscard]] http::Response plain_answer(const boost::json::object& object);

/// A page that is asked for by limit and cursor: `limit` is one more than the caller wants, which tells
/// whether there is another one. bad_request for a cursor that is none of ours.
[[nodiscard]] store::Page page_of(const Call& call);
/// How many rows were asked for: for lists that are paged otherwise.
[[nodiscard]] std::size_t limit_of(const Call& call);
/// What the cursor holds; nothing: from the start.
[[nodiscard]] std::optional<std::string> cursor_of(const Call& call);

/// {"items": [...], "next": cursor of `after`}, and `Link: <...>; rel="next"`. Empty `after`: the end.
[[nodiscard]] http::Response list_answer(const Call& call, boost::json::array items,
                                         const std::string& after);

/// Answers rows that were read by page_of(); `name` names a row as the list's interface says.
template <class Row, class Name>
[[nodiscard]] http::Response page_answer(const Call& call, const store::Page& page,
                                         const std::vector<Row>& rows, Name name) {
    const auto shown = std::min(rows.size(), page.limit - 1);
    boost::json::array items;
    items.reserve(shown);
    for (std::size_t i = 0; i < shown; ++i) items.push_back(records::object_of(rows[i]));
    const bool more = rows.size() > shown && shown != 0;
    return list_answer(call, std::move(items), more ? name(rows[shown - 1]) : std::string());
}

}  // namespace bindhss::management
