// SPDX-License-Identifier: Apache-2.0
// Plays a scenario step by step and compares what came with what was expected.
#pragma once

#include <functional>

#include "emu/operator_port.h"
#include "emu/scenario.h"

namespace bindhss::emu {

struct StepReport {
    std::string title;
    std::string expected;
    std::string came;
    bool as_expected = false;
};

/// Owns the cards, devices and nodes of a scenario; borrows the trace and the operator. One thread.
class ScenarioRunner {
  public:
    /// The HSS as the named node reaches it; called once for each node. What it returns outlives the runner.
    using PortOf = std::function<HssPort&(const std::string& node)>;

    /// REQUIRES: an operator when the scenario needs one.
    ScenarioRunner(Scenario scenario, const PortOf& port_of, Trace& trace, OperatorPort* ctl = nullptr);

    /// Plays every step; `on_step` is told of each before it begins.
    [[nodiscard]] boost::asio::awaitable<std::vector<StepReport>> run(
        std::function<void(std::size_t number, const Step& step)> on_step);

    /// For the requests that arrive at a node; nullptr when there is none of that name.
    [[nodiscard]] CoreNode* node(const std::string& name);

  private:
    /// What came, before it has a title.
    struct Verdict {
        std::string expected;
        std::string came;
        bool as_expected = false;
    };
    using Playing = boost::asio::awaitable<Verdict>;
    Playing play(const AttachStep& action);
    Playing play(const DesyncStep& action);
    Playing play(const PurgeStep& action);
    Playing play(const NotifyStep& action);
    Playing play(const CheckImeiStep& action);
    Playing play(const ExpectRequestStep& action);
    Playing play(const ExpectDataStep& action);
    Playing play(const AnswersStep& action);
    Playing play(const ConnectionStep& action);
    Playing play(const CtlStep& action);
    Playing play(const WaitStep& action);

    boost::asio::awaitable<void> await_requests(const ExpectRequestStep& action, std::size_t count);
    void move_card(const std::string& usim, const std::string& device);
    [[nodiscard]] std::optional<Imsi> imsi_of(const std::string& usim) const;
    [[nodiscard]] Fields known(const ExpectDataStep& action);

    Scenario scenario_;
    Trace& trace_;
    OperatorPort* ctl_;
    std::map<std::string, Usim> usims_;
    std::map<std::string, Me> devices_;
    std::map<std::string, DeviceNas> nas_;  ///< of devices with a private key
    std::map<std::string, CoreNode> nodes_;
    std::map<std::string, std::string> device_of_usim_;
};

}  // namespace bindhss::emu
