// SPDX-License-Identifier: Apache-2.0
// Terms, groups, members, rules and device models as import files and the command line give them.
#pragma once

#include "records/field_reader.h"

namespace bindhss::records {

// Each of these gives nothing when something is wrong, which `fields` has noted.

/// What the fields name is changed in `base`; terms without a policy in either are wrong (`base` has none
/// when its name is empty).
[[nodiscard]] std::optional<store::PutTerms> read_terms(FieldReader& fields, binding::Terms base);
[[nodiscard]] std::optional<store::PutSubscriptionGroup> read_group(FieldReader& fields);
[[nodiscard]] std::optional<store::PutMember> read_member(FieldReader& fields);
[[nodiscard]] std::optional<store::PutRule> read_rule(FieldReader& fields);
/// "unknown" of a field that is named makes it unknown; what is not named stays as `base` has it, or as it is
/// stored when there is no `base`.
[[nodiscard]] std::optional<store::PutDeviceModel> read_model(
    FieldReader& fields, const std::optional<store::DeviceModelRow>& base = std::nullopt);

[[nodiscard]] std::optional<Imsi> read_imsi(FieldReader& fields);

}  // namespace bindhss::records
