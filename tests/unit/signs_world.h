// SPDX-License-Identifier: Apache-2.0
// A subscription that is bound by key, with what tells one vector from another.
#pragma once

#include "aka/resync.h"
#include "aka/vectors.h"
#include "nodes_world.h"

namespace bindhss::test {

struct SignsWorld : NodesWorld {
    const SecretString other_kme{hex<16>("f0e0d0c0b0a090807060504030201000")};

    explicit SignsWorld(binding::OnSuspicion on_suspicion = binding::OnSuspicion::alarm) {
        binding::Terms terms;
        terms.policy = binding::Policy::kme;
        terms.on_suspicion = on_suspicion;
        bind(terms);
    }

    /// Lists a second device, which has a key of its own.
    void add_second_device() {
        put(store::PutKme{stranger, other_kme});
        put(store::AuthoriseDevice{imsi, stranger});
    }

    Sqn sqn_of(const s6a::EutranVector& vector, const Rand& plain) const {
        aka::Milenage milenage(k, opc);
        auto octets = milenage.f2345(plain).ak.octets();
        for (std::size_t i = 0; i < octets.size(); ++i) octets[i] ^= vector.autn.octets[i];
        return Sqn::from_octets(octets);
    }
    /// Does the USIM accept the challenge when its device hands it this RAND?
    bool accepted(const s6a::EutranVector& vector, const Rand& plain) const {
        aka::Milenage milenage(k, opc);
        const Amf amf{{vector.autn.octets[6], vector.autn.octets[7]}};
        const auto mac = milenage.f1(plain, sqn_of(vector, plain), amf);
        return std::equal(mac.octets.begin(), mac.octets.end(), vector.autn.octets.begin() + 8);
    }
    bool under(const s6a::EutranVector& vector, const SecretString& key) const {
        return accepted(vector, aka::decrypt_rand(key.view(), vector.rand)) && marked(vector);
    }
    bool regular(const s6a::EutranVector& vector) const {
        return accepted(vector, vector.rand) && !marked(vector);
    }
    bool marked(const s6a::EutranVector& vector) const {
        return (vector.autn.octets[7] & settings.amf_marks.pre_processed) != 0;
    }

    s6a::EutranVector challenge(const ServingNode& node) {
        const auto answer = air(node);
        REQUIRE(answer);
        REQUIRE(answer->eutran_vectors.size() == 1);
        return answer->eutran_vectors[0];
    }
    /// A challenge that nobody answers for long enough to count.
    void ignore(const ServingNode& node) {
        (void)challenge(node);
        clock.advance(settings.evidence.unanswered_after + std::chrono::seconds(1));
    }
    /// A challenge that the device fails, upon which its node forgets the UE.
    void fail_at(const ServingNode& node) {
        (void)challenge(node);
        REQUIRE(purge({imsi, node}));
    }
    void make_suspect() {
        fail_at(mme1);
        fail_at(mme1);
    }

    /// What the USIM answers when it finds the challenge out of step.
    ReSynchronizationInfo out_of_step(const s6a::EutranVector& vector, const Rand& plain,
                                      std::uint64_t seq) const {
        aka::Milenage milenage(k, opc);
        return {vector.rand, aka::make_auts(milenage, plain, Sqn(seq, sqn_of(vector, plain).ind()))};
    }
    ReSynchronizationInfo out_of_step(const s6a::EutranVector& vector, const SecretString& key,
                                      std::uint64_t seq) const {
        return out_of_step(vector, aka::decrypt_rand(key.view(), vector.rand), seq);
    }

    binding::Standing standing() { return store.subscriber(imsi).value().standing; }
    std::uint64_t seq() { return store.subscriber(imsi).value().seq; }
};

inline Cause cause_of_error(const auto& result) {
    REQUIRE_FALSE(result);
    return result.error().cause;
}

}  // namespace bindhss::test
