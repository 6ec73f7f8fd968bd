// SPDX-License-Identifier: Apache-2.0
// What the daemon has of HTTPS: the listener by which devices fetch their keys, and the registry outside.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>

#include "api/key_exchanges.h"
#include "config/settings.h"
#include "http/server.h"
#include "registry/https_key_registry.h"

namespace bindhss {

/// What of it is read from files, at once and before anything else begins: throws std::runtime_error with
/// one clear line when a file cannot be used.
struct HttpsFiles {
    std::optional<http::BearerTokens> tokens;
    std::optional<registry::HttpsKeyRegistrySettings> registry;
};
[[nodiscard]] HttpsFiles load_https_files(const config::Settings& settings);
/// Of them the registry's alone; nothing: the configuration names none. Throws likewise.
[[nodiscard]] std::optional<registry::HttpsKeyRegistrySettings> load_registry(
    const config::Settings& settings);

/// The listener. Not started; listens already.
class KeyListener {
  public:
    /// Throws std::runtime_error when it cannot listen. REQUIRES: settings.provisioning.https.listen is not
    /// empty; ports, clock and log outlive the work of `io`.
    KeyListener(boost::asio::io_context& io, const config::Settings& settings,
                std::optional<http::BearerTokens> tokens, const procedure::LivePorts& ports,
                const Clock& clock, log::Logger& log);

    /// Reads the tokens that `wanted` names, and the certificates again. Returns what takes them and the
    /// rates over. Throws std::runtime_error with one clear line.
    [[nodiscard]] std::function<void()> prepare(const config::Settings& wanted);
    [[nodiscard]] http::Server& server() { return server_; }
    [[nodiscard]] const http::Server& server() const { return server_; }

  private:
    api::KeyExchanges exchanges_;
    http::Server server_;
};

/// Null: the configuration names none.
[[nodiscard]] std::unique_ptr<registry::HttpsKeyRegistry> make_key_registry(
    boost::asio::io_context& io, std::optional<registry::HttpsKeyRegistrySettings> settings,
    const Clock& clock, log::Logger& log);

}  // namespace bindhss
