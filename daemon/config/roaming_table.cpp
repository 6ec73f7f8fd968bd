// SPDX-License-Identifier: Apache-2.0
// nodes and roaming: what is particular to single serving nodes and their realms.
#include "config/mapping.h"

namespace bindhss::config {

namespace {

constexpr std::array<Choice<Quirk>, 3> quirks{{{"ula_error_stub", Quirk::ula_error_stub},
                                               {"no_route_record", Quirk::no_route_record},
                                               {"features_optional", Quirk::features_optional}}};
constexpr std::array<Choice<UnlistedRealms>, 3> unlisted{{{"derive", UnlistedRealms::derive},
                                                          {"allow", UnlistedRealms::allow},
                                                          {"reject", UnlistedRealms::reject}}};

std::string read_node_identity(const YAML::Node& node) {
    if (!node.IsScalar() || !node.Scalar().starts_with('*')) return read_identity(node);
    const auto& text = node.Scalar();
    if (text == "*") return text;
    if (!text.starts_with("*.")) throw BadValue("is not a name, \"*.<realm>\" or \"*\"");
    (void)read_identity(YAML::Node(text.substr(2)));
    return text;
}

Plmn read_plmn(const YAML::Node& node) {
    const auto plmn = Plmn::parse(read_text(node));
    if (!plmn) throw BadValue("is not a PLMN: MCC and MNC, such as \"00101\" or \"001/01\"");
    return *plmn;
}

std::vector<Setting<NodeSettings>> make_node_table() {
    std::vector<Setting<NodeSettings>> table;
    table.push_back(one_value<NodeSettings>(
        "identity", "name", false, "its Origin-Host; \"*.<realm>\": all of a realm; \"*\": all",
        [](auto& n) -> auto& { return n.identity; }, read_node_identity, write_text));
    table.back().required = true;
    table.push_back(list_of<NodeSettings>(
        "quirks", "list of quirks", false, "see above", [](auto& n) -> auto& { return n.quirks; },
        [](const YAML::Node& node) { return read_choice<Quirk>(node, quirks); },
        [](Quirk quirk) { return write_choice<Quirk>(quirk, quirks); }));
    return table;
}

const std::vector<Setting<NodeSettings>>& node_table() {
    static const auto settings = make_node_table();
    return settings;
}

std::vector<Setting<RoamingRealm>> make_realm_table() {
    std::vector<Setting<RoamingRealm>> table;
    table.push_back(one_value<RoamingRealm>(
        "realm", "name", false, "an Origin-Realm", [](auto& r) -> auto& { return r.realm; }, read_identity,
        write_text));
    table.back().required = true;
    table.push_back(list_of<RoamingRealm>(
        "plmns", "list of PLMNs", false, "its nodes may ask for these only; none: for any",
        [](auto& r) -> auto& { return r.plmns; }, read_plmn,
        [](const Plmn& plmn) { return write_text(plmn.str()); }));
    return table;
}

const std::vector<Setting<RoamingRealm>>& realm_table() {
    static const auto settings = make_realm_table();
    return settings;
}

/// Tells of an item whose first key came before.
template <class T, class Get>
auto no_double(Problems& problems, Get get) {
    return [&problems, get](const std::vector<T>& items, const YAML::Node& node, const std::string& name) {
        for (std::size_t i = 0; i + 1 < items.size(); ++i) {
            if (!get(items.back()).empty() && get(items[i]) == get(items.back()))
                problems.add(node, name, "is the same as number " + std::to_string(i + 1));
        }
    };
}

}  // namespace

void add_nodes(std::vector<Setting<Settings>>& table) {
    table.push_back(items_of(
        "nodes", "list of nodes",
        "MMEs, SGSNs and relays that have to be treated otherwise than the standards say, connected "
        "to us or behind a relay; of several entries that fit the closest one counts. "
        "ula_error_stub, for MMEs of Open5GS: an Update-Location-Answer with an error carries "
        "ULA-Flags and a stub of Subscription-Data, without which the MME drops it and the phone waits in "
        "vain. no_route_record, for a relay that hides the hops behind it: its requests need no "
        "Route-Record. features_optional, for a node that sets the M bit of Supported-Features on "
        "everything: "
        "features that this HSS has not are not used, instead of being refused with 5011.",
        [](auto& s) -> auto& { return s.nodes; },
        [](Settings& s, const YAML::Node& node, const std::string& name, Problems& problems) {
            const auto check =
                no_double<NodeSettings>(problems, [](const NodeSettings& n) { return n.identity; });
            s.nodes = read_items(node, node_table(), name, "node", problems, check);
        },
        [](const Settings& s) { return write_items(s.nodes, node_table(), ""); }));
}

void add_roaming(std::vector<Setting<Settings>>& table) {
    table.push_back(one_value<Settings>(
        "roaming.unlisted_realms", "derive | allow | reject", true,
        "Which PLMNs (Visited-PLMN-Id) the nodes of a realm that is not in roaming.realms may ask for. "
        "derive: "
        "those of epc.mncNNN.mccNNN.3gppnetwork.org (TS 23.003 19.2) their own, all others any. allow: any. "
        "reject: none. What is not allowed is answered 5003 DIAMETER_AUTHORIZATION_REJECTED.",
        [](auto& s) -> auto& { return s.roaming.unlisted_realms; },
        [](const YAML::Node& node) { return read_choice<UnlistedRealms>(node, unlisted); },
        [](UnlistedRealms value) { return write_choice<UnlistedRealms>(value, unlisted); }));
    table.push_back(items_of(
        "roaming.realms", "list of realms",
        "Realms whose PLMNs are not told by their names, or who serve several.",
        [](auto& s) -> auto& { return s.roaming.realms; },
        [](Settings& s, const YAML::Node& node, const std::string& name, Problems& problems) {
            const auto check =
                no_double<RoamingRealm>(problems, [](const RoamingRealm& r) { return r.realm; });
            s.roaming.realms = read_items(node, realm_table(), name, "realm", problems, check);
        },
        [](const Settings& s) { return write_items(s.roaming.realms, realm_table(), "  "); }));
}

std::string nodes_example() {
    const NodeSettings example{"mme.localdomain", {Quirk::ula_error_stub}};
    return "# nodes:\n" + write_example(example, node_table(), "");
}

std::string realms_example() {
    const RoamingRealm example{"epc.example", {*Plmn::parse("00101"), *Plmn::parse("001/001")}};
    return "  # realms:\n" + write_example(example, realm_table(), "  ");
}

}  // namespace bindhss::config
