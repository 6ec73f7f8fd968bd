// SPDX-License-Identifier: Apache-2.0
// What all connections of one node share.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "diameter/node.h"
#include "diameter/peer_table.h"
#include "log/event_budget.h"
#include "net/tls_keeper.h"
#include "types/limits.h"

namespace bindhss::diameter {

/// Who may talk to us, and how. Immutable.
struct Neighbours {
    std::vector<PeerSettings> peers;
    std::vector<NodeQuirks> quirks;
};

/// Shared by the node and its connections, because coroutines of a connection may end after the node.
struct NodeContext {
    NodeContext(NodeSettings s, const diameter_dict::Dictionary& d, RequestHandler h, log::Logger& l,
                boost::asio::io_context::executor_type e)
        : settings(std::move(s)), dictionary(d), handler(std::move(h)), log(l), executor(std::move(e)) {
        set_neighbours({settings.peers, settings.quirks});
    }

    /// An event about a connection that is no peer: anybody can cause those, so they may not fill the disk.
    void tell_of_stranger(log::Level level, std::string_view event,
                          std::initializer_list<log::Field> fields) {
        const auto kept_back = strangers_told.take(std::chrono::steady_clock::now());
        if (!kept_back) return;
        if (*kept_back != 0) log.info("connection_events_not_told", {{"count", *kept_back}});
        log.event(level, event, fields);
    }

    /// Those in force. Any thread.
    [[nodiscard]] std::shared_ptr<const Neighbours> neighbours() const {
        const std::lock_guard lock(neighbours_mutex);
        return neighbours_now;
    }
    void set_neighbours(Neighbours next) {
        auto made = std::make_shared<const Neighbours>(std::move(next));
        const std::lock_guard lock(neighbours_mutex);
        neighbours_now.swap(made);
    }

    const NodeSettings settings;  ///< but for peers and quirks, which are those of the start
    const diameter_dict::Dictionary& dictionary;
    RequestHandler handler;
    log::Logger& log;
    boost::asio::io_context::executor_type executor;
    PeerTable table;
    std::unique_ptr<net::TlsKeeper> tls;  ///< null: without TLS
    log::EventBudget strangers_told{limits::failure_events_per_second_max};
    std::atomic<std::uint32_t> next_end_to_end = 0;
    std::atomic<std::uint64_t> next_session = 0;
    /// The node is gone: neither handler, dictionary nor log may be touched.
    std::atomic<bool> gone = false;

    mutable std::mutex neighbours_mutex;
    std::shared_ptr<const Neighbours> neighbours_now;  // guarded by neighbours_mutex
};

}  // namespace bindhss::diameter
