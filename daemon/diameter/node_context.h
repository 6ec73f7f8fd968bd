// SPDX-License-Identifier: Apache-2.0
// What all connections of one node share.
#pragma once

#include <atomic>

#include "diameter/node.h"
#include "diameter/peer_table.h"

namespace bindhss::diameter {

/// Shared by the node and its connections, because coroutines of a connection may end after the node.
struct NodeContext {
    NodeContext(NodeSettings s, const diameter_dict::Dictionary& d, RequestHandler h, log::Logger& l,
                boost::asio::io_context::executor_type e)
        : settings(std::move(s)), dictionary(d), handler(std::move(h)), log(l), executor(std::move(e)) {}

    NodeSettings settings;
    const diameter_dict::Dictionary& dictionary;
    RequestHandler handler;
    log::Logger& log;
    boost::asio::io_context::executor_type executor;
    PeerTable table;
    std::atomic<std::uint32_t> next_end_to_end = 0;
    std::atomic<std::uint64_t> next_session = 0;
    /// The node is gone: neither handler, dictionary nor log may be touched.
    std::atomic<bool> gone = false;
};

}  // namespace bindhss::diameter
