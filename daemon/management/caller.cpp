// SPDX-License-Identifier: Apache-2.0
#include "management/caller.h"

#include <array>
#include <utility>

namespace bindhss::management {

namespace {

constexpr std::array<std::pair<Role, std::string_view>, 4> role_names{
    {{Role::read, "read"}, {Role::provision, "provision"}, {Role::keys, "keys"}, {Role::admin, "admin"}}};

}  // namespace

std::string_view name_of(Role role) {
    return role_names.at(static_cast<std::size_t>(role)).second;
}

std::optional<Role> parse_role(std::string_view name) {
    for (const auto& [role, text] : role_names)
        if (text == name) return role;
    return std::nullopt;
}

std::optional<Roles> parse_roles(std::string_view text) {
    Roles roles;
    for (;;) {
        const auto comma = text.find(',');
        const auto role = parse_role(text.substr(0, comma));
        if (!role) return std::nullopt;
        roles.add(*role);
        if (comma == std::string_view::npos) return roles;
        text.remove_prefix(comma + 1);
    }
}

}  // namespace bindhss::management
