// SPDX-License-Identifier: Apache-2.0
// Plays a scenario step by step and compares what came with what was expected.
#pragma once

#include <functional>

#include "emu/scenario.h"

namespace bindhss::emu {

struct StepReport {
    std::string title;
    std::string expected;
    std::string came;
    bool as_expected = false;
};

/// Owns the cards, devices and MMEs of a scenario; borrows the trace. One thread.
class ScenarioRunner {
  public:
    /// The HSS as the named MME reaches it; called once for each MME. What it returns outlives the runner.
    using PortOf = std::function<HssPort&(const std::string& mme)>;

    ScenarioRunner(Scenario scenario, const PortOf& port_of, Trace& trace);

    /// Plays every step; `on_step` is told of each before it begins.
    [[nodiscard]] boost::asio::awaitable<std::vector<StepReport>> run(
        std::function<void(std::size_t number, const Step& step)> on_step);

    /// For the CLRs that arrive at an MME; nullptr when there is none of that name.
    [[nodiscard]] Mme* mme(const std::string& name);

    /// How long a CLR may take to arrive.
    static constexpr std::chrono::milliseconds cancel_wait_max{3'000};

  private:
    boost::asio::awaitable<StepReport> play(const Step& step);
    boost::asio::awaitable<StepReport> attach(const Step& step, const AttachStep& action);
    boost::asio::awaitable<StepReport> expect_cancel(const Step& step, const ExpectCancelStep& action);
    StepReport desync(const Step& step, const DesyncStep& action);

    Scenario scenario_;
    Trace& trace_;
    std::map<std::string, Usim> usims_;
    std::map<std::string, Me> devices_;
    std::map<std::string, Mme> mmes_;
    std::map<std::string, std::string> device_of_usim_;
};

}  // namespace bindhss::emu
