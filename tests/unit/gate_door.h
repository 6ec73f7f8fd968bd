// SPDX-License-Identifier: Apache-2.0
// A gate with a clock that stands still and all that it may be asked.
#pragma once

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <mutex>

#include "procedure/gate.h"

namespace bindhss::test::door {

using namespace std::chrono_literals;
using procedure::Gate;

class TestClock final : public Clock {
  public:
    [[nodiscard]] WallTime now() const override { return WallTime(std::chrono::milliseconds(now_.load())); }
    void advance(std::chrono::milliseconds by) { now_ += by.count(); }

  private:
    std::atomic<std::int64_t> now_{1'700'000'000'000};
};

class TestRandom final : public Random {
  public:
    void fill(std::span<std::uint8_t> octets) override { std::fill(octets.begin(), octets.end(), 0x5a); }
};

class Alarms final : public alarm::Sink {
  public:
    void raise(const alarm::Alarm& alarm) noexcept override {
        const std::lock_guard lock(mutex_);
        raised.push_back(alarm);
    }
    std::vector<alarm::Alarm> raised;

  private:
    std::mutex mutex_;
};

inline const ServingNode mme1{"mme1.epc.mnc001.mcc001.3gppnetwork.org", "epc.mnc001.mcc001.3gppnetwork.org"};
inline const ServingNode mme2{"mme2.epc.mnc001.mcc001.3gppnetwork.org", "epc.mnc001.mcc001.3gppnetwork.org"};
inline const ServingNode visited{"mme.epc.mnc002.mcc002.3gppnetwork.org",
                                 "epc.mnc002.mcc002.3gppnetwork.org"};
inline const Plmn home = *Plmn::parse("001/01");
inline const Plmn other = *Plmn::parse("002/02");

inline Imsi imsi(std::uint64_t number) {
    return *Imsi::parse(std::to_string(1'001'010'000'000'000 + number).substr(1));
}

inline s6a::AuthenticationInformationRequest air(const Imsi& of, const ServingNode& node, bool resync = false,
                                                 const Plmn& plmn = home) {
    s6a::AuthenticationInformationRequest request{of, node, plmn, s6a::RequestedAuthenticationInfo{}, {}};
    if (resync) request.eutran->re_synchronization_info = ReSynchronizationInfo{};
    return request;
}

inline s6a::UpdateLocationRequest ulr(const Imsi& of, const ServingNode& node,
                                      std::optional<Imei> imei = std::nullopt, const Plmn& plmn = home) {
    s6a::UpdateLocationRequest request{of, node, plmn};
    if (imei) request.terminal_information = TerminalInformation{imei, "01", false};
    return request;
}

inline RequestLimits no_limits() {
    RequestLimits limits;
    limits.imsi = limits.device = limits.network = limits.peer = limits.refused = limits.newcomers = {};
    limits.connection = {};
    limits.new_nodes = {};
    return limits;
}

struct Door {
    explicit Door(const RequestLimits& limits) : gate(limits, random, alarms, clock) {}

    /// True when it passed, and then ended so.
    bool ask(const s6a::Request& request, std::optional<Cause> ended = std::nullopt) {
        const auto pass = gate.admit(request, via);
        if (pass) gate.settle(*pass, ended);
        return pass.has_value();
    }
    int passed(const s6a::Request& request, int times, std::optional<Cause> ended = std::nullopt) {
        int count = 0;
        for (int i = 0; i < times; ++i) count += ask(request, ended) ? 1 : 0;
        return count;
    }
    [[nodiscard]] std::uint64_t refused(std::string_view limit) const {
        for (const auto& count : gate.refused())
            if (count.limit == limit) return count.refused;
        throw std::logic_error("no such limit");
    }

    std::string via = "dra1.epc.mnc001.mcc001.3gppnetwork.org";  ///< the peer that everything comes in by
    TestClock clock;
    TestRandom random;
    Alarms alarms;
    Gate gate;
};

}  // namespace bindhss::test::door
