// SPDX-License-Identifier: Apache-2.0
#include "ctl/node_commands.h"

#include <algorithm>

#include "types/seams.h"

namespace bindhss::ctl {

namespace {

constexpr std::uint32_t eps_location_information = 1U << 3;
constexpr std::uint32_t current_location = 1U << 4;

void show_nodes(Context& context, const std::vector<ServingNode>& nodes) {
    Table table{{"host", "realm"}, {}};
    for (const auto& node : nodes) table.rows.push_back({node.host, node.realm});
    print_list(context, table);
}

void order_for(Context& context, store::NodeOrder order) {
    if (!context.store.subscriber(*order.imsi)) throw Refused("there is no subscriber " + order.imsi->str());
    order.now = context.now();
    const auto nodes = context.store.order(order);
    if (nodes.empty()) throw Refused(order.imsi->str() + " is not registered anywhere");
    show_nodes(context, nodes);
}

}  // namespace

void reset_nodes(Context& context, const std::vector<std::string>& prefixes) {
    for (const auto& prefix : prefixes) {
        const bool digits =
            std::all_of(prefix.begin(), prefix.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (prefix.empty() || prefix.size() > 15 || !digits)
            throw Refused("'" + prefix + "' is not the beginning of an IMSI: 1 to 15 digits");
    }
    store::NodeOrder order;
    order.kind = store::NodeRequest::Kind::reset;
    order.user_ids = prefixes;
    order.now = context.now();
    show_nodes(context, context.store.order(order));
}

void detach_subscriber(Context& context, const std::string& imsi, bool reattach) {
    store::NodeOrder order;
    order.kind = store::NodeRequest::Kind::cancel_location;
    order.imsi = parsed_imsi(imsi);
    order.reattach_required = reattach;
    order_for(context, std::move(order));
}

void locate_subscriber(Context& context, const std::string& imsi) {
    store::NodeOrder order;
    order.kind = store::NodeRequest::Kind::insert;
    order.imsi = parsed_imsi(imsi);
    order.idr_flags = eps_location_information | current_location;
    order_for(context, std::move(order));
}

void add_reset_command(CLI::App* program, const AddCommand& add) {
    const auto prefixes = std::make_shared<std::vector<std::string>>();
    auto* reset =
        add(program, "reset", "Have every node update its subscribers' locations, after data were lost",
            [prefixes](Context& c) { reset_nodes(c, *prefixes); });
    reset->add_option("--imsi", *prefixes, "Leading digits of the IMSIs concerned; several times; none: all")
        ->allow_extra_args(false);
}

void add_detach_commands(CLI::App* subscriber, const AddCommand& add) {
    struct Arguments {
        std::string imsi;
        bool reattach = false;
    };
    const auto arguments = std::make_shared<Arguments>();
    auto* detach = add(subscriber, "detach", "Have the nodes detach a subscriber", [arguments](Context& c) {
        detach_subscriber(c, arguments->imsi, arguments->reattach);
    });
    detach->add_option("imsi", arguments->imsi, "IMSI")->required();
    detach->add_flag("--reattach", arguments->reattach, "The UE is told to attach again");
    auto* locate = add(subscriber, "locate", "Ask the nodes where a subscriber is",
                       [arguments](Context& c) { locate_subscriber(c, arguments->imsi); });
    locate->add_option("imsi", arguments->imsi, "IMSI")->required();
}

}  // namespace bindhss::ctl
