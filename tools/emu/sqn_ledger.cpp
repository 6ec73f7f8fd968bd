// SPDX-License-Identifier: Apache-2.0
#include "emu/sqn_ledger.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace bindhss::emu {
namespace {

constexpr std::uint64_t window = 64;
constexpr const char* format_name = "bindhss-emu-state-1";

}  // namespace

std::optional<VectorFault> WindowLedger::record(std::uint64_t index, const Sqn& sqn) {
    const std::lock_guard lock(mutex_of(index));
    auto& entry = entries_[index];
    const auto seq = sqn.seq();
    if (entry.seen == 0 || seq > entry.newest) {
        const auto step = seq - entry.newest;
        entry.seen = (entry.seen == 0 || step >= window ? 0 : entry.seen << step) | 1U;
        entry.newest = seq;
        return std::nullopt;
    }
    const auto back = entry.newest - seq;
    if (back >= window) return VectorFault::sqn_too_old;
    const auto bit = std::uint64_t{1} << back;
    if ((entry.seen & bit) != 0) return VectorFault::sqn_reused;
    entry.seen |= bit;
    return std::nullopt;
}

std::optional<VectorFault> ExactLedger::record(std::uint64_t index, const Sqn& sqn) {
    const std::lock_guard lock(mutex_of(index));
    auto& [intervals, sequence] = entries_[index];
    const auto seq = sqn.seq();
    auto next = intervals.upper_bound(seq);
    auto before = next == intervals.begin() ? intervals.end() : std::prev(next);
    if (before != intervals.end() && seq <= before->second) return VectorFault::sqn_reused;

    const bool touches_before = before != intervals.end() && before->second + 1 == seq;
    const bool touches_next = next != intervals.end() && seq + 1 == next->first;
    const auto last = touches_next ? next->second : seq;
    if (touches_next) intervals.erase(next);
    if (touches_before) {
        before->second = last;
    } else {
        intervals.emplace(seq, last);
    }
    sequence.record(sqn);
    return std::nullopt;
}

SequenceArray ExactLedger::sequence(std::uint64_t index) {
    const std::lock_guard lock(mutex_of(index));
    return entries_[index].sequence;
}

void ExactLedger::set_sequence(std::uint64_t index, const SequenceArray& sequence) {
    const std::lock_guard lock(mutex_of(index));
    entries_[index].sequence = sequence;
}

// One line a subscriber that has been seen: index, intervals "first-last,...", array "ind:seq,...".
void ExactLedger::save(const std::string& path, const std::string& fleet_name) const {
    const auto temporary = path + ".new";
    std::ofstream out(temporary, std::ios::trunc);
    out << format_name << ' ' << fleet_name << '\n';
    for (std::size_t index = 0; index < entries_.size(); ++index) {
        const auto& entry = entries_[index];
        if (entry.intervals.empty()) continue;
        out << index << ' ';
        for (const auto& [first, last] : entry.intervals) out << first << '-' << last << ',';
        out << ' ';
        for (std::size_t ind = 0; ind < Sqn::ind_count; ++ind) {
            if (entry.sequence.seq(ind) != 0) out << ind << ':' << entry.sequence.seq(ind) << ',';
        }
        out << '\n';
    }
    out << "end\n";
    out.close();
    if (!out) throw std::runtime_error(temporary + " cannot be written");
    std::filesystem::rename(temporary, path);
}

void ExactLedger::load(const std::string& path, const std::string& fleet_name) {
    std::ifstream in(path);
    if (!in) return;
    std::string line;
    std::size_t number = 1;
    const auto damaged = [&] {
        return std::runtime_error(path + ":" + std::to_string(number) + ": damaged");
    };
    std::getline(in, line);
    if (line != std::string(format_name) + ' ' + fleet_name) {
        throw std::runtime_error(path + ":1: the state of another fleet, or no state file");
    }
    while (++number, std::getline(in, line)) {
        if (line == "end") return;
        std::istringstream fields(line);
        std::size_t index = 0;
        std::string intervals;
        std::string array;
        if (!(fields >> index >> intervals >> array) || index >= entries_.size()) throw damaged();
        auto& entry = entries_[index];
        char comma = 0;
        char mark = 0;
        std::uint64_t left = 0;
        std::uint64_t right = 0;
        for (std::istringstream list(intervals); list >> left >> mark >> right >> comma;) {
            if (mark != '-' || comma != ',' || left > right || right > Sqn::seq_max) throw damaged();
            entry.intervals.emplace(left, right);
        }
        for (std::istringstream list(array); list >> left >> mark >> right >> comma;) {
            if (mark != ':' || comma != ',' || left >= Sqn::ind_count) throw damaged();
            entry.sequence.record(Sqn(right, left));
        }
    }
    throw damaged();  // cut off
}

}  // namespace bindhss::emu
