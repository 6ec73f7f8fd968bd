// SPDX-License-Identifier: Apache-2.0
// A table of fixed size that remembers a number for each of many keys, and forgets what matters least.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <span>

namespace bindhss::procedure {

/// Keys are fingerprints: 64 bits of a keyed hash. Two objects are one to it when all 64 bits are the same,
/// once in 2^64 pairs. A key has 8 places that it may be in; when others have them all, the one with the
/// smallest value is forgotten, so values are to be such that it matters least. Any thread may call it; a
/// lock is held for a few instructions, and nothing is allocated after the construction. Memory that no key
/// has needed is never touched, so a large table costs little before it is needed.
class FingerprintTable {
  public:
    /// `slots` is rounded up to a power of two, at least one set.
    explicit FingerprintTable(std::size_t slots);

    /// `change(value)` makes the new value of the key from the present one, which is 0 when there is none; 0
    /// is the same as none.
    template <class Change>
    void change(std::uint64_t key, Change change) {
        key = std::max<std::uint64_t>(key, 1);  // 0 is a free slot
        const auto set_index = static_cast<std::size_t>(key) & set_mask_;
        const std::lock_guard lock(locks_[set_index % locks_.size()].mutex);
        const auto set = std::span(sets_ + set_index * ways, ways);
        auto slot = std::find_if(set.begin(), set.end(), [&](const Slot& s) { return s.key == key; });
        const auto before = slot == set.end() ? 0 : slot->value;
        const std::int64_t after = change(before);
        if (after == before) return;
        if (slot == set.end()) {
            slot = std::min_element(set.begin(), set.end(),
                                    [](const Slot& a, const Slot& b) { return a.value < b.value; });
        }
        *slot = after == 0 ? Slot{} : Slot{key, after};
    }

    [[nodiscard]] std::int64_t value(std::uint64_t key) {
        std::int64_t found = 0;
        change(key, [&](std::int64_t value) { return found = value; });
        return found;
    }
    void put(std::uint64_t key, std::int64_t value) {
        change(key, [&](std::int64_t) { return value; });
    }

    /// Begins to bring the places of a key into the cache: worth it where several tables are asked in turn.
    void prefetch(std::uint64_t key) const {
        const auto* set = sets_ + (static_cast<std::size_t>(key) & set_mask_) * ways;
        __builtin_prefetch(set, 1);
        __builtin_prefetch(set + ways / 2, 1);
    }

    [[nodiscard]] std::size_t slots() const { return (set_mask_ + 1) * ways; }

    static constexpr std::size_t ways = 8;

  private:
    struct Slot {
        std::uint64_t key = 0;
        std::int64_t value = 0;
    };
    struct alignas(64) Lock {
        std::mutex mutex;
    };
    struct Free {
        void operator()(void* memory) const { std::free(memory); }
    };

    std::size_t set_mask_;
    std::unique_ptr<void, Free> memory_;
    Slot* sets_;
    std::array<Lock, 32> locks_;
};

}  // namespace bindhss::procedure
