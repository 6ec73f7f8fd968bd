// SPDX-License-Identifier: Apache-2.0
#include "ctl/daemon_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "crypto/hash.h"
#include "crypto/random.h"
#include "ctl/api_client.h"
#include "types/base64.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace json = boost::json;

namespace {

ApiClient& api_of(Context& context) {
    if (context.api == nullptr) throw Refused("this needs the API of a daemon");
    return *context.api;
}

std::string text_of(const json::value& value) {
    if (value.is_string()) return std::string(value.get_string());
    if (value.is_bool()) return value.get_bool() ? "yes" : "no";
    if (value.is_null()) return {};
    if (value.is_double()) return fmt::format("{:.1f}", value.get_double());
    return json::serialize(value);
}

/// Objects with members of any names as a table: the columns in the order in which they come first.
Table table_of(const std::vector<json::object>& rows) {
    Table table;
    for (const auto& row : rows) {
        for (const auto& member : row) {
            if (std::find(table.columns.begin(), table.columns.end(), std::string(member.key())) ==
                table.columns.end())
                table.columns.emplace_back(member.key());
        }
    }
    for (const auto& row : rows) {
        auto& cells = table.rows.emplace_back();
        for (const auto& column : table.columns) {
            const auto* value = row.if_contains(column);
            cells.push_back(value == nullptr ? std::string() : text_of(*value));
        }
    }
    return table;
}

std::vector<json::object> objects_of(const json::value& list) {
    std::vector<json::object> rows;
    if (!list.is_array()) return rows;
    for (const auto& each : list.get_array())
        if (each.is_object()) rows.push_back(each.get_object());
    return rows;
}

void show_peers(Context& context) {
    auto peers = fetch_items(api_of(context), path_of({"peers"}));
    if (peers.size() > context.limit) peers.resize(context.limit);
    print_list(context, table_of(peers));
}

void show_status(Context& context) {
    const auto status = fetch(api_of(context), path_of({"status"}));
    if (context.form == Form::json) {
        context.io.out << json::serialize(status) << '\n';
        return;
    }
    Table card;
    card.rows.emplace_back();
    const auto add = [&](const std::string& name, const json::value& value) {
        card.columns.push_back(name);
        card.rows.front().push_back(text_of(value));
    };
    std::vector<std::string> lists;
    for (const auto& member : status) {
        const std::string name(member.key());
        if (member.value().is_array()) {
            lists.push_back(name);
        } else if (const auto* inner = member.value().if_object()) {
            for (const auto& each : *inner) add(name + "." + std::string(each.key()), each.value());
        } else {
            add(name, member.value());
        }
    }
    print_one(context, card);
    for (const auto& name : lists) {
        context.io.out << '\n';
        auto whole = context;
        whole.limit = SIZE_MAX;  // the note on a cut list is for lists
        print_list(whole, table_of(objects_of(status.at(name))));
    }
}

struct EventsRequest {
    std::uint64_t after = 0;
    std::string imsi;
    bool follow = false;
};

/// "2026-03-01T08:30:00Z air_refused imsi=001010000000001 cause=..."
std::string line_of(const json::object& event) {
    std::string text;
    for (const auto* name : {"at", "event"})
        if (const auto* value = event.if_contains(name)) text += (text.empty() ? "" : " ") + text_of(*value);
    for (const auto& member : event) {
        if (member.key() == "at" || member.key() == "event" || member.key() == "number") continue;
        const auto value = text_of(member.value());
        const bool blanks = value.empty() || value.find(' ') != std::string::npos;
        const std::string_view quote = blanks ? "\"" : "";
        text += fmt::format(" {}={}{}{}", std::string(member.key()), quote, value, quote);
    }
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; },
        '?');
    return text;
}

/// The next page behind `after`, of `most` events.
std::vector<json::object> next_events(Context& context, const EventsRequest& request, std::uint64_t& after,
                                      std::size_t most) {
    Query query;
    query.add("after", std::to_string(after)).add_if("imsi", request.imsi);
    query.add("limit", std::to_string(std::min(most, limits::api_page_rows_max)));
    const auto answer = fetch(api_of(context), path_of({"events"}), query);
    const auto* items = answer.if_contains("items");
    auto rows = items == nullptr ? std::vector<json::object>() : objects_of(*items);
    for (const auto& event : rows) {
        if (const auto* number = event.if_contains("number"))
            after = std::max(after, number->to_number<std::uint64_t>());
    }
    return rows;
}

void print_events(Context& context, const std::vector<json::object>& events) {
    for (const auto& event : events) {
        if (context.form == Form::table) context.io.out << line_of(event) << '\n';
        if (context.form == Form::json) context.io.out << json::serialize(event) << '\n';
    }
    if (!context.io.out.flush()) throw Refused("the output cannot be written");
}

