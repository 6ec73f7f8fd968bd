// SPDX-License-Identifier: Apache-2.0
// The fields of a subscriber that are on its card: algorithm and keys.
#pragma once

#include "records/field_reader.h"

namespace bindhss::records {

struct Card {
    AkaKeys keys;
    bool sim_only = false;
};

/// From the fields algorithm, k, opc, op, topc, top, tuak_iterations, res_octets and sim; OPc and TOPc are
/// derived when OP or TOP is given. Nothing when something is wrong, which `fields` has noted without showing
/// a key.
[[nodiscard]] std::optional<Card> read_card(FieldReader& fields);

}  // namespace bindhss::records
