// SPDX-License-Identifier: Apache-2.0
#include "procedure/fingerprint_table.h"

#include <bit>
#include <new>

namespace bindhss::procedure {

FingerprintTable::FingerprintTable(std::size_t slots)
    : set_mask_(std::bit_ceil(std::max(slots, ways)) / ways - 1),
      // calloc, whose pages the system makes when they are first written.
      slots_(static_cast<Slot*>(std::calloc((set_mask_ + 1) * ways, sizeof(Slot)))) {
    if (!slots_) throw std::bad_alloc();
}

}  // namespace bindhss::procedure
