// SPDX-License-Identifier: Apache-2.0
#include "diameter/quirks.h"

#include "diameter/capabilities.h"
#include "types/diameter_identity.h"

namespace bindhss::diameter {

namespace {

// 0: does not fit.
std::size_t closeness(std::string_view entry, std::string_view host) {
    if (same_identity(entry, host)) return host.size() + 1;
    if (!entry.starts_with('*')) return 0;
    const auto end = entry.substr(1);
    const bool fits = host.size() > end.size() && same_identity(end, host.substr(host.size() - end.size()));
    return fits ? entry.size() : 0;
}

}  // namespace

Quirks quirks_of(const std::vector<NodeQuirks>& entries, std::string_view host) {
    std::size_t best = 0;
    Quirks quirks;
    for (const auto& entry : entries) {
        const auto fits = closeness(entry.identity, host);
        if (fits <= best) continue;
        best = fits;
        quirks = entry.quirks;
    }
    return quirks;
}

}  // namespace bindhss::diameter
