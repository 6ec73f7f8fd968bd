// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bindhss::crypto {

/// For a program that has keys in memory: from here on neither a core dump nor another process of the same
/// user gets them. Called once, first thing in main().
void forbid_core_dumps();

}  // namespace bindhss::crypto
