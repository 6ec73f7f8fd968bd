// SPDX-License-Identifier: Apache-2.0
// From the configuration file to the settings of the Diameter node.
#include "app/node_settings.h"

namespace bindhss {

namespace {

diameter::Endpoint endpoint(const config::Endpoint& from) {
    return {from.host, from.port};
}

diameter::Quirks quirks(const config::NodeSettings& node) {
    diameter::Quirks result;
    for (const auto quirk : node.quirks) {
        if (quirk == config::Quirk::ula_error_stub) result.ula_error_stub = true;
        if (quirk == config::Quirk::no_route_record) result.no_route_record = true;
        if (quirk == config::Quirk::features_optional) result.features_optional = true;
    }
    return result;
}

}  // namespace

crypto::TlsFiles tls_files(const config::TlsSettings& tls) {
    return {tls.certificate, tls.private_key, tls.ca, tls.crl};
}

std::vector<diameter::PeerSettings> peer_settings(const config::DiameterSettings& settings) {
    std::vector<diameter::PeerSettings> peers;
    for (const auto& peer : settings.peers) {
        peers.push_back({peer.identity, peer.realm, peer.addresses, std::nullopt, peer.relay});
        peers.back().transport =
            peer.transport == config::Transport::tls ? diameter::Transport::tls : diameter::Transport::tcp;
        if (peer.connect) peers.back().connect = endpoint(*peer.connect);
    }
    return peers;
}

std::vector<diameter::NodeQuirks> quirk_settings(const config::Settings& settings) {
    std::vector<diameter::NodeQuirks> all;
    for (const auto& entry : settings.nodes) all.push_back({entry.identity, quirks(entry)});
    return all;
}

diameter::NodeSettings node_settings(const config::Settings& all) {
    const auto& settings = all.diameter;
    diameter::NodeSettings node;
    node.identity = settings.identity;
    node.realm = settings.realm;
    for (const auto& listen : settings.listen) node.listen.push_back(endpoint(listen));
    node.peers = peer_settings(settings);
    node.quirks = quirk_settings(all);
    node.watchdog_interval = settings.watchdog;
    node.reconnect_interval = settings.reconnect;
    node.capabilities_timeout = settings.capabilities_timeout;
    node.request_timeout = settings.request_timeout;
    // RFC 6733 8.16: grows with each start, so that peers see that our state is new.
    node.origin_state_id =
        static_cast<std::uint32_t>(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
    if (settings.tls.certificate.empty()) return node;
    node.tls.emplace();
    node.tls->files = tls_files(settings.tls);
    for (const auto& listen : settings.tls.listen) node.tls->listen.push_back(endpoint(listen));
    return node;
}

Retention::Settings retention_settings(const config::Settings& settings) {
    return {settings.alarms.keep_cleared, settings.audit.keep};
}

}  // namespace bindhss
