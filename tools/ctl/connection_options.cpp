// SPDX-License-Identifier: Apache-2.0
#include "ctl/connection_options.h"

#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "config/config.h"

namespace bindhss::ctl {

namespace {

constexpr const char* default_config = "/etc/bindhss/bindhssd.yaml";

std::string environment(const char* name) {
    const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody changes it
    return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

ApiAddress Target::address() const {
    if (!api.empty()) return parsed_api(api);
    auto socket = config::api_socket(settings);
    if (!socket)
        throw Refused("the configuration has no api.socket: name the API with --api, or a --database");
    ApiAddress address;
    address.socket = std::move(*socket);
    return address;
}

void ConnectionOptions::add_to(CLI::App& app) {
    app.add_option("--config", config_, "Configuration of bindhssd, which names the API's socket")
        ->default_str(default_config);
    auto* api = app.add_option(
        "--api", api_, "Instead: the API of a daemon, unix:/path or https://host[:port] (BINDHSS_API)");
    app.add_option("--token-file", credentials_.token_file,
                   "With https: file with a token of the API (BINDHSS_TOKEN_FILE)");
    app.add_option("--ca", credentials_.ca, "With https: file of the CAs to trust (BINDHSS_CA)");
    auto* certificate = app.add_option("--certificate", credentials_.certificate,
                                       "With https: file with a certificate to show");
    auto* key = app.add_option("--private-key", credentials_.private_key, "Its private key, a file");
    certificate->needs(key);
    key->needs(certificate);
    app.add_option("--database", database_,
                   "Without a daemon: a PostgreSQL URL (see the password note in the manual)")
        ->excludes(api);
    app.add_option("--keys", keys_, "With --database, instead of keys.file: the file of key-encryption keys");
}

void ConnectionOptions::check() const {
    if (!database_.empty() && keys_.empty() && config_.empty())
        throw CLI::RequiresError("--database", "--keys or --config");
}

std::string ConnectionOptions::api() const {
    // Whoever names a configuration means its daemon.
    return !api_.empty() || !config_.empty() || !database_.empty() ? api_ : environment("BINDHSS_API");
}

std::string ConnectionOptions::config_file() const {
    if (!config_.empty()) return config_;
    if (!database_.empty() || !api().empty()) return {};
    std::error_code hidden;  // one that this user may not see is there
    const auto status = std::filesystem::status(default_config, hidden);
    return status.type() == std::filesystem::file_type::not_found ? std::string() : default_config;
}

config::Settings ConnectionOptions::settings() const {
    const auto file = config_file();
    if (file.empty() && (!database_.empty() || !api().empty())) return {};
    try {
        return config::load_beside(config::source_of_process(file));
    } catch (const config::Error& error) {
        if (!config_.empty() || ::access(file.c_str(), R_OK) == 0 || errno != EACCES) throw;
        throw Refused(std::string(error.what()) +
                      ": be root or the daemon's user, or name the API: --api, BINDHSS_API");
    }
}

void ConnectionOptions::apply_to(Target& target) const {
    target.config_file = config_file();
    if (!database_.empty()) target.database = database_;
    if (!keys_.empty()) target.keys_file = keys_;
    target.credentials = credentials_;
    target.api = api();
    // A socket asks for none of these, and what the environment has is meant for somewhere else.
    if (!target.api.starts_with("https://")) return;
    if (target.credentials.token_file.empty())
        target.credentials.token_file = environment("BINDHSS_TOKEN_FILE");
    if (target.credentials.ca.empty()) target.credentials.ca = environment("BINDHSS_CA");
}

Target ConnectionOptions::target() const {
    Target target;
    target.settings = settings();
    apply_to(target);
    return target;
}

}  // namespace bindhss::ctl
