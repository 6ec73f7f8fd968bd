// SPDX-License-Identifier: Apache-2.0
// Changes of a document by the names of its fields, as an operator types them. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "types/result.h"

namespace bindhss::subscription {

/// Applies "apns.1.qci=8" and the like to a document: the value is text, a number, true or false, JSON, or
/// names with commas between for a list, as the field asks (document_fields()). Nothing behind "=" takes the
/// field out of the document; "null" puts a null there, which takes it away from the profile when the
/// document is an override. unable_to_comply with what is wrong; whether the document is good is not looked
/// at.
[[nodiscard]] Result<std::string> edited(std::string_view document,
                                         const std::vector<std::string>& assignments);

}  // namespace bindhss::subscription
