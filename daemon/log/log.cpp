// SPDX-License-Identifier: Apache-2.0
#include "log/log.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "log/printable.h"

namespace bindhss::log {

namespace {

constexpr std::array<std::string_view, 4> level_names{"debug", "info", "warning", "error"};
constexpr auto flush_interval = std::chrono::seconds(1);
constexpr std::string_view replacement_character = "\xef\xbf\xbd";  // U+FFFD

struct CodePoint {
    char32_t value;
    std::size_t octets;  ///< 0: not well-formed (RFC 3629 3)
};

CodePoint decode(std::string_view text) {
    const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = octet(0);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xc2 ? 0
                               : lead < 0xe0 ? 2
                               : lead < 0xf0 ? 3
                               : lead < 0xf5 ? 4
                                             : 0;
    if (length == 0 || length > text.size()) return {0, 0};
    if (length == 1) return {lead, 1};
    char32_t value = lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) {
        if ((octet(i) & 0xc0U) != 0x80U) return {0, 0};
        value = value << 6 | (octet(i) & 0x3fU);
    }
    const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
    const bool surrogate = value >= 0xd800 && value < 0xe000;
    if (overlong || surrogate || value > 0x10ffff) return {0, 0};
    return {value, length};
}

/// What a terminal or a reader of lines may take for something else than text: C0, DEL, C1, the separators of
/// lines, and the controls of direction, which can show a line in another order than it was written.
bool is_control(char32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void append_escaped(std::string& line, std::string_view text) {
    while (!text.empty()) {
        const auto [value, octets] = decode(text);
        if (octets == 0) {
            line += replacement_character;
            text.remove_prefix(1);
            continue;
        }
        if (value == '"' || value == '\\') {
            line += '\\';
            line += static_cast<char>(value);
        } else if (value == '\n') {
            line += "\\n";
        } else if (is_control(value)) {
            fmt::format_to(std::back_inserter(line), "\\u{:04x}", static_cast<std::uint32_t>(value));
        } else {
            line += text.substr(0, octets);
        }
        text.remove_prefix(octets);
    }
}

void append_quoted(std::string& line, std::string_view text) {
    line += '"';
    append_escaped(line, text);
    line += '"';
}

/// May stand in a text line as it is; anything else is quoted.
bool is_bare(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '=';
    });
}

void append_text(std::string& line, std::string_view text) {
    if (is_bare(text)) {
        line += text;
    } else {
        append_quoted(line, text);
    }
}

struct AppendValue {
    std::string& line;
    Format format;

    void operator()(std::string_view text) const {
        if (format == Format::json) {
            append_quoted(line, text);
        } else {
            append_text(line, text);
        }
    }
    void operator()(std::int64_t number) const { fmt::format_to(std::back_inserter(line), "{}", number); }
    void operator()(double number) const {
        if (format == Format::json && !std::isfinite(number)) {
            line += "null";  // RFC 8259 6 has no other way
        } else {
            fmt::format_to(std::back_inserter(line), "{}", number);
        }
    }
    void operator()(bool value) const { line += value ? "true" : "false"; }
};

std::string timestamp() {
    using namespace std::chrono;
    const auto now = time_point_cast<microseconds>(system_clock::now());
    const auto seconds_part = floor<seconds>(now);
    const std::time_t time = system_clock::to_time_t(seconds_part);
    std::tm utc{};
    gmtime_r(&time, &utc);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                       utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec, (now - seconds_part).count());
}

spdlog::sink_ptr make_sink(const std::string& file) {
    try {
        spdlog::sink_ptr sink;
        if (file.empty()) {
            sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        } else {
            sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
        }
        sink->set_pattern("%v");
        return sink;
    } catch (const spdlog::spdlog_ex& error) {
        throw std::runtime_error(std::string("the log file cannot be opened: ") + error.what());
    }
}

/// Where lines go; another place may take over between two of them.
class Outlet final : public spdlog::sinks::base_sink<std::mutex> {
  public:
    explicit Outlet(spdlog::sink_ptr first) : sink_(std::move(first)) {}
    /// Returns the one before, with all of its lines written.
    spdlog::sink_ptr replace(spdlog::sink_ptr next) {
        const std::lock_guard lock(mutex_);
        sink_->flush();
        sink_.swap(next);
        return next;
    }

