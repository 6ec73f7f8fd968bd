// SPDX-License-Identifier: Apache-2.0
// Which SQNs have been seen, for each subscriber of a fleet: no HSS may ever issue one twice (TS 33.102
// C.1.1).
#pragma once

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "emu/usim.h"
#include "emu/vector_check.h"

namespace bindhss::emu {

/// Any thread may call record(). SEQ alone counts, whatever its IND: the counter is one for the subscriber.
class SqnLedger {
  public:
    virtual ~SqnLedger() = default;
    /// Nothing: never seen before. REQUIRES: index < the count that the ledger was made for.
    virtual std::optional<VectorFault> record(std::uint64_t index, const Sqn& sqn) = 0;

  protected:
    [[nodiscard]] std::mutex& mutex_of(std::uint64_t index) { return stripes_[index % stripes_.size()]; }

  private:
    std::array<std::mutex, 256> stripes_;
};

/// Remembers the newest 64 SEQ of each subscriber in 16 octets; an older one counts as sqn_too_old. For
/// fleets of millions, where answers of one IMSI are never that far out of order.
class WindowLedger final : public SqnLedger {
  public:
    explicit WindowLedger(std::uint64_t count) : entries_(count) {}
    std::optional<VectorFault> record(std::uint64_t index, const Sqn& sqn) override;

  private:
    struct Entry {
        std::uint64_t newest = 0;
        std::uint64_t seen = 0;  ///< bit n: newest - n was seen
    };
    std::vector<Entry> entries_;
};

/// Remembers every SEQ, as intervals, and the cards' arrays; can be kept in a file from run to run.
class ExactLedger final : public SqnLedger {
  public:
    explicit ExactLedger(std::uint64_t count) : entries_(count) {}
    std::optional<VectorFault> record(std::uint64_t index, const Sqn& sqn) override;

    /// The array of a card that has accepted every vector recorded, in the order of their arrival.
    [[nodiscard]] SequenceArray sequence(std::uint64_t index);
    void set_sequence(std::uint64_t index, const SequenceArray& sequence);

    /// Reads what save() wrote; a missing file leaves the ledger empty. Throws std::runtime_error when the
    /// file is damaged or belongs to another fleet.
    void load(const std::string& path, const std::string& fleet_name);
    /// Replaces the file at once or not at all. Throws std::runtime_error.
    void save(const std::string& path, const std::string& fleet_name) const;

  private:
    struct Entry {
        std::map<std::uint64_t, std::uint64_t>
            intervals;  ///< first SEQ -> last SEQ, neither touching nor overlapping
        SequenceArray sequence;
    };
    std::vector<Entry> entries_;
};

}  // namespace bindhss::emu
