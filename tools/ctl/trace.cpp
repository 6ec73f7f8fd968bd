// SPDX-License-Identifier: Apache-2.0
#include "ctl/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "ctl/api_client.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace json = boost::json;

namespace {

constexpr std::chrono::milliseconds poll_pause{500};

std::string text_of(const json::value& value) {
    if (value.is_string()) return std::string(value.get_string());
    if (value.is_bool()) return value.get_bool() ? "yes" : "no";
    return value.is_null() ? std::string() : json::serialize(value);
}

std::string text_in(const json::object& event, std::string_view name) {
    const auto* value = event.if_contains(name);
    return value == nullptr ? std::string() : text_of(*value);
}

std::string milliseconds_of(const json::object& event) {
    const auto* us = event.if_contains("microseconds");
    if (us == nullptr || !us->is_number()) return {};
    return fmt::format(" in {:.1f} ms", us->to_number<double>() / 1'000);
}

/// What the event says, in words.
std::string words_of(const json::object& event, const std::string& kind) {
    if (kind == "request") {
        return text_in(event, "command") + " of " +
               (event.contains("node") ? text_in(event, "node") + " by " : std::string()) +
               text_in(event, "peer") + ": " + text_in(event, "result") + milliseconds_of(event);
    }
    if (kind == "node_request") {
        return text_in(event, "command") + " to " + text_in(event, "node") + ": " + text_in(event, "result") +
               milliseconds_of(event);
    }
    if (kind == "alarm") {
        return text_in(event, "alarm") + " " + text_in(event, "change") + " (" + text_in(event, "severity") +
               ")";
    }
    return text_in(event, "outcome");
}

/// Names that the words have said, or that every line has.
bool said(std::string_view name, std::string_view kind) {
    constexpr std::array<std::string_view, 7> always{"number",  "at",     "event",       "imsi",
                                                     "session", "reason", "microseconds"};
    constexpr std::array<std::string_view, 7> by_words{"command", "peer",     "result", "alarm",
                                                       "change",  "severity", "outcome"};
    const auto in = [name](const auto& names) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    if (name == "node") return kind == "request" || kind == "node_request";
    return in(always) || in(by_words);
}

std::string printable(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; },
        '?');
    return text;
}

void print(Context& context, const json::object& event) {
    if (context.form == Form::json) {
        context.io.out << json::serialize(event) << '\n';
    } else {
        context.io.out << trace_line(event) << '\n';
    }
}

json::array events_of(Context& context, const TraceRequest& request, std::uint64_t after) {
    Query query;
    query.add("imsi", request.imsi).add("after", std::to_string(after));
    query.add("limit", std::to_string(limits::journal_page_max));
    auto answer = fetch(*context.api, path_of({"events"}), query);
    auto* items = answer.if_contains("items");
    if (items == nullptr || !items->is_array())
        throw Refused("the answer of the API has no \"items\": is it a BindHSS that answers?");
    return std::move(items->get_array());
}

/// Prints a page; false: there was nothing.
bool print_page(Context& context, const TraceRequest& request, std::uint64_t& after) {
    const auto events = events_of(context, request, after);
    for (const auto& event : events) {
        if (!event.is_object()) throw Refused("the answer of the API has items that are no objects");
        const auto& object = event.get_object();
        if (const auto* number = object.if_contains("number"))
            after = std::max(after, number->to_number<std::uint64_t>());
        print(context, object);
    }
    if (!context.io.out.flush()) throw Refused("the output cannot be written");
    return !events.empty();
}

}  // namespace

std::string trace_line(const json::object& event) {
    const auto kind = text_in(event, "event");
    auto time = text_in(event, "at");
    if (const auto t = time.find('T'); t != std::string::npos) time = time.substr(t + 1);
    auto line = fmt::format("{:<13} {:<12} {}", time, kind, words_of(event, kind));
    for (const auto& member : event) {
        const auto value = text_of(member.value());
        if (said(member.key(), kind) || value.empty()) continue;
        const auto* quote = value.find(' ') == std::string::npos ? "" : "\"";
        line += fmt::format(" {}={}{}{}", std::string(member.key()), quote, value, quote);
    }
    if (const auto reason = text_in(event, "reason"); !reason.empty()) line += " - " + reason;
    if (const auto session = text_in(event, "session"); !session.empty()) line += " [" + session + "]";
    return printable(std::move(line));
}

void trace(Context& context, const TraceRequest& request) {
    (void)parsed_imsi(request.imsi);
    if (context.api == nullptr) throw Refused("this needs the API of a daemon");
    auto after = request.after;
    bool away = false;
    for (bool first = true;; first = false) {
        try {
            while (print_page(context, request, after)) {
            }
            away = false;
        } catch (const store::Unavailable& error) {
            if (first || !request.follow) throw;
            if (!away) context.io.err << "bindhssctl: " << error.what() << "; it is asked again\n";
            away = true;
        }
        if (!request.follow) return;
        context.pause(poll_pause);
    }
}

void add_trace_command(CLI::App* program, const AddCommand& add) {
    const auto request = std::make_shared<TraceRequest>();
    auto* command =
        add(program, "trace", "Show what a subscriber's nodes asked lately, what was decided and why",
            [request](Context& context) { trace(context, *request); });
    command->add_option("imsi", request->imsi, "The subscriber")->required();
    command->add_flag("--follow,-f", request->follow, "Go on as it happens, until it is interrupted");
    command->add_option("--after", request->after, "Behind the event with this number");
}

}  // namespace bindhss::ctl
