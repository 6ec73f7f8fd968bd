// SPDX-License-Identifier: Apache-2.0
#include "binding/binding.h"

#include <array>
#include <utility>

namespace bindhss::binding {

namespace {

constexpr std::array<std::pair<Policy, std::string_view>, 5> names{{
    {Policy::off, "off"},
    {Policy::imei_monitor, "imei_monitor"},
    {Policy::imei_enforce, "imei_enforce"},
    {Policy::kme, "kme"},
    {Policy::kme_imei, "kme+imei"},
}};

}  // namespace

std::optional<Policy> parse_policy(std::string_view text) {
    for (const auto& [policy, name] : names) {
        if (name == text) return policy;
    }
    return std::nullopt;
}

std::string_view name_of(Policy policy) {
    return names[static_cast<std::size_t>(policy)].second;
}

}  // namespace bindhss::binding
