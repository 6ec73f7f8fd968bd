// SPDX-License-Identifier: Apache-2.0
#include "binding/binding.h"

#include <array>

namespace bindhss::binding {

namespace {

// Each in the order of its enumeration.
constexpr std::array<std::string_view, 5> policies{"off", "imei_monitor", "imei_enforce", "kme", "kme+imei"};
constexpr std::array<std::string_view, 4> reactions{"alarm", "limit", "reject", "lock"};
constexpr std::array<std::string_view, 3> acquisitions{"preauthorised", "first_use", "approve"};
constexpr std::array<std::string_view, 3> suspicions{"alarm", "reprovision", "lock"};

template <class Enumeration, std::size_t size>
std::optional<Enumeration> parse(const std::array<std::string_view, size>& names, std::string_view text) {
    for (std::size_t i = 0; i < size; ++i) {
        if (names[i] == text) return static_cast<Enumeration>(i);
    }
    return std::nullopt;
}

}  // namespace

std::optional<Policy> parse_policy(std::string_view text) {
    return parse<Policy>(policies, text);
}

std::string_view name_of(Policy policy) {
    return policies[static_cast<std::size_t>(policy)];
}

std::optional<Reaction> parse_reaction(std::string_view text) {
    return parse<Reaction>(reactions, text);
}

std::string_view name_of(Reaction reaction) {
    return reactions[static_cast<std::size_t>(reaction)];
}

std::optional<Acquisition> parse_acquisition(std::string_view text) {
    return parse<Acquisition>(acquisitions, text);
}

std::string_view name_of(Acquisition acquisition) {
    return acquisitions[static_cast<std::size_t>(acquisition)];
}

std::optional<OnSuspicion> parse_on_suspicion(std::string_view text) {
    return parse<OnSuspicion>(suspicions, text);
}

std::string_view name_of(OnSuspicion on_suspicion) {
    return suspicions[static_cast<std::size_t>(on_suspicion)];
}

}  // namespace bindhss::binding
