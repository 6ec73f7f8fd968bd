// SPDX-License-Identifier: Apache-2.0
#include "management/answers.h"

#include <algorithm>
#include <array>
#include <boost/json/serialize.hpp>

#include "crypto/hash.h"
#include "types/base64.h"

namespace bindhss::management {

namespace {

constexpr std::size_t etag_octets = 12;

/// Members that requests of nodes, or changes of other rows, move; as far as they are numbers, states or
/// times.
constexpr std::array<std::string_view, 10> moved_members{"seq",    "state",        "strong",    "weak",
                                                         "turns",  "reprovisions", "proved_at", "subscribers",
                                                         "groups", "bindings"};

/// One of If-Match and If-None-Match: a list of tags, or "*" (RFC 9110 13.1).
struct Tags {
    bool any = false;
    std::vector<std::string> tags;

    [[nodiscard]] bool hold(const std::string& etag) const {
        return any || std::find(tags.begin(), tags.end(), etag) != tags.end();
    }
    /// The same as far as operators stored it.
    [[nodiscard]] bool hold_stored(const std::string& etag) const {
        const auto stored = std::string_view(etag).substr(0, etag.find('.') + 1);
        return any || std::any_of(tags.begin(), tags.end(),
                                  [&](const auto& tag) { return tag.starts_with(stored); });
    }
};

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Our tags have no comma in them, so that a list may be taken apart at each.
std::optional<Tags> tags_of(const http::Request& request, std::string_view field) {
    auto text = trimmed(request.field(field));
    if (text.empty()) return std::nullopt;
    Tags tags;
    if (text == "*") {
        tags.any = true;
        return tags;
    }
    while (!text.empty()) {
        const auto comma = text.find(',');
        auto tag = trimmed(text.substr(0, comma));
        // A weak tag is never ours, and compares as different in If-Match.
        if (tag.size() < 2 || !(tag.starts_with('"') || tag.starts_with("W/\"")) || !tag.ends_with('"')) {
            throw Problem(bad_request, "A field " + std::string(field) +
                                           " is not a list of entity tags in quotes, such as an answer has "
                                           "in ETag.");
        }
        tags.tags.emplace_back(tag);
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    return tags;
}

/// The groups of a subscriber are a list, and stored, those of terms a number; who is locked was locked by
/// somebody.
bool is_stored(std::string_view name, const boost::json::value& member) {
    return (name == "groups" && member.is_array()) || (name == "state" && member == "locked");
}

template <class Row>
std::optional<std::string> tag_of(const std::optional<Row>& row) {
    if (!row) return std::nullopt;
    return etag_of(records::object_of(*row));
}

/// Absent: there are no such fields.
template <class Row>
std::function<bool(const std::optional<Row>&)> unchanged(const http::Request& request) {
    auto match = tags_of(request, "if-match");
    auto none_match = tags_of(request, "if-none-match");
    if (!match && !none_match) return {};
    return [match = std::move(match), none_match = std::move(none_match)](const std::optional<Row>& row) {
        const auto tag = tag_of(row);
        if (match && !(tag && match->hold_stored(*tag))) return false;
        return !(none_match && tag && none_match->hold(*tag));
    };
}

http::Response json_response(const boost::json::object& object) {
    http::Response response;
    response.body = boost::json::serialize(object);
    return response;
}

void tell_of_replay(http::Response& response, const store::Applied& applied) {
    if (applied.outcome == store::Applied::Outcome::before)
        response.fields.emplace_back("idempotency-replayed", "true");
}

/// A target of ours with this cursor instead of the one it has.
std::string next_target(const Call& call, const std::string& cursor) {
    auto target = call.request.path + "?";
    std::string_view query = call.request.query;
    while (!query.empty()) {
        const auto pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(pair.size() + 1, query.size()));
        if (!pair.empty() && !pair.starts_with("cursor=")) target += std::string(pair) + "&";
    }
    return target + "cursor=" + cursor;
}

}  // namespace

void guard_subscriber(Call& call, const Imsi& imsi) {
    if (auto check = unchanged<store::SubscriberRow>(call.request))
        call.options.guard = store::Guard{store::Guard::Subscriber{imsi, std::move(check)}};
}

void guard_profile(Call& call, const std::string& name) {
    if (auto check = unchanged<store::ProfileRow>(call.request))
        call.options.guard = store::Guard{store::Guard::Profile{name, std::move(check)}};
}

void guard_terms(Call& call, const std::string& name) {
    if (auto check = unchanged<store::TermsRow>(call.request))
        call.options.guard = store::Guard{store::Guard::Terms{name, std::move(check)}};
}

void guard_device(Call& call, const ImeiRange& range) {
    if (auto check = unchanged<store::DeviceRow>(call.request))
        call.options.guard = store::Guard{store::Guard::Device{range, std::move(check)}};
}

store::Applied apply(Call& call, Desk& desk, const std::vector<store::Item>& items) {
    using Outcome = store::Applied::Outcome;
    auto applied = desk.store.apply(items, call.options);
    switch (applied.outcome) {
        case Outcome::stored:
        case Outcome::before:
            return applied;
        case Outcome::refused:
            break;
        case Outcome::changed:
            throw Problem(changed_meanwhile,
                          "It is not as If-Match or If-None-Match says; nothing was stored.");
        case Outcome::another_once:
            throw Problem(idempotency_key_reused,
                          "The Idempotency-Key was used for another request; nothing was stored.");
    }
    const auto first = applied.errors.empty() ? "it cannot be stored" : applied.errors.front().text;
    throw Problem(refused,
                  applied.errors.size() > 1
                      ? "Nothing was stored: " + std::to_string(applied.errors.size()) + " things are wrong."
                      : "Nothing was stored: " + first,
                  errors_of(applied.errors));
}

boost::json::array errors_of(const std::vector<store::LineError>& errors) {
    boost::json::array list;
    for (const auto& error : errors) {
        if (list.size() == limits::import_errors_shown_max) break;
        boost::json::object each;
        if (error.line != 0) each["line"] = error.line;
        each["detail"] = error.text;
        list.push_back(std::move(each));
    }
    return list;
}

std::string etag_of(const boost::json::object& object) {
    const auto digest_of = [](const boost::json::object& part) {
        const auto digest = crypto::sha256(as_octets(boost::json::serialize(part)));
        return to_base64url(OctetView(digest).first(etag_octets));
    };
    auto stored = object;
    for (const auto& name : moved_members) {
        const auto* member = stored.if_contains(name);
        if (member != nullptr && !is_stored(name, *member)) stored.erase(name);
    }
    return '"' + digest_of(stored) + '.' + digest_of(object) + '"';
}

http::Response answer(const Call& call, const boost::json::object& object) {
    auto response = json_response(object);
    auto etag = etag_of(object);
    const bool reading = call.request.method == "GET" || call.request.method == "HEAD";
    if (reading) {
        const auto known = tags_of(call.request, "if-none-match");
        if (known && known->hold(etag)) {
            response.status = 304;
            response.body.clear();
        }
    }
    response.fields.emplace_back("etag", std::move(etag));
    return response;
}

http::Response answer(const Call& call, const boost::json::object& object, const store::Applied& applied) {
    auto response = answer(call, object);
    tell_of_replay(response, applied);
    return response;
}

http::Response applied_answer(const Call& call, const store::Applied& applied, std::size_t items) {
    boost::json::object object;
    object["applied"] = items;
    object["dry_run"] = call.options.dry_run;
    object["before"] = applied.outcome == store::Applied::Outcome::before;
    auto response = json_response(object);
    tell_of_replay(response, applied);
    return response;
}

http::Response gone(const store::Applied& applied) {
    http::Response response;
    response.status = 204;
    tell_of_replay(response, applied);
    return response;
}

http::Response plain_answer(const boost::json::object& object) {
    return json_response(object);
}

http::Response list_answer(const Call& call, boost::json::array items, const std::string& after) {
    boost::json::object object;
    object["items"] = std::move(items);
    if (after.empty()) return json_response(object);
    const auto cursor = to_base64url(as_octets(after));
    object["next"] = cursor;
    auto response = json_response(object);
    response.fields.emplace_back("link", "<" + next_target(call, cursor) + ">; rel=\"next\"");
    return response;
}

}  // namespace bindhss::management
