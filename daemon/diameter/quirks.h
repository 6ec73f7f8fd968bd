// SPDX-License-Identifier: Apache-2.0
// Where single nodes are served otherwise than the standards say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace bindhss::diameter {

/// All off unless a node is named in the configuration (nodes).
struct Quirks {
    /// An Update-Location-Answer with an error has ULA-Flags and a stub of Subscription-Data, without which
    /// Open5GS's MME drops it (spec 1.10).
    bool ula_error_stub = false;
    /// A relay that hides the hops behind it: its requests need no Route-Record.
    bool no_route_record = false;
    /// A node that sets the M bit of Supported-Features without meaning it (TS 29.229 7.2): features that
    /// this HSS has not are left out of use instead of being refused with 5011.
    bool features_optional = false;
    bool operator==(const Quirks&) const = default;
};

/// One entry of the configuration.
struct NodeQuirks {
    std::string identity;  ///< an Origin-Host, "*.<realm>" or "*"
    Quirks quirks;
};

/// Those of the entry that fits `host` closest: its very name, the longest "*.<realm>" that it ends with,
/// "*".
[[nodiscard]] Quirks quirks_of(const std::vector<NodeQuirks>& entries, std::string_view host);

}  // namespace bindhss::diameter
