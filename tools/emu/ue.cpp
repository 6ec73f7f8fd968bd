// SPDX-License-Identifier: Apache-2.0
#include "emu/ue.h"

#include "aka/vectors.h"

namespace bindhss::emu {
namespace {

Octets<6> concealed_sqn(const Autn& autn) {
    Octets<6> result{};
    std::copy_n(autn.octets.begin(), result.size(), result.begin());
    return result;
}

}  // namespace

UeAnswer Ue::authenticate(const Rand& rand, const Autn& autn, const Plmn& serving_network) const {
    if ((amf_of(autn) & aka::amf_separation_bit) == 0) {
        return {{}, false, AuthenticationFailure{EmmCause::non_eps_authentication_unacceptable, {}}};
    }
    auto came = authenticate_utran(rand, autn);
    if (const auto* accepted = std::get_if<UtranResponse>(&came.answer)) {
        const auto kasme =
            aka::derive_kasme(accepted->ck, accepted->ik, serving_network, concealed_sqn(autn));
        came.answer = AuthenticationResponse{accepted->res, kasme};
    }
    return came;
}

UeAnswer Ue::authenticate_utran(const Rand& rand, const Autn& autn) const {
    const auto opened = me.open(rand, autn);
    if (!opened.rand) return {opened, false, AuthenticationFailure{EmmCause::mac_failure, {}}};
    const auto answer = usim.authenticate(*opened.rand, autn);
    if (const auto* accepted = std::get_if<UsimAccepted>(&answer)) {
        return {opened, true, UtranResponse{accepted->res, accepted->ck, accepted->ik},
                AkaSession{accepted->ck, accepted->ik, autn}};
    }
    if (const auto* synch = std::get_if<UsimSynchFailure>(&answer)) {
        return {opened, true, AuthenticationFailure{EmmCause::synch_failure, synch->auts}};
    }
    return {opened, true, AuthenticationFailure{EmmCause::mac_failure, {}}};
}

UeAnswer Ue::authenticate_geran(const Rand& rand) const {
    const auto accepted = usim.authenticate_gsm(rand);
    return {{false, 0, rand}, true, GeranResponse{accepted.sres, accepted.kc}};
}

}  // namespace bindhss::emu
