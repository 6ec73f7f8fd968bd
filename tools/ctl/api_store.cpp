// SPDX-License-Identifier: Apache-2.0
#include "ctl/api_store.h"

#include <string.h>  // explicit_bzero

#include <algorithm>
#include <boost/json/array.hpp>
#include <chrono>

#include "ctl/api_rows.h"
#include "ctl/time_text.h"
#include "records/changes.h"
#include "types/base64.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace json = boost::json;

namespace {

/// With milliseconds: who asks since a row's own time does not get those before it.
std::string exact_text(WallTime time) {
    const auto within = time - std::chrono::floor<std::chrono::seconds>(time);
    const auto digits = std::to_string(1'000 + within.count());
    auto text = time_text(time);
    return text.insert(text.size() - 1, "." + digits.substr(1));
}

}  // namespace

std::uint64_t number_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_number()) return 0;
    json::error_code error;
    const auto number = value->to_number<std::uint64_t>(error);
    return error ? 0 : number;
}

std::string owner_text(const std::variant<Imei, std::string>& owner) {
    const auto* imei = std::get_if<Imei>(&owner);
    return imei != nullptr ? imei->str() : "group:" + std::get<std::string>(owner);
}

void ApiProvisioning::act_as(std::string who) {
    if (direct_) direct_->act_as(std::move(who));
}

store::Applied ApiProvisioning::apply(const std::vector<store::Item>& items,
                                      const store::ApplyOptions& options) {
    using Outcome = store::Applied::Outcome;
    http::Request request;
    request.method = "POST";
    request.path = path_of({"changes"});
    request.query = Query().flag("dry_run", options.dry_run).text();
    request.fields.emplace_back("content-type", "application/x-ndjson");
    if (options.once) request.fields.emplace_back("idempotency-key", options.once->key);
    if (!options.request.empty()) request.fields.emplace_back("x-request-id", options.request);
    for (const auto& item : items) {
        auto line = records::line_of(item);
        request.body.append(line) += '\n';
        explicit_bzero(line.data(), line.size());
    }
    store::Applied applied;
    try {
        const auto response = done_by(*api_, request);
        if (!object_from(response).contains("applied"))
            throw Refused("the answer of the API does not say that the changes were applied");
        const std::pair<std::string, std::string> replayed("idempotency-replayed", "true");
        if (std::find(response.fields.begin(), response.fields.end(), replayed) != response.fields.end())
            applied.outcome = Outcome::before;
    } catch (const ApiProblem& problem) {
        if (problem.name() == "idempotency-key-reused") {
            applied.outcome = Outcome::another_once;
        } else if (problem.name() == "refused" && !problem.errors().empty()) {
            applied.outcome = Outcome::refused;
            applied.errors = problem.errors();
        } else {
            explicit_bzero(request.body.data(), request.body.size());
            throw;
        }
    }
    explicit_bzero(request.body.data(), request.body.size());
    for (auto& error : applied.errors)
        error.line = error.line >= 1 && error.line <= items.size() ? items[error.line - 1].line : 0;
    return applied;
}

std::uint64_t ApiProvisioning::export_kmes(const std::optional<ImeiRange>& range, const std::string& what,
                                           const std::function<void(const store::KmeRecord&)>& visit) {
    if (!direct_) {
        throw Refused(
            "the API gives out no keys: run this where the database and the keys file are, with --database");
    }
    return direct_->export_kmes(range, what, visit);
}

std::optional<store::SubscriberRow> ApiProvisioning::subscriber(const Imsi& imsi) {
    return find_row<store::SubscriberRow>(*api_, path_of({"subscribers", imsi.str()}));
}

std::vector<store::SubscriberRow> ApiProvisioning::subscribers(const store::SubscriberFilter& filter,
                                                               const store::Page& page) {
    Query query;
    query.add_if("imsi_prefix", filter.imsi_prefix).add_if("msisdn", filter.msisdn);
    query.add_if("profile", filter.profile).add_if("group", filter.group);
    if (filter.policy) query.add("policy", binding::name_of(*filter.policy));
    return fetch_rows<store::SubscriberRow>(*api_, path_of({"subscribers"}), query, page);
}

std::optional<store::ProfileRow> ApiProvisioning::profile(const std::string& name) {
    if (name.empty()) return std::nullopt;
    return find_row<store::ProfileRow>(*api_, path_of({"profiles", name}));
}

