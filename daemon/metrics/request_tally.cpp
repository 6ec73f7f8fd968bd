// SPDX-License-Identifier: Apache-2.0
#include "metrics/request_tally.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "types/result_code.h"

namespace bindhss::metrics {

namespace {

std::size_t place_of(std::string_view command) {
    const auto found = std::find(commands.begin(), commands.end(), command);
    return found == commands.end() ? commands.size() - 1 : static_cast<std::size_t>(found - commands.begin());
}

/// Several causes have one result.
std::map<std::string, std::uint64_t> results_of(const CommandCounts& command) {
    std::map<std::string, std::uint64_t> results;
    if (command.succeeded != 0) results["DIAMETER_SUCCESS"] = command.succeeded;
    for (std::size_t cause = 0; cause < causes; ++cause) {
        if (command.failed[cause] == 0) continue;
        results[std::string(result_code(static_cast<Cause>(cause)).name)] += command.failed[cause];
    }
    return results;
}

}  // namespace

std::uint64_t CommandCounts::refused() const {
    return std::accumulate(failed.begin(), failed.end(), std::uint64_t{0});
}

void RequestTally::add(std::string_view command, std::optional<Cause> failure,
                       std::chrono::microseconds took) {
    auto& counted = commands_[place_of(command)];
    auto& result = failure ? counted.failed[static_cast<std::size_t>(*failure)] : counted.succeeded;
    result.fetch_add(1, std::memory_order_relaxed);
    counted.latency.add(took);
}

RequestCounts RequestTally::counts() const {
    RequestCounts result;
    for (std::size_t i = 0; i < commands_.size(); ++i) {
        result[i].succeeded = commands_[i].succeeded.load(std::memory_order_relaxed);
        for (std::size_t cause = 0; cause < causes; ++cause)
            result[i].failed[cause] = commands_[i].failed[cause].load(std::memory_order_relaxed);
        result[i].latency = commands_[i].latency.counts();
    }
    return result;
}

void put(Page& page, std::string_view total, std::string_view seconds, const RequestCounts& counts,
         std::initializer_list<std::string_view> usual) {
    for (std::size_t i = 0; i < commands.size(); ++i) {
        auto results = results_of(counts[i]);
        if (std::find(usual.begin(), usual.end(), commands[i]) != usual.end())
            results.try_emplace("DIAMETER_SUCCESS", 0);
        if (results.empty()) continue;
        const std::string command(commands[i]);
        for (const auto& [result, number] : results)
            page.add(total, static_cast<double>(number), {{"command", command}, {"result", result}});
        const auto buckets = buckets_of(counts[i].latency);
        page.add_histogram(seconds, buckets.bounds, buckets.counts, buckets.sum, {{"command", command}});
    }
}

}  // namespace bindhss::metrics
