// SPDX-License-Identifier: Apache-2.0
#include "alarm/log_outlet.h"

#include <fmt/format.h>

#include <ctime>

namespace bindhss::alarm {

namespace {

log::Level level_of(const Notice& notice) {
    if (notice.change == Change::cleared || notice.change == Change::acknowledged) return log::Level::info;
    switch (notice.severity) {
        case Severity::info:
            return log::Level::info;
        case Severity::warning:
        case Severity::minor:
            return log::Level::warning;
        case Severity::major:
        case Severity::critical:
            break;
    }
    return log::Level::error;
}

}  // namespace

void LogOutlet::tell(const Notice& notice) noexcept {
    try {
        const auto& alarm = notice.alarm;
        const auto imei = alarm.imei ? alarm.imei->str() : std::string();
        log_.event(level_of(notice), "alarm",
                   {{"change", name_of(notice.change)},
                    {"id", describe(alarm.id).name},
                    {"severity", name_of(notice.severity)},
                    {"count", notice.count},
                    {"imsi", alarm.imsi ? alarm.imsi->digits() : std::string_view()},
                    {"imei", imei},
                    {"peer", alarm.peer},
                    {"session", alarm.session},
                    {"text", notice.text},
                    {"detail", alarm.detail},
                    {"by", notice.by}});
    } catch (...) {  // no memory: the other outlets still get the alarm
    }
}

std::string timestamp(WallTime time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto since_epoch = static_cast<std::time_t>(seconds.time_since_epoch().count());
    std::tm utc{};
    gmtime_r(&since_epoch, &utc);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                       utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, (time - seconds).count());
}

std::string json_of(const Notice& notice, std::string_view origin) {
    const auto& alarm = notice.alarm;
    const auto imei = alarm.imei ? alarm.imei->str() : std::string();
    return log::render(log::Format::json, timestamp(alarm.time), level_of(notice), "alarm",
                       {{"origin", origin},
                        {"change", name_of(notice.change)},
                        {"id", describe(alarm.id).name},
                        {"severity", name_of(notice.severity)},
                        {"count", notice.count},
                        {"imsi", alarm.imsi ? alarm.imsi->digits() : std::string_view()},
                        {"imei", imei},
                        {"peer", alarm.peer},
                        {"session", alarm.session},
                        {"text", notice.text},
                        {"detail", alarm.detail},
                        {"by", notice.by}});
}

}  // namespace bindhss::alarm
