// SPDX-License-Identifier: Apache-2.0
// --watch: a command that shows something is run again and again.
#pragma once

#include "ctl/commands.h"

namespace bindhss::ctl {

/// Runs `show` for ever, with a pause between: over what it drew before on a terminal, and one block after
/// the other elsewhere. A database or API that is away for a while is told of and asked again. Throws Refused
/// when the output cannot be written any more, and what `show` throws when it is run for the first time.
[[noreturn]] void watch(Context& context, int seconds, const std::function<void(Context&)>& show);

}  // namespace bindhss::ctl
