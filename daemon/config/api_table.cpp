// SPDX-License-Identifier: Apache-2.0
// api.*: where the API of operators is, and who may use it.
#include <fmt/format.h>

#include "config/mapping.h"
#include "types/limits.h"

namespace bindhss::config {

namespace {

constexpr std::uint16_t port_api = 8443;
constexpr std::size_t certificate_name_octets_max = 100;
/// sun_path with its NUL has 108 (unix(7)).
constexpr std::size_t socket_path_octets_max = 107;

constexpr std::array<Choice<ApiRole>, 4> roles{{{"read", ApiRole::read},
                                                {"provision", ApiRole::provision},
                                                {"keys", ApiRole::keys},
                                                {"admin", ApiRole::admin}}};

ApiRole read_role(const YAML::Node& node) {
    return read_choice<ApiRole>(node, roles);
}

std::string write_role(ApiRole role) {
    return write_choice<ApiRole>(role, roles);
}

std::string read_certificate_name(const YAML::Node& node) {
    auto name = read_text(node);
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (name.empty() || name.size() > certificate_name_octets_max || !plain)
        throw BadValue(fmt::format("is not a name of 1 to {} characters", certificate_name_octets_max));
    return name;
}

std::string read_socket(const YAML::Node& node) {
    auto path = read_text(node);
    if (path.empty() || path == "none") return path;
    path = read_path(node);
    if (path.size() > socket_path_octets_max) {
        throw BadValue(
            fmt::format("has {} octets; a socket's path may have {}", path.size(), socket_path_octets_max));
    }
    return path;
}

std::uint32_t read_mode(const YAML::Node& node) {
    constexpr std::uint32_t all = 0777;
    const auto text = read_text(node);
    std::uint32_t mode = 0;
    if (text.empty() || text.size() > 4) throw BadValue("is not a mode such as 0660");
    for (const char c : text) {
        if (c < '0' || c > '7') throw BadValue("is not a mode such as 0660");
        mode = mode * 8 + static_cast<std::uint32_t>(c - '0');
    }
    if (mode > all) throw BadValue("is not a mode such as 0660");
    return mode;
}

std::vector<Setting<ApiCertificate>> make_certificate_table() {
    std::vector<Setting<ApiCertificate>> table;
    table.push_back(one_value<ApiCertificate>(
        "name", "name", true, "its subjectAltName DNS, or its CN when it has none",
        [](auto& c) -> auto& { return c.name; }, read_certificate_name, write_text));
    table.back().required = true;
    table.push_back(list_of<ApiCertificate>(
        "roles", "list of roles", true, "read, provision, keys, admin",
        [](auto& c) -> auto& { return c.roles; }, read_role, write_role));
    table.back().required = true;
    return table;
}

const std::vector<Setting<ApiCertificate>>& certificate_table() {
    static const auto settings = make_certificate_table();
    return settings;
}

void check_certificate(const std::vector<ApiCertificate>& all, const YAML::Node& node,
                       const std::string& name, Problems& problems) {
    if (all.back().roles.empty()) problems.add(node, name + ".roles", "names none: leave the entry out");
    for (std::size_t i = 0; i + 1 < all.size(); ++i) {
        if (!all.back().name.empty() && all[i].name == all.back().name)
            problems.add(node, name, "is the same as number " + std::to_string(i + 1));
    }
}

void add_socket(std::vector<Setting<Settings>>& table) {
    table.push_back(one_value<Settings>(
        "api.socket", "absolute path, none", false,
        "A Unix socket on which it is offered to users of this machine, who are known by their user: root "
        "and "
        "the daemon's own user may do everything. Empty: <state_directory>/api.sock.",
        [](auto& s) -> auto& { return s.api.socket; }, read_socket, write_text));
    table.push_back(one_value<Settings>(
        "api.socket_mode", "octal mode", false, "Of the socket: who may write to it may connect.",
        [](auto& s) -> auto& { return s.api.socket_mode; }, read_mode,
        [](std::uint32_t mode) { return fmt::format("\"{:04o}\"", mode); }));
    table.push_back(one_value<Settings>(
        "api.socket_group", "name of a group", false,
        "The socket belongs to this group, whose members have api.socket_roles. Empty: root and the daemon's "
        "own user alone have roles.",
        [](auto& s) -> auto& { return s.api.socket_group; }, read_text, write_text));
    table.push_back(list_of<Settings>(
        "api.socket_roles", "list of roles", true, "What the members of api.socket_group may.",
        [](auto& s) -> auto& { return s.api.socket_roles; }, read_role, write_role));
}

void add_tcp(std::vector<Setting<Settings>>& table) {
    table.push_back(list_of<Settings>(
        "api.listen", "list of host:port", false,
        "Where it is offered over TCP, with TLS always (\"10.0.0.5:8443\"); [] for nowhere. 8443 is the port "
        "that is meant when none is given.",
        [](auto& s) -> auto& { return s.api.listen; },
        [](const YAML::Node& node) { return read_endpoint(node, port_api); }, write_endpoint));
    table.push_back(file_setting(
        "api.certificate", false,
        "Its certificate in PEM, followed by those of the CAs between it and the root.",
        [](auto& s) -> auto& { return s.api.certificate; }));
    table.push_back(file_setting(
        "api.private_key", false, "Its key in PEM, without a passphrase; nobody else may be able to read it.",
        [](auto& s) -> auto& { return s.api.private_key; }));
    table.push_back(file_setting(
        "api.client_ca", false,
        "The certificates in PEM of the CAs whose clients may show a certificate instead of a token. Empty: "
        "nobody is asked for one.",
        [](auto& s) -> auto& { return s.api.client_ca; }));
    table.push_back(items_of(
        "api.certificates", "list of certificates",
        "What the owners of certificates may, by the names in them; everybody else's certificate is worth "
        "nothing.",
        [](auto& s) -> auto& { return s.api.certificates; },
        [](Settings& s, const YAML::Node& node, const std::string& name, Problems& problems) {
            s.api.certificates = read_items<ApiCertificate>(
                node, certificate_table(), name, "certificate", problems,
                [&problems](const auto& all, const YAML::Node& item, const std::string& at) {
                    check_certificate(all, item, at, problems);
                });
        },
        [](const Settings& s) { return write_items(s.api.certificates, certificate_table(), "  "); }));
}

}  // namespace

void add_api(std::vector<Setting<Settings>>& table) {
    add_socket(table);
    add_tcp(table);
    table.push_back(file_setting(
        "api.token_file", true,
        "Who may come by a token (Authorization: Bearer), and what he may: lines that bindhssctl token "
        "makes. It is read again by a reload. Empty: nobody.",
        [](auto& s) -> auto& { return s.api.token_file; }));
    table.push_back(one_value<Settings>(
        "api.workers", fmt::format("1 to {}", limits::api_workers_max), false,
        "Requests of it that are served at once; each has a connection to the database, beside those of "
        "database.connections.",
        [](auto& s) -> auto& { return s.api.workers; },
        [](const YAML::Node& node) {
            return static_cast<unsigned>(read_number(node, 1, limits::api_workers_max));
        },
        [](unsigned value) { return std::to_string(value); }));
}

void check_api(const Settings& settings, const YAML::Node& root, Problems& problems) {
    const auto& api = settings.api;
    const auto refuse = [&](const std::string& key, std::string text) {
        problems.add(line_of(root, key), key, std::move(text));
    };
    if (api.certificate.empty() != api.private_key.empty()) {
        refuse(api.certificate.empty() ? "api.certificate" : "api.private_key",
               "is missing: certificate and private_key belong together");
    }
    if (!api.listen.empty() && api.certificate.empty())
        refuse("api.listen", "needs api.certificate and private_key: there is no API without TLS over TCP");
    if (!api.listen.empty() && api.token_file.empty() && api.certificates.empty())
        refuse("api.listen", "needs api.token_file or api.certificates: nobody could use it");
    if (!api.client_ca.empty() && api.certificate.empty())
        refuse("api.client_ca", "needs api.certificate: without TLS nobody shows one");
    if (!api.certificates.empty() && api.client_ca.empty())
        refuse("api.client_ca", "is missing: who signs the certificates of api.certificates");
    if (!api.socket_roles.empty() && api.socket_group.empty())
        refuse("api.socket_group", "is missing: whose roles api.socket_roles are");
    if (!api.socket_group.empty() && api.socket_roles.empty())
        refuse("api.socket_roles", "is missing: what the members of api.socket_group may");
    if (api.socket == "none" && !api.socket_group.empty())
        refuse("api.socket_group", "needs api.socket, which is none");
}

std::optional<std::string> api_socket(const Settings& settings) {
    if (settings.api.socket == "none") return std::nullopt;
    if (!settings.api.socket.empty()) return settings.api.socket;
    auto path = settings.state_directory + "/api.sock";
    if (path.size() > socket_path_octets_max) return std::nullopt;
    return path;
}

std::string api_warning(const Settings& settings) {
    if (api_socket(settings) || settings.api.socket == "none") return {};
    return fmt::format(
        "api.socket: there is none, because {}/api.sock has more than {} octets: give it a shorter path",
        settings.state_directory, socket_path_octets_max);
}

std::string api_certificates_example() {
    const ApiCertificate example{"oss.operator.example", {ApiRole::read, ApiRole::provision}};
    return "  # certificates:\n" + write_example(example, certificate_table(), "  ");
}

}  // namespace bindhss::config
