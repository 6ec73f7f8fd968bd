// SPDX-License-Identifier: Apache-2.0
#include "types/diameter_identity.h"

#include <algorithm>

namespace bindhss {
namespace {

/// Not std::tolower, which asks the locale.
char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string lower_case(std::string_view identity) {
    std::string lowered(identity);
    std::ranges::transform(lowered, lowered.begin(), lower);
    return lowered;
}

bool same_identity(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace bindhss
