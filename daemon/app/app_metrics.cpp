// SPDX-License-Identifier: Apache-2.0
#include "app/app_metrics.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/json/serialize.hpp>

#include "types/limits.h"

namespace bindhss {

namespace {

http::ServerSettings server_settings(const config::MetricsSettings& metrics) {
    http::ServerSettings settings;
    settings.name = "metrics";
    for (const auto& listen : metrics.listen) settings.listen.push_back({listen.host, listen.port});
    settings.connections_max = limits::metrics_connections_max;
    settings.connections_per_address_max = limits::metrics_connections_max / 2;
    return settings;
}

http::Response json(unsigned status, const boost::json::object& object) {
    http::Response response;
    response.status = status;
    response.body = boost::json::serialize(object) + "\n";
    response.fields.emplace_back("cache-control", "no-store");
    return response;
}

http::Response page_of(Monitor& monitor) {
    http::Response response;
    response.media_type = metrics::page_media_type;
    response.body = monitor.page();
    return response;
}

http::Response liveness_of(const Monitor& monitor) {
    boost::json::object object;
    object["alive"] = monitor.alive();
    return json(monitor.alive() ? 200 : 503, object);
}

http::Response readiness_of(Monitor& monitor) {
    const auto health = monitor.health();
    return json(health.at("ready").as_bool() ? 200 : 503, health);
}

}  // namespace

MetricsListener::MetricsListener(const config::MetricsSettings& settings, Monitor& monitor,
                                 const Clock& clock, log::Logger& log)
    : monitor_(monitor) {
    if (settings.listen.empty()) return;
    try {
        server_ = std::make_unique<http::Server>(
            io_, server_settings(settings),
            [this](http::Request request) { return serve(std::move(request)); }, clock, log);
    } catch (const std::exception& error) {
        log.warning("metrics_not_served",
                    {{"detail", error.what()}, {"do", "choose another metrics.listen"}});
        return;
    }
    server_->start();
    for (const auto& [host, port] : server_->listening())
        log.info("listening", {{"host", host}, {"port", port}, {"for", "metrics"}});
    thread_ = std::jthread([this] {
        const auto work = boost::asio::make_work_guard(io_);
        io_.run();
    });
}

MetricsListener::~MetricsListener() {
    io_.stop();
    if (thread_.joinable()) thread_.join();
}

std::vector<net::Endpoint> MetricsListener::listening() const {
    return server_ ? server_->listening() : std::vector<net::Endpoint>();
}

boost::asio::awaitable<http::Response> MetricsListener::serve(http::Request request) {
    const bool known = request.path == "/metrics" || request.path == "/health" || request.path == "/ready";
    if (!known) co_return http::problem(404, "here are /metrics, /health and /ready");
    if (request.method != "GET" && request.method != "HEAD") {
        auto refused = http::problem(405, "these pages can only be read");
        refused.fields.emplace_back("allow", "GET, HEAD");
        co_return refused;
    }
    if (request.path == "/metrics") co_return page_of(monitor_);
    if (request.path == "/health") co_return liveness_of(monitor_);
    co_return readiness_of(monitor_);
}

}  // namespace bindhss
