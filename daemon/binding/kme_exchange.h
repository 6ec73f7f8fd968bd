// SPDX-License-Identifier: Apache-2.0
// What ties a KME in its container to one subscription, device, generation and transaction (spec 4.5). Both
// sides compute it: the HSS, and the device. Pure.
#pragma once

#include "binding/container.h"
#include "types/aka.h"
#include "types/identity.h"
#include "types/secret.h"

namespace bindhss::binding {

/// Who the KME is for: the device takes these from itself, not from the container.
struct Holder {
    const Imsi& imsi;
    Imei imei;
};

/// CTX: SharedInfo2 of ECIES, the label of RSA-OAEP. A container for another subscription, device, generation
/// or algorithm does not open.
[[nodiscard]] OctetString context_of(const Holder& holder, const KmeProvision& provision);

/// Rsp: the proof that the device has the KME (R29).
[[nodiscard]] Secret<32> response_to(const Holder& holder, const KmeProvision& provision, OctetView kme);

/// HOME-MAC: only the home network and the card know CK and IK of the regular vector just used, whose AUTN
/// this is. A public key does not tell who sealed to it.
[[nodiscard]] Octets<16> home_mac_of(const Holder& holder, const KmeProvision& provision,
                                     const Secret<16>& ck, const Secret<16>& ik, const Autn& autn);

}  // namespace bindhss::binding
