// SPDX-License-Identifier: Apache-2.0
// The same exchange without an MME that knows of it: a device, or a server that acts for it, fetches the
// container and brings the answer (spec 4.4 "restricted_apn"). What it is asked by is in daemon/api.
#pragma once

#include "procedure/ports.h"

namespace bindhss::procedure {

/// A container to be brought to the device, and until when its answer counts.
struct KeyOffer {
    binding::TransactionId transaction{};
    OctetString container;
    std::uint32_t generation = 0;
    WallTime deadline;
};

/// Begins an exchange for a subscription whose device needs a key: it has none, its time is nearly over, or
/// the evidence speaks against it and the terms want it renewed. An exchange of the subscription that is
/// pending is worth nothing then. Whoever asks proves nothing; the container is of use to the device alone.
///
/// user_unknown; authorization_rejected: the policy needs no key, the binding is locked, the device is not
/// authorised (by a rule; as the first of an empty list it has to have been seen in the network with the
/// subscription), its key is good, or there is no public key; rate_limited: too early after a failure.
[[nodiscard]] boost::asio::awaitable<Result<KeyOffer>> offer_key(const Ports& ports, Imsi imsi, Imei imei);

/// What the device answered. Once for each transaction.
struct KeyConfirmation {
    binding::ExchangeOutcome outcome = binding::ExchangeOutcome::superseded;
    std::string detail;  ///< for people; holds nothing of what came
};
/// unknown_serving_node: there is no such transaction, its time is over, or it was answered.
[[nodiscard]] boost::asio::awaitable<Result<KeyConfirmation>> confirm_key(const Ports& ports,
                                                                          binding::TransactionId transaction,
                                                                          OctetString container);

}  // namespace bindhss::procedure
