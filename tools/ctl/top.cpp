// SPDX-License-Identifier: Apache-2.0
#include "ctl/top.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "ctl/api_client.h"
#include "ctl/terminal_keys.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace json = boost::json;

namespace {

constexpr char interrupt = 3;  // ^C

std::string text_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_string()) return {};
    std::string text(value->get_string());
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; },
        '?');
    return text;
}

double number_in(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_number() ? value->to_number<double>() : 0;
}

const json::array& list_in(const json::object& object, std::string_view name) {
    static const json::array none;
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_array() ? value->get_array() : none;
}

const json::object& object_in(const json::object& object, std::string_view name) {
    static const json::object none;
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_object() ? value->get_object() : none;
}

/// 950, 12.3k, 4.5M
std::string short_number(double number) {
    if (number >= 1e6) return fmt::format("{:.1f}M", number / 1e6);
    if (number >= 1e4) return fmt::format("{:.1f}k", number / 1e3);
    const bool whole = number >= 100 || number == std::floor(number);
    return whole ? fmt::format("{:.0f}", number) : fmt::format("{:.1f}", number);
}

std::string short_time(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_number()) return "-";
    const auto us = value->to_number<double>();
    if (us >= 1e6) return fmt::format("{:.1f} s", us / 1e6);
    return us >= 1e4 ? fmt::format("{:.0f} ms", us / 1e3) : fmt::format("{:.1f} ms", us / 1e3);
}

/// Lines that fit.
class Picture {
  public:
    explicit Picture(const Screen& screen) : screen_(screen) {}
    void line(std::string text = {}) {
        // Octets of UTF-8 count as columns: a narrow line is cut a little early, and never in a character.
        if (text.size() > screen_.columns) {
            auto end = screen_.columns;
            while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
            text.resize(end);
        }
        lines_.push_back(std::move(text));
    }
    /// Lines that are left on the screen.
    [[nodiscard]] std::size_t room() const {
        if (screen_.lines == 0) return SIZE_MAX;
        return screen_.lines > lines_.size() ? screen_.lines - lines_.size() : 0;
    }
    [[nodiscard]] std::string text() const {
        std::string all;
        const auto shown = screen_.lines == 0 ? lines_.size() : std::min(lines_.size(), screen_.lines);
        for (std::size_t i = 0; i < shown; ++i) all += lines_[i] + "\n";
        return all;
    }

  private:
    const Screen screen_;
    std::vector<std::string> lines_;
};

void draw_head(Picture& picture, const json::object& status) {
    picture.line(fmt::format("BindHSS {}  {}  since {}", text_in(status, "version"),
                             text_in(status, "identity"), text_in(status, "since")));
    std::string alarms;
    const auto& open = object_in(status, "alarms");
    for (const auto* severity : {"critical", "major", "minor", "warning", "info"}) {
        if (number_in(open, severity) != 0)
            alarms += fmt::format("  {} {}", short_number(number_in(open, severity)), severity);
    }
    picture.line("alarms open:" + (alarms.empty() ? "  none" : alarms));
    picture.line(fmt::format("subscribers about {}, registered about {}, requests in flight {}",
                             short_number(number_in(status, "subscribers")),
                             short_number(number_in(status, "registrations")),
                             short_number(number_in(status, "in_flight"))));
}

void draw_procedures(Picture& picture, const json::object& status) {
    picture.line();
    picture.line(fmt::format("{:<8} {:>9} {:>9} {:>9} {:>10} {:>10}", "REQUEST", "A SECOND", "MEDIAN", "99 %",
                             "ANSWERED", "REFUSED"));
    for (const auto& entry : list_in(status, "procedures")) {
        if (!entry.is_object()) continue;
        const auto& one = entry.get_object();
        picture.line(fmt::format("{:<8} {:>9} {:>9} {:>9} {:>10} {:>10}", text_in(one, "name"),
                                 short_number(number_in(one, "per_second")), short_time(one, "p50_us"),
                                 short_time(one, "p99_us"), short_number(number_in(one, "answered")),
                                 short_number(number_in(one, "refused"))));
    }
}

void draw_store(Picture& picture, const json::object& status) {
    const auto& store = object_in(status, "store");
    const auto* usable = store.if_contains("usable");
    picture.line();
    if (usable != nullptr && usable->is_bool() && !usable->get_bool())
        picture.line("THE DATABASE CANNOT BE REACHED");
    picture.line(fmt::format("{:<15} {:>9} {:>12} {:>6} {:>8}", "DATABASE", "WAITING", "CONNECTIONS", "BUSY",
                             "ERRORS"));
    for (const auto& entry : list_in(store, "lanes")) {
        if (!entry.is_object()) continue;
        const auto& lane = entry.get_object();
        const auto connections = fmt::format("{:.0f}/{:.0f}", number_in(lane, "connections"),
                                             number_in(lane, "connections_wanted"));
        picture.line(fmt::format("{:<15} {:>9} {:>12} {:>6} {:>8}", text_in(lane, "name"),
                                 short_number(number_in(lane, "waiting")), connections,
                                 short_number(number_in(lane, "busy")),
                                 short_number(number_in(lane, "errors"))));
    }
}

