// SPDX-License-Identifier: Apache-2.0
#include "emu/outcome.h"

#include <array>

#include "types/result_code.h"

namespace bindhss::emu {
namespace {

constexpr std::array<std::pair<Outcome, std::string_view>, 12> named_outcomes{{
    {Outcome::attached, "attached"},
    {Outcome::authenticated, "authenticated"},
    {Outcome::mac_failure, "mac_failure"},
    {Outcome::synch_failure, "synch_failure"},
    {Outcome::non_eps_challenge, "non_eps_challenge"},
    {Outcome::rejected, "rejected"},
    {Outcome::bad_vector, "bad_vector"},
    {Outcome::bad_answer, "bad_answer"},
    {Outcome::provisioned, "provisioned"},
    {Outcome::no_bearer, "no_bearer"},
    {Outcome::no_answer, "no_answer"},
    {Outcome::res_mismatch, "res_mismatch"},
}};

}  // namespace

std::string_view name_of(Outcome outcome) {
    for (const auto& [value, name] : named_outcomes) {
        if (value == outcome) return name;
    }
    return "unknown";
}

std::optional<Outcome> parse_outcome(std::string_view text) {
    for (const auto& [value, name] : named_outcomes) {
        if (name == text) return value;
    }
    return std::nullopt;
}

std::string outcome_names() {
    std::string names;
    for (const auto& [value, name] : named_outcomes) names += (names.empty() ? "" : ", ") + std::string(name);
    return names;
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
