// SPDX-License-Identifier: Apache-2.0
// A node that registers many subscribers and stays: it counts what the HSS tells it of each.
#pragma once

#include <chrono>
#include <map>
#include <ostream>
#include <vector>

#include "emu/fleet.h"
#include "emu/hss_port.h"
#include "emu/node_reply.h"
#include "emu/subscription_fields.h"

namespace bindhss::emu {

/// How often the HSS has told of each subscriber. One thread.
class HoldTally {
  public:
    /// `expected`: fields that the IDR of a subscriber has to have to count as told right.
    HoldTally(std::uint64_t subscribers, Fields expected)
        : idrs_(subscribers), clrs_(subscribers), wrong_(subscribers), expected_(std::move(expected)) {}

    void registered() { ++registered_; }
    void refused() { ++refused_; }
    /// Of a subscriber of ours; nothing for the index: a RSR, or a subscriber whom nobody registered here.
    void count(const HssRequest& request, std::optional<std::uint64_t> index,
               std::chrono::steady_clock::time_point now);

    struct Told {
        std::uint64_t once = 0;
        std::uint64_t repeatedly = 0;
        std::uint64_t never = 0;
        std::uint64_t wrong = 0;  ///< whose last IDR did not have the expected fields
    };
    [[nodiscard]] Told told() const;
    [[nodiscard]] std::uint64_t registered_count() const { return registered_; }
    [[nodiscard]] std::uint64_t refused_count() const { return refused_; }
    /// Subscribers who have been told at least once.
    [[nodiscard]] std::uint64_t told_count() const { return told_count_; }
    [[nodiscard]] std::uint64_t requests(HssCommand command) const {
        return requests_[static_cast<std::size_t>(command)];
    }
    /// The most IDRs of any second, counted from the first one.
    [[nodiscard]] std::uint64_t fullest_second() const;

    void print(std::ostream& out) const;
    /// "name value" lines, for scripts.
    void print_status(std::ostream& out) const;

  private:
    std::vector<std::uint16_t> idrs_;
    std::vector<std::uint16_t> clrs_;
    std::vector<bool> wrong_;
    Fields expected_;
    std::uint64_t registered_ = 0;
    std::uint64_t refused_ = 0;
    std::uint64_t told_count_ = 0;
    std::uint64_t strangers_ = 0;
    std::array<std::uint64_t, hss_command_count> requests_{};
    std::optional<std::chrono::steady_clock::time_point> first_idr_;
    std::map<std::int64_t, std::uint64_t> idrs_of_second_;
};

struct HoldSettings {
    FleetSettings fleet;  ///< the range of IMSIs; no key is needed
    Plmn plmn;
    ServingNode identity;
    std::size_t window = 64;  ///< ULRs outstanding
    std::uint64_t first = 0;  ///< the node's are first, first + step, ...
    std::uint64_t step = 1;
    bool sgsn = false;
};

/// One node with its share of the subscribers, on one thread. Borrows port and tally.
class HoldNode {
  public:
    HoldNode(const HoldSettings& settings, HssPort& hss, HoldTally& tally);

    /// ULR without authentication for each subscriber, as after a move from a node of the same network. One
    /// that is not delivered is sent again.
    [[nodiscard]] boost::asio::awaitable<void> register_all();
    /// Counts, and answers with success; 5001 for a subscriber who is not in the range.
    [[nodiscard]] NodeReply serve(const HssRequest& request);

    static constexpr std::chrono::milliseconds retry_pause{100};

  private:
    boost::asio::awaitable<void> slot();
    boost::asio::awaitable<bool> update_location(std::uint64_t index);

    HoldSettings settings_;
    HssPort& hss_;
    HoldTally& tally_;
    Fleet fleet_;
    std::uint64_t first_number_;
    std::uint64_t next_;
};

}  // namespace bindhss::emu
