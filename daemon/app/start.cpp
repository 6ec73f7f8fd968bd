// SPDX-License-Identifier: Apache-2.0
#include "app/start.h"

#include <systemd/sd-daemon.h>

#include <filesystem>

#include "app/alarms.h"
#include "app/app_api.h"
#include "app/node_settings.h"
#include "config/config.h"
#include "crypto/secret_file.h"
#include "crypto/tls_context.h"
#include "store/postgres/conninfo.h"
#include "store/postgres/key_check.h"
#include "store/postgres/migrations.h"
#include "store/store.h"

namespace bindhss {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds database_retry{1};

/// Sleeps; true as soon as a signal comes. REQUIRES: `io` has no other work.
bool told_to_stop_within(asio::io_context& io, asio::signal_set& signals, std::chrono::seconds time) {
    bool told = false;
    signals.async_wait([&](const boost::system::error_code& error, int) { told = !error; });
    io.restart();
    io.run_for(time);
    signals.cancel();
    io.restart();
    io.run();
    io.restart();
    return told;
}

}  // namespace

Files load_files(const config::Settings& settings) {
    if (!settings.diameter.tls.certificate.empty())
        (void)crypto::TlsContext::load(tls_files(settings.diameter.tls));
    check_api_files(settings);
    return {load_webhook(settings), load_https_files(settings)};
}

Database::Database(const config::Settings& settings, log::Logger& log) : settings_(settings), log_(log) {
    if (config::embedded(settings)) {
        cluster_.emplace(store::postgres::ClusterSettings{.directory = config::cluster_directory(settings),
                                                          .binaries = settings.database.embedded_binaries},
                         log);
        url_ = cluster_->url();
    } else {
        (void)crypto::KeyRing::load(config::keys_file(settings));
        url_ = store::postgres::with_password_file(settings.database.url, settings.database.password_file);
    }
}

/// The key-encryption keys, which must be those of the database. Only the embedded database's own are made
/// here, and only while nothing is sealed: new keys could open nothing and would hide the mistake.
crypto::KeyRing Database::load_keys(Random& random) {
    const auto path = config::keys_file(settings_);
    if (cluster_ && !std::filesystem::exists(path)) {
        if (!store::postgres::forget_unused_keys(url_)) {
            throw std::runtime_error("key file " + path +
                                     ": is missing, and the database has secrets that were sealed with it:"
                                     " restore it from your backup");
        }
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        crypto::KeyRing::create(path, random);
        log_.warning("key_file_created",
                     {{"file", path}, {"do", "back it up: without it no stored secret can be read"}});
    }
    auto keys = crypto::KeyRing::load(path);
    store::postgres::check_keys(url_, keys, random, path);
    return keys;
}

std::optional<crypto::KeyRing> Database::prepare(Random& random, asio::io_context& io,
                                                 asio::signal_set& signals) {
    bool waited = false;  // one event a wait, not one a try
    do {
        try {
            store::postgres::migrate(url_, log_);
            auto keys = load_keys(random);
            if (waited) log_.info("database_reached");
            return keys;
        } catch (const store::Unavailable& error) {
            if (!waited) log_.warning("waiting_for_database", {{"error", error.what()}});
            waited = true;
            ::sd_notify(0, "STATUS=Waiting for the database\nEXTEND_TIMEOUT_USEC=10000000");
        }
    } while (!told_to_stop_within(io, signals, database_retry));
    return std::nullopt;
}

}  // namespace bindhss
