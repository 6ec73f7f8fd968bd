// SPDX-License-Identifier: Apache-2.0
#include "app/alarms.h"

#include <unistd.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>

#include "alarm_outlets/syslog.h"

namespace bindhss {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds delivery_deadline{2'000};
/// A database comes back sooner than somebody's webhook, and operators look at the table then.
constexpr std::chrono::milliseconds table_retry_max{5'000};

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
    auto table = courier("table");
    table.together_max = limits::alarms_together_max;
    table.retry_max = table_retry_max;
    table_ = std::make_shared<AlarmTable>(world_.executor, std::move(table), world_.store, world_.log);
    auto outlets = outside(settings, {}, webhook.has_value());
    if (webhook) add_webhook(outlets, std::move(*webhook));
    switch_.change(std::move(outlets));
    std::vector<alarm::Outlet*> told{&log_outlet_, &counters_, table_.get(), &switch_};
    if (world_.observer != nullptr) told.push_back(world_.observer);
    detector_ = std::make_unique<alarm::Detector>(detector_settings(settings.alarms), std::move(told));
}

std::vector<std::shared_ptr<alarm::Courier>> Alarms::Outside::all() const {
    std::vector<std::shared_ptr<alarm::Courier>> couriers;
    if (json_lines) couriers.push_back(json_lines);
    if (syslog) couriers.push_back(syslog);
    if (webhook) couriers.push_back(webhook);
    return couriers;
}

void Alarms::Switch::tell(const alarm::Notice& notice) noexcept {
    const auto [json_lines, syslog, webhook] = outlets();
    if (json_lines) json_lines->tell(notice);
    if (syslog) syslog->tell(notice);
    if (webhook) webhook->tell(notice);
}

Alarms::Switch::Outlets Alarms::Switch::outlets() const noexcept {
    const std::lock_guard lock(mutex_);
    return {outside_.json_lines, outside_.syslog, outside_.webhook};
}

Alarms::Outside Alarms::Switch::now() const {
    const std::lock_guard lock(mutex_);
    return outside_;
}

void Alarms::Switch::change(Outside outside) {
    const auto stay = outside.all();
    {
        const std::lock_guard lock(mutex_);
        std::swap(outside_, outside);
    }
    for (const auto& courier : outside.all())
        if (std::find(stay.begin(), stay.end(), courier) == stay.end()) courier->retire();
}

/// Those of before, but for what is to be another one. A webhook that stays gets its settings later.
Alarms::Outside Alarms::outside(const config::Settings& settings, Outside before, bool webhook) {
    auto& log = world_.log;
    const auto& alarms = settings.alarms;
    auto next = std::move(before);
    if (alarms.json_lines.empty()) {
        next.json_lines.reset();
    } else if (!next.json_lines || next.json_path != alarms.json_lines) {
        next.json_lines = std::make_shared<alarm::JsonLines>(
            disk_.get_executor(), courier("json_lines"), alarms.json_lines, settings.diameter.identity, log);
    }
    next.json_path = alarms.json_lines;
    if (alarms.syslog.to.empty()) {
        next.syslog.reset();
    } else if (!next.syslog || next.syslog_settings != alarms.syslog) {
        next.syslog = std::make_shared<alarm::Syslog>(world_.executor, courier("syslog"),
                                                      syslog_settings(settings), log);
    }
    next.syslog_settings = alarms.syslog;
    if (!webhook) next.webhook.reset();
    return next;
}

void Alarms::add_webhook(Outside& outside, alarm::WebhookSettings settings) {
    outside.webhook = std::make_shared<alarm::Webhook>(
        world_.executor, courier("webhook"), std::move(settings), world_.random, world_.clock, world_.log);
}

std::function<void()> Alarms::prepare(const config::Settings& wanted,
                                      std::optional<alarm::WebhookSettings> webhook) {
    auto rules = detector_settings(wanted.alarms);
    auto next = outside(wanted, switch_.now(), webhook.has_value());
    // A std::function has to be copied, and secrets are not.
    std::shared_ptr<alarm::WebhookSettings> changed;
    if (webhook && next.webhook) {
        changed = std::make_shared<alarm::WebhookSettings>(std::move(*webhook));
    } else if (webhook) {
        add_webhook(next, std::move(*webhook));
    }
    return [this, rules = std::move(rules), next = std::move(next), changed = std::move(changed)] {
        detector_->change(rules);
        if (changed) next.webhook->change(std::move(*changed));
        if (next.json_lines) next.json_lines->reopen();
        switch_.change(next);
    };
}

std::vector<alarm::Counters::Count> Alarms::counts() const {
    std::map<std::pair<alarm::Id, alarm::Severity>, std::uint64_t> counts;
    for (const auto& [id, severity] : detector_->kinds()) counts[{id, severity}] = 0;
    for (const auto& count : counters_.snapshot()) counts[{count.id, count.severity}] = count.occurrences;
    std::vector<alarm::Counters::Count> result;
    result.reserve(counts.size());
    for (const auto& [kind, occurrences] : counts) result.push_back({kind.first, kind.second, occurrences});
    return result;
}

std::vector<std::shared_ptr<alarm::Courier>> Alarms::couriers() const {
    auto all = switch_.now().all();
    all.insert(all.begin(), table_);
    return all;
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
                             world_.clock.now(), row.session},
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

asio::awaitable<void> Alarms::run() {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    for (;;) {
        timer.expires_after(std::chrono::milliseconds(limits::alarm_tick_ms));
        co_await timer.async_wait(asio::use_awaitable);
        detector_->tick(world_.clock.now());
    }
}

bool Alarms::all_delivered() const {
    const auto all = couriers();
    return std::all_of(all.begin(), all.end(), [](const auto& courier) { return courier->waiting() == 0; });
}

asio::awaitable<void> Alarms::finish() {
    detector_->flush(world_.clock.now());
    asio::steady_timer timer(co_await asio::this_coro::executor);
    const auto end = std::chrono::steady_clock::now() + delivery_deadline;
    while (!all_delivered() && std::chrono::steady_clock::now() < end) {
        timer.expires_after(std::chrono::milliseconds(limits::poll_ms));
        co_await timer.async_wait(asio::use_awaitable);
    }
    for (const auto& courier : couriers()) {
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
