// SPDX-License-Identifier: Apache-2.0
#include "config/mapping.h"

namespace bindhss::config {

namespace {

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
    table.push_back(list_of<PeerSettings>(
        "addresses", "list of IP addresses", false, "it may connect from these only; none: from anywhere",
        [](auto& p) -> auto& { return p.addresses; }, read_address, write_text));
    table.push_back(one_value<PeerSettings>(
        "connect", "host:port", false, "we connect to it; left out: it connects to us",
        [](auto& p) -> auto& { return p.connect; },
        [](const YAML::Node& node) { return std::optional<Endpoint>(read_endpoint(node)); },
        [](const std::optional<Endpoint>& endpoint) {
            return endpoint ? write_endpoint(*endpoint) : std::string();
        }));
    table.push_back(one_value<PeerSettings>(
        "relay", "true | false", false, "it may pass on requests of others (DRA, relay)",
        [](auto& p) -> auto& { return p.relay; }, read_bool,
        [](bool relay) { return std::string(relay ? "true" : "false"); }));
    return table;
}

bool has_key(const YAML::Node& node, std::string_view name) {
    for (const auto& entry : node)
        if (entry.first.IsScalar() && entry.first.Scalar() == name) return true;
    return false;
}

void check_peer(const PeerSettings& peer, const YAML::Node& node, const std::string& name,
                Problems& problems) {
    for (const auto& setting : peer_table()) {
        if (setting.required && !has_key(node, setting.name()))
            problems.add(node, name + "." + std::string(setting.name()), "is missing");
    }
    if (!peer.connect) return;
    if (peer.identity == "*")
        problems.add(node, name + ".connect", "needs the one identity that is connected to");
    if (peer.connect->port == 0) problems.add(node, name + ".connect", "needs a port");
}

void read_peers(Settings& settings, const YAML::Node& node, const std::string& name, Problems& problems) {
    if (!node.IsSequence())
        return problems.add(node, name, "is not a list: begin each peer with '- identity: ...'");
    std::vector<PeerSettings> peers;
    for (const auto& item : node) {
        const auto item_name = name + "[" + std::to_string(peers.size() + 1) + "]";
        auto& peer = peers.emplace_back();
        if (!item.IsMap()) {
            problems.add(item, item_name, "is not a peer: it has keys, at least identity");
            continue;
        }
        read_section(peer, item, peer_table(), "", item_name + ".", problems);
        check_peer(peer, item, item_name, problems);
        for (std::size_t i = 0; i + 1 < peers.size(); ++i) {
            if (!peer.identity.empty() && peers[i].identity == peer.identity && peers[i].realm == peer.realm)
                problems.add(item, item_name, "is the same peer as number " + std::to_string(i + 1));
        }
    }
    settings.diameter.peers = std::move(peers);
}

std::string write_peers(const Settings& settings) {
    if (settings.diameter.peers.empty()) return "[]";
    std::string text;
    for (const auto& peer : settings.diameter.peers) text += "\n    - " + write_peer(peer, "      ");
    return text;
}

}  // namespace

const std::vector<Setting<PeerSettings>>& peer_table() {
    static const auto settings = make_peer_table();
    return settings;
}

Setting<Settings> peers_setting() {
    return {"diameter.peers",
            "list of peers",
            false,
            "Who may talk to us, by the identity and realm that it tells in CER; everybody else is refused.",
            read_peers,
            write_peers};
}

std::string write_peer(const PeerSettings& peer, std::string_view indent) {
    std::string text;
    for (const auto& setting : peer_table()) {
        const auto value = setting.write(peer);
        if (value.empty()) continue;
        if (!text.empty()) text += "\n" + std::string(indent);
        text += std::string(setting.name()) + ": " + value;
    }
    return text;
}

}  // namespace bindhss::config
