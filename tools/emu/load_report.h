// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <map>
#include <ostream>
#include <vector>

#include "emu/vector_check.h"
#include "types/result.h"

namespace bindhss::emu {

/// Latencies in buckets of about 3 % width, from 1 us to over an hour, in 12 KB. One thread at a time.
class LatencyHistogram {
  public:
    LatencyHistogram() : counts_(bucket_count) {}
    void add(std::chrono::nanoseconds latency);
    void merge(const LatencyHistogram& other);
    /// The upper end of the bucket in which the fraction of all latencies is reached; 0 when there are none.
    [[nodiscard]] std::chrono::microseconds percentile(double fraction) const;
    [[nodiscard]] std::uint64_t count() const { return total_; }

  private:
    static constexpr unsigned sub_bits = 5;
    static constexpr std::size_t bucket_count = (33 - sub_bits + 1) << sub_bits;
    static std::size_t bucket_of(std::uint64_t us);
    static std::uint64_t upper_end(std::size_t bucket);

    std::vector<std::uint64_t> counts_;
    std::uint64_t total_ = 0;
};

/// The answers to one kind of request, successful or not.
struct AnswerReport {
    LatencyHistogram latency;
    std::map<std::uint32_t, std::uint64_t> results;  ///< by result code

    void answered(std::chrono::nanoseconds duration, std::uint32_t result);
    void merge(const AnswerReport& other);
    [[nodiscard]] std::uint64_t success_count() const;
    [[nodiscard]] bool all_successful() const { return success_count() == latency.count(); }
    void print(std::ostream& out, const char* name, std::chrono::duration<double> elapsed) const;
};

/// What a load has shown. One thread at a time; those of several threads are merged at the end.
struct LoadReport {
    AnswerReport air;
    AnswerReport ulr;
    std::uint64_t undelivered = 0;        ///< requests that got no answer
    std::uint64_t verified = 0;           ///< vectors checked and found good
    std::uint64_t unverified = 0;         ///< vectors that --verify every:N left out
    std::uint64_t in_step = 0;            ///< --authenticate-all: accepted at once
    std::uint64_t resynchronised = 0;     ///< --authenticate-all: accepted after one re-synchronisation
    std::uint64_t not_authenticated = 0;  ///< --authenticate-all: refused, or no answer
    std::array<std::uint64_t, vector_fault_count> faults{};
    std::chrono::duration<double> elapsed{};

    void fault(VectorFault fault) { ++faults[static_cast<std::size_t>(fault)]; }
    void merge(const LoadReport& other);
    [[nodiscard]] std::uint64_t fault_count() const;
    void print(std::ostream& out) const;
};

}  // namespace bindhss::emu
