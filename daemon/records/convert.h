// SPDX-License-Identifier: Apache-2.0
// From a record to what the store takes, with every complaint that can be made without the store.
#pragma once

#include <span>

#include "records/record.h"

namespace bindhss::records {

/// Adds the item, or errors, and warnings, to `reading`. Errors name the field and never show a secret: of a
/// key they tell its length or the position of the wrong digit.
void convert(const Record& record, Reading& reading);

/// The fields that a record of a kind may have.
[[nodiscard]] std::span<const std::string_view> fields_of(Kind kind);
/// Is the field a secret (k, opc, op, topc, top, kme)?
[[nodiscard]] bool is_secret(std::string_view field);
/// Overwrites the secrets of a record that was converted.
void wipe(Record& record);

}  // namespace bindhss::records
