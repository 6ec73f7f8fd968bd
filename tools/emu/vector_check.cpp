// SPDX-License-Identifier: Apache-2.0
#include "emu/vector_check.h"

#include "aka/milenage.h"
#include "aka/vectors.h"
#include "emu/me.h"

namespace bindhss::emu {

std::string_view name_of(VectorFault fault) {
    switch (fault) {
        case VectorFault::no_vector:
            return "no vector in a successful AIA";
        case VectorFault::separation_bit:
            return "AMF separation bit not set";
        case VectorFault::not_encrypted:
            return "regular vector for a bound subscriber";
        case VectorFault::encrypted:
            return "encrypted RAND for a subscriber that is not bound";
        case VectorFault::mac_a:
            return "MAC-A wrong";
        case VectorFault::xres:
            return "XRES wrong";
        case VectorFault::kasme:
            return "KASME wrong";
        case VectorFault::sqn_reused:
            return "SQN seen before";
        case VectorFault::sqn_too_old:
            return "SQN far behind";
    }
    return "unknown";
}

std::variant<Sqn, VectorFault> check_vector(const FleetMember& member, const s6a::EutranVector& vector,
                                            const Plmn& serving_network) {
    const auto amf_bits = amf_of(vector.autn);
    const bool marked = (amf_bits & AmfMasks{}.pre_processed) != 0;
    if ((amf_bits & aka::amf_separation_bit) == 0) return VectorFault::separation_bit;
    if (member.bound && !marked) return VectorFault::not_encrypted;
    if (!member.bound && marked) return VectorFault::encrypted;

    const auto rand = marked ? aka::decrypt_rand(member.kme.view(), vector.rand) : vector.rand;
    aka::Milenage milenage(member.k, member.opc);
    const auto challenge = milenage.f2345(rand);
    const auto autn = vector.autn.view();
    Octets<6> concealed{};
    Octets<6> sqn_octets{};
    for (std::size_t i = 0; i < sqn_octets.size(); ++i) {
        concealed[i] = autn[i];
        sqn_octets[i] = concealed[i] ^ challenge.ak.octets()[i];
    }
    const auto sqn = Sqn::from_octets(sqn_octets);
    if (milenage.f1(rand, sqn, *Amf::from(autn.subspan(6, 2))) != *aka::MacA::from(autn.subspan(8))) {
        return VectorFault::mac_a;
    }
    if (!(challenge.res == vector.xres)) return VectorFault::xres;
    if (!(aka::derive_kasme(challenge.ck, challenge.ik, serving_network, concealed) == vector.kasme)) {
        return VectorFault::kasme;
    }
    return sqn;
}

}  // namespace bindhss::emu
