// SPDX-License-Identifier: Apache-2.0
// Load on an HSS: many requests outstanding on a connection, every answer checked as card and device would.
#pragma once

#include <atomic>
#include <memory>
#include <random>

#include "emu/hss_port.h"
#include "emu/load_report.h"
#include "emu/sqn_ledger.h"

namespace bindhss::emu {

struct LoadSettings {
    FleetSettings fleet;
    Plmn plmn;
    std::size_t window = 32;  ///< requests outstanding on this connection
    /// AIRs begin this far apart, and their time counts from then, however late they are sent: what waits
    /// because others are late is late too. Zero: whenever there is room in the window.
    std::chrono::nanoseconds interval{0};
    std::chrono::steady_clock::time_point end;
    bool sequential = false;                  ///< subscribers in their order; otherwise at random
    std::uint64_t verify_every = 1;           ///< 1: every vector is checked; 0: none
    bool attach = false;                      ///< each AIR is followed by a ULR that reports the device
    bool tolerate_errors = false;             ///< wait and go on when the HSS cannot be reached
    const std::atomic<bool>* stop = nullptr;  ///< ends the load when it becomes true; may be absent
};

/// The load of one peer. Everything but the ledger belongs to one thread; borrows port and ledger.
class LoadPeer {
  public:
    LoadPeer(LoadSettings settings, ServingNode identity, HssPort& hss, SqnLedger& ledger,
             std::uint64_t random_seed);

    /// Keeps the window full until settings.end, then awaits what is outstanding.
    [[nodiscard]] boost::asio::awaitable<void> run();
    /// Lets the USIMs first, first + step, ... authenticate, each with one re-synchronisation at most.
    [[nodiscard]] boost::asio::awaitable<void> authenticate_all(ExactLedger& states, std::uint64_t first,
                                                                std::uint64_t step);

    [[nodiscard]] const LoadReport& report() const { return report_; }

    /// The pause of a tolerant load after a request that failed: an HSS that is away is not to be hammered.
    static constexpr std::chrono::milliseconds error_pause{50};

  private:
    boost::asio::awaitable<void> slot();
    /// When the next AIR is due; waits until then.
    boost::asio::awaitable<std::chrono::steady_clock::time_point> turn();
    boost::asio::awaitable<void> update_location(std::uint64_t index);
    boost::asio::awaitable<void> authenticate_slot(ExactLedger& states, std::uint64_t& next,
                                                   std::uint64_t step);
    boost::asio::awaitable<bool> authenticate(ExactLedger& states, std::uint64_t index);
    boost::asio::awaitable<Result<s6a::AuthenticationInformationAnswer>> ask(
        std::uint64_t index, std::optional<ReSynchronizationInfo> resync,
        std::chrono::steady_clock::time_point due);
    void check(std::uint64_t index, const s6a::AuthenticationInformationAnswer& answer);
    std::uint64_t next_index();
    [[nodiscard]] bool over() const;

    LoadSettings settings_;
    ServingNode identity_;
    HssPort& hss_;
    SqnLedger& ledger_;
    Fleet fleet_;
    std::mt19937_64 random_;
    std::uint64_t asked_ = 0;
    std::chrono::steady_clock::time_point next_turn_;
    LoadReport report_;
};

}  // namespace bindhss::emu
