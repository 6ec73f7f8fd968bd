// SPDX-License-Identifier: Apache-2.0
#include "emu/answer_script.h"

#include <charconv>

#include "emu/duration.h"

namespace bindhss::emu {
namespace {

constexpr std::array<std::string_view, hss_command_count> command_names{"CLR", "IDR", "DSR", "RSR"};

/// "5012" or "5001E".
std::optional<Refusal> parse_refusal(std::string_view text) {
    Refusal refusal;
    if (text.ends_with('E')) {
        refusal.experimental = true;
        text.remove_suffix(1);
    }
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), refusal.number);
    if (error != std::errc() || end != text.data() + text.size() || text.size() != 4) return std::nullopt;
    return refusal;
}

}  // namespace

std::string_view name_of(HssCommand command) {
    return command_names[static_cast<std::size_t>(command)];
}

std::optional<HssCommand> parse_hss_command(std::string_view text) {
    for (std::size_t i = 0; i < command_names.size(); ++i) {
        if (command_names[i] == text) return static_cast<HssCommand>(i);
    }
    return std::nullopt;
}

std::optional<Imsi> imsi_of(const HssRequest& request) {
    const auto visit = [](const auto& one) -> std::optional<Imsi> {
        if constexpr (requires { one.imsi; }) return one.imsi;
        return std::nullopt;
    };
    return std::visit(visit, request);
}

NodeReply success_of(const HssRequest& request) {
    switch (command_of(request)) {
        case HssCommand::clr:
            return {NodeAnswer(s6a::CancelLocationAnswer{})};
        case HssCommand::idr:
            return {NodeAnswer(s6a::InsertSubscriberDataAnswer{})};
        case HssCommand::dsr:
            return {NodeAnswer(s6a::DeleteSubscriberDataAnswer{})};
        case HssCommand::rsr:
            break;
    }
    return {NodeAnswer(s6a::ResetAnswer{})};
}

std::optional<std::chrono::milliseconds> take_delay(std::string_view& text) {
    const auto space = std::min(text.find(' '), text.size());
    const auto delay = parse_duration(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
    return delay && *delay <= ScriptedReply::delay_max ? delay : std::nullopt;
}

std::optional<ScriptedReply> parse_scripted_reply(std::string_view text) {
    ScriptedReply reply;
    if (text == "silent") {
        reply.kind = ScriptedReply::Kind::silence;
        return reply;
    }
    if (text.starts_with("delay ")) {
        text.remove_prefix(6);
        const auto delay = take_delay(text);
        if (!delay) return std::nullopt;
        reply.delay = *delay;
        if (text.empty()) return reply;
    }
    if (text == "success") return reply;
    const auto refusal = parse_refusal(text);
    if (!refusal) return std::nullopt;
    reply.kind = ScriptedReply::Kind::refusal;
    reply.refusal = *refusal;
    return reply;
}

ScriptedReply AnswerScript::next(HssCommand command) {
    auto& replies = script_[static_cast<std::size_t>(command)];
    if (replies.empty()) return {};
    const auto reply = replies.front();
    if (replies.size() > 1) replies.pop_front();
    return reply;
}

}  // namespace bindhss::emu
