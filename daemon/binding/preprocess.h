// SPDX-License-Identifier: Apache-2.0
// Which AMF a vector carries, and with it how the ME learns that RAND is encrypted (spec 4.2, R16, R22).
#pragma once

#include "aka/vectors.h"
#include "binding/binding.h"

namespace bindhss::binding {

/// AMF of a regular vector for EPS: separation bit set, both marks clear ("indicated as regular", R22).
[[nodiscard]] Amf regular_amf(const Amf& base, const AmfMarks& marks);

/// AMF of a pre-processed vector: separation bit and P set, G as the parity of the KME's generation.
[[nodiscard]] Amf pre_processed_amf(const Amf& base, const AmfMarks& marks, std::uint32_t generation);

/// One E-UTRAN vector for a subscription: pre-processed when there is a KME, else regular. RAND is drawn
/// here.
[[nodiscard]] aka::AuthenticationVector make_vector(aka::Milenage& milenage, const Kme* kme,
                                                    const AmfMarks& marks, const Amf& base, const Sqn& sqn,
                                                    const Plmn& serving_network, Random& random);

}  // namespace bindhss::binding
