// SPDX-License-Identifier: Apache-2.0
// The only place where result codes are numbers (RFC 6733 7.1, TS 29.272 7.4).
#pragma once

#include <optional>

#include "types/result.h"

namespace bindhss {

struct ResultCode {
    std::uint32_t number;
    /// true: Experimental-Result with Vendor-Id 10415, and Result-Code is absent (TS 29.272 7.4.3)
    bool experimental;
    /// true: a protocol error (3xxx), the answer has the E bit (RFC 6733 7.1.3)
    bool protocol_error;
    std::string_view name;
};

inline constexpr std::uint32_t vendor_3gpp = 10415;
inline constexpr std::uint32_t diameter_success = 2001;
inline constexpr std::uint32_t diameter_no_common_application = 5010;
inline constexpr std::uint32_t diameter_unknown_peer = 3010;
inline constexpr std::uint32_t diameter_unsupported_version = 5011;
inline constexpr std::uint32_t diameter_election_lost = 4003;

[[nodiscard]] ResultCode result_code(Cause cause);

/// The cause behind a number that a peer sent; nothing for a number outside the table.
[[nodiscard]] std::optional<Cause> cause_of(std::uint32_t number, bool experimental);

}  // namespace bindhss