  protected:
    void sink_it_(const spdlog::details::log_msg& line) override { sink_->log(line); }
    void flush_() override { sink_->flush(); }

  private:
    spdlog::sink_ptr sink_;  // guarded by mutex_
};

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warning:
            return spdlog::level::warn;
        case Level::error:
            break;
    }
    return spdlog::level::err;
}

}  // namespace

struct Logger::Impl {
    explicit Impl(const Settings& settings)
        : level(settings.level),
          format(settings.format),
          outlet(std::make_shared<Outlet>(make_sink(settings.file))),
          logger("bindhss", outlet) {
        logger.set_level(spdlog::level::trace);  // enabled() has decided
        logger.flush_on(spdlog::level::warn);
        // spdlog would print its own complaint, with the line in it, to standard error.
        logger.set_error_handler([](const std::string&) {});
        if (!settings.file.empty()) begin_flushing();
    }

    void begin_flushing() {
        const std::lock_guard lock(flusher_mutex);
        if (!flusher.joinable())
            flusher = std::jthread([this](const std::stop_token& stop) { flush_often(stop); });
    }

    void flush_often(const std::stop_token& stop) {
        std::mutex mutex;
        std::unique_lock lock(mutex);
        std::condition_variable_any wake;
        while (!stop.stop_requested()) {
            wake.wait_for(lock, stop, flush_interval, [] { return false; });
            logger.flush();
        }
    }

    std::atomic<Level> level;
    std::atomic<Format> format;
    const std::shared_ptr<Outlet> outlet;
    spdlog::logger logger;
    std::mutex flusher_mutex;
    std::jthread flusher;  // last: it must stop before the logger dies
};

Logger::Logger(const Settings& settings) : impl_(std::make_unique<Impl>(settings)) {}

Logger::~Logger() {
    flush();
}

std::function<void()> Logger::prepare(const Settings& settings) {
    auto sink = make_sink(settings.file);
    return [this, settings, sink] {
        if (!settings.file.empty()) impl_->begin_flushing();
        (void)impl_->outlet->replace(sink);
        impl_->format = settings.format;
        impl_->level = settings.level;
    };
}

bool Logger::enabled(Level level) const {
    return level >= impl_->level.load(std::memory_order_relaxed);
}

void Logger::event(Level level, std::string_view name, std::initializer_list<Field> fields) noexcept {
    if (!enabled(level)) return;
    try {
        const auto line = render(impl_->format, timestamp(), level, name, fields);
        impl_->logger.log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
    } catch (...) {  // a line that cannot be written must not stop a request
    }
}

void Logger::flush() noexcept {
    try {
        impl_->logger.flush();
    } catch (...) {
    }
}

std::string printable(std::string_view text, std::size_t octets_max) {
    std::string result;
    while (!text.empty()) {
        const auto [value, octets] = decode(text);
        const auto piece = octets == 0         ? replacement_character
                           : is_control(value) ? std::string_view(" ")
                                               : text.substr(0, octets);
        if (result.size() + piece.size() > octets_max) break;
        result += piece;
        text.remove_prefix(octets == 0 ? 1 : octets);
    }
    return result;
}

std::string render(Format format, std::string_view time, Level level, std::string_view name,
                   std::initializer_list<Field> fields) {
    const auto level_name = level_names[static_cast<std::size_t>(level)];
    std::string line;
    line.reserve(128 + 32 * fields.size());
    if (format == Format::json) {
        fmt::format_to(std::back_inserter(line), R"({{"time":"{}","level":"{}","event":)", time, level_name);
        append_quoted(line, name);
    } else {
        fmt::format_to(std::back_inserter(line), "{} {:<7} ", time, level_name);
        append_text(line, name);
    }
    for (const auto& field : fields) {
        if (format == Format::json) {
            line += ',';
            append_quoted(line, field.key);
            line += ':';
        } else {
            line += ' ';
            append_text(line, field.key);
            line += '=';
        }
        std::visit(AppendValue{line, format}, field.value);
    }
    if (format == Format::json) line += '}';
    return line;
}

}  // namespace bindhss::log
