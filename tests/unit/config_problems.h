// SPDX-License-Identifier: Apache-2.0
// Why a configuration is refused.
#pragma once

#include <string>

#include "config/config.h"

namespace bindhss::test {

/// Of the file "f"; empty: it is not refused.
inline std::string problems_of(const std::string& text) {
    try {
        (void)config::parse(text, "f");
    } catch (const config::Error& error) {
        return error.what();
    }
    return "";
}

}  // namespace bindhss::test