std::vector<store::ProfileRow> ApiProvisioning::profiles(const store::Page& page) {
    return fetch_rows<store::ProfileRow>(*api_, path_of({"profiles"}), {}, page);
}

std::vector<store::DeviceRow> ApiProvisioning::devices(const store::DeviceFilter& filter,
                                                       const store::Page& page) {
    Query query;
    if (filter.imei) query.add("imei", filter.imei->str());
    query.add_if("group", filter.group);
    return fetch_rows<store::DeviceRow>(*api_, path_of({"devices"}), query, page);
}

std::vector<store::EquipmentEntry> ApiProvisioning::equipment(const store::Page& page) {
    return fetch_rows<store::EquipmentEntry>(*api_, path_of({"equipment"}), {}, page);
}

std::optional<store::EquipmentEntry> ApiProvisioning::equipment_of(Imei imei,
                                                                   const std::optional<std::string>& svn) {
    Query query;
    if (svn) query.add("svn", *svn);
    return find_row<store::EquipmentEntry>(*api_, path_of({"equipment", imei.str()}), query);
}

std::vector<store::RegistrationRow> ApiProvisioning::registrations(const store::RegistrationFilter& filter,
                                                                   const store::Page& page) {
    Query query;
    if (filter.imsi) query.add("imsi", filter.imsi->str());
    query.add_if("node", filter.node).flag("purged", filter.purged);
    return fetch_rows<store::RegistrationRow>(*api_, path_of({"registrations"}), query, page);
}

std::vector<ServingNode> ApiProvisioning::order(const store::NodeOrder& order) {
    json::object body;
    std::string path;
    switch (order.kind) {
        case store::NodeRequest::Kind::cancel_location:
            body["reattach"] = order.reattach_required;
            path = path_of({"subscribers", order.imsi->str(), "detach"});
            break;
        case store::NodeRequest::Kind::insert:
            path = path_of({"subscribers", order.imsi->str(), "locate"});
            break;
        default: {
            json::array prefixes;
            for (const auto& prefix : order.user_ids) prefixes.emplace_back(prefix);
            body["order"] = "reset";
            body["imsi_prefixes"] = std::move(prefixes);
            path = path_of({"orders"});
        }
    }
    const auto answer = object_from(done_by(*api_, request_of("POST", path, body)));
    std::vector<ServingNode> nodes;
    const auto* list = answer.if_contains("nodes");
    if (list == nullptr || !list->is_array()) return nodes;
    for (const auto& each : list->get_array()) {
        const auto& object = each.as_object();
        nodes.push_back(
            {std::string(object.at("host").as_string()), std::string(object.at("realm").as_string())});
    }
    return nodes;
}

std::vector<store::TermsRow> ApiProvisioning::terms() {
    std::vector<store::TermsRow> rows;
    for (const auto& item : fetch_items(*api_, path_of({"terms"})))
        rows.push_back(records::row_from<store::TermsRow>(item));
    return rows;
}

std::vector<store::SubscriptionGroupRow> ApiProvisioning::subscription_groups(const store::Page& page) {
    return fetch_rows<store::SubscriptionGroupRow>(*api_, path_of({"groups"}), {}, page);
}

std::vector<binding::Rule> ApiProvisioning::rules(const std::optional<Imsi>& imsi, const store::Page& page) {
    Query query;
    if (imsi) query.add("imsi", imsi->str());
    return fetch_rows<binding::Rule>(*api_, path_of({"rules"}), query, page);
}

std::optional<std::int64_t> ApiProvisioning::rule_like(const binding::Rule& rule) {
    auto asked = rule;
    asked.id = 0;
    http::Request request;
    request.method = "POST";
    request.path = path_of({"rules", "like"});
    request.fields.emplace_back("content-type", "application/json");
    request.body = records::line_of({store::PutRule{asked}, 0});
    try {
        return static_cast<std::int64_t>(number_in(object_from(done_by(*api_, request)), "id"));
    } catch (const ApiProblem& problem) {
        if (problem.status() == 404) return std::nullopt;
        throw;
    }
}

std::vector<store::DeviceModelRow> ApiProvisioning::device_models(const store::Page& page) {
    return fetch_rows<store::DeviceModelRow>(*api_, path_of({"models"}), {}, page);
}

