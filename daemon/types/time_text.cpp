// SPDX-License-Identifier: Apache-2.0
#include "types/time_text.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <charconv>
#include <ctime>

namespace bindhss {

namespace {

/// Takes so many digits from the front of the text.
std::optional<unsigned> take_number(std::string_view& text, std::size_t digits) {
    if (text.size() < digits) return std::nullopt;
    unsigned value = 0;
    const auto* const end = text.data() + digits;
    if (text.front() < '0' || text.front() > '9') return std::nullopt;
    if (const auto [at, problem] = std::from_chars(text.data(), end, value);
        problem != std::errc() || at != end)
        return std::nullopt;
    text.remove_prefix(digits);
    return value;
}

bool take(std::string_view& text, char c) {
    if (!text.starts_with(c)) return false;
    text.remove_prefix(1);
    return true;
}

/// The number behind a sign.
std::optional<unsigned> take_behind(std::string_view& text, char sign, unsigned most) {
    if (!take(text, sign)) return std::nullopt;
    const auto value = take_number(text, 2);
    return value && *value <= most ? value : std::nullopt;
}

std::optional<std::chrono::seconds> take_time_of_day(std::string_view& text) {
    const auto hour = take_behind(text, 'T', 23);
    const auto minute = hour ? take_behind(text, ':', 59) : std::nullopt;
    if (!minute) return std::nullopt;
    unsigned second = 0;
    if (text.starts_with(':')) {
        const auto value = take_behind(text, ':', 59);
        if (!value) return std::nullopt;
        second = *value;
    }
    take(text, 'Z');
    return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(second);
}

/// The day at the front of the text.
std::optional<std::chrono::sys_days> take_day(std::string_view& text) {
    const auto year = take_number(text, 4);
    const auto month = year ? take_behind(text, '-', 12) : std::nullopt;
    const auto day = month ? take_behind(text, '-', 31) : std::nullopt;
    if (!day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)),
                                           std::chrono::month(*month), std::chrono::day(*day)};
    if (!date.ok()) return std::nullopt;
    return std::chrono::sys_days(date);
}

/// A fraction of a second, as far as we count them.
std::optional<std::chrono::milliseconds> take_fraction(std::string_view& text) {
    std::chrono::milliseconds fraction{0};
    if (!take(text, '.')) return fraction;
    auto digit = take_number(text, 1);
    if (!digit) return std::nullopt;
    for (std::int64_t weight = 100; digit; weight /= 10, digit = take_number(text, 1))
        fraction += std::chrono::milliseconds(weight * *digit);
    return fraction;
}

/// "Z", or how far the local time is ahead of UTC.
std::optional<std::chrono::minutes> take_offset(std::string_view& text) {
    if (take(text, 'Z') || take(text, 'z')) return std::chrono::minutes(0);
    if (text.empty()) return std::nullopt;
    const char sign = text.front();
    const auto hours = sign == '+' || sign == '-' ? take_behind(text, sign, 23) : std::nullopt;
    const auto minutes = hours ? take_behind(text, ':', 59) : std::nullopt;
    if (!minutes) return std::nullopt;
    const auto offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    return sign == '+' ? offset : -offset;
}

std::tm broken_down(WallTime time) {
    // Not to_time_t(): it takes nanoseconds, which end with the year 2262.
    return fmt::gmtime(
        static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(time.time_since_epoch()).count()));
}

}  // namespace

std::optional<WallTime> parse_time(std::string_view text) {
    const auto day = take_day(text);
    if (!day) return std::nullopt;
    std::chrono::seconds of_day{0};
    if (!text.empty()) {
        const auto seconds = take_time_of_day(text);
        if (!seconds || !text.empty()) return std::nullopt;
        of_day = *seconds;
    }
    return WallTime(*day) + of_day;
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
    const auto day = take_day(text);
    if (!day) return std::nullopt;
    if (text.empty()) return WallTime(*day);
    const char separator = text.front();
    if (separator != 'T' && separator != 't' && separator != ' ') return std::nullopt;
    constexpr unsigned leap_second = 60;
    const auto hour = take_behind(text, separator, 23);
    const auto minute = hour ? take_behind(text, ':', 59) : std::nullopt;
    const auto second = minute ? take_behind(text, ':', leap_second) : std::nullopt;
    const auto fraction = second ? take_fraction(text) : std::nullopt;
    const auto offset = fraction ? take_offset(text) : std::nullopt;
    if (!offset || !text.empty()) return std::nullopt;
    return WallTime(*day) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) - *offset +
           std::chrono::seconds(*second) + *fraction;
}

std::string time_text(WallTime time) {
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", broken_down(time));
}

std::string day_text(WallTime time) {
    return fmt::format("{:%Y-%m-%d}", broken_down(time));
}

}  // namespace bindhss
