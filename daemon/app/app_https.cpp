// SPDX-License-Identifier: Apache-2.0
#include "app/app_https.h"

#include "crypto/secret_file.h"
#include "types/limits.h"

namespace bindhss {

namespace {

std::optional<crypto::TlsFiles> tls_files(const config::HttpsSettings& https) {
    if (https.certificate.empty()) return std::nullopt;
    return crypto::TlsFiles{https.certificate, https.private_key, https.client_ca, "",
                            !https.client_ca.empty()};
}

http::ServerSettings server_settings(const config::HttpsSettings& https) {
    http::ServerSettings settings;
    settings.name = "provisioning.https";
    for (const auto& listen : https.listen) settings.listen.push_back({listen.host, listen.port});
    settings.tls = tls_files(https);
    settings.body_octets_max = limits::key_request_octets_max;
    return settings;
}

registry::HttpsKeyRegistrySettings registry_settings(const config::KeyRegistrySettings& from) {
    registry::HttpsKeyRegistrySettings to;
    to.url = alarm::WebAddress::parse(from.url);
    if (to.url.tls) to.tls = crypto::TlsContext::load_client(from.ca);
    if (!from.token_file.empty()) {
        const crypto::SecretFile file{"registry token", limits::bearer_token_octets_min,
                                      limits::bearer_token_octets_max};
        to.token = crypto::load_secret(file, from.token_file);
    }
    to.timeout = from.timeout;
    to.cache_for = from.cache_for;
    to.cache_negative_for = from.cache_negative_for;
    return to;
}

api::KeyExchangeSettings exchange_settings(const config::HttpsSettings& https,
                                           std::optional<http::BearerTokens> tokens) {
    return {{https.rate_address, https.rate_imsi, https.rate_imei}, std::move(tokens)};
}

}  // namespace

HttpsFiles load_https_files(const config::Settings& settings) {
    const auto& provisioning = settings.provisioning;
    HttpsFiles files;
    if (!provisioning.https.listen.empty()) {
        if (const auto tls = tls_files(provisioning.https)) (void)crypto::TlsContext::load(*tls);
        if (!provisioning.https.token_file.empty())
            files.tokens = http::BearerTokens::load(provisioning.https.token_file);
    }
    files.registry = load_registry(settings);
    return files;
}

std::optional<registry::HttpsKeyRegistrySettings> load_registry(const config::Settings& settings) {
    const auto& registry = settings.provisioning.registry;
    if (registry.url.empty()) return std::nullopt;
    return registry_settings(registry);
}

KeyListener::KeyListener(boost::asio::io_context& io, const config::Settings& settings,
                         std::optional<http::BearerTokens> tokens, const procedure::LivePorts& ports,
                         const Clock& clock, log::Logger& log)
    : exchanges_(ports, exchange_settings(settings.provisioning.https, std::move(tokens)), log),
      server_(
          io, server_settings(settings.provisioning.https),
          [this](http::Request request) { return exchanges_.serve(std::move(request)); }, clock, log) {}

std::function<void()> KeyListener::prepare(const config::Settings& wanted) {
    const auto& https = wanted.provisioning.https;
    std::optional<http::BearerTokens> tokens;
    if (!https.token_file.empty()) tokens = http::BearerTokens::load(https.token_file);
    // A std::function has to be copied, and secrets are not.
    auto settings = std::make_shared<api::KeyExchangeSettings>(exchange_settings(https, std::move(tokens)));
    return [this, settings = std::move(settings)] {
        exchanges_.change(std::move(*settings));
        server_.reload_certificates();
    };
}

std::unique_ptr<registry::HttpsKeyRegistry> make_key_registry(
    boost::asio::io_context& io, std::optional<registry::HttpsKeyRegistrySettings> settings,
    const Clock& clock, log::Logger& log) {
    if (!settings) return nullptr;
    return std::make_unique<registry::HttpsKeyRegistry>(io, std::move(*settings), clock, log);
}

}  // namespace bindhss
