// SPDX-License-Identifier: Apache-2.0
// The parts of a daemon that serves, in the order in which they need each other.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <optional>

#include "app/alarms.h"
#include "app/app_api.h"
#include "app/app_https.h"
#include "app/configuration.h"
#include "app/monitor.h"
#include "app/retention.h"
#include "app/running.h"
#include "app/start.h"
#include "crypto/key_ring.h"
#include "diameter/node.h"
#include "diameter/s6a_server.h"
#include "diameter_dict/dictionary.h"
#include "procedure/gate.h"
#include "procedure/live_ports.h"
#include "procedure/node_worker.h"
#include "procedure/unfit_nodes.h"
#include "store/postgres/exchanges.h"
#include "store/postgres/listener.h"
#include "store/postgres/postgres_store.h"

namespace bindhss {

/// What the parts stand on; all of it outlives them.
struct Ground {
    /// Of peers and their Authentication-Informations, of timers, and of whatever takes a moment.
    boost::asio::io_context& io;
    /// Of what takes longer and waits for others anyway, on threads of its own: the other requests of nodes,
    /// with the exchanges of keys, what nodes are told, and HTTPS.
    boost::asio::io_context& patient;
    const std::string& database_url;
    const crypto::KeyRing& keys;
    const diameter_dict::Dictionary& dictionary;
    Random& random;
    const Clock& clock;
    log::Logger& log;
    Monitor& monitor;
};

/// Made and destroyed while no thread runs the two of Ground. Follows reloads of the configuration, which
/// outlives it: REQUIRES that nobody asks for one when serve() has ended.
class Daemon {
  public:
    /// Throws std::runtime_error with one clear line when it cannot serve.
    Daemon(Ground ground, Configuration& configuration, Files files);
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;

    /// Serves until a signal of `stop`; a signal of `hangup` reloads. Ends when every request in flight is
    /// answered and all is closed.
    boost::asio::awaitable<void> serve(boost::asio::signal_set& stop, boost::asio::signal_set& hangup);

  private:
    /// Settings of the procedures, and what they own: kept for as long as a request looks at them.
    struct Terms {
        procedure::Settings settings;
        std::unique_ptr<registry::HttpsKeyRegistry> registry;
    };

    [[nodiscard]] procedure::Ports ports_of(const config::Settings& settings,
                                            std::optional<registry::HttpsKeyRegistrySettings> registry);
    void remember_alarms();
    void watch();
    void start();
    boost::asio::awaitable<void> stop();
    void log_ready();
    void offer_api();
    boost::asio::awaitable<void> reload_when_told(boost::asio::signal_set& hangup);
    boost::asio::awaitable<void> reload();

    // In daemon_reload.cpp: how each part follows.
    void follow_reloads();
    void follow_log_and_alarms();
    void follow_procedures();
    void follow_peers();

    const Ground ground_;
    Configuration& configuration_;
    store::postgres::PostgresStore store_;
    Alarms alarms_;
    Retention retention_;
    procedure::Gate gate_;
    diameter::S6aServer server_;
    diameter::Node node_;
    store::postgres::PostgresExchanges exchanges_;
    procedure::UnfitNodes unfit_nodes_;
    procedure::LivePorts ports_;
    std::optional<KeyListener> keys_by_https_;
    procedure::NodeWorker worker_;
    store::postgres::Listener listener_;
    RunningDaemon running_;
    std::optional<ApiListener> api_;
    std::optional<Monitor::Watch> watch_;  // looks at all of the above
    /// Reads files and asks the name service at a reload, which may take their time. Last: it is waited for.
    boost::asio::thread_pool reloader_{1};
};

}  // namespace bindhss
