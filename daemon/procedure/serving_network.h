// SPDX-License-Identifier: Apache-2.0
// Which PLMN the nodes of a realm may speak for: Origin-Realm against Visited-PLMN-Id (TS 29.272 7.3.9).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "types/identity.h"
#include "types/result.h"

namespace bindhss::procedure {

/// What a realm means that nobody listed.
enum class UnlistedRealms : std::uint8_t {
    derive,  ///< epc.mncNNN.mccNNN.3gppnetwork.org (TS 23.003 19.2): its own PLMN; any other name: every PLMN
    allow,   ///< every PLMN
    reject,  ///< none
};

/// A realm and its PLMNs; none named: every PLMN.
struct ServingRealm {
    std::string realm;
    std::vector<Plmn> plmns;
};

/// Immutable: any thread may ask. A node that asks for vectors in the name of a network that is not its own
/// gets them for nobody (TS 33.401 6.1.1 binds KASME to the serving network's id).
class ServingNetworks {
  public:
    ServingNetworks() = default;
    explicit ServingNetworks(const std::vector<ServingRealm>& realms,
                             UnlistedRealms unlisted = UnlistedRealms::derive);

    /// Nothing: nodes of `realm` may ask for `plmn`. Otherwise authorization_rejected, with a detail that
    /// names the setting to change.
    [[nodiscard]] std::optional<Failure> check(std::string_view realm, const Plmn& plmn) const;

  private:
    std::map<std::string, std::vector<Plmn>> realms_;  ///< by name in lower case
    UnlistedRealms unlisted_ = UnlistedRealms::derive;
};

}  // namespace bindhss::procedure
