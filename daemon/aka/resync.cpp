// SPDX-License-Identifier: Apache-2.0
#include "aka/resync.h"

#include "aka/vectors.h"
#include "crypto/hmac.h"

namespace bindhss::aka {

namespace {

// TS 33.102 6.3.3: AMF* is all zeros, so that it need not be sent in the clear.
constexpr Amf amf_star{};

Sqn conceal(AlgorithmSet& algorithms, const Rand& rand, Octets<6> sqn) {
    const auto ak = algorithms.f5_star(rand);
    for (std::size_t i = 0; i < sqn.size(); ++i) sqn[i] ^= ak.octets()[i];
    return Sqn::from_octets(sqn);
}

std::optional<Sqn> open(AlgorithmSet& algorithms, const Rand& rand, const Auts& auts) {
    Octets<6> concealed;
    std::copy_n(auts.octets.begin(), concealed.size(), concealed.begin());
    const auto sqn_ms = conceal(algorithms, rand, concealed);
    const Secret<8> expected(algorithms.f1_star(rand, sqn_ms, amf_star).octets);
    const auto received = Secret<8>::from(auts.view().subspan(concealed.size()));
    if (!(expected == *received)) return std::nullopt;
    return sqn_ms;
}

}  // namespace

std::optional<OpenedAuts> open_auts(AlgorithmSet& algorithms, const ReSynchronizationInfo& info,
                                    std::span<const OctetView> candidates) {
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (const auto sqn_ms = open(algorithms, decrypt_rand(candidates[i], info.rand), info.auts)) {
            return OpenedAuts{*sqn_ms, i};
        }
    }
    if (const auto sqn_ms = open(algorithms, info.rand, info.auts)) return OpenedAuts{*sqn_ms, std::nullopt};
    return std::nullopt;
}

std::uint64_t fingerprint_of(const Auts& auts) {
    constexpr Octets<4> label{'A', 'U', 'T', 'S'};
    const auto digest = crypto::hmac_sha256(label, auts.view());
    std::uint64_t fingerprint = 0;
    for (std::size_t i = 0; i < sizeof fingerprint; ++i) fingerprint = fingerprint << 8 | digest.octets()[i];
    return fingerprint;
}

Auts make_auts(AlgorithmSet& algorithms, const Rand& rand, const Sqn& sqn_ms) {
    const auto concealed = conceal(algorithms, rand, sqn_ms.octets()).octets();
    const auto mac = algorithms.f1_star(rand, sqn_ms, amf_star);
    Auts auts;
    std::copy(mac.octets.begin(), mac.octets.end(),
              std::copy(concealed.begin(), concealed.end(), auts.octets.begin()));
    return auts;
}

}  // namespace bindhss::aka
