// SPDX-License-Identifier: Apache-2.0
// Everything that Update-Locations decide on, of several subscriptions at once.
#pragma once

#include "log/log.h"
#include "store/postgres/session.h"
#include "store/store.h"

namespace bindhss::store::postgres {

/// What Store::load_subscriber is asked.
struct SubscriberQuery {
    Imsi imsi;
    ServingNode node;
    std::optional<TerminalInformation> reported;
};

/// One result for each query, at its place. Three statements at most, however many they are. A subscription
/// that the database holds and never should is a failure of that one alone, and told in the log.
[[nodiscard]] std::vector<Result<SubscriberView>> load_subscribers(
    Session& session, const std::vector<const SubscriberQuery*>& queries, log::Logger& log);

}  // namespace bindhss::store::postgres
