// SPDX-License-Identifier: Apache-2.0
// base64 of RFC 4648.
#pragma once

#include "types/octets.h"

namespace bindhss {

/// Reads either alphabet (clauses 4 and 5), padded or not. Nothing for any other character, a length that
/// cannot be, and bits behind the last octet that are not zero: every octet string is written in one way.
[[nodiscard]] std::optional<OctetString> from_base64(std::string_view text);
/// Clause 4, padded.
[[nodiscard]] std::string to_base64(OctetView octets);
/// Clause 5, not padded, as JSON Web Key has it (RFC 7515 2).
[[nodiscard]] std::string to_base64url(OctetView octets);

}  // namespace bindhss
