// SPDX-License-Identifier: Apache-2.0
// provisioning.https.* and provisioning.registry.*: keys for devices behind MMEs that know nothing of them,
// and public keys that somebody else keeps.
#include <fmt/format.h>

#include <algorithm>

#include "config/table.h"

namespace bindhss::config {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint16_t port_https = 443;
// An exchange waits for its public key before anything else: well below provisioning.deadline.
constexpr milliseconds registry_timeout_max{3'000};

template <class Get>
Setting<Settings> file(std::string_view key, bool reloadable, std::string_view description, Get get) {
    return file_setting(key, reloadable, description, get);
}

template <class Get>
Setting<Settings> duration(std::string_view key, milliseconds min, milliseconds max,
                           std::string_view description, Get get) {
    return one_value<Settings>(
        key, fmt::format("duration, {} to {}", write_duration(min), write_duration(max)), true, description,
        get, [=](const YAML::Node& node) { return read_duration(node, min, max); }, write_duration);
}

template <class Get>
Setting<Settings> rate(std::string_view key, std::string_view description, Get get) {
    return one_value<Settings>(key, "rate as 60/1min, or off", true, description, get, read_rate, write_rate);
}

void add_listener(std::vector<Setting<Settings>>& table) {
    table.push_back(list_of<Settings>(
        "provisioning.https.listen", "list of host:port", false,
        "Where it listens (\"10.0.0.5:8443\"); [] for nowhere. 443 is the port that is meant when none is "
        "given.",
        [](auto& s) -> auto& { return s.provisioning.https.listen; },
        [](const YAML::Node& node) { return read_endpoint(node, port_https); }, write_endpoint));
    table.push_back(file(
        "provisioning.https.certificate", false,
        "Its certificate in PEM, followed by those of the CAs between it and the root.",
        [](auto& s) -> auto& { return s.provisioning.https.certificate; }));
    table.push_back(file(
        "provisioning.https.private_key", false,
        "Its key in PEM, without a passphrase; nobody else may be able to read it.",
        [](auto& s) -> auto& { return s.provisioning.https.private_key; }));
    table.push_back(file(
        "provisioning.https.client_ca", false,
        "The certificates in PEM of the CAs whose clients may come: those of your OMA-DM, LwM2M or TR-069 "
        "servers. Empty: clients show no certificate.",
        [](auto& s) -> auto& { return s.provisioning.https.client_ca; }));
    table.push_back(file(
        "provisioning.https.token_file", true,
        "Who may come by a token (Authorization: Bearer): lines with a name and the SHA-256 of the token. "
        "Empty: clients show no token.",
        [](auto& s) -> auto& { return s.provisioning.https.token_file; }));
    table.push_back(one_value<Settings>(
        "provisioning.https.without_tls", "true | false", false,
        "true: it speaks HTTP, because a proxy in front of it has the TLS. Without this a listener that has "
        "no certificate may listen on the loopback addresses alone.",
        [](auto& s) -> auto& { return s.provisioning.https.without_tls; }, read_bool,
        [](bool value) { return std::string(value ? "true" : "false"); }));
}

void add_terms(std::vector<Setting<Settings>>& table) {
    table.push_back(duration(
        "provisioning.https.deadline", seconds(10), hours(24),
        "From the container to the device's answer. Later the container is worth nothing.",
        [](auto& s) -> auto& { return s.provisioning.https.deadline; }));
    table.push_back(rate(
        "provisioning.https.rate_address",
        "Requests of one client: an IPv4 address, or an IPv6 network of 64 bits. A server that acts for many "
        "devices needs more.",
        [](auto& s) -> auto& { return s.provisioning.https.rate_address; }));
    table.push_back(rate(
        "provisioning.https.rate_imsi", "Containers for one IMSI.",
        [](auto& s) -> auto& { return s.provisioning.https.rate_imsi; }));
    table.push_back(rate(
        "provisioning.https.rate_imei", "Containers for one device.",
        [](auto& s) -> auto& { return s.provisioning.https.rate_imei; }));
}

void add_registry(std::vector<Setting<Settings>>& table) {
    table.push_back(one_value<Settings>(
        "provisioning.registry.url", "URL", true,
        "https://host/path, to which \"/\" and the 14 digits of the IMEI are added. Empty: bindhssctl "
        "device-key alone says which keys there are.",
        [](auto& s) -> auto& { return s.provisioning.registry.url; }, read_address_of<alarm::WebAddress>,
        write_text));
    table.push_back(file(
        "provisioning.registry.ca", true,
        "The certificates in PEM that are trusted to sign the registry's. Empty: those that this machine "
        "trusts.",
        [](auto& s) -> auto& { return s.provisioning.registry.ca; }));
    table.push_back(file(
        "provisioning.registry.token_file", true,
        "A file with the token that we show (Authorization: Bearer), 16 octets or more; nobody else may be "
        "able to read it. Empty: none.",
        [](auto& s) -> auto& { return s.provisioning.registry.token_file; }));
    table.push_back(duration(
        "provisioning.registry.timeout", milliseconds(100), registry_timeout_max,
        "For how long the registry is waited for, before the table is looked into; well below "
        "provisioning.deadline.",
        [](auto& s) -> auto& { return s.provisioning.registry.timeout; }));
    table.push_back(duration(
        "provisioning.registry.cache_for", seconds(0), hours(24),
        "For how long a key that it gave is remembered: so long a revocation there may be overlooked. 0s: "
        "not at all.",
        [](auto& s) -> auto& { return s.provisioning.registry.cache_for; }));
    table.push_back(duration(
        "provisioning.registry.cache_negative_for", seconds(0), hours(24),
        "For how long it is remembered that it has no key of a device.",
        [](auto& s) -> auto& { return s.provisioning.registry.cache_negative_for; }));
}

bool is_loopback(const Endpoint& endpoint) {
    return endpoint.host == "localhost" || endpoint.host == "::1" ||
           (is_address(endpoint.host) && endpoint.host.starts_with("127."));
}

void check_listener(const HttpsSettings& https, const std::function<void(std::string, std::string)>& refuse) {
    const bool tls = !https.certificate.empty();
    if (https.certificate.empty() != https.private_key.empty()) {
        refuse(tls ? "https.private_key" : "https.certificate",
               tls ? "is missing: the key of the certificate" : "is missing: the certificate of the key");
    }
    if (!https.client_ca.empty() && !tls)
        refuse("https.client_ca", "needs provisioning.https.certificate: without TLS nobody shows one");
    if (tls && https.without_tls)
        refuse("https.without_tls", "and provisioning.https.certificate contradict each other");
    const bool plain_is_fine =
        https.without_tls || std::all_of(https.listen.begin(), https.listen.end(), is_loopback);
    if (!tls && !plain_is_fine) {
        refuse("https.listen",
               "needs provisioning.https.certificate and private_key; or without_tls, where a proxy in front "
               "has the TLS");
    }
}

void check_registry(const Settings& settings, const std::function<void(std::string, std::string)>& refuse) {
    const auto& registry = settings.provisioning.registry;
    if (registry.url.empty()) {
        if (!registry.ca.empty() || !registry.token_file.empty())
            refuse("registry.url", "is missing, and other settings of provisioning.registry are given");
        return;
    }
    const auto url = alarm::WebAddress::parse(registry.url);
    if (!url.tls && !is_loopback({url.host, url.port}))
        refuse("registry.url", "is not https: whoever is between could give devices keys of his own");
    if (!url.tls && !registry.ca.empty()) refuse("registry.ca", "needs a url with https");
    if (url.target.find('?') != std::string::npos)
        refuse("registry.url", "has a '?': the IMEI is added to the path");
    if (registry.timeout * 2 > settings.provisioning.deadline)
        refuse("registry.timeout", "is more than half of provisioning.deadline");
}

}  // namespace

void add_provisioning_https(std::vector<Setting<Settings>>& table) {
    add_listener(table);
    add_terms(table);
    add_registry(table);
}

void check_provisioning_https(const Settings& settings, const YAML::Node& root, Problems& problems) {
    const auto refuse = [&](const std::string& name, std::string text) {
        const auto key = "provisioning." + name;
        problems.add(line_of(root, key), key, std::move(text));
    };
    check_listener(settings.provisioning.https, refuse);
    check_registry(settings, refuse);
}

std::string_view describe_provisioning(std::string_view section) {
    if (section == "provisioning.https") {
        return "A listener of its own, by which devices, or servers that act for them, fetch their keys: for "
               "those behind MMEs that have not the KME AVPs (docs/operations.md \"Provisioning by HTTPS\").";
    }
    if (section == "provisioning.registry") {
        return "A registry of devices' public keys outside, asked by HTTPS before the table is (docs/"
               "operations.md \"A registry outside\").";
    }
    return "How devices get their keys over the network: by MMEs that have the KME AVPs, or by HTTPS.";
}

}  // namespace bindhss::config
