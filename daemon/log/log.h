// SPDX-License-Identifier: Apache-2.0
// Structured log: an event name and fields, written by spdlog as JSON lines or as text.
#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace bindhss::log {

enum class Level : std::uint8_t { debug, info, warning, error };
enum class Format : std::uint8_t { text, json };

/// One field. There is no way to pass octets or a Secret: key material has no formatter.
struct Field {
    std::string_view key;
    std::variant<std::string_view, std::int64_t, double, bool> value;

    Field(std::string_view k, std::string_view v) : key(k), value(v) {}
    Field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
    Field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
    Field(std::string_view k, bool v) : key(k), value(v) {}
    Field(std::string_view k, double v) : key(k), value(v) {}
    template <std::integral T>
    Field(std::string_view k, T v) : key(k), value(static_cast<std::int64_t>(v)) {}
};

struct Settings {
    Level level = Level::info;
    Format format = Format::text;
    std::string file;  ///< empty: standard error
};

/// Any thread may call it; events of one thread keep their order. Values that come from peers are escaped, so
/// that no peer can forge a line. Owns its sink.
class Logger {
  public:
    /// Throws std::runtime_error when the file cannot be opened.
    explicit Logger(const Settings& settings);
    ~Logger();
    Logger(const Logger&) = delete;
    Logger& operator=(const Logger&) = delete;

    /// Opens the file, anew if it is the same: it may have been rotated. What is returned makes the logger
    /// use it, and level and format, without losing an event; it does not throw, and belongs to this logger.
    /// Throws std::runtime_error when the file cannot be opened; then nothing has changed.
    [[nodiscard]] std::function<void()> prepare(const Settings& settings);

    [[nodiscard]] bool enabled(Level level) const;
    void event(Level level, std::string_view name, std::initializer_list<Field> fields = {}) noexcept;

    void debug(std::string_view name, std::initializer_list<Field> f = {}) noexcept {
        event(Level::debug, name, f);
    }
    void info(std::string_view name, std::initializer_list<Field> f = {}) noexcept {
        event(Level::info, name, f);
    }
    void warning(std::string_view name, std::initializer_list<Field> f = {}) noexcept {
        event(Level::warning, name, f);
    }
    void error(std::string_view name, std::initializer_list<Field> f = {}) noexcept {
        event(Level::error, name, f);
    }
    void flush() noexcept;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

/// Builds the line of one event; apart from Logger for tests.
[[nodiscard]] std::string render(Format format, std::string_view time, Level level, std::string_view name,
                                 std::initializer_list<Field> fields);

}  // namespace bindhss::log
