// SPDX-License-Identifier: Apache-2.0
// A subscription as operators write it: a JSON document, of a profile or (as what differs from it) of one
// subscriber. docs/operations.md "Subscription profiles" describes it; document_fields() is its reference.
// All functions are pure; any thread may call them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "types/result.h"
#include "types/subscription_data.h"

namespace bindhss::subscription {

/// One row of the reference.
struct DocumentField {
    std::string name;    ///< with the names of the objects that it is in: "apns.N.qci"
    std::string clause;  ///< of TS 29.272 unless it says otherwise
    std::string type;    ///< what may stand there
    std::string meaning;
    bool required = false;  ///< within its object
};

/// Every field that a document may have, in the order in which they are written.
[[nodiscard]] std::vector<DocumentField> document_fields();

/// Reads a whole document and checks it: what stands there, and that it fits together (a default APN that
/// exists, Service-Selections that differ, and so on). subscriber_status follows the barring, msisdn is left
/// empty. Errors: unable_to_comply; the detail tells all that is wrong, each with its place:
/// "apns.2.qci: 1 is no QCI of a default bearer: 5 to 9 are (TS 29.272 7.3.37)".
[[nodiscard]] Result<Subscription> read_document(std::string_view text);

/// Checks a document that changes another one (RFC 7396: null takes away) as far as it can be judged alone:
/// names and values. Nothing: it is good.
[[nodiscard]] std::optional<Failure> check_override(std::string_view text);

/// The document, in one line. What read_document() makes of it is what was written, but for
/// subscriber_status, msisdn and roaming_restricted, which no document has.
[[nodiscard]] std::string write_document(const Subscription& subscription);
/// The same on several lines, indented, for people; of any JSON.
[[nodiscard]] std::string pretty(std::string_view document);

/// The document of the profile that every store begins with: a stock MME lets a UE attach with it.
[[nodiscard]] std::string default_document();

}  // namespace bindhss::subscription
