// SPDX-License-Identifier: Apache-2.0
// For the sources of MemoryStore: one subscription's work under the lock.
#pragma once

#include "store/memory/memory_store.h"
#include "store/refusals.h"

namespace bindhss::store {

template <class T, class Work>
Result<T> MemoryStore::with_record(const Imsi& imsi, Work work) {
    const std::lock_guard lock(mutex_);
    if (failure_) return *failure_;
    auto* record = record_of(imsi);
    if (record == nullptr) return unknown_subscription();
    return work(*record);
}

}  // namespace bindhss::store
