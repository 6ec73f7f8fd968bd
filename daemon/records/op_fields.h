// SPDX-License-Identifier: Apache-2.0
// What a record does instead of storing what it says: its field "change".
#pragma once

#include "records/changes.h"
#include "records/field_reader.h"

namespace bindhss::records {

/// Op::put where the field is absent. Nothing when it is none that the kind of record has, which `fields` has
/// noted.
[[nodiscard]] std::optional<Op> read_op(FieldReader& fields);

/// The item of an operation that is not Op::put. Nothing when something is wrong, which `fields` has noted.
[[nodiscard]] std::optional<store::Item> read_operation(FieldReader& fields, Op op);

}  // namespace bindhss::records
