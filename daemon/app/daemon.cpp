// SPDX-License-Identifier: Apache-2.0
#include "app/daemon.h"

#include <systemd/sd-daemon.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>

#include "app/api_stores.h"
#include "app/app_settings.h"
#include "app/node_settings.h"
#include "store/postgres/provisioning.h"
#include "types/limits.h"

namespace bindhss {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds stop_deadline{5'000};

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

}  // namespace

Daemon::Daemon(Ground ground, Configuration& configuration, Files files)
    : ground_(ground),
      configuration_(configuration),
      store_({ground_.database_url, configuration.now()->database.connections,
              configuration.now()->database.batch_connections,
              static_cast<int>(configuration.now()->real_time_priority)},
             ground_.keys, ground_.log),
      alarms_(*configuration.now(), std::move(files.webhook),
              {ground_.io.get_executor(), store_, ground_.random, ground_.clock, ground_.log,
               &ground_.monitor.observer()}),
      retention_(retention_settings(*configuration.now()), store_, ground_.log),
      gate_(configuration.now()->limits, ground_.random, alarms_.sink(), ground_.clock),
      server_(ground_.io, ground_.patient, ground_.log, &ground_.monitor.observer()),
      node_(ground_.io, ground_.dictionary, node_settings(*configuration.now()), server_.handler(),
            ground_.log),
      exchanges_(store_, ground_.keys, ground_.random),
      ports_(ports_of(*configuration.now(), std::move(files.https.registry))),
      worker_(ground_.patient.get_executor(), ports_, worker_settings(*configuration.now(), ground_.log)),
      listener_(
          ground_.database_url, [this] { worker_.wake(); }, ground_.log),
      running_(ground_.monitor, configuration) {
    remember_alarms();
    server_.serve(node_, ports_);
    if (!configuration.now()->provisioning.https.listen.empty()) {
        keys_by_https_.emplace(ground_.patient, *configuration.now(), std::move(files.https.tokens), ports_,
                               ground_.clock, ground_.log);
    }
    offer_api();
    follow_reloads();
    watch();
}

void Daemon::watch() {
    Monitor::Parts parts{
        node_, store_, [this] { return alarms_.counts(); }, [this] { return gate_.refused(); }, {}};
    if (keys_by_https_) parts.listeners.emplace_back("provisioning.https", &keys_by_https_->server());
    if (api_) parts.listeners.emplace_back("api", &api_->server());
    watch_.emplace(ground_.monitor, std::move(parts));
}

procedure::Ports Daemon::ports_of(const config::Settings& settings,
                                  std::optional<registry::HttpsKeyRegistrySettings> registry) {
    auto terms = std::make_shared<Terms>();
    terms->settings = procedure_settings(settings);
    terms->registry = make_key_registry(ground_.patient, std::move(registry), ground_.clock, ground_.log);
    const auto& provisioning = terms->settings.provisioning;
    const bool provisions = provisioning.on || provisioning.https ||
                            provisioning.stock_mme == procedure::StockMme::restricted_apn;
    return {.store = store_,
            .alarms = alarms_.sink(),
            .nodes = server_,
            .random = ground_.random,
            .clock = ground_.clock,
            .settings = terms->settings,
            .on_fault = tell_of_fault(ground_.log, "background_fault"),
            .gate = &gate_,
            .exchanges = provisions ? &exchanges_ : nullptr,
            .key_registry = terms->registry.get(),
            .unfit_nodes = &unfit_nodes_,
            .kept = terms,
            .witness = &ground_.monitor.observer()};
}

void Daemon::offer_api() {
    const auto settings = configuration_.now();
    if (!has_api(*settings)) return;
    const auto open = [this] { return open_api_stores(ground_.database_url, ground_.keys, ground_.random); };
    const ApiListener::Ground ground{ground_.patient, open,          running_,
                                     ground_.random,  ground_.clock, ground_.log};
    api_.emplace(ground, *settings);
}

/// What operators do from now on is heard of: so that is where it begins.
void Daemon::remember_alarms() {
    auto& io = ground_.io;
    asio::co_spawn(io, alarms_.hear_operators(), asio::detached);
    io.run();
    io.restart();
    try {
        store::postgres::PostgresProvisioning table(ground_.database_url, ground_.keys, ground_.random);
        alarms_.remember(table.alarms(limits::alarm_states_max / 2, false));
    } catch (const store::Unavailable& error) {  // gone again: no reason not to start
        ground_.log.warning("alarms_not_read", {{"error", error.what()}});
    }
}

void Daemon::log_ready() {
    auto& log = ground_.log;
    for (const auto& [host, port] : node_.listening())
        log.info("listening", {{"host", host}, {"port", port}});
    for (const auto& [host, port] : node_.listening_tls())
        log.info("listening", {{"host", host}, {"port", port}, {"transport", "tls"}});
    if (keys_by_https_) {
        for (const auto& [host, port] : keys_by_https_->server().listening())
            log.info("listening", {{"host", host}, {"port", port}, {"for", "provisioning.https"}});
    }
    log.info("ready", {{"identity", node_.settings().identity}, {"realm", node_.settings().realm}});
    log.flush();
}

asio::awaitable<void> Daemon::reload() {
    (void)configuration_.reload();
    co_return;
}

asio::awaitable<void> Daemon::reload_when_told(asio::signal_set& hangup) {
    for (;;) {
        const auto [error, signal] = co_await hangup.async_wait(asio::as_tuple(asio::use_awaitable));
        if (error) co_return;
        ground_.log.info("reloading", {{"signal", signal}});
        ::sd_notify(0, "RELOADING=1");
        try {
            co_await asio::co_spawn(reloader_, reload(), asio::use_awaitable);
            ::sd_notify(0, "READY=1\nSTATUS=Serving S6a");
        } catch (const std::exception&) {  // the log has it
            ::sd_notify(0, "READY=1\nSTATUS=Serving S6a; the last reload was refused, the log says why");
        }
    }
}

void Daemon::start() {
    node_.start();
    if (keys_by_https_) keys_by_https_->server().start();
    if (api_) api_->server().start();
    auto& io = ground_.io;
    asio::co_spawn(io, alarms_.run(), asio::detached);
    asio::co_spawn(io, alarms_.keep_hearing_operators(), asio::detached);
    asio::co_spawn(io, retention_.run(), asio::detached);
    asio::co_spawn(ground_.patient, worker_.run(), asio::detached);
    asio::co_spawn(io, ground_.monitor.run(ground_.patient.get_executor()), asio::detached);
    ground_.monitor.enter(Monitor::Phase::serving);
}

asio::awaitable<void> Daemon::stop() {
    ground_.monitor.enter(Monitor::Phase::stopping);
    worker_.stop();
    if (api_) {
        co_await api_->server().stop(stop_deadline);
    }
    // First: an answer of a device may need a node to be told.
    if (keys_by_https_) {
        co_await keys_by_https_->server().stop(stop_deadline);
    }
    co_await node_.stop(diameter::DisconnectCause::rebooting, stop_deadline);
    co_await worker_.finish(stop_deadline);
    co_await alarms_.finish();
}

asio::awaitable<void> Daemon::serve(asio::signal_set& stop_signals, asio::signal_set& hangup) {
    start();
    asio::co_spawn(ground_.io, reload_when_told(hangup), asio::detached);
    log_ready();
    ::sd_notify(0, "READY=1\nSTATUS=Serving S6a");
    const auto signal = co_await stop_signals.async_wait(asio::use_awaitable);
    ground_.log.info("stopping", {{"signal", signal}});
    ::sd_notify(0, "STOPPING=1");
    co_await stop();
}

}  // namespace bindhss
