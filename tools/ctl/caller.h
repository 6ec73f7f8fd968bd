// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace bindhss::ctl {

/// Who runs this program, for the audit: "user@host", of one who is root by sudo "user(root)@host". What it
/// says is as true as the machine that it runs on.
[[nodiscard]] std::string caller();

}  // namespace bindhss::ctl
