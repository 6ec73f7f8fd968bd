// SPDX-License-Identifier: Apache-2.0
#include "app.h"

#include <systemd/sd-daemon.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <filesystem>
#include <functional>
#include <thread>

#include "alarms.h"
#include "app_https.h"
#include "app_settings.h"
#include "config/config.h"
#include "crypto/key_ring.h"
#include "crypto/random.h"
#include "crypto/tls_context.h"
#include "diameter/node.h"
#include "diameter/s6a_server.h"
#include "diameter_dict/dictionary.h"
#include "procedure/gate.h"
#include "procedure/node_worker.h"
#include "procedure/unfit_nodes.h"
#include "retention.h"
#include "store/postgres/embedded_cluster.h"
#include "store/postgres/exchanges.h"
#include "store/postgres/key_check.h"
#include "store/postgres/listener.h"
#include "store/postgres/migrations.h"
#include "store/postgres/postgres_store.h"
#include "store/postgres/provisioning.h"
#include "store/provisioning.h"
#include "types/limits.h"

namespace bindhss {

namespace {

namespace asio = boost::asio;

constexpr std::chrono::milliseconds stop_deadline{5'000};
constexpr std::chrono::seconds database_retry{1};

/// What is written of an exception that nobody waits for.
std::function<void(const std::exception_ptr&)> tell_of_fault(log::Logger& log, std::string event) {
    return [&log, event = std::move(event)](const std::exception_ptr& fault) {
        try {
            std::rethrow_exception(fault);
        } catch (const std::exception& e) {
            log.error(event, {{"detail", e.what()}});
        } catch (...) {
            log.error(event, {{"detail", "an exception of an unknown kind"}});
        }
    };
}

/// Telling a node may take as long as three answers.
procedure::NodeWorkerSettings worker_settings(const config::Settings& settings, log::Logger& log) {
    procedure::NodeWorkerSettings worker;
    worker.update_rate = settings.subscription.update_rate;
    worker.lease = 6 * settings.diameter.request_timeout + std::chrono::seconds(10);
    worker.on_fault = tell_of_fault(log, "node_worker_fault");
    return worker;
}

diameter::Endpoint endpoint(const config::Endpoint& from) {
    return {from.host, from.port};
}

crypto::TlsFiles tls_files(const config::TlsSettings& tls) {
    return {tls.certificate, tls.private_key, tls.ca, tls.crl};
}

diameter::Quirks quirks(const config::NodeSettings& node) {
    diameter::Quirks result;
    for (const auto quirk : node.quirks) {
        if (quirk == config::Quirk::ula_error_stub) result.ula_error_stub = true;
        if (quirk == config::Quirk::no_route_record) result.no_route_record = true;
        if (quirk == config::Quirk::features_optional) result.features_optional = true;
    }
    return result;
}

void add_peers(const config::DiameterSettings& settings, diameter::NodeSettings& node) {
    for (const auto& listen : settings.listen) node.listen.push_back(endpoint(listen));
    for (const auto& peer : settings.peers) {
        node.peers.push_back({peer.identity, peer.realm, peer.addresses, std::nullopt, peer.relay});
        node.peers.back().transport =
            peer.transport == config::Transport::tls ? diameter::Transport::tls : diameter::Transport::tcp;
        if (peer.connect) node.peers.back().connect = endpoint(*peer.connect);
    }
    if (settings.tls.certificate.empty()) return;
    node.tls.emplace();
    node.tls->files = tls_files(settings.tls);
    for (const auto& listen : settings.tls.listen) node.tls->listen.push_back(endpoint(listen));
}

diameter::NodeSettings node_settings(const config::Settings& all) {
    const auto& settings = all.diameter;
    diameter::NodeSettings node;
    node.identity = settings.identity;
    node.realm = settings.realm;
    add_peers(settings, node);
    for (const auto& entry : all.nodes) node.quirks.push_back({entry.identity, quirks(entry)});
    node.watchdog_interval = settings.watchdog;
    node.reconnect_interval = settings.reconnect;
    node.capabilities_timeout = settings.capabilities_timeout;
    node.request_timeout = settings.request_timeout;
    // RFC 6733 8.16: grows with each start, so that peers see that our state is new.
    node.origin_state_id =
        static_cast<std::uint32_t>(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
    return node;
}

/// The key-encryption keys, which must be those of the database. Only the embedded database's own are made
/// here, and only while nothing is sealed: new keys could open nothing and would hide the mistake.
crypto::KeyRing load_keys(const config::Settings& settings, const std::string& url, Random& random,
                          log::Logger& log) {
    const auto path = config::keys_file(settings);
    if (config::embedded(settings) && !std::filesystem::exists(path)) {
        if (!store::postgres::forget_unused_keys(url)) {
            throw std::runtime_error("key file " + path +
                                     ": is missing, and the database has secrets that were sealed with it:"
                                     " restore it from your backup");
        }
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        crypto::KeyRing::create(path, random);
        log.warning("key_file_created",
                    {{"file", path}, {"do", "back it up: without it no stored secret can be read"}});
    }
    auto keys = crypto::KeyRing::load(path);
    store::postgres::check_keys(url, keys, random, path);
    return keys;
}

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

/// A database that is still starting is waited for: a daemon that gives up is only started again. Brings
/// the schema up to date and returns the keys that it was sealed with; nothing when told to stop meanwhile.
/// One event a wait, not one a try.
std::optional<crypto::KeyRing> prepare_database(const config::Settings& settings, const std::string& url,
                                                Random& random, asio::io_context& io,
                                                asio::signal_set& signals, log::Logger& log) {
    bool waited = false;
    do {
        try {
            store::postgres::migrate(url, log);
            auto keys = load_keys(settings, url, random, log);
            if (waited) log.info("database_reached");
            return keys;
        } catch (const store::Unavailable& error) {
            if (!waited) log.warning("waiting_for_database", {{"error", error.what()}});
            waited = true;
            ::sd_notify(0, "STATUS=Waiting for the database\nEXTEND_TIMEOUT_USEC=10000000");
        }
    } while (!told_to_stop_within(io, signals, database_retry));
    return std::nullopt;
}

/// What operators do from now on is heard of: so that is where it begins.
void remember_alarms(asio::io_context& io, Alarms& alarms, const std::string& url,
                     const crypto::KeyRing& keys, Random& random, log::Logger& log) {
    asio::co_spawn(io, alarms.hear_operators(), asio::detached);
    io.run();
    io.restart();
    try {
        store::postgres::PostgresProvisioning table(url, keys, random);
        alarms.remember(table.alarms(limits::alarm_states_max / 2, false));
    } catch (const store::Unavailable& error) {  // gone again: no reason not to start
        log.warning("alarms_not_read", {{"error", error.what()}});
    }
}

void log_ready(const diameter::Node& node, const KeyListener* keys, log::Logger& log) {
    for (const auto& [host, port] : node.listening()) log.info("listening", {{"host", host}, {"port", port}});
    for (const auto& [host, port] : node.listening_tls())
        log.info("listening", {{"host", host}, {"port", port}, {"transport", "tls"}});
    if (keys != nullptr) {
        for (const auto& [host, port] : keys->server().listening())
            log.info("listening", {{"host", host}, {"port", port}, {"for", "provisioning.https"}});
    }
    log.info("ready", {{"identity", node.settings().identity}, {"realm", node.settings().realm}});
    log.flush();
}

/// SIGHUP: new connections use the certificates that are in their files now, and a file of alarms that was
/// rotated is opened anew.
asio::awaitable<void> reload_when_told(asio::signal_set& hangup, diameter::Node& node, KeyListener* keys,
                                       Alarms& alarms, log::Logger& log) {
    for (;;) {
        const auto [error, signal] = co_await hangup.async_wait(asio::as_tuple(asio::use_awaitable));
        if (error) co_return;
        log.info("reloading", {{"signal", signal}});
        node.reload_certificates();
        if (keys != nullptr) keys->server().reload_certificates();
        alarms.reopen();
    }
}

asio::awaitable<void> serve_until_told(asio::signal_set& signals, asio::signal_set& hangup,
                                       diameter::Node& node, KeyListener* keys, procedure::NodeWorker& worker,
                                       Alarms& alarms, Retention& retention, log::Logger& log) {
    node.start();
    if (keys != nullptr) keys->server().start();
    const auto executor = co_await asio::this_coro::executor;
    asio::co_spawn(executor, reload_when_told(hangup, node, keys, alarms, log), asio::detached);
    asio::co_spawn(executor, alarms.run(), asio::detached);
    asio::co_spawn(executor, alarms.keep_hearing_operators(), asio::detached);
    asio::co_spawn(executor, retention.run(), asio::detached);
    asio::co_spawn(executor, worker.run(), asio::detached);
    log_ready(node, keys, log);
    ::sd_notify(0, "READY=1\nSTATUS=Serving S6a");
    const auto signal = co_await signals.async_wait(asio::use_awaitable);
    log.info("stopping", {{"signal", signal}});
    ::sd_notify(0, "STOPPING=1");
    worker.stop();
    // First: an answer of a device may need a node to be told.
    if (keys != nullptr) co_await keys->server().stop(stop_deadline);
    co_await node.stop(diameter::DisconnectCause::rebooting, stop_deadline);
    co_await alarms.finish();
}

/// Runs the io_context on all threads until the main coroutine has ended; its exception, if any, is thrown
/// here.
void run_threads(asio::io_context& io, unsigned threads, asio::awaitable<void> main) {
    std::exception_ptr failure;
    asio::co_spawn(io, std::move(main), [&](const std::exception_ptr& failed) {
        failure = failed;
        io.stop();
    });
    {
        std::vector<std::jthread> workers;
        for (unsigned i = 1; i < threads; ++i) workers.emplace_back([&io] { io.run(); });
        io.run();
    }
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

void run_daemon(const config::Settings& settings, log::Logger& log) {
    for (const auto& text : config::warnings(settings))
        log.warning("configuration_warning", {{"detail", text}});
    crypto::SystemRandom random;
    const SystemClock clock;
    asio::io_context io(static_cast<int>(settings.threads));
    // From here on, so that a daemon that is still starting ends in order too.
    asio::signal_set signals(io, SIGTERM, SIGINT);
    asio::signal_set hangup(io, SIGHUP);
    const diameter_dict::Dictionary dictionary(diameter_dict::Dictionary::extensions_default,
                                               settings.provisioning.kme_vendor_id);
    // What is wrong with a file is told at once, even while the database is away.
    if (!settings.diameter.tls.certificate.empty())
        (void)crypto::TlsContext::load(tls_files(settings.diameter.tls));
    auto webhook = load_webhook(settings);
    auto https_files = load_https_files(settings);

    std::optional<store::postgres::EmbeddedCluster> cluster;
    if (config::embedded(settings)) {
        cluster.emplace(store::postgres::ClusterSettings{.directory = config::cluster_directory(settings),
                                                         .binaries = settings.database.embedded_binaries},
                        log);
    } else {
        (void)crypto::KeyRing::load(config::keys_file(settings));
    }
    const auto url = cluster ? cluster->url() : settings.database.url;
    const auto keys = prepare_database(settings, url, random, io, signals, log);
    if (!keys) return log.info("stopped");
    store::postgres::PostgresStore store(
        {url, settings.database.connections, settings.database.batch_connections}, *keys, log);

    Alarms alarms(settings, std::move(webhook), {io.get_executor(), store, random, clock, log});
    remember_alarms(io, alarms, url, *keys, random, log);
    Retention retention({settings.alarms.keep_cleared, settings.audit.keep}, store, log);
    const auto procedures = procedure_settings(settings);
    procedure::Gate gate(settings.limits, random, alarms.sink(), clock);
    diameter::S6aServer server(io, log);
    diameter::Node node(io, dictionary, node_settings(settings), server.handler(), log);
    store::postgres::PostgresExchanges exchanges(store, *keys, random);
    procedure::UnfitNodes unfit_nodes;
    const auto registry = make_key_registry(io, std::move(https_files.registry), clock, log);
    const bool provisions = settings.provisioning.enabled || procedures.provisioning.https ||
                            settings.provisioning.stock_mme == config::StockMme::restricted_apn;
    const procedure::Ports ports{.store = store,
                                 .alarms = alarms.sink(),
                                 .nodes = server,
                                 .random = random,
                                 .clock = clock,
                                 .settings = procedures,
                                 .on_fault = tell_of_fault(log, "background_fault"),
                                 .gate = &gate,
                                 .exchanges = provisions ? &exchanges : nullptr,
                                 .key_registry = registry.get(),
                                 .unfit_nodes = &unfit_nodes};
    server.serve(node, ports);

    std::optional<KeyListener> keys_by_https;
    if (procedures.provisioning.https)
        keys_by_https.emplace(io, settings, std::move(https_files.tokens), ports, log);

    procedure::NodeWorker worker(io.get_executor(), ports, worker_settings(settings, log));
    const store::postgres::Listener listener(
        url, [&worker] { worker.wake(); }, log);

    run_threads(io, settings.threads,
                serve_until_told(signals, hangup, node, keys_by_https ? &*keys_by_https : nullptr, worker,
                                 alarms, retention, log));
    log.info("stopped");
}

}  // namespace bindhss
