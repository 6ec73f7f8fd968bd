// SPDX-License-Identifier: Apache-2.0
// The operations of the API: a table of them, each with the function that does it. Not for other layers.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "management/caller.h"
#include "management/running.h"
#include "store/device_keys.h"
#include "store/provisioning.h"
#include "types/limits.h"

namespace bindhss::management {

/// One request on its way.
struct Call {
    const http::Request& request;
    const Caller& caller;
    std::vector<std::string> parts;  ///< of the path, for {..} of the template, decoded
    std::map<std::string, std::string, std::less<>> query;  ///< decoded
    store::ApplyOptions
        options;  ///< of Idempotency-Key, X-Request-Id and dry_run; handlers add the guard of If-Match
};

/// What an operation works on; one of each for a worker thread, acting as the caller already.
struct Desk {
    store::Provisioning& store;
    store::DeviceKeys& device_keys;
    Running* running = nullptr;  ///< absent: there is no daemon about it
};

/// Runs on a worker thread and may block. What it throws: Problem (problem.h) is answered so,
/// store::Unavailable 503, anything else 500.
using Operation = http::Response (*)(Call&, Desk&);

/// What of an operation others have to know.
enum class Nature : std::uint8_t {
    plain,
    guarded,  ///< a change that keeps If-Match and If-None-Match (answers.h); elsewhere they are refused
    quick,    ///< needs no database: it does not wait behind those that do
};

/// HEAD comes with GET.
struct Route {
    std::string_view method;
    std::string_view path;  ///< "/v1/subscribers/{imsi}"
    Role role;
    std::string_view id;  ///< operationId of openapi.json
    Operation operation;
    /// The names that its query may have, blanks between them: others are refused, so that a slip of the pen
    /// does not list everything. "limit cursor" of pages; "dry_run" of changes that have a dry run.
    std::string_view query = {};
    Nature nature = Nature::plain;
    std::size_t body_octets_max = limits::api_body_octets_max;
};

// One table a file, in the order of docs/api.md.
[[nodiscard]] std::span<const Route> subscriber_routes();
[[nodiscard]] std::span<const Route> profile_routes();
[[nodiscard]] std::span<const Route> device_routes();   // devices, models, equipment
[[nodiscard]] std::span<const Route> key_routes();      // KMEs, public keys, exchanges
[[nodiscard]] std::span<const Route> binding_routes();  // bindings, approvals, seen
[[nodiscard]] std::span<const Route> policy_routes();   // terms, groups, rules
[[nodiscard]] std::span<const Route> change_routes();   // changes in bulk, orders to nodes
[[nodiscard]] std::span<const Route> record_routes();   // registrations, alarms, audit
[[nodiscard]] std::span<const Route>
daemon_routes();  // peers, status, events, health, configuration, openapi

}  // namespace bindhss::management
