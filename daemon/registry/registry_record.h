// SPDX-License-Identifier: Apache-2.0
// What a registry answers of one device (docs/operations.md "A registry outside"). Pure.
#pragma once

#include <string>
#include <variant>

#include "store/exchange.h"

namespace bindhss::registry {

/// The key, for store::is_valid() to judge; one that is revoked may be empty but for that. Or what is wrong
/// with the answer, in one sentence that repeats nothing of it: no JSON object, a member of the wrong kind, a
/// key that is none or weak. Members that are not known are not looked at.
[[nodiscard]] std::variant<store::DeviceKey, std::string> read_record(std::string_view body, Imei imei);

}  // namespace bindhss::registry
