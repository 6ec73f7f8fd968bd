// SPDX-License-Identifier: Apache-2.0
#include "procedure/witness.h"

namespace bindhss::procedure {

std::string_view name_of(Decision::Kind kind) {
    switch (kind) {
        case Decision::Kind::vectors:
            return "vectors";
        case Decision::Kind::resync:
            return "resync";
        case Decision::Kind::access:
            return "access";
        case Decision::Kind::device:
            return "device";
        case Decision::Kind::evidence:
            return "evidence";
        case Decision::Kind::exchange:
            break;
    }
    return "exchange";
}

}  // namespace bindhss::procedure
