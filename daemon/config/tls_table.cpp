// SPDX-License-Identifier: Apache-2.0
// diameter.tls: its settings, and what has to hold between it and the peers.
#include <fmt/format.h>

#include "config/table.h"

namespace bindhss::config {

namespace {

template <class Get>
Setting<Settings> file(std::string_view key, std::string_view description, Get get) {
    return file_setting(key, false, description, get);
}

/// Where the file speaks of a peer.
int line_of_peer(const YAML::Node& root, std::size_t index) {
    const auto item = root["diameter"]["peers"][index];
    return item.IsDefined() ? item.Mark().line + 1 : line_of(root, "diameter.peers");
}

void check_peer(const Settings& settings, std::size_t index, const YAML::Node& root, Problems& problems) {
    const auto& peer = settings.diameter.peers[index];
    const auto& tls = settings.diameter.tls;
    const auto refuse = [&](std::string_view key, std::string text) {
        const auto name = fmt::format("diameter.peers[{}].{}", index + 1, key);
        problems.add(line_of_peer(root, index), name, std::move(text));
    };
    if (peer.transport == Transport::tcp) {
        if (peer.addresses.empty()) {
            refuse("addresses",
                   "is missing: a peer without TLS (transport: tcp) is known by its addresses alone");
        }
    } else if (tls.certificate.empty()) {
        refuse("transport",
               "is tls, which needs diameter.tls.certificate, private_key and ca; for a peer that stays "
               "unprotected write transport: tcp, and its addresses");
    } else if (!peer.connect && tls.listen.empty()) {
        refuse("connect",
               "is missing, and diameter.tls.listen is empty: a peer with TLS could not connect to us");
    }
}

}  // namespace

void add_tls(std::vector<Setting<Settings>>& table) {
    table.push_back(file(
        "diameter.tls.certificate",
        "Our certificate in PEM, followed by those of the CAs between it and the root. Empty: no TLS. Its "
        "name "
        "(subjectAltName DNS) has to be diameter.identity, and its key may be used by server and client.",
        [](auto& s) -> auto& { return s.diameter.tls.certificate; }));
    table.push_back(file(
        "diameter.tls.private_key",
        "Its key in PEM, without a passphrase; nobody else may be able to read it.",
        [](auto& s) -> auto& { return s.diameter.tls.private_key; }));
    table.push_back(file(
        "diameter.tls.ca",
        "The certificates in PEM that are trusted: of the CAs of peers, or of single peers themselves.",
        [](auto& s) -> auto& { return s.diameter.tls.ca; }));
    table.push_back(file(
        "diameter.tls.crl",
        "Lists of revoked certificates in PEM, one of each CA that signs peers. Empty: none. Once a list is "
        "out "
        "of date its CA's peers are refused.",
        [](auto& s) -> auto& { return s.diameter.tls.crl; }));
    table.push_back(list_of<Settings>(
        "diameter.tls.listen", "list of host:port", false,
        "Where peers may connect to with TLS; 5868 is the port for it (\"10.0.0.5:5868\").",
        [](auto& s) -> auto& { return s.diameter.tls.listen; },
        [](const YAML::Node& node) { return read_endpoint(node, port_tls); }, write_endpoint));
}

void check_tls(const Settings& settings, const YAML::Node& root, Problems& problems) {
    const auto& tls = settings.diameter.tls;
    const auto refuse = [&](const std::string& key, std::string text) {
        problems.add(line_of(root, key), key, std::move(text));
    };
    if (tls.certificate.empty()) {
        const bool rest =
            !tls.private_key.empty() || !tls.ca.empty() || !tls.crl.empty() || !tls.listen.empty();
        if (rest)
            refuse("diameter.tls.certificate", "is missing, and other settings of diameter.tls are given");
    } else {
        if (tls.private_key.empty())
            refuse("diameter.tls.private_key", "is missing: the key of the certificate");
        if (tls.ca.empty()) refuse("diameter.tls.ca", "is missing: who signs the certificates of peers");
    }
    for (std::size_t i = 0; i < settings.diameter.peers.size(); ++i) check_peer(settings, i, root, problems);
}

}  // namespace bindhss::config
