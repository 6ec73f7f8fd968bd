// SPDX-License-Identifier: Apache-2.0
// A card in a device, for as long as it is in there.
#pragma once

#include <variant>

#include "emu/me.h"
#include "emu/usim.h"

namespace bindhss::emu {

/// EMM causes of AUTHENTICATION FAILURE (TS 24.301 9.9.3.9).
enum class EmmCause : std::uint8_t {
    mac_failure = 20,
    synch_failure = 21,
    non_eps_authentication_unacceptable = 26
};

/// AUTHENTICATION RESPONSE; KASME stays in the ME.
struct AuthenticationResponse {
    Res res;
    Kasme kasme;
};
/// AUTHENTICATION AND CIPHERING RESPONSE in UTRAN (TS 24.008 9.4.10); CK and IK stay in the ME.
struct UtranResponse {
    Res res;
    CipherKey ck;
    IntegrityKey ik;
};
/// The same in GERAN with a triplet; Kc stays in the ME.
struct GeranResponse {
    Sres sres;
    Kc kc;
};
/// AUTHENTICATION FAILURE (TS 24.301 8.2.5); AUTS with synch_failure only.
struct AuthenticationFailure {
    EmmCause cause;
    std::optional<Auts> auts;
};

/// What came of one AUTHENTICATION REQUEST, and how the ME treated its RAND.
struct UeAnswer {
    OpenedChallenge opened;
    bool reached_usim = false;
    std::variant<AuthenticationResponse, UtranResponse, GeranResponse, AuthenticationFailure> answer;
    std::optional<AkaSession> session = std::nullopt;  ///< stays in the ME; of a challenge with AUTN alone
};

class DeviceNas;

/// Borrows all; moving a card is making another Ue. One thread at a time.
struct Ue {
    const Me& me;
    Usim& usim;
    DeviceNas* nas = nullptr;  ///< absent: a device that knows no containers

    /// TS 33.401 6.1.1: the ME checks the separation bit, opens the challenge, asks its card, and derives
    /// KASME for the network that it believes to be in.
    [[nodiscard]] UeAnswer authenticate(const Rand& rand, const Autn& autn,
                                        const Plmn& serving_network) const;
    /// TS 33.102 6.3.3: no ME looks at the separation bit here, nor is a key derived.
    [[nodiscard]] UeAnswer authenticate_utran(const Rand& rand, const Autn& autn) const;
    /// TS 33.102 6.8.1: a triplet has no AUTN, hence no marks; the RAND goes to the card as it came.
    [[nodiscard]] UeAnswer authenticate_geran(const Rand& rand) const;
};

}  // namespace bindhss::emu