/// As they happen, until somebody ends it; a daemon that starts again is waited for.
void follow_events(Context& context, const EventsRequest& request) {
    // Its columns are known when all rows are.
    if (context.form == Form::csv)
        throw Refused("--follow has no end, and CSV is written when all is known: take --json");
    auto after = request.after;
    bool away = false;
    for (bool first = true;; first = false) {
        bool more = false;
        try {
            const auto events = next_events(context, request, after, limits::api_page_rows_max);
            print_events(context, events);
            more = !events.empty();
            away = false;
        } catch (const store::Unavailable& error) {
            if (first) throw;
            if (!away) context.io.err << "bindhssctl: " << error.what() << "; it is asked again\n";
            away = true;
        }
        if (!more) context.pause(std::chrono::seconds(1));
    }
}

void show_events(Context& context, const EventsRequest& request) {
    if (request.follow) return follow_events(context, request);
    auto after = request.after;
    std::vector<json::object> all;  // of CSV, whose columns are known when all rows are
    std::size_t shown = 0;
    while (shown < context.limit) {
        auto events = next_events(context, request, after, context.limit - shown);
        if (events.empty()) break;
        shown += events.size();
        print_events(context, events);
        if (context.form == Form::csv) std::move(events.begin(), events.end(), std::back_inserter(all));
    }
    if (context.form == Form::csv) return print_list(context, table_of(all));
    if (shown >= context.limit) note_of_limit(context);
}

void show_config(Context& context) {
    const auto response = done_by(api_of(context), get_of(path_of({"config"})));
    if (response.media_type.starts_with("application/json")) {
        const auto object = object_from(response);
        const auto* text = object.if_contains("configuration");
        context.io.out << (text != nullptr && context.form == Form::table ? text_of(*text)
                                                                          : json::serialize(object) + "\n");
    } else {
        context.io.out << response.body;
    }
}

void reload(Context& context) {
    const auto answer = object_from(done_by(api_of(context), request_of("POST", path_of({"reload"}), {})));
    if (context.form == Form::json) {
        context.io.out << json::serialize(answer) << '\n';
        return;
    }
    const auto told = [&](const char* name, const char* words) {
        const auto* list = answer.if_contains(name);
        if (list == nullptr || !list->is_array()) return false;
        for (const auto& key : list->get_array()) context.io.out << words << text_of(key) << '\n';
        return !list->get_array().empty();
    };
    const bool changed = told("changed", "changed: ");
    if (told("needs_restart", "needs a restart: ") || changed) return;
    context.io.out << "nothing has changed\n";
}

constexpr std::size_t token_octets = 32;

void make_token(Streams& io, bool as_json, const std::string& name, const std::vector<std::string>& roles) {
    const bool good = !name.empty() && name.size() <= 64 && name.front() != '#' &&
                      std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c <= '~'; });
    if (!good) throw Refused("the name of a token is 1 to 64 printable characters without blanks");
    Octets<token_octets> octets{};
    crypto::SystemRandom().fill(octets);
    const auto token = to_base64url(octets);
    const auto line =
        fmt::format("{} {} {}", name, fmt::join(roles, ","), to_hex(crypto::sha256(as_octets(token))));
    if (as_json) {
        io.out << json::serialize(json::object{{"name", name}, {"token", token}, {"line", line}}) << '\n';
        return;
    }
    io.out << "token: " << token << "\nline:  " << line << '\n';
    io.err << "bindhssctl: the token is shown this once; the line belongs into the file api.token_file\n";
}

}  // namespace

void add_daemon_commands(CLI::App* program, const AddCommand& add) {
    add(program, "peers", "Show the Diameter peers of the daemon", show_peers);
    add(program, "status", "Show what the daemon does: rates, times, alarms", show_status);
    const auto request = std::make_shared<EventsRequest>();
    auto* events = add(program, "events", "Show what has happened in the daemon lately, the oldest first",
                       [request](Context& c) { show_events(c, *request); });
    events->add_option("--imsi", request->imsi, "Of this subscriber alone");
    events->add_option("--after", request->after, "Behind the event with this number");
    events->add_flag("--follow", request->follow, "Go on as they happen");
    auto* config = program->add_subcommand("config", "The configuration of the running daemon");
    config->require_subcommand(1);
    add(config, "show", "Show what is in force, secrets masked", show_config);
    add(program, "reload", "Have the daemon read its configuration again", reload);
}

void add_token_commands(CLI::App* token, const AddOffline& add) {
    struct Arguments {
        std::string name;
        std::vector<std::string> roles;
    };
    const auto given = std::make_shared<Arguments>();
    auto* make =
        add(token, "make", "Draw a token for the API, and the line of it for the tokens file",
            [given](Streams& io, bool as_json) { make_token(io, as_json, given->name, given->roles); });
    make->add_option("name", given->name, "Who will have it, as the audit names him")->required();
    make->add_option("--role", given->roles, "What he may: read, provision, keys, admin; with commas")
        ->required()
        ->delimiter(',')
        ->check(CLI::IsMember({"read", "provision", "keys", "admin"}));
}

}  // namespace bindhss::ctl
