// SPDX-License-Identifier: Apache-2.0
#include "config/mapping.h"

namespace bindhss::config {

namespace {

constexpr std::array<Choice<Transport>, 2> transports{{{"tls", Transport::tls}, {"tcp", Transport::tcp}}};

std::string read_peer_identity(const YAML::Node& node) {
    return node.IsScalar() && node.Scalar() == "*" ? "*" : read_identity(node);
}

std::vector<Setting<PeerSettings>> make_peer_table() {
    std::vector<Setting<PeerSettings>> table;
    table.push_back(one_value<PeerSettings>(
        "identity", "name or \"*\"", false, "its Origin-Host; \"*\": any of its realm",
        [](auto& p) -> auto& { return p.identity; }, read_peer_identity, write_text));
    table.back().required = true;
    table.push_back(one_value<PeerSettings>(
        "realm", "name", false, "its Origin-Realm; ours when left out",
        [](auto& p) -> auto& { return p.realm; }, read_identity, write_text));
    table.push_back(one_value<PeerSettings>(
        "transport", "tls | tcp", false, "tls (the default), or tcp: unprotected",
        [](auto& p) -> auto& { return p.transport; },
        [](const YAML::Node& node) { return read_choice<Transport>(node, transports); },
        [](Transport value) { return write_choice<Transport>(value, transports); }));
    table.push_back(list_of<PeerSettings>(
        "addresses", "list of IP addresses and prefixes", false, "where it may come from; tcp needs some",
        [](auto& p) -> auto& { return p.addresses; }, read_address, write_text));
    table.push_back(one_value<PeerSettings>(
        "connect", "host:port", false, "we connect to it; left out: it connects to us",
        [](auto& p) -> auto& { return p.connect; },
        [](const YAML::Node& node) { return std::optional<Endpoint>(read_endpoint(node, 0)); },
        [](const std::optional<Endpoint>& endpoint) {
            return endpoint ? write_endpoint(*endpoint) : std::string();
        }));
    table.push_back(one_value<PeerSettings>(
        "relay", "true | false", false, "it may pass on requests of others (DRA, relay)",
        [](auto& p) -> auto& { return p.relay; }, read_bool,
        [](bool relay) { return std::string(relay ? "true" : "false"); }));
    return table;
}

void check_peer(const std::vector<PeerSettings>& peers, const YAML::Node& node, const std::string& name,
                Problems& problems) {
    const auto& peer = peers.back();
    if (peer.connect && peer.identity == "*")
        problems.add(node, name + ".connect", "needs the one identity that is connected to");
    for (std::size_t i = 0; i + 1 < peers.size(); ++i) {
        if (!peer.identity.empty() && peers[i].identity == peer.identity && peers[i].realm == peer.realm)
            problems.add(node, name, "is the same peer as number " + std::to_string(i + 1));
    }
}

void read_peers(Settings& settings, const YAML::Node& node, const std::string& name, Problems& problems) {
    settings.diameter.peers = read_items<PeerSettings>(
        node, peer_table(), name, "peer", problems,
        [&problems](const std::vector<PeerSettings>& peers, const YAML::Node& item, const std::string& at) {
            check_peer(peers, item, at, problems);
        });
}

}  // namespace

const std::vector<Setting<PeerSettings>>& peer_table() {
    static const auto settings = make_peer_table();
    return settings;
}

Setting<Settings> peers_setting() {
    return items_of(
        "diameter.peers", "list of peers",
        "Who may talk to us, by the identity and realm that it tells in CER; everybody else is refused. A "
        "reload "
        "leaves the connections of unchanged peers alone.",
        [](auto& s) -> auto& { return s.diameter.peers; }, read_peers,
        [](const Settings& s) { return write_items(s.diameter.peers, peer_table(), "  "); });
}

std::string peers_example() {
    const PeerSettings example{"mme.localdomain",
                               "localdomain",
                               Transport::tcp,
                               {"127.0.0.2", "10.0.0.0/24"},
                               Endpoint{"127.0.0.2", port_tcp},
                               false};
    return "  # peers:\n" + write_example(example, peer_table(), "  ");
}

}  // namespace bindhss::config
