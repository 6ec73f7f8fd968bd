// SPDX-License-Identifier: Apache-2.0
// What the API tells of the daemon that it is part of, and asks of it.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "types/identity.h"

namespace bindhss::management {

/// Any thread may call it; nothing here blocks for longer than a lock.
class Running {
  public:
    virtual ~Running() = default;

    /// Diameter peers: {"identity", "realm", "address", "state", "protection", "requests_received",
    /// "requests_sent", "answers_dropped", "requests_per_second"}.
    [[nodiscard]] virtual boost::json::array peers() = 0;

    /// What `bindhssctl top` shows: {"version", "identity", "since", "procedures": [{"name", "answered",
    /// "refused", "per_second", "p50_us", "p99_us"}], "store": {...}, "alarms": {severity: number}}.
    [[nodiscard]] virtual boost::json::object status() = 0;

    /// What has happened lately, one object an event: {"number", "at", "event", then its fields}; behind
    /// `after`, of one subscriber when `imsi` is there, `limit` at most, the oldest first. "number" grows;
    /// what was pushed out of memory is missing.
    [[nodiscard]] virtual boost::json::array events(std::uint64_t after, const std::optional<Imsi>& imsi,
                                                    std::size_t limit) = 0;

    /// Ready to serve: {"ready": bool, "checks": [{"name", "good", "detail"}]}.
    [[nodiscard]] virtual boost::json::object health() = 0;

    /// The effective configuration as YAML, secrets masked.
    [[nodiscard]] virtual std::string configuration() = 0;

    /// Reads the configuration again: {"changed": [key], "needs_restart": [key]}. Throws std::runtime_error
    /// with what is wrong with the file; then nothing has changed.
    virtual boost::json::object reload() = 0;
};

}  // namespace bindhss::management
