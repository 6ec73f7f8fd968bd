// SPDX-License-Identifier: Apache-2.0
#include "alarm/log_sink.h"

namespace bindhss::alarm {

namespace {

log::Level level_of(Severity severity) {
    switch (severity) {
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

void LogSink::raise(const Alarm& alarm) noexcept {
    try {
        const auto& description = describe(alarm.id);
        const auto imei = alarm.imei ? alarm.imei->str() : std::string();
        log_.event(level_of(description.severity), "alarm",
                   {{"id", description.name},
                    {"severity", name_of(description.severity)},
                    {"imsi", alarm.imsi ? alarm.imsi->digits() : std::string_view()},
                    {"imei", imei},
                    {"peer", alarm.peer},
                    {"detail", alarm.detail}});
    } catch (...) {  // out of memory: the table still gets the alarm
    }
}

}  // namespace bindhss::alarm
