// SPDX-License-Identifier: Apache-2.0
// What has happened lately: the memory behind `bindhssctl trace` and the events of the API.
#pragma once

#include <boost/json/array.hpp>
#include <concepts>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "types/identity.h"
#include "types/limits.h"
#include "types/seams.h"

namespace bindhss::metrics {

/// One field of an event. As in the log there is no way to pass octets or a Secret.
struct Detail {
    std::string_view key;  ///< a literal: it is kept as it is
    std::variant<std::string_view, std::int64_t, bool> value;

    Detail() : value(std::int64_t{0}) {}
    Detail(std::string_view k, std::string_view v) : key(k), value(v) {}
    Detail(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
    Detail(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
    Detail(std::string_view k, bool v) : key(k), value(v) {}
    template <std::integral T>
    Detail(std::string_view k, T v) : key(k), value(static_cast<std::int64_t>(v)) {}
};

struct JournalEvent {
    std::string_view event;  ///< a literal
    std::string_view imsi;   ///< empty: it is about none
    /// One of thousands that are alike: remembered for a moment, so that it pushes out none of the others.
    bool ordinary = false;
    std::span<const Detail> details;  ///< limits::journal_fields_max; empty texts are left out
};

struct JournalSettings {
    std::size_t events = limits::journal_events_max;
    std::size_t ordinary_events = limits::journal_ordinary_events_max;
    std::size_t traced_events = limits::journal_ordinary_events_max;
};

/// Bounded memory of events, in three rings: ordinary ones, those that are worth more, and all of
/// subscribers who are being traced, whom no flood of others pushes out. To write one costs a copy of its
/// text and no allocation once the rings have gone round. Any thread may call it.
class Journal {
  public:
    /// Numbers begin with the time, so that they go on growing after a restart.
    explicit Journal(const Clock& clock, JournalSettings settings = {});

    void add(const JournalEvent& event) noexcept;
    /// As management::Running::events(). From now on, and for limits::journal_traced_ms, `imsi` is traced.
    [[nodiscard]] boost::json::array events(std::uint64_t after, const std::optional<Imsi>& imsi,
                                            std::size_t limit);

  private:
    struct Field {
        std::string_view key;
        enum class Kind : std::uint8_t { text, number, flag } kind;
        std::uint32_t begin;
        std::uint32_t size;
        std::int64_t number;
    };
    struct Slot {
        std::uint64_t number = 0;  ///< 0: never used
        WallTime at;
        std::string_view event;
        std::string text;  ///< the IMSI, then the texts of fields
        std::size_t imsi_size = 0;
        std::size_t count = 0;
        std::array<Field, limits::journal_fields_max> fields;
        [[nodiscard]] std::string_view imsi() const { return std::string_view(text).substr(0, imsi_size); }
    };
    struct Ring {
        std::vector<Slot> slots;
        std::size_t next = 0;
    };

    [[nodiscard]] bool traced(std::string_view imsi, WallTime now) const;
    void trace(const Imsi& imsi, WallTime now);
    static void fill(Slot& slot, const JournalEvent& event);
    [[nodiscard]] std::vector<Slot> found_behind(std::uint64_t after, const std::optional<Imsi>& imsi,
                                                 std::size_t limit);
    [[nodiscard]] static boost::json::object object_of(const Slot& slot);

    const Clock& clock_;
    mutable std::mutex mutex_;
    // guarded by mutex_:
    Ring notable_;
    Ring ordinary_;
    Ring of_traced_;
    std::uint64_t last_;
    std::map<std::string, WallTime, std::less<>> traced_;  ///< until when
};

}  // namespace bindhss::metrics
