// SPDX-License-Identifier: Apache-2.0
// Subscribers, and what their nodes are asked to do with them.
#include <algorithm>

#include "management/node_orders.h"
#include "management/record_reading.h"

namespace bindhss::management {

namespace {

using records::Kind;

store::SubscriberFilter filter_of(const Call& call) {
    store::SubscriberFilter filter;
    filter.imsi_prefix = query_or_empty(call, "imsi_prefix");
    check_prefix(filter.imsi_prefix, "The parameter imsi_prefix");
    filter.msisdn = query_or_empty(call, "msisdn");
    filter.profile = query_or_empty(call, "profile");
    filter.group = query_or_empty(call, "group");
    if (const auto policy = query_text(call, "policy")) {
        filter.policy = binding::parse_policy(*policy);
        if (!filter.policy) {
            throw Problem(bad_request,
                          "The parameter policy is none of off, imei_monitor, imei_enforce, kme, kme+imei.");
        }
    }
    return filter;
}

http::Response list(Call& call, Desk& desk) {
    const auto page = page_of(call);
    const auto rows = desk.store.subscribers(filter_of(call), page);
    return page_answer(call, page, rows, [](const auto& row) { return row.imsi.str(); });
}

store::SubscriberRow row_of(Desk& desk, const Imsi& imsi) {
    auto row = desk.store.subscriber(imsi);
    if (!row) none_there("subscriber " + imsi.str());
    return std::move(*row);
}

http::Response show(Call& call, Desk& desk) {
    return answer(call, records::object_of(row_of(desk, path_imsi(call))));
}

http::Response store_record(Call& call, Desk& desk, records::Record record) {
    const auto imsi = path_imsi(call);
    guard_subscriber(call, imsi);
    const auto applied = apply(call, desk, {item_of(std::move(record))});
    if (call.options.dry_run) return applied_answer(call, applied, 1);
    return answer(call, records::object_of(row_of(desk, imsi)), applied);
}

/// Everything but its card and its SQN, which nobody can read and so nobody can repeat, is as the body says.
http::Response replace(Call& call, Desk& desk) {
    auto record = record_of(call, Kind::subscriber, {{"imsi", path_imsi(call).str()}});
    for (const auto* name : {"msisdn", "profile", "override"})
        record.fields.try_emplace(name, records::Field{{}, record.line});
    record.fields.try_emplace("amf", records::Field{{"8000"}, record.line});
    return store_record(call, desk, std::move(record));
}

http::Response change(Call& call, Desk& desk) {
    const auto imsi = path_imsi(call);
    auto record = record_of(call, Kind::subscriber, {{"imsi", imsi.str()}});
    static_cast<void>(row_of(desk, imsi));
    return store_record(call, desk, std::move(record));
}

http::Response remove(Call& call, Desk& desk) {
    const auto imsi = path_imsi(call);
    if (has_to_be_there(call)) static_cast<void>(row_of(desk, imsi));
    guard_subscriber(call, imsi);
    return remove_one(call, desk, {store::RemoveSubscriber{imsi}});
}

http::Response detach(Call& call, Desk& desk) {
    const auto body = body_object(call);
    only_members(body, {"reattach"});
    return give_order(call, desk, detach_order(path_imsi(call), flag_member(body, "reattach")));
}

http::Response locate(Call& call, Desk& desk) {
    return give_order(call, desk, locate_order(path_imsi(call)));
}

constexpr std::string_view one = "/v1/subscribers/{imsi}";

constexpr Route routes[] = {
    {"GET", "/v1/subscribers", Role::read, "listSubscribers", list,
     "limit cursor imsi_prefix msisdn profile group policy"},
    {"GET", one, Role::read, "getSubscriber", show},
    {"PUT", one, Role::provision, "putSubscriber", replace, "dry_run", Nature::guarded},
    {"PATCH", one, Role::provision, "patchSubscriber", change, "dry_run", Nature::guarded},
    {"DELETE", one, Role::provision, "deleteSubscriber", remove, "dry_run", Nature::guarded},
    {"POST", "/v1/subscribers/{imsi}/detach", Role::provision, "detachSubscriber", detach},
    {"POST", "/v1/subscribers/{imsi}/locate", Role::provision, "locateSubscriber", locate},
};

}  // namespace

std::span<const Route> subscriber_routes() {
    return routes;
}

}  // namespace bindhss::management
