// SPDX-License-Identifier: Apache-2.0
// The two forms of a file to import; docs/operations.md "Import files" describes them for operators.
#pragma once

#include "records/record.h"

namespace bindhss::records {

/// CSV (RFC 4180; LF or CRLF, a UTF-8 BOM is skipped). The first line names the columns, which tell what the
/// file holds, unless a column `type` tells it of each line. Reads to the end whatever is wrong.
[[nodiscard]] Reading read_csv(std::string_view text);

/// JSON: one object with the lists subscribers, devices, kmes and bindings, or any number of objects with
/// "type" (JSON lines). Reading stops where it is not JSON.
[[nodiscard]] Reading read_json(std::string_view text);

/// By the first character that is not blank: '{' or '[' begins JSON.
[[nodiscard]] Reading read_import(std::string_view text);

/// One object, whose kind is known, as a record that nobody has looked at yet. Nothing when it is none:
/// errors of `reading` say why.
[[nodiscard]] std::optional<Record> read_object(Kind kind, std::string_view text, Reading& reading);

/// Any of these, and those of other HSSes' files (import_open5gs.h ff.).
using Reader = std::function<Reading(std::string_view)>;

}  // namespace bindhss::records
