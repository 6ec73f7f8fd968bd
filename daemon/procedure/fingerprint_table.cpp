// SPDX-License-Identifier: Apache-2.0
#include "procedure/fingerprint_table.h"

#include <bit>
#include <new>

namespace bindhss::procedure {

namespace {

constexpr std::size_t alignment = 64;

}  // namespace

FingerprintTable::FingerprintTable(std::size_t slots)
    : set_mask_(std::bit_ceil(std::max(slots, ways)) / ways - 1),
      // calloc, whose pages the system makes when they are first written.
      memory_(std::calloc((set_mask_ + 1) * ways * sizeof(Slot) + alignment, 1)),
      sets_(nullptr) {
    if (!memory_) throw std::bad_alloc();
    // A set is two lines of the cache then, not three.
    void* begin = memory_.get();
    auto space = alignment + ways * sizeof(Slot);
    sets_ = static_cast<Slot*>(std::align(alignment, ways * sizeof(Slot), begin, space));
}

}  // namespace bindhss::procedure
