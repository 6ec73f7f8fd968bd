// SPDX-License-Identifier: Apache-2.0
#include "emu/usim.h"

#include "aka/gsm.h"
#include "aka/resync.h"

namespace bindhss::emu {

bool SequenceArray::acceptable(const Sqn& sqn) const {
    const auto newest = highest().seq();
    const bool too_far_ahead = sqn.seq() > newest && sqn.seq() - newest > Sqn::delta;
    return !too_far_ahead && sqn.seq() > seq_[sqn.ind()];
}

void SequenceArray::record(const Sqn& sqn) {
    seq_[sqn.ind()] = std::max(seq_[sqn.ind()], sqn.seq());
}

Sqn SequenceArray::highest() const {
    const auto newest = std::max_element(seq_.begin(), seq_.end());
    return Sqn(*newest, static_cast<std::uint64_t>(newest - seq_.begin()));
}

void SequenceArray::advance(std::uint64_t steps) {
    // Every IND moves: which one the HSS uses for a serving node is none of the card's business.
    seq_.fill(std::min(highest().seq() + steps, Sqn::seq_max));
}

UsimAnswer Usim::authenticate(const Rand& rand, const Autn& autn) {
    const auto octets = autn.view();
    const auto challenge = algorithms_->f2345(rand);
    Octets<6> sqn_octets{};
    for (std::size_t i = 0; i < sqn_octets.size(); ++i) sqn_octets[i] = octets[i] ^ challenge.ak.octets()[i];
    const auto sqn = Sqn::from_octets(sqn_octets);
    const auto amf = *Amf::from(octets.subspan(6, Amf::size));
    if (algorithms_->f1(rand, sqn, amf) != *aka::MacA::from(octets.subspan(8))) return UsimMacFailure{};
    if (!sequence_.acceptable(sqn)) {
        return UsimSynchFailure{aka::make_auts(*algorithms_, rand, sequence_.highest())};
    }
    sequence_.record(sqn);
    return UsimAccepted{challenge.res, challenge.ck, challenge.ik};
}

UsimGsmAccepted Usim::authenticate_gsm(const Rand& rand) {
    const auto triplet = aka::make_triplet(*algorithms_, rand);
    return {triplet.sres, triplet.kc};
}

}  // namespace bindhss::emu
