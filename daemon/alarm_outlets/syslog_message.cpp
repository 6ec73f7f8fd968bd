// SPDX-License-Identifier: Apache-2.0
#include "alarm_outlets/syslog_message.h"

#include <fmt/format.h>

#include <algorithm>

#include "alarm/log_outlet.h"
#include "log/printable.h"
#include "types/limits.h"

namespace bindhss::alarm {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::size_t peer_octets_max = 255;
constexpr std::size_t session_octets_max = limits::session_id_octets_max;
constexpr std::size_t by_octets_max = 255;

/// RFC 5674 2; what has ended is a notice, and so is that somebody is at it.
unsigned severity_of(const Notice& notice) {
    if (notice.change == Change::cleared || notice.change == Change::acknowledged) return 5;
    switch (notice.severity) {
        case Severity::critical:
            return 1;
        case Severity::major:
            return 2;
        case Severity::minor:
            return 3;
        case Severity::warning:
            return 4;
        case Severity::info:
            break;
    }
    return 6;
}

/// PARAM-VALUE (RFC 5424 6.3.3).
std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '"' || c == '\\' || c == ']') result += '\\';
        result += c;
    }
    return result;
}

std::string text_of(const Notice& notice) {
    const auto& alarm = notice.alarm;
    auto text = fmt::format("{} {}", describe(alarm.id).name, name_of(notice.change));
    if (!notice.by.empty()) text += " by " + notice.by;
    if (notice.count > 1) text += fmt::format(" ({} times)", notice.count);
    text += ": " + notice.text;
    if (!alarm.detail.empty()) text += " " + alarm.detail;
    return text;
}

std::string header_field(const std::string& text) {
    const bool good =
        !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
    return good ? text : "-";
}

}  // namespace

std::string syslog_message(const Notice& notice, const SyslogSender& sender) {
    const auto& alarm = notice.alarm;
    const auto name = describe(alarm.id).name;
    auto message =
        fmt::format("<{}>1 {} {} bindhssd {} {} [bindhss@32473 change=\"{}\" severity=\"{}\" count=\"{}\"",
                    static_cast<unsigned>(sender.facility) * 8 + severity_of(notice), timestamp(alarm.time),
                    header_field(sender.host), header_field(sender.process_id), name, name_of(notice.change),
                    name_of(notice.severity), notice.count);
    if (alarm.imsi) message += fmt::format(" imsi=\"{}\"", alarm.imsi->digits());
    if (alarm.imei) message += fmt::format(" imei=\"{}\"", alarm.imei->str());
    if (!alarm.peer.empty())
        message += fmt::format(" peer=\"{}\"", escaped(log::printable(alarm.peer, peer_octets_max)));
    if (!alarm.session.empty())
        message += fmt::format(" session=\"{}\"", escaped(log::printable(alarm.session, session_octets_max)));
    if (!notice.by.empty())
        message += fmt::format(" by=\"{}\"", escaped(log::printable(notice.by, by_octets_max)));
    message += "] ";
    const auto text = text_of(notice);
    const bool ascii =
        std::all_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
    if (!ascii) message += byte_order_mark;
    return message + log::printable(text, limits::syslog_octets_max - message.size());
}

}  // namespace bindhss::alarm
