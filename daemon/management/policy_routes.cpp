// SPDX-License-Identifier: Apache-2.0
// Terms, subscription groups and rules.
#include <algorithm>

#include "management/record_reading.h"
#include "records/binding_fields.h"
#include "types/limits.h"

namespace bindhss::management {

namespace {

using records::Kind;

http::Response list_terms(Call& call, Desk& desk) {
    boost::json::array items;  // few: they have no pages
    for (const auto& row : desk.store.terms()) items.push_back(records::object_of(row));
    return list_answer(call, std::move(items), {});
}

std::optional<store::TermsRow> find_terms(Desk& desk, const std::string& name) {
    for (auto& row : desk.store.terms())
        if (row.terms.name == name) return std::move(row);
    return std::nullopt;
}

store::TermsRow terms_row(Desk& desk, const std::string& name) {
    auto row = find_terms(desk, name);
    if (!row) none_there("terms " + records::shown(name));
    return std::move(*row);
}

http::Response show_terms(Call& call, Desk& desk) {
    return answer(call, records::object_of(terms_row(desk, call.parts[0])));
}

http::Response store_terms(Call& call, Desk& desk, binding::Terms base) {
    const auto& name = call.parts[0];
    const auto record = record_of(call, Kind::terms, {{"name", name}});
    records::Reading reading;
    records::FieldReader fields(record, reading);
    auto put = records::read_terms(fields, std::move(base));
    refuse_errors(reading);
    guard_terms(call, name);
    const auto applied = apply(call, desk, {{std::move(*put), 0}});
    if (call.options.dry_run) return applied_answer(call, applied, 1);
    return answer(call, records::object_of(terms_row(desk, name)), applied);
}

http::Response replace_terms(Call& call, Desk& desk) {
    return store_terms(call, desk, {.name = {}});
}

http::Response change_terms(Call& call, Desk& desk) {
    for (int attempt = 1;; ++attempt) {
        const auto before = terms_row(desk, call.parts[0]).terms;
        // What others change meanwhile is not put back; If-Match takes the place of this.
        call.options.guard = store::Guard{store::Guard::Terms{
            call.parts[0],
            [before](const std::optional<store::TermsRow>& row) { return row && row->terms == before; }}};
        try {
            return store_terms(call, desk, before);
        } catch (const Problem& problem) {
            const bool asked =
                !call.request.field("if-match").empty() || !call.request.field("if-none-match").empty();
            if (problem.kind().name != changed_meanwhile.name || asked ||
                attempt == limits::transaction_tries_max)
                throw;
        }
    }
}

http::Response remove_terms(Call& call, Desk& desk) {
    if (has_to_be_there(call)) static_cast<void>(terms_row(desk, call.parts[0]));
    guard_terms(call, call.parts[0]);
    return remove_one(call, desk, {store::RemoveTerms{call.parts[0]}});
}

http::Response make_default(Call& call, Desk& desk) {
    return apply_one(call, desk, {store::SetDefaultTerms{call.parts[0]}});
}

http::Response list_groups(Call& call, Desk& desk) {
    const auto page = page_of(call);
    return page_answer(call, page, desk.store.subscription_groups(page),
                       [](const auto& row) { return row.name; });
}

/// Behind this text and before the name itself there is no other name, or hardly one: lists are in the order
/// of octets.
std::string just_before(std::string name) {
    const auto is_plain = [](char c) { return c > '!' && c <= '~'; };
    // A character of UTF-8 is not cut in two.
    while (!name.empty() && !is_plain(name.back())) name.pop_back();
    if (name.empty()) return name;
    --name.back();
    return name + std::string(limits::name_octets_max, '~');
}

/// One page of one row, as a rule.
store::SubscriptionGroupRow group_row(Desk& desk, const std::string& name) {
    for (store::Page page(just_before(name), 1);; page.limit = limits::api_page_rows_max) {
        auto rows = desk.store.subscription_groups(page);
        for (auto& row : rows)
            if (row.name == name) return std::move(row);
        if (rows.size() < page.limit || rows.back().name > name) break;
        page.after = rows.back().name;
    }
    none_there("subscription group " + records::shown(name));
}

http::Response show_group(Call& call, Desk& desk) {
    return answer(call, records::object_of(group_row(desk, call.parts[0])));
}

http::Response replace_group(Call& call, Desk& desk) {
    const auto& name = call.parts[0];
    auto record = record_of(call, Kind::group, {{"name", name}});
    record.fields.try_emplace("terms", records::Field{{}, record.line});
    record.fields.try_emplace("rank", records::Field{{"0"}, record.line});
    const auto applied = apply(call, desk, {item_of(std::move(record))});
    if (call.options.dry_run) return applied_answer(call, applied, 1);
    return answer(call, records::object_of(group_row(desk, name)), applied);
}

http::Response remove_group(Call& call, Desk& desk) {
    if (has_to_be_there(call)) static_cast<void>(group_row(desk, call.parts[0]));
    return remove_one(call, desk, {store::RemoveSubscriptionGroup{call.parts[0]}});
}

http::Response add_member(Call& call, Desk& desk) {
    return apply_one(call, desk, {store::PutMember{path_imsi(call, 1), call.parts[0], true}});
}

http::Response remove_member(Call& call, Desk& desk) {
    return remove_one(call, desk, {store::PutMember{path_imsi(call, 1), call.parts[0], false}});
}

http::Response list_rules(Call& call, Desk& desk) {
    const auto page = page_of(call);
    const auto imsi = query_imsi(call);
    if (imsi && !desk.store.subscriber(*imsi)) none_there("subscriber " + imsi->str());
    return page_answer(call, page, desk.store.rules(imsi, page),
                       [](const auto& row) { return std::to_string(row.id); });
}

binding::Rule rule_row(Desk& desk, std::int64_t id) {
    store::Page page(1);
    if (id > 1) page.after = std::to_string(id - 1);
    auto rows = desk.store.rules(std::nullopt, page);
    if (rows.empty() || rows.front().id != id) none_there("rule " + std::to_string(id));
    return std::move(rows.front());
}

http::Response show_rule(Call& call, Desk& desk) {
    return answer(call, records::object_of(rule_row(desk, path_number(call))));
}

const binding::Rule& rule_in(const store::Item& item) {
    return std::get<store::PutRule>(item.put).rule;
}

/// By its number it is replaced and removed: that of the stored one, if the same was there before.
http::Response add_rule(Call& call, Desk& desk) {
    const auto item = item_of(call, Kind::rule, {});
    if (rule_in(item).id != 0)
        throw Problem(bad_request, "The member id of the body names a rule to replace: PUT it at its path.");
    const auto applied = apply(call, desk, {item});
    if (call.options.dry_run) return applied_answer(call, applied, 1);
    const auto id = desk.store.rule_like(rule_in(item));
    if (!id) none_there("such rule any more");
    return answer(call, records::object_of(rule_row(desk, *id)), applied);
}

http::Response replace_rule(Call& call, Desk& desk) {
    const auto id = path_number(call);
    static_cast<void>(rule_row(desk, id));
    const auto applied = apply(call, desk, {item_of(call, Kind::rule, {{"id", call.parts[0]}})});
    if (call.options.dry_run) return applied_answer(call, applied, 1);
    return answer(call, records::object_of(rule_row(desk, id)), applied);
}

http::Response remove_rule(Call& call, Desk& desk) {
    const auto id = path_number(call);
    if (has_to_be_there(call)) static_cast<void>(rule_row(desk, id));
    return remove_one(call, desk, {store::RemoveRule{id}});
}

/// A question, although it needs a body.
http::Response find_like(Call& call, Desk& desk) {
    const auto id = desk.store.rule_like(rule_in(item_of(call, Kind::rule, {})));
    if (!id) none_there("rule that says the same");
    return answer(call, records::object_of(rule_row(desk, *id)));
}

constexpr std::string_view terms = "/v1/terms/{name}";
constexpr std::string_view group = "/v1/groups/{name}";
constexpr std::string_view member = "/v1/groups/{name}/members/{imsi}";
constexpr std::string_view rule = "/v1/rules/{id}";

constexpr Route routes[] = {
    {"GET", "/v1/terms", Role::read, "listTerms", list_terms},
    {"GET", terms, Role::read, "getTerms", show_terms},
    {"PUT", terms, Role::provision, "putTerms", replace_terms, "dry_run", Nature::guarded},
    {"PATCH", terms, Role::provision, "patchTerms", change_terms, "dry_run", Nature::guarded},
    {"DELETE", terms, Role::provision, "deleteTerms", remove_terms, "dry_run", Nature::guarded},
    {"POST", "/v1/terms/{name}/default", Role::provision, "makeTermsDefault", make_default, "dry_run"},
    {"GET", "/v1/groups", Role::read, "listGroups", list_groups, "limit cursor"},
    {"GET", group, Role::read, "getGroup", show_group},
    {"PUT", group, Role::provision, "putGroup", replace_group, "dry_run"},
    {"DELETE", group, Role::provision, "deleteGroup", remove_group, "dry_run"},
    {"PUT", member, Role::provision, "putGroupMember", add_member, "dry_run"},
    {"DELETE", member, Role::provision, "deleteGroupMember", remove_member, "dry_run"},
    {"GET", "/v1/rules", Role::read, "listRules", list_rules, "limit cursor imsi"},
    {"POST", "/v1/rules", Role::provision, "addRule", add_rule, "dry_run"},
    {"POST", "/v1/rules/like", Role::read, "findRuleLike", find_like},
    {"GET", rule, Role::read, "getRule", show_rule},
    {"PUT", rule, Role::provision, "putRule", replace_rule, "dry_run"},
    {"DELETE", rule, Role::provision, "deleteRule", remove_rule, "dry_run"},
};

}  // namespace

std::span<const Route> policy_routes() {
    return routes;
}

}  // namespace bindhss::management
