// SPDX-License-Identifier: Apache-2.0
// The store as the KME provisioning exchange sees it (spec 4.4): two transactions for one exchange, one
// before anything is sent and one that makes the key active. What is between them survives a crash as a row
// that nobody can use after its deadline.
//
// Threads, errors: as store.h.
#pragma once

#include "binding/provisioning.h"
#include "crypto/device_key.h"
#include "store/store.h"

namespace bindhss::store {

/// A device's public key as the registry has it (R20).
struct DeviceKey {
    Imei imei;
    crypto::KeyType type = crypto::KeyType::x25519;
    Octets<32> fingerprint{};  ///< SHA-256 of der
    OctetString der;           ///< SubjectPublicKeyInfo
    std::string origin;        ///< who vouches for it: a manufacturer, a registry
    std::optional<WallTime> valid_from;
    std::optional<WallTime> valid_until;
    std::optional<WallTime> revoked_at;
    std::optional<bool> secure;  ///< its private half lives in a secure environment; absent: not known
    WallTime added;
};

/// How container and answer travel.
enum class ExchangeWay : std::uint8_t { s6a, https };
[[nodiscard]] std::string_view name_of(ExchangeWay way);

/// What an access has shown of its device, which is refused until it has the key.
struct SeenDevice {
    std::optional<std::string> svn;
    binding::Provenance provenance = binding::Provenance::authenticated;
};

/// A new exchange. There is one for a subscription: a new one ends the one before, unless both belong to one
/// request; but none by https ends one by s6a.
struct BeginExchange {
    Imsi imsi;
    Imei imei;
    binding::TransactionId transaction{};
    SecretString kme;
    binding::Nonce nonce{};
    binding::RandAlgorithm rand_algorithm = binding::RandAlgorithm::aes128;
    std::optional<WallTime> not_after;
    binding::Occasion occasion = binding::Occasion::first_key;
    ExchangeWay way = ExchangeWay::s6a;
    ServingNode node;              ///< of the ULR; empty: none (https)
    std::uint32_t end_to_end = 0;  ///< of the ULR: a retransmission that another daemon has joins
    /// Of an external registry; absent: the newest valid one of the table.
    std::optional<DeviceKey> key;
    /// Kept whether it is begun or not, as Store::record_refusal() does. Absent: nobody has seen it (https).
    std::optional<SeenDevice> seen;
    WallTime deadline;
    WallTime now;
};

/// What Store::record_refusal() takes of what was seen, if anything was.
[[nodiscard]] std::optional<Refusal> refusal_of(const BeginExchange& exchange);

/// What the container is made with; the row is committed.
struct Begun {
    std::uint32_t generation = 0;  ///< one above the highest that the device ever had; 1 for the first
    DeviceKey key;
    std::optional<binding::AkaSession> session;  ///< kept for this subscription, while it lives
};

/// Why there is no exchange.
enum class NotBegun : std::uint8_t {
    no_public_key,  ///< none that is valid now
    postponed,      ///< attempts failed a short time ago, or an MME carries one out now
    joined,         ///< the same request is being served by another daemon
};

/// What of an exchange is needed when its answer comes by itself (https).
struct PendingExchange {
    Imsi imsi;
    Imei imei;
    binding::ExchangeTerms terms;
    SecretString kme;
    ExchangeWay way = ExchangeWay::s6a;
    binding::Occasion occasion = binding::Occasion::first_key;
    ServingNode node;
    WallTime deadline;
};

/// The key of an exchange, from who has it at hand.
struct ProvenKey {
    Imei imei;
    std::uint32_t generation = 0;
    SecretString kme;
};

struct FinishExchange {
    Imsi imsi;
    binding::TransactionId transaction{};
    binding::ExchangeOutcome outcome = binding::ExchangeOutcome::not_answered;
    /// After a failure that may pass: how long until the next attempt, by how many failed in a row before;
    /// the last one counts for all that follow. Empty: at once.
    std::vector<std::chrono::seconds> pauses;
    /// Registrations that do not rest on the key are cancelled, with re-attach required: the UE that was
    /// provisioned by https while it had restricted service.
    bool reattach = false;
    WallTime now;
    /// Of `established`; absent: it is read from the row.
    std::optional<ProvenKey> key;
};
struct Finished {
    /// false: the row was gone, or its time over: nothing has changed, the key is worth nothing (I4).
    bool stored = false;
    std::vector<NodeRequest> cancellations;
};

/// A profile whose only purpose is provisioning (spec 4.4 "restricted_apn").
struct RestrictedProfile {
    Subscription subscription;
    SubscriptionVersion version;
};

class Exchanges {
  public:
    virtual ~Exchanges() = default;

    /// user_unknown. The row is there for every daemon before this returns. A crash of the database may lose
    /// it: then the exchange is worth nothing.
    virtual Awaitable<std::variant<Begun, NotBegun>> begin_exchange(BeginExchange exchange) = 0;
    /// Nothing: no such transaction, or its time is over.
    virtual Awaitable<std::optional<PendingExchange>> load_exchange(binding::TransactionId transaction,
                                                                    WallTime now) = 0;
    /// In one transaction. The node's regular vector has had its Update-Location (I2). `established`: the key
    /// becomes the active one of the device, of this generation, and of every binding that has it; the
    /// generation before opens an AUTS for the grace time; the device joins the list of the binding; what
    /// spoke against the binding counts no more, a question about the device is answered. Everything else:
    /// the row goes, and the pause begins. Once for each transaction.
    virtual Awaitable<Finished> finish_exchange(FinishExchange finish) = 0;
    /// The UE left the node: an exchange that is pending there is worth nothing any more. Nothing happens
    /// without one. `host`: its Origin-Host; empty: whatever node, and by https too.
    virtual Awaitable<Done> abort_exchange(Imsi imsi, std::string host) = 0;
    /// Is an exchange of the subscription pending?
    virtual Awaitable<bool> exchange_pending(Imsi imsi, WallTime now) = 0;
    /// Has the node asked for a vector under a key of the subscription since? user_unknown.
    virtual Awaitable<bool> has_come_again(Imsi imsi, ServingNode node, WallTime since) = 0;

    /// Keeps CK and IK of the vector just issued, sealed, for HOME-MAC: of the last vector alone, until
    /// `until`.
    virtual Awaitable<Done> keep_session(Imsi imsi, binding::AkaSession session, WallTime until) = 0;

    /// Nothing: there is no profile of that name.
    virtual Awaitable<std::optional<RestrictedProfile>> load_restricted(Imsi imsi, std::string profile) = 0;
};

}  // namespace bindhss::store
