// SPDX-License-Identifier: Apache-2.0
// The daemon that answers: its peers, what it does, its configuration.
#include "management/openapi.h"
#include "management/record_reading.h"

namespace bindhss::management {

namespace {

Running& running(Desk& desk) {
    if (desk.running == nullptr)
        throw Problem(no_daemon, "No daemon answers here: the API works beside the database alone.");
    return *desk.running;
}

http::Response show_peers(Call& call, Desk& desk) {
    return list_answer(call, running(desk).peers(), {});
}

http::Response show_status(Call&, Desk& desk) {
    return plain_answer(running(desk).status());
}

/// "next" is the number of the last event that is told, or the one that was asked for: behind it come those
/// that are yet to happen.
http::Response list_events(Call& call, Desk& desk) {
    const auto after = query_number(call, "after", std::numeric_limits<std::int64_t>::max()).value_or(0);
    auto events = running(desk).events(after, query_imsi(call), limit_of(call));
    boost::json::value next = after;
    if (!events.empty() && events.back().is_object())
        if (const auto* number = events.back().get_object().if_contains("number")) next = *number;
    boost::json::object object;
    object["items"] = std::move(events);
    object["next"] = std::move(next);
    return plain_answer(object);
}

http::Response show_health(Call&, Desk& desk) {
    return plain_answer(running(desk).health());
}

http::Response show_configuration(Call&, Desk& desk) {
    http::Response response;
    response.media_type = "application/yaml";
    response.body = running(desk).configuration();
    return response;
}

http::Response reload(Call&, Desk& desk) {
    auto& daemon = running(desk);
    try {
        return plain_answer(daemon.reload());
    } catch (const std::runtime_error& error) {
        throw Problem(refused, std::string("Nothing was changed: ") + error.what());
    }
}

http::Response show_openapi(Call&, Desk&) {
    http::Response response;
    response.body = openapi_document();
    return response;
}

constexpr Route routes[] = {
    {"GET", "/v1/peers", Role::read, "listPeers", show_peers, {}, Nature::quick},
    {"GET", "/v1/status", Role::read, "getStatus", show_status, {}, Nature::quick},
    {"GET", "/v1/events", Role::read, "listEvents", list_events, "after imsi limit", Nature::quick},
    {"GET", "/v1/health", Role::read, "getHealth", show_health, {}, Nature::quick},
    {"GET", "/v1/config", Role::admin, "getConfiguration", show_configuration, {}, Nature::quick},
    {"POST", "/v1/reload", Role::admin, "reloadConfiguration", reload, {}, Nature::quick},
    {"GET", "/v1/openapi.json", Role::read, "getOpenApi", show_openapi, {}, Nature::quick},
};

}  // namespace

std::span<const Route> daemon_routes() {
    return routes;
}

}  // namespace bindhss::management
