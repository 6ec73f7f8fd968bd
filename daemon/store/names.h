// SPDX-License-Identifier: Apache-2.0
// Names and comments that operators give: they reach tables, logs and terminals, and no key may hide in them.
#pragma once

#include <string>
#include <string_view>

namespace bindhss::store {

/// Has the text a run of hexadecimal digits that may be a key, or half of a mistyped one? Such a text stands
/// in the wrong place: it is not repeated in an error.
[[nodiscard]] bool may_hold_key(std::string_view text);
/// As long a run as a key has: such a text is not stored as a name or comment, where it would be shown.
[[nodiscard]] bool looks_like_key(std::string_view text);

/// Printable ASCII or UTF-8 of at most so many octets, no control characters.
[[nodiscard]] bool good_text(std::string_view text, std::size_t octets_max);
/// What may not be stored as a comment; empty: nothing is wrong.
[[nodiscard]] std::string comment_problem(std::string_view comment);
/// What may not be stored as a name, which may be empty; empty: nothing is wrong.
[[nodiscard]] std::string name_problem(std::string_view name);

/// The text shown for a name that may be anything.
[[nodiscard]] std::string quoted(std::string_view name);

}  // namespace bindhss::store
