// SPDX-License-Identifier: Apache-2.0
// Who comes to the API, and what he may.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "http/message.h"
#include "log/event_budget.h"
#include "log/log.h"
#include "management/caller.h"
#include "management/tokens.h"
#include "types/limits.h"
#include "types/seams.h"

namespace bindhss::management {

struct DoorkeeperSettings {
    std::string token_file;  ///< empty: none
    struct CertificateName {
        std::string name;  ///< of a client's certificate, which the server has verified
        Roles roles;
    };
    std::vector<CertificateName> certificates;
    ::uid_t own_user = 0;  ///< the daemon's: an administrator by the socket, as root is
    std::optional<::gid_t> socket_group;
    Roles socket_roles;  ///< of its members
};

/// A token counts before a certificate, and that before the user at the other end of a Unix socket. Who shows
/// a token that nobody has is turned away, even if he might come otherwise.
///
/// Any thread may call it. What it borrows outlives it.
class Doorkeeper {
  public:
    /// Throws std::runtime_error when the token file cannot be used.
    Doorkeeper(DoorkeeperSettings settings, Random& random, log::Logger& log);

    /// Who it is, with the name of his request (X-Request-Id, or one of ours); or the answer for one who may
    /// not come. Who has failed too often in a minute is answered 429 each time that he fails again; a token,
    /// certificate or user that is known gets in all the same, for others may share the address. That costs a
    /// SHA-256 of a token and a comparison with each that there is, some ten microseconds.
    [[nodiscard]] std::variant<Caller, http::Response> admit(const http::Request& request);

    /// Reads the token file of `wanted`, which may be the one that it has. Throws as the constructor does;
    /// nothing has changed before the function that it returns is called, which does not throw.
    [[nodiscard]] std::function<void()> prepare(DoorkeeperSettings wanted);

  private:
    struct Terms {
        DoorkeeperSettings settings;
        Tokens tokens;
    };
    struct Failures {
        std::chrono::steady_clock::time_point since;
        std::size_t count = 0;
    };
    [[nodiscard]] static std::optional<Caller> by_certificate(const Terms& terms,
                                                              const http::Request& request);
    [[nodiscard]] static Caller by_socket(const Terms& terms, const http::UnixPeer& peer);
    /// Counts one failure more; true: there are too many.
    [[nodiscard]] bool fails_too_often(const std::string& origin, std::chrono::steady_clock::time_point now);
    http::Response turn_away(const http::Request& request, const std::string& name, std::string_view why);
    [[nodiscard]] std::string name_of_request(const http::Request& request);
    [[nodiscard]] std::shared_ptr<const Terms> terms() const;

    Random& random_;
    log::Logger& log_;
    log::EventBudget told_{limits::failure_events_per_second_max};
    mutable std::mutex mutex_;
    std::shared_ptr<const Terms> terms_;
    std::map<std::string, Failures> failures_;
};

}  // namespace bindhss::management
