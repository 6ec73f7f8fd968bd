// SPDX-License-Identifier: Apache-2.0
// Changes as lines of JSON: the form in which the API takes them. A line is a record as an import file has it
// (docs/operations.md "Import files"), with "change" when it is something else than a put:
//
//   {"type": "subscriber", "imsi": "001010000000001", "k": "...", "opc": "..."}
//   {"type": "subscriber", "imsi": "001010000000001", "change": "remove"}
//   {"type": "binding", "imsi": "001010000000001", "imei": "35693803564380", "change": "authorise"}
#pragma once

#include "records/record.h"

namespace bindhss::records {

/// What an item does besides storing what it says; names in name_of(Op).
enum class Op : std::uint8_t {
    put,
    remove,        ///< subscriber, profile, terms, group, rule
    retire,        ///< kme
    make_default,  ///< terms
    authorise,     ///< binding, with "imei"; "replace": "yes"
    refuse,        ///< binding, with "imei"
    lock,          ///< binding
    unlock,        ///< binding
};
[[nodiscard]] std::string_view name_of(Op op);

/// Lines of JSON. Reads on whatever is wrong, until there are limits::import_errors_shown_max errors; errors
/// name their lines and never show a secret.
[[nodiscard]] Reading read_changes(std::string_view text);

/// The line of an item, without its end: read_changes() makes an equal item of it. It may hold keys: wipe it.
[[nodiscard]] std::string line_of(const store::Item& item);

}  // namespace bindhss::records
