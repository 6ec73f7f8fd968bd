// SPDX-License-Identifier: Apache-2.0
// The commands on the equipment register; `equipment set` is a record like others (put() of commands.h).
#pragma once

#include "ctl/commands.h"

namespace bindhss::ctl {

/// The entry that decides on a device. With 16 digits the last two are its software version, unless `svn`
/// says it. Throws Refused when the device is in no list, and for what is no IMEI.
void show_equipment(Context& context, const std::string& imei, const std::string& svn);
/// All entries, by range.
void list_equipment(Context& context);

}  // namespace bindhss::ctl
