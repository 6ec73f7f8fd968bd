// SPDX-License-Identifier: Apache-2.0
#include "alarms.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "alarm_outlets/syslog.h"

namespace bindhss {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds delivery_deadline{2'000};

alarm::DetectorSettings detector_settings(const config::AlarmSettings& settings) {
    alarm::DetectorSettings result;
    result.repeat_interval = settings.repeat_interval;
    result.escalate_after = settings.escalate_after;
    result.escalate_within = settings.escalate_within;
    result.flood_after = settings.flood_after;
    for (const auto& rule : settings.rules)
        result.rules[static_cast<std::size_t>(rule.id)] = {rule.severity, rule.text};
    return result;
}

alarm::SyslogSettings syslog_settings(const config::Settings& settings) {
    const auto& syslog = settings.alarms.syslog;
    return {alarm::SyslogAddress::parse(syslog.to),
            {syslog.facility, settings.diameter.identity, std::to_string(::getpid())}};
}

alarm::Severity severity_of(std::string_view name, alarm::Severity otherwise) {
    for (auto severity = alarm::Severity::info; severity <= alarm::Severity::critical;
         severity = static_cast<alarm::Severity>(static_cast<int>(severity) + 1))
        if (alarm::name_of(severity) == name) return severity;
    return otherwise;
}

/// Nothing: a later version's.
std::optional<alarm::Description> description_of(const std::string& name) {
    for (const auto& candidate : alarm::catalogue())
        if (candidate.name == name) return candidate;
    return std::nullopt;
}

alarm::CourierSettings courier(std::string name) {
    alarm::CourierSettings settings;
    settings.name = std::move(name);
    return settings;
}

}  // namespace

std::optional<alarm::WebhookSettings> load_webhook(const config::Settings& settings) {
    const auto& webhook = settings.alarms.webhook;
    if (webhook.url.empty()) return std::nullopt;
    alarm::WebhookSettings result;
    result.to = alarm::WebAddress::parse(webhook.url);
    result.secret = alarm::load_webhook_secret(webhook.secret_file);
    if (result.to.tls) result.tls = crypto::TlsContext::load_client(webhook.ca);
    result.origin = settings.diameter.identity;
    return result;
}

Alarms::Alarms(const config::Settings& settings, std::optional<alarm::WebhookSettings> webhook, World world)
    : world_(std::move(world)), log_outlet_(world_.log) {
    auto& log = world_.log;
    couriers_.push_back(std::make_shared<AlarmTable>(world_.executor, courier("table"), world_.store, log));
    if (!settings.alarms.json_lines.empty()) {
        json_lines_ =
            std::make_shared<alarm::JsonLines>(disk_.get_executor(), courier("json_lines"),
                                               settings.alarms.json_lines, settings.diameter.identity, log);
        couriers_.push_back(json_lines_);
    }
    if (!settings.alarms.syslog.to.empty()) {
        couriers_.push_back(std::make_shared<alarm::Syslog>(world_.executor, courier("syslog"),
                                                            syslog_settings(settings), log));
    }
    if (webhook) {
        couriers_.push_back(std::make_shared<alarm::Webhook>(
            world_.executor, courier("webhook"), std::move(*webhook), world_.random, world_.clock, log));
    }
    std::vector<alarm::Outlet*> outlets{&log_outlet_, &counters_};
    for (const auto& courier : couriers_) outlets.push_back(courier.get());
    detector_ = std::make_unique<alarm::Detector>(detector_settings(settings.alarms), std::move(outlets));
}

Alarms::~Alarms() {
    disk_.stop();
    disk_.join();
}

void Alarms::remember(const std::vector<store::AlarmRow>& open) {
    for (const auto& row : open) {
        const auto known = description_of(row.name);
        if (!known || known->id == alarm::Id::alarm_flood) continue;  // a flood ends by itself
        const auto severity = severity_of(row.severity, known->severity);
        detector_->remember({known->id, Imsi::parse(row.imsi), Imei::parse(row.imei), row.peer, row.detail,
                             world_.clock.now()},
                            severity);
    }
}

void Alarms::tell(const store::AlarmAct& act, WallTime asked_at) {
    const auto known = description_of(act.name);
    if (!known) return;
    // Rather too early than too late: what has occurred since is raised anew.
    alarm::OperatorAct told{
        act.change,
        {known->id, Imsi::parse(act.imsi), Imei::parse(act.imei), act.peer, "", asked_at - act.age},
        severity_of(act.severity, known->severity),
        act.who};
    detector_->acted(told);
}

asio::awaitable<void> Alarms::hear_operators() {
    const auto asked_at = world_.clock.now();
    const auto heard = co_await world_.store.alarm_acts(heard_, limits::alarm_acts_page_max);
    if (!heard) co_return;
    for (const auto& act : heard->acts) tell(act, asked_at);
    heard_ = heard->last;
}

asio::awaitable<void> Alarms::keep_hearing_operators() {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;) {
        timer.expires_after(std::chrono::milliseconds(limits::alarm_acts_poll_ms));
        co_await timer.async_wait(asio::use_awaitable);
        co_await hear_operators();
    }
}

void Alarms::reopen() noexcept {
    if (json_lines_) json_lines_->reopen();
}

asio::awaitable<void> Alarms::run() {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;) {
        timer.expires_after(std::chrono::milliseconds(limits::alarm_tick_ms));
        co_await timer.async_wait(asio::use_awaitable);
        detector_->tick(world_.clock.now());
    }
}

bool Alarms::all_delivered() const {
    return std::all_of(couriers_.begin(), couriers_.end(),
                       [](const auto& courier) { return courier->waiting() == 0; });
}

asio::awaitable<void> Alarms::finish() {
    detector_->flush(world_.clock.now());
    asio::steady_timer timer(co_await asio::this_coro::executor);
    const auto end = std::chrono::steady_clock::now() + delivery_deadline;
    while (!all_delivered() && std::chrono::steady_clock::now() < end) {
        timer.expires_after(std::chrono::milliseconds(limits::poll_ms));
        co_await timer.async_wait(asio::use_awaitable);
    }
    for (const auto& courier : couriers_) {
        const auto missing = courier->waiting() + courier->dropped();
        if (missing > 0)
            world_.log.warning("alarms_not_delivered", {{"outlet", courier->name()}, {"count", missing}});
    }
    if (detector_->lost() > 0) world_.log.warning("alarms_lost", {{"count", detector_->lost()}});
    for (const auto& count : counters_.snapshot()) {
        world_.log.info("alarms_counted", {{"id", alarm::describe(count.id).name},
                                           {"severity", alarm::name_of(count.severity)},
                                           {"count", count.occurrences}});
    }
}

}  // namespace bindhss
