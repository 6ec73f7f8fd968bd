// SPDX-License-Identifier: Apache-2.0
// What the commands read and write has its names in records/; here they are short.
#pragma once

#include "records/convert.h"
#include "records/readers.h"
#include "records/record.h"

namespace bindhss::ctl {

using namespace records;

}  // namespace bindhss::ctl
