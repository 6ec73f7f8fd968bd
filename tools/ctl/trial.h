// SPDX-License-Identifier: Apache-2.0
// A pair of subscription and device judged as if it came in now: by the engine that judges requests.
#pragma once

#include "ctl/commands.h"

namespace bindhss::ctl {

/// The access that `pair` would be, reported by a node as it was reported last. Its association is nothing
/// new.
[[nodiscard]] binding::Access access_of(const store::SeenPair& pair, WallTime now);

/// The findings of a verdict by their alarm's name, with commas between.
[[nodiscard]] std::string reasons_of(const binding::Verdict& verdict);

/// The rule that decides on the pair now; nothing: none does. Points into pair.binding.
[[nodiscard]] const binding::Rule* rule_for(const store::SeenPair& pair, WallTime now);

/// All pairs that the filter lets through, page by page, those of one subscription together. `visit` may
/// change the pairs, which are its own.
void each_subscription(Context& context, const store::SeenFilter& filter,
                       const std::function<void(std::vector<store::SeenPair>&)>& visit);

}  // namespace bindhss::ctl
