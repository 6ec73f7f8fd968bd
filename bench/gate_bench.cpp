// SPDX-License-Identifier: Apache-2.0
// What the gate before the procedures costs, in nanoseconds a request (procedure/gate.h): for UEs that are
// known, one million of them, and for those that are refused at the door. See bench/README.md.
#include <fmt/format.h>
#include <sys/resource.h>

#include <random>
#include <thread>
#include <vector>

#include "crypto/random.h"
#include "procedure/gate.h"

namespace {

using namespace bindhss;
using procedure::Gate;
using Steady = std::chrono::steady_clock;

constexpr std::uint64_t population = 1'000'000;
constexpr std::string_view via = "dra01.epc.mnc001.mcc001.3gppnetwork.org";
constexpr std::uint64_t requests_each = 2'000'000;

class CountingAlarms final : public alarm::Sink {
  public:
    void raise(const alarm::Alarm&) noexcept override { ++raised; }
    std::atomic<std::uint64_t> raised{0};
};

Imsi imsi(std::uint64_t number) {
    return *Imsi::parse(fmt::format("00101{:010}", number));
}

s6a::Request air(const ServingNode& node, const Plmn& plmn, std::uint64_t number) {
    return s6a::AuthenticationInformationRequest{
        imsi(number), node, plmn, s6a::RequestedAuthenticationInfo{}, {}};
}

/// Requests are made beforehand: only the gate is timed.
std::vector<s6a::Request> requests_of(std::uint64_t first, unsigned seed) {
    const ServingNode node{"mme01.epc.mnc001.mcc001.3gppnetwork.org", "epc.mnc001.mcc001.3gppnetwork.org"};
    const auto plmn = *Plmn::parse("001/01");
    std::mt19937_64 random(seed);
    std::vector<s6a::Request> requests;
    requests.reserve(100'000);
    for (int i = 0; i < 100'000; ++i) requests.push_back(air(node, plmn, first + random() % population));
    return requests;
}

/// Nanoseconds a request, and the part of them that passed.
void measure(const char* what, Gate& gate, std::uint64_t first, unsigned threads) {
    std::vector<std::vector<s6a::Request>> requests;
    for (unsigned t = 0; t < threads; ++t) requests.push_back(requests_of(first, t + 1));
    std::atomic<std::uint64_t> passed{0};
    const auto begin = Steady::now();
    {
        std::vector<std::jthread> workers;
        for (unsigned t = 0; t < threads; ++t) {
            workers.emplace_back([&gate, &passed, &mine = requests[t]] {
                std::uint64_t count = 0;
                for (std::uint64_t i = 0; i < requests_each; ++i) {
                    const auto pass = gate.admit(mine[i % mine.size()], via);
                    if (!pass) continue;
                    gate.settle(*pass, std::nullopt);
                    ++count;
                }
                passed += count;
            });
        }
    }
    const std::chrono::duration<double, std::nano> elapsed = Steady::now() - begin;
    const auto all = static_cast<double>(requests_each * threads);
    fmt::print("{:<44} {:>9.0f} {:>14.2f} {:>9.1f} %\n", what, elapsed.count() * threads / all,
               all / elapsed.count() * 1e3, 100 * static_cast<double>(passed) / all);
}

}  // namespace

int main() {
    crypto::SystemRandom random;
    const SystemClock clock;
    CountingAlarms alarms;
    RequestLimits limits;
    limits.peer = {};                   // one node asks for everything here
    limits.imsi.air.count = 1'000'000;  // and for each IMSI more often than a node does
    limits.connection.air.count = 1'000'000;
    Gate gate(limits, random, alarms, clock);
    for (std::uint64_t i = 0; i < population; ++i) {
        const s6a::UpdateLocationRequest request{
            imsi(i), {"mme01.epc.mnc001.mcc001.3gppnetwork.org", "r"}, *Plmn::parse("001/01")};
        const auto pass = gate.admit(request, via);
        if (pass) gate.settle(*pass, std::nullopt);
        gate.unanswered(imsi(5'000'000 + i), {"mme01.epc.mnc001.mcc001.3gppnetwork.org", "r"});
    }
    fmt::print("{:<44} {:>9} {:>14} {:>11}\n", "", "ns each", "million/s", "passed");
    measure("AIR of known UEs, 1 thread", gate, 0, 1);
    measure("AIR of known UEs, 2 threads", gate, 0, 2);
    measure("AIR of UEs that count as refused, 1 thread", gate, 5'000'000, 1);
    measure("AIR of UEs that count as refused, 2 threads", gate, 5'000'000, 2);
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    fmt::print("alarms raised {}, peak memory {} MB\n", alarms.raised.load(), usage.ru_maxrss / 1024);
}
