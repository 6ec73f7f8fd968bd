// SPDX-License-Identifier: Apache-2.0
// Who asks the API for something, and what he may.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bindhss::management {

/// What a request needs. Whoever has one of them may read.
enum class Role : std::uint8_t {
    read,
    provision,  ///< subscribers and their cards, profiles, devices, groups, terms, rules, bindings, orders to
                ///< nodes
    keys,       ///< KMEs and public keys of devices
    admin,      ///< everything, the configuration of the daemon included
};
[[nodiscard]] std::string_view name_of(Role role);
/// The name above.
[[nodiscard]] std::optional<Role> parse_role(std::string_view name);

class Roles {
  public:
    Roles() = default;
    explicit Roles(Role role) { add(role); }
    void add(Role role) { bits_ |= bit(role); }
    [[nodiscard]] bool may(Role role) const {
        if ((bits_ & bit(Role::admin)) != 0) return true;
        return role == Role::read ? bits_ != 0 : (bits_ & bit(role)) != 0;
    }
    [[nodiscard]] bool none() const { return bits_ == 0; }

    bool operator==(const Roles&) const = default;

  private:
    static constexpr unsigned bit(Role role) { return 1U << static_cast<unsigned>(role); }
    unsigned bits_ = 0;
};

/// "read,provision" or one of them. Nothing: there is a name that is no role's, or none at all.
[[nodiscard]] std::optional<Roles> parse_roles(std::string_view text);

struct Caller {
    std::string
        name;  ///< in the audit: of the token or certificate, or "user@host" of who came by the socket
    Roles roles;
    std::string request;  ///< X-Request-Id, his or ours: in the log, the audit and the answer
    /// Came by the socket, and stands in the name as a number: what he is called has still to be asked for.
    std::optional<::uid_t> local_user = {};
};

}  // namespace bindhss::management
