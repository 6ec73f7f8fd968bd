// SPDX-License-Identifier: Apache-2.0
// The verbs of registrations over one connection: each a transaction. What they throw is libpqxx's, and the
// lane's to handle.
#pragma once

#include <map>
#include <mutex>

#include "store/postgres/session.h"
#include "store/registration.h"
#include "types/result.h"
#include "types/subscription_data.h"

namespace bindhss::store::postgres {

/// The documents of profile versions, which never change once they are there. Any thread.
class ProfileVersions {
  public:
    /// Those of `versions` that the database has, asked for as far as they are not known yet.
    std::map<std::int64_t, std::string> documents(Session& session,
                                                  const std::vector<std::int64_t>& versions);

  private:
    std::mutex mutex_;
    std::map<std::int64_t, std::string> known_;
};

/// `node`: the number of the registration's serving node.
Result<std::vector<NodeRequest>> register_node(Session& session, const Imsi& imsi,
                                               const RegisterNode& request, int node,
                                               std::chrono::milliseconds lease);
Result<PurgedHalves> purge(Session& session, const Imsi& imsi, const PurgeNode& request);
Result<std::vector<NodeRequest>> notify(Session& session, const Imsi& imsi, const NotifyNode& request,
                                        std::chrono::milliseconds lease);
Result<std::vector<NodeRequest>> take_requests(Session& session, const Claim& claim);
Result<Done> finish_request(Session& session, const NodeRequest& request);
Result<Done> postpone_request(Session& session, const NodeRequest& request, WallTime at);
Result<bool> hand_over_request(Session& session, const NodeRequest& request, const std::string& daemon,
                               WallTime now);
Result<Done> announce_reach(Session& session, const Reach& reach, const std::vector<std::string>& come,
                            WallTime now, WallTime until);
Result<std::vector<Untold>> take_untold(Session& session, ProfileVersions& versions, const Claim& claim);
Result<SweepPage> sweep_untold(Session& session, ProfileVersions& versions,
                               const std::optional<SweepPosition>& after, const Claim& claim);
Result<Done> mark_told(Session& session, const Imsi& imsi, const Registration& registration,
                       const SubscriptionVersion& version, WallTime now);
Result<Done> postpone_telling(Session& session, const Imsi& imsi, const Registration& registration,
                              WallTime at);
Result<bool> hand_over_telling(Session& session, const Imsi& imsi, const Registration& registration,
                               const std::string& daemon, WallTime now);
Result<Done> mark_detached(Session& session, const Imsi& imsi, const Registration& registration);
Result<Done> store_location(Session& session, const Imsi& imsi, const ServingNode& node,
                            const s6a::EpsLocationInformation& location, WallTime now);
Result<std::uint64_t> profile_clock(Session& session);

}  // namespace bindhss::store::postgres
