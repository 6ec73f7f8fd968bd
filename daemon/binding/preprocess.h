// SPDX-License-Identifier: Apache-2.0
// Which AMF a vector carries, and with it how the ME learns that RAND is encrypted (spec 4.2, R16, R22).
#pragma once

#include "aka/vectors.h"
#include "binding/binding.h"

namespace bindhss::binding {

/// What a vector is for: the separation bit of AMF is set for EPS and clear for everything else (TS 33.102
/// Annex H).
enum class VectorUse : std::uint8_t { eps, utran_geran };

/// AMF of a regular vector: both marks clear ("indicated as regular", R22).
[[nodiscard]] Amf regular_amf(const Amf& base, const AmfMarks& marks, VectorUse use = VectorUse::eps);

/// AMF of a pre-processed vector: P set, G as the parity of the KME's generation.
[[nodiscard]] Amf pre_processed_amf(const Amf& base, const AmfMarks& marks, std::uint32_t generation,
                                    VectorUse use = VectorUse::eps);

/// How the vectors of one subscription are treated. Borrows the key.
struct Treatment {
    const Kme* kme = nullptr;  ///< pre-processed when there is one, else regular
    AmfMarks marks;
    Amf base;  ///< the subscriber's own AMF
};

/// One E-UTRAN vector for a subscription. RAND is drawn here.
[[nodiscard]] aka::AuthenticationVector make_vector(aka::AlgorithmSet& algorithms, const Treatment& treatment,
                                                    const Sqn& sqn, const Plmn& serving_network,
                                                    Random& random);

/// One quintuplet for UTRAN or GERAN. RAND is drawn here.
[[nodiscard]] aka::Quintuplet make_quintuplet(aka::AlgorithmSet& algorithms, const Treatment& treatment,
                                              const Sqn& sqn, Random& random);

}  // namespace bindhss::binding
