// SPDX-License-Identifier: Apache-2.0
// PyHSS's tables as JSON.
#pragma once

#include "ctl/records.h"

namespace bindhss::ctl {

/// Any number of JSON values one after the other, each either the rows of one table (a list, as PyHSS's API
/// gives it, or rows by themselves), or an object that holds them as "subscribers", "aucs", "apns" and
/// "subscriber_routings". A row is known by its fields. Reads to the end of the text, or to where it is not
/// JSON.
[[nodiscard]] Reading read_pyhss(std::string_view text);

}  // namespace bindhss::ctl
