// SPDX-License-Identifier: Apache-2.0
// The commands of bindhssctl, apart from its arguments and its database.
#pragma once

#include <functional>
#include <istream>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "ctl/output.h"
#include "ctl/records.h"
#include "store/device_keys.h"

namespace bindhss::ctl {

/// Exit codes; docs/operations.md promises them to scripts.
enum Exit : int { done = 0, refused = 1, usage = 2, unavailable = 3 };

/// Something that the input is refused for; the text is one clear line.
class Refused : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct Streams {
    std::istream& in;
    std::ostream& out;
    std::ostream& err;
    bool terminal = false;      ///< `err` is one: progress may be shown there
    bool out_terminal = false;  ///< `out` is one: --watch draws over what it drew
};

/// How rows are shown: for people, for programs, for spreadsheets.
enum class Form : std::uint8_t { table, json, csv };

class ApiClient;

struct Context {
    store::Provisioning& store;
    store::DeviceKeys& device_keys;
    Streams& io;
    bool json = false;  ///< Form::json
    std::size_t limit = 1'000;
    bool dry_run = false;            ///< everything is checked, nothing is stored
    std::string who = "bindhssctl";  ///< "user@host", as the audit names the caller
    binding::JudgeSettings judge;    ///< as the daemon judges, for trials
    Form form = Form::table;
    ApiClient* api = nullptr;  ///< for what is not of the stores; null in tests of the stores alone
    std::function<WallTime()> now = [] { return SystemClock().now(); };
    std::function<void(std::chrono::milliseconds)> pause = [](std::chrono::milliseconds time) {
        std::this_thread::sleep_for(time);
    };
};

// All of these throw Refused and store::Unavailable.
/// Returns what was stored.
std::vector<store::Item> put(Context& context, const Record& record);
/// Everything or nothing; with context.dry_run nothing, and a note says so.
void store_items(Context& context, const std::vector<store::Item>& items);
void show_subscriber(Context& context, const std::string& imsi);
/// Warnings of subscribers who are bound by a key that is not there yet, as far as warnings are shown.
[[nodiscard]] std::vector<std::string> key_warnings(Context& context, const std::vector<store::Item>& items);

/// In the form that was asked for, with a note when context.limit has cut it.
void print_list(Context& context, const Table& table);
/// That note.
void note_of_limit(Context& context);
/// A table of one row, in that form.
void print_one(Context& context, const Table& table);
/// Throws Refused: not 6 to 15 digits; not 14 to 16 digits.
[[nodiscard]] Imsi parsed_imsi(const std::string& text);
[[nodiscard]] Imei parsed_imei(const std::string& text);
/// Throws Refused when there is no such subscriber.
[[nodiscard]] store::SubscriberRow subscriber_row(Context& context, const std::string& imsi);

/// A whole file; "-" is standard input. Throws Refused.
[[nodiscard]] std::string read_whole(const std::string& path, Streams& io);

}  // namespace bindhss::ctl