std::vector<store::KmeRow> ApiProvisioning::kmes(const std::optional<std::variant<Imei, std::string>>& owner,
                                                 const store::Page& page) {
    Query query;
    if (owner) query.add("owner", owner_text(*owner));
    return fetch_rows<store::KmeRow>(*api_, path_of({"kmes"}), query, page);
}

std::vector<store::ApprovalRow> ApiProvisioning::approvals(const store::Page& page) {
    return fetch_rows<store::ApprovalRow>(*api_, path_of({"approvals"}), {}, page);
}

namespace {

/// A position of that list in the words of its cursor.
std::string cursor_of(const store::SeenPosition& position) {
    const auto text = position.imsi + " " + std::to_string(position.imei) + " " +
                      (position.domain == s6a::Domain::mme ? "mme" : "sgsn") + " " + position.svn;
    return to_base64url(as_octets(text));
}

store::SeenPosition position_of(const store::SeenPair& pair) {
    store::SeenPosition position;
    position.imsi = pair.imsi.str();
    position.imei = pair.device.imei ? pair.device.imei->number() : 0;
    position.svn = pair.device.svn.value_or("");
    if (pair.registration) position.domain = pair.registration->domain;
    return position;
}

}  // namespace

store::SeenPage ApiProvisioning::seen(const store::SeenFilter& filter,
                                      const std::optional<store::SeenPosition>& after, std::size_t limit) {
    Query query;
    query.flag("registered", filter.registered);
    if (filter.imsi) query.add("imsi", filter.imsi->str());
    if (filter.imei) query.add("imei", filter.imei->str());
    if (const auto set = filter.subscriptions.str(); set != "*") query.add("subscriptions", set);
    if (filter.since) query.add("since", exact_text(*filter.since));
    query.add("limit", std::to_string(std::min(limit, limits::api_page_rows_max)));
    if (after) query.add("cursor", cursor_of(*after));
    const auto answer = fetch(*api_, path_of({"seen"}), query);
    store::SeenPage page;
    for (const auto& item : answer.at("items").as_array())
        page.pairs.push_back(records::row_from<store::SeenPair>(item.as_object()));
    if (!answer.contains("next")) return page;
    if (page.pairs.empty()) throw Refused("the API answered an empty page of a list that goes on");
    page.next = position_of(page.pairs.back());
    return page;
}

std::optional<store::SeenPair> ApiProvisioning::pair(const Imsi& imsi, const TerminalInformation& device) {
    Query query;
    if (device.svn) query.add("svn", *device.svn);
    return find_row<store::SeenPair>(*api_, path_of({"seen", imsi.str(), device.imei->str()}), query);
}

std::vector<store::AuditRow> ApiProvisioning::audit(const store::AuditFilter& filter,
                                                    const store::Page& page) {
    Query query;
    query.add_if("who", filter.who).add_if("what", filter.what).add_if("request", filter.request);
    if (filter.since) query.add("since", exact_text(*filter.since));
    return fetch_rows<store::AuditRow>(*api_, path_of({"audit"}), query, page);
}

std::vector<store::AlarmRow> ApiProvisioning::alarms(const store::AlarmFilter& filter,
                                                     const store::Page& page) {
    Query query;
    query.flag("cleared", filter.cleared).add_if("name", filter.name).add_if("severity", filter.severity);
    if (filter.imsi) query.add("imsi", filter.imsi->str());
    return fetch_rows<store::AlarmRow>(*api_, path_of({"alarms"}), query, page);
}

namespace {

std::uint64_t do_to_alarms(ApiClient& api, const store::AlarmSelection& which, std::string_view act) {
    json::object body;
    if (which.id) body["id"] = *which.id;
    if (which.name) body["name"] = *which.name;
    if (which.imsi) body["imsi"] = which.imsi->str();
    if (body.empty()) body["all"] = true;
    return number_in(object_from(done_by(api, request_of("POST", path_of({"alarms", act}), body))), "alarms");
}

}  // namespace

std::uint64_t ApiProvisioning::acknowledge_alarms(const store::AlarmSelection& which, const std::string&) {
    return do_to_alarms(*api_, which, "acknowledge");
}
std::uint64_t ApiProvisioning::clear_alarms(const store::AlarmSelection& which, const std::string&) {
    return do_to_alarms(*api_, which, "clear");
}

}  // namespace bindhss::ctl
