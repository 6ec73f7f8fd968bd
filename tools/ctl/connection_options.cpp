// SPDX-License-Identifier: Apache-2.0
#include "ctl/connection_options.h"

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

std::string ConnectionOptions::config_file() const {
    if (!config_.empty()) return config_;
    const bool elsewhere = !database_.empty() || !api_.empty();
    return !elsewhere && std::filesystem::exists(default_config) ? default_config : std::string();
}

void ConnectionOptions::apply_to(Target& target) const {
    target.config_file = config_file();
    if (!database_.empty()) target.database = database_;
    if (!keys_.empty()) target.keys_file = keys_;
    target.credentials = credentials_;
    // Whoever names a configuration means its daemon.
    target.api = !api_.empty() || !config_.empty() || !database_.empty() ? api_ : environment("BINDHSS_API");
    // A socket asks for none of these, and what the environment has is meant for somewhere else.
    if (!target.api.starts_with("https://")) return;
    if (target.credentials.token_file.empty())
        target.credentials.token_file = environment("BINDHSS_TOKEN_FILE");
    if (target.credentials.ca.empty()) target.credentials.ca = environment("BINDHSS_CA");
}

Target ConnectionOptions::target() const {
    Target target;
    if (const auto file = config_file(); !file.empty()) target.settings = config::load(file);
    apply_to(target);
    return target;
}

}  // namespace bindhss::ctl
