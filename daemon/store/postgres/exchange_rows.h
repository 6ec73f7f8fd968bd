// SPDX-License-Identifier: Apache-2.0
// What exchanges store, of several subscriptions at once: to and from rows. The verbs are in exchanges.h.
#pragma once

#include <variant>

#include "crypto/key_ring.h"
#include "store/exchange.h"
#include "store/postgres/session.h"

namespace bindhss::store::postgres {

using Beginning = std::variant<Begun, NotBegun>;

/// Its secret is sealed, and gone from `exchange`.
struct BeginRequest {
    BeginExchange exchange;
    OctetString sealed;
    bool sweeps = false;  ///< what is over is deleted on the way
};
/// The key that an exchange has established, as the table of keys has it; empty when it has established none.
struct StoredKey {
    std::string owner;
    OctetString sealed;
    std::string check_value;
};
struct FinishRequest {
    FinishExchange finish;
    StoredKey key;
};
struct SessionToKeep {
    Imsi imsi;
    OctetString sealed;
    WallTime until;
    bool sweeps = false;
};

struct Absence {
    Imsi imsi;
    ServingNode node;
    WallTime since;
};

[[nodiscard]] OctetString seal_secret(const crypto::KeyRing& keys, Random& random,
                                      const BeginExchange& exchange);
/// KME and N_HSS; nothing when the seal does not open.
[[nodiscard]] std::optional<std::pair<SecretString, binding::Nonce>> open_secret(
    const crypto::KeyRing& keys, OctetView sealed, const Imsi& imsi,
    const binding::TransactionId& transaction);
[[nodiscard]] OctetString seal_session(const crypto::KeyRing& keys, Random& random, const Imsi& imsi,
                                       const binding::AkaSession& session);
[[nodiscard]] StoredKey stored_key(const crypto::KeyRing& keys, Random& random, const ProvenKey& key);

/// One result for each, at its place; one transaction. REQUIRES: each IMSI once, in order.
[[nodiscard]] std::vector<Result<Beginning>> begin_exchanges(
    Session& session, const crypto::KeyRing& keys, const std::vector<const BeginRequest*>& requests);
/// Whether each was stored. Throws unique_violation while an import stores the key of such a device.
[[nodiscard]] std::vector<bool> finish_exchanges(pqxx::transaction_base& transaction,
                                                 const std::vector<const FinishRequest*>& requests);
/// Whether each has ended (Exchanges::has_come_again).
[[nodiscard]] std::vector<Result<bool>> have_come_again(Session& session,
                                                        const std::vector<const Absence*>& absences);
std::vector<Result<Done>> keep_sessions(Session& session, const std::vector<const SessionToKeep*>& sessions);

}  // namespace bindhss::store::postgres
