// SPDX-License-Identifier: Apache-2.0
// openapi.json, which describes the API for programs; docs/api.md does for people.
#pragma once

#include <string_view>

namespace bindhss::management {

/// The text of daemon/management/openapi.json.
[[nodiscard]] std::string_view openapi_document();

}  // namespace bindhss::management
