// SPDX-License-Identifier: Apache-2.0
// What a registry answers of one device (docs/operations.md "A registry outside"). Pure.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "store/exchange.h"

namespace bindhss::registry {

/// The key, where there is one to seal to; nothing: the registry says that it is revoked. Or what is wrong
/// with the answer, in one sentence that repeats nothing of it: no JSON object, a member of the wrong kind, a
/// key that is none or weak. Members that are not known are not looked at.
[[nodiscard]] std::variant<std::optional<store::DeviceKey>, std::string> read_record(std::string_view body,
                                                                                     Imei imei);

/// Is the key good at this time?
[[nodiscard]] bool is_valid(const store::DeviceKey& key, WallTime now);

}  // namespace bindhss::registry
