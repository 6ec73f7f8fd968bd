// SPDX-License-Identifier: Apache-2.0
#include "app/app_api.h"

#include <grp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <stdexcept>

#include "types/limits.h"

namespace bindhss {

namespace {

constexpr std::size_t group_octets = 65'536;

::gid_t group_of(const std::string& name) {
    std::vector<char> buffer(group_octets);
    ::group entry{};
    ::group* found = nullptr;
    const int error = ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
    if (found != nullptr) return found->gr_gid;
    throw std::runtime_error("api.socket_group: there is no group " + name +
                             (error == 0 ? "" : std::string(": ") + std::strerror(error)));
}

std::optional<::gid_t> socket_group(const config::ApiSettings& api) {
    if (api.socket_group.empty()) return std::nullopt;
    return group_of(api.socket_group);
}

management::Roles roles_of(const std::vector<config::ApiRole>& names) {
    management::Roles roles;
    for (const auto name : names) roles.add(static_cast<management::Role>(name));
    return roles;
}
static_assert(static_cast<int>(config::ApiRole::read) == static_cast<int>(management::Role::read));
static_assert(static_cast<int>(config::ApiRole::provision) == static_cast<int>(management::Role::provision));
static_assert(static_cast<int>(config::ApiRole::keys) == static_cast<int>(management::Role::keys));
static_assert(static_cast<int>(config::ApiRole::admin) == static_cast<int>(management::Role::admin));

std::optional<crypto::TlsFiles> tls_files(const config::ApiSettings& api) {
    if (api.listen.empty()) return std::nullopt;
    return crypto::TlsFiles{.certificate = api.certificate,
                            .private_key = api.private_key,
                            .ca = api.client_ca,
                            .crl = "",
                            .ask_for_certificates = !api.client_ca.empty(),
                            .certificates_required = false};  // the doorkeeper decides
}

management::DoorkeeperSettings doorkeeper_settings(const config::ApiSettings& api) {
    management::DoorkeeperSettings settings;
    settings.token_file = api.token_file;
    for (const auto& certificate : api.certificates)
        settings.certificates.push_back({certificate.name, roles_of(certificate.roles)});
    settings.own_user = ::geteuid();
    settings.socket_group = socket_group(api);
    settings.socket_roles = roles_of(api.socket_roles);
    return settings;
}

/// With a database of the operator's nobody else makes the state directory.
void make_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        throw std::runtime_error("the folder " + folder.string() +
                                 " of the API's socket cannot be made: " + error.message() +
                                 ": give the daemon's user a state_directory, or set api.socket");
    }
}

http::ServerSettings server_settings(const config::Settings& all) {
    const auto& api = all.api;
    http::ServerSettings settings;
    settings.name = "api";
    for (const auto& listen : api.listen) settings.listen.push_back({listen.host, listen.port});
    if (auto path = config::api_socket(all)) {
        make_folder(std::filesystem::path(*path).parent_path());
        settings.unix_socket = http::UnixListen{std::move(*path), api.socket_mode, socket_group(api)};
    }
    settings.tls = tls_files(api);
    settings.connections_max = limits::api_connections_max;
    settings.local_connections_max = limits::api_local_connections_max;
    settings.connections_per_address_max = limits::api_connections_per_address_max;
    settings.body_octets_max = limits::api_change_octets_max;
    settings.request = std::chrono::milliseconds(limits::api_request_ms);
    return settings;
}

}  // namespace

bool has_api(const config::Settings& settings) {
    return !settings.api.listen.empty() || config::api_socket(settings);
}

void check_api_files(const config::Settings& settings) {
    if (!has_api(settings)) return;
    const auto& api = settings.api;
    if (const auto tls = tls_files(api)) (void)crypto::TlsContext::load(*tls);
    if (!api.token_file.empty()) (void)management::Tokens::load(api.token_file);
    (void)socket_group(api);
}

ApiListener::ApiListener(const Ground& ground, const config::Settings& settings)
    : doorkeeper_(doorkeeper_settings(settings.api), ground.random, ground.log),
      server_(
          ground.io,
          [&] {
              auto server = server_settings(settings);
              server.admit = [this](const http::Request& head) { return refusal_of(head); };
              return server;
          }(),
          [this](http::Request request) { return serve(std::move(request)); }, ground.clock, ground.log),
      api_({.workers = settings.api.workers}, ground.open, &ground.running, ground.log) {
    const auto path = config::api_socket(settings);
    if (path) ground.log.info("listening", {{"socket", *path}, {"for", "api"}});
    for (const auto& [host, port] : server_.listening())
        ground.log.info("listening", {{"host", host}, {"port", port}, {"for", "api"}});
}

std::optional<http::Response> ApiListener::refusal_of(const http::Request& head) {
    auto caller = doorkeeper_.admit(head);
    if (auto* refusal = std::get_if<http::Response>(&caller)) return std::move(*refusal);
    return api_.refusal_of(head, std::get<management::Caller>(caller));
}

boost::asio::awaitable<http::Response> ApiListener::serve(http::Request request) {
    auto caller = doorkeeper_.admit(request);
    // A reload may have come since its head was looked at.
    if (auto* refusal = std::get_if<http::Response>(&caller)) co_return std::move(*refusal);
    auto known = std::get<management::Caller>(std::move(caller));
    co_return co_await api_.serve(std::move(request), std::move(known));
}

std::function<void()> ApiListener::prepare(const config::Settings& wanted) {
    auto doorkeeper = doorkeeper_.prepare(doorkeeper_settings(wanted.api));
    return [this, doorkeeper = std::move(doorkeeper)] {
        doorkeeper();
        server_.reload_certificates();
    };
}

}  // namespace bindhss
