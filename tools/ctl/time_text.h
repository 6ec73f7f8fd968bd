// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "types/time_text.h"

namespace bindhss::ctl {

using bindhss::day_text;
using bindhss::parse_rfc3339;
using bindhss::parse_time;
using bindhss::time_text;

}  // namespace bindhss::ctl
