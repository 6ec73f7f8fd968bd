// SPDX-License-Identifier: Apache-2.0
// Exchanges in PostgreSQL: each verb is one round trip, or two, on the connections of PostgresStore.
#pragma once

#include <memory>

#include "crypto/key_ring.h"
#include "store/exchange.h"
#include "store/postgres/postgres_store.h"

namespace bindhss::store::postgres {

/// As PostgresStore: any thread, and the same failures while the database is down. When it is not known
/// whether a transaction was committed, unable_to_comply is the answer: an exchange that was begun ends by
/// its deadline, and one that was finished has its key, or has not, in whole.
///
/// REQUIRES: store, keys and random outlive it, and it outlives every awaited verb.
class PostgresExchanges final : public Exchanges {
  public:
    PostgresExchanges(PostgresStore& store, const crypto::KeyRing& keys, Random& random);
    ~PostgresExchanges() override;

    Awaitable<std::variant<Begun, NotBegun>> begin_exchange(BeginExchange exchange) override;
    Awaitable<std::optional<PendingExchange>> load_exchange(binding::TransactionId transaction,
                                                            WallTime now) override;
    Awaitable<Finished> finish_exchange(FinishExchange finish) override;
    Awaitable<Done> abort_exchange(Imsi imsi, std::string host) override;
    Awaitable<bool> exchange_pending(Imsi imsi, WallTime now) override;
    Awaitable<bool> has_come_again(Imsi imsi, ServingNode node, WallTime since) override;
    Awaitable<Done> keep_session(Imsi imsi, binding::AkaSession session, WallTime until) override;
    Awaitable<std::optional<RestrictedProfile>> load_restricted(Imsi imsi, std::string profile) override;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace bindhss::store::postgres
