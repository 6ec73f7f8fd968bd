// SPDX-License-Identifier: Apache-2.0
// Errors of the API (RFC 9457). Each kind has a name that programs may rely on: the "type" of the problem is
// "urn:bindhss:problem:<name>", and docs/api.md lists them.
#pragma once

#include <boost/json/array.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

#include "http/message.h"

namespace bindhss::management {

struct ProblemKind {
    unsigned status;
    std::string_view name;
};
inline constexpr ProblemKind bad_request{400, "bad-request"};
inline constexpr ProblemKind unauthenticated{401, "unauthenticated"};
inline constexpr ProblemKind role_missing{403, "role-missing"};
inline constexpr ProblemKind not_found{404, "not-found"};
inline constexpr ProblemKind method_not_allowed{405, "method-not-allowed"};
inline constexpr ProblemKind conflict{409, "conflict"};
inline constexpr ProblemKind changed_meanwhile{412, "changed-meanwhile"};
inline constexpr ProblemKind too_large{413, "too-large"};
inline constexpr ProblemKind media_type_unknown{415, "media-type-unknown"};
inline constexpr ProblemKind refused{422, "refused"};
inline constexpr ProblemKind idempotency_key_reused{422, "idempotency-key-reused"};
inline constexpr ProblemKind too_busy{429, "too-busy"};
inline constexpr ProblemKind fault{500, "fault"};
inline constexpr ProblemKind database_away{503, "database-away"};
inline constexpr ProblemKind database_busy{503, "database-busy"};  ///< may go well at the next time
inline constexpr ProblemKind took_too_long{503, "took-too-long"};  ///< and would again
inline constexpr ProblemKind no_daemon{503, "no-daemon"};

/// Thrown by operations.
class Problem : public std::runtime_error {
  public:
    Problem(ProblemKind kind, const std::string& detail) : std::runtime_error(detail), kind_(kind) {}
    /// With what is wrong line by line: [{"line", "detail"}].
    Problem(ProblemKind kind, const std::string& detail, boost::json::array errors)
        : std::runtime_error(detail), kind_(kind), errors_(std::move(errors)) {}
    [[nodiscard]] ProblemKind kind() const { return kind_; }
    /// {"type", "title", "status", "detail", "errors"}; of 401, 429 and 503 with the fields that belong to
    /// them.
    [[nodiscard]] http::Response response() const;

  private:
    ProblemKind kind_;
    boost::json::array errors_;
};

}  // namespace bindhss::management
