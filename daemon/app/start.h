// SPDX-License-Identifier: Apache-2.0
// What has to be there before the daemon can serve: the files that the configuration names, the database, and
// the keys that its secrets are sealed with.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <optional>

#include "alarm_outlets/webhook.h"
#include "app/app_https.h"
#include "config/settings.h"
#include "crypto/key_ring.h"
#include "log/log.h"
#include "store/postgres/embedded_cluster.h"
#include "types/seams.h"

namespace bindhss {

/// What is read from files, at once and before anything else begins.
struct Files {
    std::optional<alarm::WebhookSettings> webhook;
    HttpsFiles https;
};
/// Throws std::runtime_error with one clear line about the first file that cannot be used.
[[nodiscard]] Files load_files(const config::Settings& settings);

/// The database that the daemon uses: of its own, which it runs, or yours.
class Database {
  public:
    /// Starts the embedded one. Throws std::runtime_error.
    Database(const config::Settings& settings, log::Logger& log);

    /// The connection string; it may hold a password.
    [[nodiscard]] const std::string& url() const { return url_; }
    /// A database that is still starting is waited for: a daemon that gives up is only started again. Brings
    /// the schema up to date and returns the keys that it was sealed with; nothing when told to stop
    /// meanwhile. REQUIRES: `io` has no other work.
    [[nodiscard]] std::optional<crypto::KeyRing> prepare(Random& random, boost::asio::io_context& io,
                                                         boost::asio::signal_set& signals);

  private:
    [[nodiscard]] crypto::KeyRing load_keys(Random& random);

    const config::Settings& settings_;
    log::Logger& log_;
    std::optional<store::postgres::EmbeddedCluster> cluster_;
    std::string url_;
};

}  // namespace bindhss
