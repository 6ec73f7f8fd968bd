// SPDX-License-Identifier: Apache-2.0
// What can be said of a daemon that runs: whether it is well, its numbers, its peers, what has happened.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <deque>
#include <functional>
#include <map>
#include <mutex>

#include "alarm/counters.h"
#include "app/observer.h"
#include "diameter/node.h"
#include "http/server.h"
#include "procedure/gate.h"
#include "store/postgres/census.h"
#include "store/postgres/postgres_store.h"

namespace bindhss {

/// Any thread may call it, from before the database is there until the end; only what it watches comes later
/// and goes earlier.
class Monitor {
  public:
    /// What is watched. All of it outlives the Watch.
    struct Parts {
        diameter::Node& node;
        store::postgres::PostgresStore& store;
        /// Those too that are 0: who looks at rates has to see the 0 before the first.
        std::function<std::vector<alarm::Counters::Count>()> alarms;
        std::function<std::vector<procedure::Gate::Count>()> gate_refusals;
        /// Listeners of HTTPS, by their name; those without TLS are of no interest.
        std::vector<std::pair<std::string, const http::Server*>> listeners;
    };
    /// While it lives the parts are watched. Its end waits for who looks at them.
    class Watch {
      public:
        Watch(Monitor& monitor, Parts parts);
        ~Watch();
        Watch(const Watch&) = delete;
        Watch& operator=(const Watch&) = delete;

      private:
        Monitor& monitor_;
    };
    enum class Phase : std::uint8_t { starting, serving, stopping };

    Monitor(std::string identity, const Clock& clock);

    [[nodiscard]] Observer& observer() { return observer_; }
    void enter(Phase phase) { phase_ = phase; }
    /// Looks at what is watched, now and then; comes round the threads that serve requests, its own and those
    /// of `patient`, until their executors stop.
    boost::asio::awaitable<void> run(boost::asio::any_io_executor patient);

    /// The page of Prometheus.
    [[nodiscard]] std::string page();
    /// false: those threads have not come round for limits::metrics_stalled_ms.
    [[nodiscard]] bool alive() const;

    // As management::Running has them.
    [[nodiscard]] boost::json::object health();
    [[nodiscard]] boost::json::array peers();
    [[nodiscard]] boost::json::object status();

  private:
    /// A moment; two of them make rates.
    struct Sample {
        std::chrono::steady_clock::time_point at;
        metrics::RequestCounts requests;
        std::map<std::string, std::uint64_t> received;  ///< by peer
    };
    struct Check {
        std::string_view name;
        bool good;
        std::string detail;
    };
    using Peers = std::map<std::string, diameter::PeerStatus>;

    boost::asio::awaitable<void> take_census();
    void take_sample(std::chrono::steady_clock::duration delay);

    // REQUIRES of these: mutex_ is held.
    [[nodiscard]] std::vector<Check> checks() const;
    [[nodiscard]] Peers peers_by_name() const;
    [[nodiscard]] double window() const;
    void put_health(metrics::Page& page) const;
    void put_peers(metrics::Page& page) const;
    void put_store(metrics::Page& page) const;
    void put_alarms(metrics::Page& page) const;
    void put_census(metrics::Page& page) const;
    void put_certificates(metrics::Page& page) const;
    [[nodiscard]] boost::json::array procedures_now() const;
    [[nodiscard]] boost::json::object store_now() const;

    const std::string identity_;
    const Clock& clock_;
    const WallTime since_;
    Observer observer_;
    std::atomic<Phase> phase_{Phase::starting};
    std::atomic<std::chrono::steady_clock::rep> came_round_{0};  ///< 0: not yet
    mutable std::mutex mutex_;
    // guarded by mutex_:
    std::optional<Parts> parts_;
    std::deque<Sample> samples_;
    double delay_ = 0;
    std::optional<store::postgres::Census> census_;
    std::chrono::steady_clock::time_point census_at_;
};

}  // namespace bindhss
