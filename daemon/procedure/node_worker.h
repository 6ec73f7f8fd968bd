// SPDX-License-Identifier: Apache-2.0
// What the HSS has to tell nodes of its own accord: requests that are due, and subscriptions that changed.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <deque>
#include <exception>
#include <functional>

#include "procedure/live_ports.h"

namespace bindhss::procedure {

struct NodeWorkerSettings {
    /// Nodes that are told of a change in one second, all peers together.
    std::uint32_t update_rate = 100;
    /// How long what was taken from the store belongs to this daemon: longer than telling a node may take.
    std::chrono::milliseconds lease{75'000};
    /// How often the store is asked for what is new.
    std::chrono::milliseconds poll{1'000};
    /// After a profile has changed, everything is looked through once more this much later: an
    /// Update-Location that was under way may have read the profile of before. Longer than one may take.
    std::chrono::milliseconds settle{10'000};
    /// What the other daemons know of this one's peers is true for this long; told anew in a third of it.
    std::chrono::milliseconds reach{10'000};
    /// Told of each exception: a fault of ours or of the machine. The work goes on; what was claimed is told
    /// when its lease is over.
    std::function<void(const std::exception_ptr&)> on_fault = [](const std::exception_ptr&) {};
};

/// Several daemons on one store each run one; what one takes, no other does, and what one does not finish,
/// another does. What is for a node that is a peer of one of them is left to that one (NodeClient::reach). It
/// keeps nothing that must survive. REQUIRES: what the ports refer to and the executor outlive run().
class NodeWorker {
  public:
    NodeWorker(const boost::asio::any_io_executor& executor, LivePorts ports, NodeWorkerSettings settings);

    /// Works until stop(); what is under way then is left to its own end.
    boost::asio::awaitable<void> run();
    /// Any thread.
    void stop();
    /// stop(), and returns when run() has ended: the other daemons know by then that what is for this one's
    /// peers is theirs. Not later than `at_most`: what was told of the peers ends by itself.
    boost::asio::awaitable<void> finish(std::chrono::milliseconds at_most);
    /// NodeWorkerSettings::update_rate from now on. Any thread.
    void set_update_rate(std::uint32_t rate);
    /// There is something new in the store: looks for it now, and not only at the next poll. Any thread.
    void wake();

  private:
    struct Taken {
        store::Untold untold;
        std::chrono::steady_clock::time_point at;
    };
    using Steady = std::chrono::steady_clock;

    boost::asio::awaitable<void> work();
    boost::asio::awaitable<void> end(std::chrono::milliseconds at_most);
    boost::asio::awaitable<void> step();
    boost::asio::awaitable<void> poll(Steady::time_point now);
    boost::asio::awaitable<void> announce(Steady::time_point now);
    boost::asio::awaitable<void> withdraw();
    boost::asio::awaitable<void> take_due();
    boost::asio::awaitable<void> watch_profiles(Steady::time_point now);
    boost::asio::awaitable<void> sweep();
    void look_through();
    void tell(Steady::time_point now);
    void earn(Steady::time_point now);
    void start(store::Untold untold);
    void keep(std::deque<Taken>& queue, std::vector<store::Untold> untold);
    [[nodiscard]] store::Claim claim(std::size_t limit) const;

    boost::asio::strand<boost::asio::any_io_executor> strand_;
    const LivePorts ports_;
    NodeWorkerSettings settings_;      // its update_rate on the strand
    boost::asio::steady_timer timer_;  // on the strand
    boost::asio::steady_timer ended_;  // on the strand
    bool stopping_ = false;            // on the strand, like all below
    bool running_ = false;
    std::deque<Taken> changed_;  // subscribers changed one by one, and those due again: told first
    std::deque<Taken> swept_;    // those of a changed profile
    std::size_t in_flight_ = 0;
    double tokens_ = 0;
    Steady::time_point earned_;
    Steady::time_point next_poll_;
    Steady::time_point last_poll_;
    store::Reach reach_;      ///< as it was told last
    store::Reach reach_now_;  ///< as it is
    Steady::time_point next_announcement_;
    std::optional<std::uint64_t> profile_clock_;
    bool sweeping_ = true;     // once at the start: nobody may have looked while no daemon ran
    bool begun_anew_ = false;  // before it had come to the end
    bool once_more_ = false;   // when it has come there
    std::optional<store::SweepPosition> position_;
    std::optional<Steady::time_point> sweep_again_;
};

}  // namespace bindhss::procedure
