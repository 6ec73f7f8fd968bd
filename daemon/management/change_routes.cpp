// SPDX-License-Identifier: Apache-2.0
// Changes in bulk, and orders to nodes.
#include "management/node_orders.h"
#include "management/record_reading.h"
#include "records/changes.h"
#include "types/limits.h"

namespace bindhss::management {

namespace {

/// All lines are one transaction. Of a body that is too large for one the client makes several, each with its
/// Idempotency-Key, and sends again what nobody has acknowledged.
http::Response change(Call& call, Desk& desk) {
    const auto reading = records::read_changes(body_text(call, {"application/x-ndjson"}));
    refuse_errors(reading);
    check_keys(call, reading.items);
    const auto applied = apply(call, desk, reading.items);
    return applied_answer(call, applied, reading.items.size());
}

store::NodeOrder reset_order(const boost::json::object& body) {
    only_members(body, {"order", "imsi_prefixes"});
    store::NodeOrder order;
    order.kind = store::NodeRequest::Kind::reset;
    const auto* prefixes = body.if_contains("imsi_prefixes");
    if (prefixes == nullptr) return order;
    constexpr const char* what = "The member imsi_prefixes of the body";
    if (!prefixes->is_array()) throw Problem(bad_request, std::string(what) + " is no list.");
    if (prefixes->get_array().size() > limits::api_reset_prefixes_max) {
        throw Problem(bad_request, std::string(what) + " has more than " +
                                       std::to_string(limits::api_reset_prefixes_max) + " entries.");
    }
    for (const auto& each : prefixes->get_array()) {
        auto digits = each.is_string() ? std::string(each.get_string()) : std::string();
        check_prefix(digits.empty() ? "-" : digits, what);
        order.user_ids.push_back(std::move(digits));
    }
    return order;
}

store::NodeOrder order_of(const boost::json::object& body) {
    const auto kind = text_member(body, "order").value_or("");
    if (kind == "reset") return reset_order(body);
    if (kind != "detach" && kind != "locate")
        throw Problem(bad_request, "The member order of the body is none of detach, locate, reset.");
    only_members(body, {"order", "imsi", "reattach"});
    const auto digits = text_member(body, "imsi");
    const auto imsi = digits ? Imsi::parse(*digits) : std::nullopt;
    if (!imsi) throw Problem(bad_request, "The member imsi of the body is not 6 to 15 digits.");
    return kind == "locate" ? locate_order(*imsi) : detach_order(*imsi, flag_member(body, "reattach"));
}

http::Response order(Call& call, Desk& desk) {
    return give_order(call, desk, order_of(body_object(call)));
}

constexpr Route routes[] = {
    {"POST", "/v1/changes", Role::provision, "applyChanges", change, "dry_run", Nature::plain,
     limits::api_change_octets_max},
    {"POST", "/v1/orders", Role::provision, "giveOrder", order},
};

}  // namespace

std::span<const Route> change_routes() {
    return routes;
}

}  // namespace bindhss::management
