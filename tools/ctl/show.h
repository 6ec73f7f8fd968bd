// SPDX-License-Identifier: Apache-2.0
// What the store has, as tables. No secret is in any of the rows; of a key its check value.
#pragma once

#include "ctl/output.h"
#include "store/provisioning.h"

namespace bindhss::ctl {

[[nodiscard]] Table table_of(const std::vector<store::SubscriberRow>& rows);
[[nodiscard]] Table table_of(const std::vector<store::DeviceRow>& rows);
[[nodiscard]] Table table_of(const std::vector<store::RegistrationRow>& rows);
[[nodiscard]] Table table_of(const std::vector<store::AlarmRow>& rows);
/// The part of a subscriber that `binding show` shows.
[[nodiscard]] Table binding_table(const store::SubscriberRow& row);

}  // namespace bindhss::ctl
