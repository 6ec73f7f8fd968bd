// SPDX-License-Identifier: Apache-2.0
// The verbs of bindings over one connection: each a transaction. What they throw is libpqxx's, and the lane's
// to handle.
#pragma once

#include "store/postgres/session.h"
#include "store/store.h"

namespace bindhss::store::postgres {

/// false: there is no such subscriber. Orders what is done to one: the next statement of the transaction sees
/// what was stored before.
[[nodiscard]] bool lock_subscriber(pqxx::transaction_base& transaction, const Imsi& imsi);

/// The association of a device that was reported, if one was.
void remember_device(pqxx::transaction_base& transaction, const Imsi& imsi,
                     const std::optional<TerminalInformation>& terminal, const ServingNode& node,
                     binding::Provenance provenance, WallTime now);
/// After a new one: those beyond devices_kept_max are forgotten.
void forget_devices(pqxx::transaction_base& transaction, const Imsi& imsi);
void lock_binding(pqxx::transaction_base& transaction, const Imsi& imsi);
/// `terminal`: as it was reported, for the software version.
void ask_operator(pqxx::transaction_base& transaction, const Imsi& imsi, Imei imei,
                  const std::optional<TerminalInformation>& terminal, const ServingNode& node, WallTime now);
/// false: by now the binding has devices, and not this one. REQUIRES: the subscriber is locked.
[[nodiscard]] bool acquire_device(pqxx::transaction_base& transaction, const Imsi& imsi, Imei imei);
/// RegisterNode::proven_kme. REQUIRES: what else the Update-Location changes of the binding is stored.
void prove_kme(pqxx::transaction_base& transaction, const Imsi& imsi, std::int64_t kme_id);

/// Does a refusal change nothing but what was seen? Then remember_refused() does for several at once.
[[nodiscard]] bool tells_of_device_alone(const Refusal& refusal);
struct RefusedReport {
    Imsi imsi;
    Refusal refusal;
};
/// What a crash of the server may take along. REQUIRES: tells_of_device_alone(), each IMSI once.
std::vector<Result<Done>> remember_refused(Session& session,
                                           const std::vector<const RefusedReport*>& reports);
Result<Done> record_refusal(Session& session, const Imsi& imsi, const Refusal& refusal);
Result<binding::Change> record_sign(Session& session, const Imsi& imsi, const SignReport& report);
Result<std::optional<std::int64_t>> find_kme(Session& session, const Imsi& imsi, Imei imei);

}  // namespace bindhss::store::postgres
