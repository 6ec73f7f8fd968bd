// SPDX-License-Identifier: Apache-2.0
#include "emu/load_report.h"

#include <fmt/format.h>

#include <bit>
#include <numeric>

#include "types/result_code.h"

namespace bindhss::emu {

// Values below 2^sub_bits have a bucket each; above, every power of two is cut into 2^sub_bits buckets.
std::size_t LatencyHistogram::bucket_of(std::uint64_t us) {
    const auto capped = std::min<std::uint64_t>(us, (std::uint64_t{1} << 32) - 1);
    const auto width = static_cast<unsigned>(std::bit_width(capped));
    if (width <= sub_bits) return capped;
    const auto shift = width - sub_bits - 1;
    return ((shift + 1) << sub_bits) + ((capped >> shift) & ((1U << sub_bits) - 1));
}

std::uint64_t LatencyHistogram::upper_end(std::size_t bucket) {
    const auto group = bucket >> sub_bits;
    const auto within = bucket & ((1U << sub_bits) - 1);
    if (group == 0) return within;
    const auto shift = group - 1;
    return (((std::uint64_t{1} << sub_bits) + within + 1) << shift) - 1;
}

void LatencyHistogram::add(std::chrono::nanoseconds latency) {
    const auto us = std::max<std::int64_t>(0, latency.count() / 1'000);
    ++counts_[bucket_of(static_cast<std::uint64_t>(us))];
    ++total_;
}

void LatencyHistogram::merge(const LatencyHistogram& other) {
    for (std::size_t i = 0; i < bucket_count; ++i) counts_[i] += other.counts_[i];
    total_ += other.total_;
}

std::chrono::microseconds LatencyHistogram::percentile(double fraction) const {
    const auto wanted = fraction * static_cast<double>(total_);
    std::uint64_t reached = 0;
    for (std::size_t i = 0; i < bucket_count; ++i) {
        reached += counts_[i];
        if (reached != 0 && static_cast<double>(reached) >= wanted) {
            return std::chrono::microseconds(upper_end(i));
        }
    }
    return {};
}

void AnswerReport::answered(std::chrono::nanoseconds duration, std::uint32_t result) {
    latency.add(duration);
    ++results[result];
}

void AnswerReport::merge(const AnswerReport& other) {
    latency.merge(other.latency);
    for (const auto& [code, count] : other.results) results[code] += count;
}

std::uint64_t AnswerReport::success_count() const {
    const auto found = results.find(diameter_success);
    return found == results.end() ? 0 : found->second;
}

void AnswerReport::print(std::ostream& out, const char* name, std::chrono::duration<double> elapsed) const {
    const auto seconds = elapsed.count();
    const auto rate = seconds > 0 ? static_cast<double>(latency.count()) / seconds : 0;
    const auto ms = [this](double fraction) {
        return static_cast<double>(latency.percentile(fraction).count()) / 1'000.0;
    };
    out << fmt::format("{} answers  {} in {:.2f} s\n", name, latency.count(), seconds);
    out << fmt::format("{} rate     {:.0f} /s\n", name, rate);
    out << fmt::format("{} latency  p50 {:.2f} ms, p99 {:.2f} ms, p99.9 {:.2f} ms, max {:.2f} ms\n", name,
                       ms(0.5), ms(0.99), ms(0.999), ms(1.0));
    for (const auto& [code, count] : results) out << fmt::format("{} result   {}: {}\n", name, code, count);
}

void LoadReport::merge(const LoadReport& other) {
    air.merge(other.air);
    ulr.merge(other.ulr);
    undelivered += other.undelivered;
    verified += other.verified;
    unverified += other.unverified;
    in_step += other.in_step;
    resynchronised += other.resynchronised;
    not_authenticated += other.not_authenticated;
    for (std::size_t i = 0; i < faults.size(); ++i) faults[i] += other.faults[i];
    elapsed = std::max(elapsed, other.elapsed);
}

std::uint64_t LoadReport::fault_count() const {
    return std::accumulate(faults.begin(), faults.end(), std::uint64_t{});
}

void LoadReport::print(std::ostream& out) const {
    air.print(out, "AIR", elapsed);
    if (ulr.latency.count() != 0) ulr.print(out, "ULR", elapsed);
    if (undelivered != 0) out << fmt::format("no answer    {}\n", undelivered);
    out << fmt::format("verified     {} vectors{}\n", verified,
                       unverified == 0 ? "" : fmt::format(", {} not looked at", unverified));
    if (in_step + resynchronised + not_authenticated != 0) {
        out << fmt::format("USIMs        {} in step, {} after one re-synchronisation, {} refused\n", in_step,
                           resynchronised, not_authenticated);
    }
    out << fmt::format("faults       {}\n", fault_count());
    for (std::size_t i = 0; i < faults.size(); ++i) {
        if (faults[i] == 0) continue;
        out << fmt::format("  {}: {}\n", name_of(static_cast<VectorFault>(i)), faults[i]);
    }
    out << std::flush;
}

}  // namespace bindhss::emu
