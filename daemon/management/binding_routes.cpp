// SPDX-License-Identifier: Apache-2.0
// Bindings, and what decides on devices: terms, groups, rules, approvals; and who was seen with which device.
#include <charconv>
#include <sstream>

#include "management/record_reading.h"

namespace bindhss::management {

namespace {

using records::Kind;

store::SubscriberRow subscriber_row(Desk& desk, const Imsi& imsi) {
    auto row = desk.store.subscriber(imsi);
    if (!row) none_there("subscriber " + imsi.str());
    return std::move(*row);
}

/// The active keys of the devices that the binding lists one by one, and of its group, by their check values:
/// where they differ, these are the candidates (spec 4.2 "Which KME").
boost::json::array candidates_of(Desk& desk, const store::SubscriberRow& row) {
    boost::json::array list;
    if (!binding::needs_kme(row.policy)) return list;
    std::vector<std::variant<Imei, std::string>> owners;
    if (!row.group.empty()) owners.emplace_back(row.group);
    for (const auto& device : row.devices)
        if (device.low == device.high) owners.emplace_back(device.low);
    for (const auto& owner : owners) {
        for (const auto& key : desk.store.kmes(owner, limits::binding_devices_max))
            if (key.state == "active") list.push_back(records::object_of(key));
    }
    return list;
}

/// What of a subscriber is about its binding.
boost::json::object binding_object(Desk& desk, const store::SubscriberRow& row) {
    const auto whole = records::object_of(row);
    boost::json::object object;
    for (const auto* name : {"imsi", "policy", "devices", "group", "kcv", "terms", "terms_from", "groups",
                             "state", "strong", "weak", "turns", "reprovisions", "proved_at"})
        if (const auto* member = whole.if_contains(name)) object.emplace(name, *member);
    object["candidates"] = candidates_of(desk, row);
    return object;
}

http::Response show_binding(Call& call, Desk& desk) {
    return plain_answer(binding_object(desk, subscriber_row(desk, path_imsi(call))));
}

http::Response bound(Call& call, Desk& desk, store::Item item) {
    const auto imsi = path_imsi(call);
    guard_subscriber(call, imsi);
    const auto applied = apply(call, desk, {std::move(item)});
    if (call.options.dry_run) return applied_answer(call, applied, 1);
    return plain_answer(binding_object(desk, subscriber_row(desk, imsi)));
}

http::Response put_binding(Call& call, Desk& desk) {
    return bound(call, desk, item_of(call, Kind::binding, {{"imsi", path_imsi(call).str()}}));
}

Imei device_of(const boost::json::object& body) {
    const auto text = text_member(body, "imei");
    const auto imei = text ? Imei::parse(*text) : std::nullopt;
    if (!imei) throw Problem(bad_request, "The member imei of the body is not 14 to 16 digits.");
    return *imei;
}

http::Response authorise(Call& call, Desk& desk) {
    const auto body = body_object(call);
    only_members(body, {"imei", "replace"});
    const auto replace = flag_member(body, "replace");
    return bound(call, desk, {store::AuthoriseDevice{path_imsi(call), device_of(body), replace}});
}

http::Response refuse(Call& call, Desk& desk) {
    const auto body = body_object(call);
    only_members(body, {"imei"});
    return bound(call, desk, {store::RefuseDevice{path_imsi(call), device_of(body)}});
}

http::Response lock(Call& call, Desk& desk) {
    return bound(call, desk, {store::SetLock{path_imsi(call), true}});
}

http::Response unlock(Call& call, Desk& desk) {
    return bound(call, desk, {store::SetLock{path_imsi(call), false}});
}

http::Response list_approvals(Call& call, Desk& desk) {
    const auto page = page_of(call);
    return page_answer(call, page, desk.store.approvals(page),
                       [](const auto& row) { return row.imsi.str() + " " + row.imei.str(); });
}

std::string cursor_text(const store::SeenPosition& position) {
    std::ostringstream text;
    text << position.imsi << ' ' << position.imei << ' '
         << (position.domain == s6a::Domain::mme ? "mme" : "sgsn") << ' ' << position.svn;
    return text.str();
}

std::optional<store::SeenPosition> seen_position(const Call& call) {
    const auto text = cursor_of(call);
    if (!text) return std::nullopt;
    std::istringstream in(*text);
    store::SeenPosition position;
    std::string domain;
    if (!(in >> position.imsi >> position.imei >> domain) || (domain != "mme" && domain != "sgsn"))
        throw Problem(bad_request, "The parameter cursor is not the \"next\" of any answer.");
    position.domain = domain == "mme" ? s6a::Domain::mme : s6a::Domain::sgsn;
    in >> position.svn;
    return position;
}

/// A page may be shorter than its limit and not the last: where one follows, "next" says so.
http::Response list_seen(Call& call, Desk& desk) {
    store::SeenFilter filter;
    filter.registered = query_flag(call, "registered");
    filter.imsi = query_imsi(call);
    filter.imei = query_imei(call);
    filter.since = query_time(call, "since");
    if (const auto text = query_text(call, "subscriptions")) {
        const auto set = binding::SubscriptionSet::parse(*text);
        if (!set) {
            throw Problem(
                bad_request,
                "The parameter subscriptions is none of *, an IMSI of 15 digits, a prefix (00101*), an "
                "interval (IMSI-IMSI), group:NAME.");
        }
        filter.subscriptions = *set;
    }
    const auto page = desk.store.seen(filter, seen_position(call), limit_of(call));
    boost::json::array items;
    for (const auto& pair : page.pairs) items.push_back(records::object_of(pair));
    return list_answer(call, std::move(items), page.next ? cursor_text(*page.next) : std::string());
}

http::Response show_pair(Call& call, Desk& desk) {
    const auto imsi = path_imsi(call);
    static_cast<void>(path_imei(call, 1));
    const auto svn = query_text(call, "svn");
    if (svn && !store::is_software_version(*svn))
        throw Problem(bad_request, "The parameter svn is not two digits.");
    const auto device = TerminalInformation::normalise(
        call.parts[1], svn ? std::optional<std::string_view>(*svn) : std::nullopt);
    const auto pair = desk.store.pair(imsi, device);
    if (!pair) none_there("subscriber " + imsi.str());
    return plain_answer(records::object_of(*pair));
}

constexpr std::string_view one = "/v1/bindings/{imsi}";

constexpr Route routes[] = {
    {"GET", one, Role::read, "getBinding", show_binding},
    {"PUT", one, Role::provision, "putBinding", put_binding, "dry_run", Nature::guarded},
    {"POST", "/v1/bindings/{imsi}/authorise", Role::provision, "authoriseDevice", authorise, "dry_run",
     Nature::guarded},
    {"POST", "/v1/bindings/{imsi}/refuse", Role::provision, "refuseDevice", refuse, "dry_run",
     Nature::guarded},
    {"POST", "/v1/bindings/{imsi}/lock", Role::provision, "lockBinding", lock, "dry_run", Nature::guarded},
    {"POST", "/v1/bindings/{imsi}/unlock", Role::provision, "unlockBinding", unlock, "dry_run",
     Nature::guarded},
    {"GET", "/v1/approvals", Role::read, "listApprovals", list_approvals, "limit cursor"},
    {"GET", "/v1/seen", Role::read, "listSeen", list_seen,
     "limit cursor registered imsi imei subscriptions since"},
    {"GET", "/v1/seen/{imsi}/{imei}", Role::read, "getSeen", show_pair, "svn"},
};

}  // namespace

std::span<const Route> binding_routes() {
    return routes;
}

}  // namespace bindhss::management
