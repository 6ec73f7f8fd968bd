// SPDX-License-Identifier: Apache-2.0
// The batched path of Authentication-Information: one statement for all the requests that wait.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "crypto/key_ring.h"
#include "store/postgres/pending.h"
#include "store/postgres/session.h"

namespace bindhss::store::postgres {

/// A key as the database holds it.
struct SealedKme {
    std::int64_t id = 0;  ///< 0: none
    OctetString key;
    std::string owner;
    std::uint32_t generation = 0;
    std::optional<WallTime> not_after;
};

/// The keys of a subscription as the database holds them.
struct SealedSubscription {
    OctetString k;
    OctetString opc;
    AkaAlgorithm algorithm = AkaAlgorithm::milenage;
    std::uint8_t tuak_iterations = 1;
    std::uint8_t res_octets = 8;
    bool sim_only = false;
    Amf amf;
    binding::Policy policy = binding::Policy::off;
    SealedKme kme;
    std::vector<SealedKme> other_kmes;
};

/// From these columns, the first at `first`: k, opc, amf, policy, algorithm, iterations, octets of RES, SIM
/// only, kme id, key, owner, generation, end of its time.
inline constexpr int sealed_columns = 13;
[[nodiscard]] SealedSubscription sealed_of(const pqxx::row& row, int first);

/// From four columns, the first at `first`: id, key, owner, generation.
[[nodiscard]] SealedKme sealed_kme_of(const pqxx::row& row, int first);

/// authentication_data_unavailable when the seal does not open. Any thread.
[[nodiscard]] Result<binding::Kme> unseal(const crypto::KeyRing& keys, const SealedKme& sealed);

/// Opens the seals; authentication_data_unavailable when one does not open. Any thread.
[[nodiscard]] Result<AuthenticationSubscription> unseal(const crypto::KeyRing& keys, const Imsi& imsi,
                                                        const SealedSubscription& sealed);

/// The row key under which a KME is sealed.
[[nodiscard]] inline std::string kme_row(std::string_view owner, std::uint32_t generation) {
    return std::string(owner) + ":" + std::to_string(generation);
}

/// As VectorReservation, sealed.
struct SealedReservation {
    SealedSubscription subscription;
    SequenceReservation sequence;
    binding::State state = binding::State::normal;
    binding::OnSuspicion on_suspicion = binding::OnSuspicion::alarm;
    bool unanswered = false;
    std::vector<WallTime> reprovisions;
};

/// user_unknown; unknown_eps_subscription.
[[nodiscard]] Result<SealedSubscription> load_authentication(Session& session, const Imsi& imsi,
                                                             const ServingNode& node, const KeyGrace& grace);

/// One request of the batch.
class PendingReservation final : public Pending {
  public:
    PendingReservation(VectorReservationRequest wanted,
                       std::unique_ptr<Completion<SealedReservation>> completion)
        : Pending(Cause::authentication_data_unavailable),
          request(std::move(wanted)),
          completion_(std::move(completion)) {}
    void fail(Failure failure) override { completion_->complete(std::move(failure)); }
    void complete(SealedReservation reservation) { completion_->complete(std::move(reservation)); }

    const VectorReservationRequest request;

  private:
    std::unique_ptr<Completion<SealedReservation>> completion_;
};

using ReservationBatch = std::vector<std::unique_ptr<PendingReservation>>;

/// Up to limits::batch_rows_max requests sorted by IMSI; a second one of the same IMSI stays for the next
/// batch.
[[nodiscard]] ReservationBatch take_batch(std::deque<std::unique_ptr<PendingReservation>>& waiting);

/// The numbers of serving nodes, learnt from the database when first seen. Any thread.
class NodeNumbers {
  public:
    [[nodiscard]] int number(Session& session, const ServingNode& node);
    /// After a reconnection: the server may be another one, that never saw the newest nodes.
    void forget();

  private:
    std::mutex mutex_;
    std::unordered_map<std::string, int> numbers_;
};

/// Serves one batch: durable when it returns. What is left in the batch then has to be tried again: somebody
/// else has locked its rows. Throws what libpqxx throws; requests that it has completed are reset, of the
/// others nobody knows whether their SEQ values were committed, and nobody will ever use them.
void serve_batch(Session& session, NodeNumbers& nodes, ReservationBatch& batch);

}  // namespace bindhss::store::postgres
