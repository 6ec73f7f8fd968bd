// SPDX-License-Identifier: Apache-2.0
// `trace`: what a subscriber's nodes ask, what the daemon decides and why, as it happens.
#pragma once

#include <boost/json/object.hpp>

#include "ctl/add_command.h"

namespace bindhss::ctl {

/// One line of an event of the API, without its number: the time, what it is, what came of it, then the rest
/// as names and values. Control characters are shown as '?'.
[[nodiscard]] std::string trace_line(const boost::json::object& event);

struct TraceRequest {
    std::string imsi;
    bool follow = false;
    std::uint64_t after = 0;
};
/// Prints what is remembered of the subscriber, the oldest first; with `follow` goes on, and a daemon that is
/// away for a while is told of and asked again. Throws Refused and store::Unavailable.
void trace(Context& context, const TraceRequest& request);

void add_trace_command(CLI::App* program, const AddCommand& add);

}  // namespace bindhss::ctl