void draw_peer(Picture& picture, const json::object& peer, std::size_t width) {
    picture.line(fmt::format(
        "{:<{}} {:<11} {:>9} {:>9} {:>9}", text_in(peer, "identity").substr(0, width), width,
        text_in(peer, "state"), short_number(number_in(peer, "requests_per_second")),
        short_number(number_in(peer, "requests_received")), short_number(number_in(peer, "requests_sent"))));
}

/// Those that are not there first, then the busiest.
void draw_peers(Picture& picture, const json::array& peers, std::size_t columns) {
    constexpr std::size_t others = 43;  // columns of the numbers
    std::size_t width = 8;
    std::vector<json::object> rows;
    for (const auto& peer : peers) {
        if (!peer.is_object()) continue;
        rows.push_back(peer.get_object());
        width = std::max(width, text_in(rows.back(), "identity").size());
    }
    width = std::min(width, std::max<std::size_t>(columns > others ? columns - others : 8, 8));
    std::stable_sort(rows.begin(), rows.end(), [](const json::object& a, const json::object& b) {
        const bool a_open = text_in(a, "state") == "open", b_open = text_in(b, "state") == "open";
        if (a_open != b_open) return b_open;
        return number_in(a, "requests_per_second") > number_in(b, "requests_per_second");
    });
    picture.line();
    picture.line(fmt::format("{:<{}} {:<11} {:>9} {:>9} {:>9}", "PEER", width, "STATE", "A SECOND",
                             "RECEIVED", "SENT"));
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto left = rows.size() - i;
        if (picture.room() <= 1 && left > 1) return picture.line(fmt::format("and {} more", left));
        draw_peer(picture, rows[i], width);
    }
    if (rows.empty()) picture.line("none");
}

std::string picture_now(Context& context, bool drawn_over) {
    const auto status = fetch(*context.api, path_of({"status"}));
    const auto answer = fetch(*context.api, path_of({"peers"}));
    constexpr std::size_t anywhere = 1'000;
    Screen screen{anywhere, 0};
    if (drawn_over) {
        const auto size = terminal_size();
        screen = {size.columns, size.lines - 1};
    }
    return top_picture(status, list_in(answer, "items"), screen);
}

/// false: whoever looks has enough.
bool wait(Context& context, const TerminalKeys* keys, std::chrono::milliseconds time) {
    if (keys == nullptr || !keys->there()) {
        context.pause(time);
        return true;
    }
    const auto key = TerminalKeys::key_within(time);
    return !key || (*key != 'q' && *key != 'Q' && *key != interrupt);
}

void draw(Context& context, const TopRequest& request, const TerminalKeys* keys) {
    const bool over = context.io.out_terminal;
    for (unsigned drawn = 0;;) {
        std::string picture;
        try {
            picture = picture_now(context, over);
        } catch (const store::Unavailable& error) {
            if (drawn == 0 || !over) throw;
            picture = std::string("bindhssctl: ") + error.what() + "\n";
        }
        // From the top, and what is left of the last picture is taken away.
        if (over) context.io.out << "\x1b[H\x1b[2J";
        if (!over && drawn != 0) context.io.out << '\n';
        if (!(context.io.out << picture).flush()) throw Refused("the output cannot be written");
        ++drawn;
        if (request.count != 0 ? drawn == request.count : !over) return;
        if (!wait(context, keys, std::chrono::seconds(request.seconds))) return;
    }
}

}  // namespace

std::string top_picture(const json::object& status, const json::array& peers, const Screen& screen) {
    Picture picture(screen);
    draw_head(picture, status);
    draw_procedures(picture, status);
    draw_store(picture, status);
    draw_peers(picture, peers, screen.columns);
    return picture.text();
}

void top(Context& context, const TopRequest& request) {
    if (context.api == nullptr) throw Refused("this needs the API of a daemon");
    std::optional<TerminalKeys> keys;
    if (context.io.out_terminal) keys.emplace();
    draw(context, request, keys ? &*keys : nullptr);
}

void add_top_command(CLI::App* program, const AddCommand& add) {
    const auto request = std::make_shared<TopRequest>();
    auto* command = add(program, "top",
                        "Show peers, rates, times and alarms of the daemon, drawn again and again; q ends it",
                        [request](Context& context) { top(context, *request); });
    command->add_option("-n,--count", request->count, "So many pictures (elsewhere than on a terminal: 1)");
    command->add_option("--seconds", request->seconds, "Between two of them")->check(CLI::Range(1, 3'600));
}

}  // namespace bindhss::ctl
