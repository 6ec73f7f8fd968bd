// SPDX-License-Identifier: Apache-2.0
#include "emu/outcome.h"

#include <array>

#include "types/result_code.h"

namespace bindhss::emu {
namespace {

constexpr std::array<std::pair<Outcome, std::string_view>, 8> outcome_names{{
    {Outcome::attached, "attached"},
    {Outcome::authenticated, "authenticated"},
    {Outcome::mac_failure, "mac_failure"},
    {Outcome::synch_failure, "synch_failure"},
    {Outcome::non_eps_challenge, "non_eps_challenge"},
    {Outcome::rejected, "rejected"},
    {Outcome::bad_vector, "bad_vector"},
    {Outcome::bad_answer, "bad_answer"},
}};

}  // namespace

std::string_view name_of(Outcome outcome) {
    for (const auto& [value, name] : outcome_names) {
        if (value == outcome) return name;
    }
    return "unknown";
}

std::optional<Outcome> parse_outcome(std::string_view text) {
    for (const auto& [value, name] : outcome_names) {
        if (name == text) return value;
    }
    return std::nullopt;
}

std::string AttachResult::str() const {
    std::string text(name_of(outcome));
    if (cause) text += " " + std::to_string(result_code(*cause).number);
    return text;
}

std::string result_text(const Failure& failure) {
    const auto code = result_code(failure.cause);
    return std::to_string(code.number) + (code.experimental ? " (experimental) " : " ") +
           std::string(code.name);
}

}  // namespace bindhss::emu
