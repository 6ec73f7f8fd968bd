// SPDX-License-Identifier: Apache-2.0
// One provisioning exchange (spec 4.4, 4.5, figure 2.2.1-1 of seed 004), whatever way container and answer
// travel.
#pragma once

#include "procedure/ports.h"

namespace bindhss::procedure {

/// Who is to be given a key, and why.
struct KeyWanted {
    Imsi imsi;
    Imei imei;
    binding::Occasion occasion = binding::Occasion::first_key;
    store::ExchangeWay way = store::ExchangeWay::s6a;
    ServingNode node;              ///< of the Update-Location; empty: none
    std::uint32_t end_to_end = 0;  ///< of the ULR
    WallTime deadline;
    std::optional<store::SeenDevice> seen;  ///< goes on record; of the Update-Location
    /// CK and IK that are kept are those that the access runs on; else the container goes without HOME-MAC.
    bool session_fits = true;
    std::string session = {};  ///< Session-Id of the Update-Location; empty: none
};

/// An exchange that is on record, and what is to be sent.
struct Exchange {
    KeyWanted wanted;
    binding::ExchangeTerms terms;
    SecretString kme;
    binding::KmeProvision provision;
};

/// Why there is none.
struct NoExchange {
    store::NotBegun why = store::NotBegun::no_public_key;
    std::string detail;  ///< for people; holds nothing of a peer
};

/// Looks up the public key, draws KME, nonce and transaction, puts the exchange on record, and seals the KME
/// to the device. Nothing is sent before the record is durable. The error is the store's, or the registry's.
[[nodiscard]] boost::asio::awaitable<Result<std::variant<Exchange, NoExchange>>> begin_exchange(
    const Ports& ports, KeyWanted wanted);

/// What has become of it, once it is stored.
struct Ended {
    binding::ExchangeOutcome outcome = binding::ExchangeOutcome::superseded;
    binding::Conclusion conclusion;
};

/// Makes the key the active one, if the answer proves that the device has it; stores the failure otherwise.
/// Raises and clears alarms. `features`: of the node, in feature_kme. `key`: what the device was sent. The
/// error is the store's: the device may have a key that the HSS has not, and is given one of the same
/// generation again.
[[nodiscard]] boost::asio::awaitable<Result<Ended>> end_exchange(const Ports& ports, KeyWanted wanted,
                                                                 binding::TransactionId transaction,
                                                                 binding::Judged judged,
                                                                 std::uint32_t features,
                                                                 std::optional<store::ProvenKey> key);

}  // namespace bindhss::procedure
