// SPDX-License-Identifier: Apache-2.0
#include "management/node_orders.h"

#include <algorithm>

namespace bindhss::management {

namespace {

constexpr std::uint32_t eps_location_information = 1U << 3;
constexpr std::uint32_t current_location = 1U << 4;

}  // namespace

store::NodeOrder detach_order(const Imsi& imsi, bool reattach) {
    store::NodeOrder order;
    order.kind = store::NodeRequest::Kind::cancel_location;
    order.imsi = imsi;
    order.reattach_required = reattach;
    return order;
}

store::NodeOrder locate_order(const Imsi& imsi) {
    store::NodeOrder order;
    order.kind = store::NodeRequest::Kind::insert;
    order.imsi = imsi;
    order.idr_flags = eps_location_information | current_location;
    return order;
}

http::Response give_order(Call&, Desk& desk, store::NodeOrder order) {
    if (order.imsi && !desk.store.subscriber(*order.imsi))
        throw Problem(not_found, "There is no subscriber " + order.imsi->str() + ".");
    order.now = SystemClock().now();
    boost::json::array nodes;
    for (const auto& node : desk.store.order(order)) {
        boost::json::object each;
        each["host"] = node.host;
        each["realm"] = node.realm;
        nodes.push_back(std::move(each));
    }
    boost::json::object object;
    object["nodes"] = std::move(nodes);
    return plain_answer(object);
}

void check_prefix(const std::string& digits, const std::string& what) {
    const bool good = std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!good || digits.size() > Imsi::digits_max)
        throw Problem(bad_request, what + " is not the beginning of an IMSI: 1 to 15 digits.");
}

}  // namespace bindhss::management
