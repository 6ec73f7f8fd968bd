// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario_runner.h"

#include "emu/parallel.h"
#include "emu/subscription_fields.h"

namespace bindhss::emu {

namespace asio = boost::asio;

namespace {

/// After the last of a number of requests that were expected: nothing more may come.
constexpr std::chrono::milliseconds settle_time{300};
constexpr std::chrono::milliseconds poll_interval{10};

Usim make_usim(const UsimDefinition& definition) {
    SequenceArray sequence;
    sequence.advance(definition.seq);
    return Usim(definition.imsi, definition.keys, sequence);
}

Me make_device(const DeviceDefinition& definition, const AmfMasks& masks) {
    Me me(definition.imei, definition.svn, definition.feature, masks);
    for (const auto& [generation, kme] : definition.kmes) me.load_kme(generation, kme);
    return me;
}

std::string result_words(const Fields& fields) {
    const auto words = text_of(fields);
    return words.empty() ? "done" : words;
}

}  // namespace

ScenarioRunner::ScenarioRunner(Scenario scenario, const PortOf& port_of, Trace& trace, OperatorPort* ctl)
    : scenario_(std::move(scenario)), trace_(trace), ctl_(ctl) {
    for (const auto& [name, usim] : scenario_.usims) usims_.emplace(name, make_usim(usim));
    for (const auto& [name, device] : scenario_.devices)
        devices_.emplace(name, make_device(device, scenario_.masks));
    for (const auto& [name, device] : scenario_.devices) {
        if (!device.private_key) continue;
        SecureElement element(*device.private_key, device.conduct, device.requires_home_mac);
        nas_.try_emplace(name, devices_.at(name), std::move(element), device.nas);
    }
    for (const auto& [name, definition] : scenario_.nodes) {
        auto& made = nodes_.try_emplace(name, definition.settings, port_of(name), trace_).first->second;
        for (const auto& [command, replies] : definition.answers) made.answers().set(command, replies);
        made.relay().set(definition.relays);
    }
}

CoreNode* ScenarioRunner::node(const std::string& name) {
    const auto found = nodes_.find(name);
    return found == nodes_.end() ? nullptr : &found->second;
}

std::optional<Imsi> ScenarioRunner::imsi_of(const std::string& usim) const {
    if (usim.empty()) return std::nullopt;
    return scenario_.usims.at(usim).imsi;
}

asio::awaitable<std::vector<StepReport>> ScenarioRunner::run(
    std::function<void(std::size_t number, const Step& step)> on_step) {
    std::vector<StepReport> reports;
    std::size_t number = 0;
    for (const auto& step : scenario_.steps) {
        on_step(++number, step);
        auto playing = std::visit([this](const auto& action) { return play(action); }, step.action);
        auto verdict = co_await std::move(playing);
        StepReport report{step.title, std::move(verdict.expected), std::move(verdict.came),
                          verdict.as_expected};
        reports.push_back(std::move(report));
    }
    co_return reports;
}

void ScenarioRunner::move_card(const std::string& usim, const std::string& device) {
    auto& place = device_of_usim_[usim];
    if (!place.empty() && place != device) {
        const Event moved{
            "USIM", "", "the card is moved into another device", {{"from", place}, {"to", device}}};
        trace_.event(moved);
    }
    place = device;
}

ScenarioRunner::Playing ScenarioRunner::play(const AttachStep& action) {
    move_card(action.usim, action.device);
    const auto nas = nas_.find(action.device);
    const Ue ue{devices_.at(action.device), usims_.at(action.usim),
                nas == nas_.end() ? nullptr : &nas->second};
    auto& node = nodes_.at(action.node);
    auto attaching = action.returns ? node.reattach(ue, action.options) : node.attach(ue, action.options);
    const auto result = co_await std::move(attaching);
    Verdict verdict{action.expect.str(), action.expect.came(result), action.expect.fits(result)};
    if (!verdict.as_expected && !result.detail.empty()) verdict.came += " (" + result.detail + ")";
    co_return verdict;
}

ScenarioRunner::Playing ScenarioRunner::play(const PurgeStep& action) {
    const auto imsi = *imsi_of(action.usim);
    const auto came = co_await nodes_.at(action.node).purge(imsi, action.options);
    Verdict verdict{result_words(action.expect), result_words(selected(action.expect, came)),
                    fits(action.expect, came)};
    co_return verdict;
}

ScenarioRunner::Playing ScenarioRunner::play(const NotifyStep& action) {
    const auto imsi = *imsi_of(action.usim);
    auto& node = nodes_.at(action.node);
    std::optional<TerminalReport> terminal;
    if (!action.device.empty()) {
        move_card(action.usim, action.device);
        terminal = terminal_report(devices_.at(action.device), node.imei_report());
    }
    const auto came = co_await node.notify(imsi, terminal, action.options);
    Verdict verdict{result_words(action.expect), result_words(selected(action.expect, came)),
                    fits(action.expect, came)};
    co_return verdict;
}

ScenarioRunner::Playing ScenarioRunner::play(const CheckImeiStep& action) {
    const auto imsi = imsi_of(action.usim);
    const auto came = co_await nodes_.at(action.node).check_imei(action.terminal, imsi);
    Verdict verdict{result_words(action.expect), result_words(selected(action.expect, came)),
                    fits(action.expect, came)};
    co_return verdict;
}

asio::awaitable<void> ScenarioRunner::await_requests(const ExpectRequestStep& action, std::size_t count) {
    auto& node = nodes_.at(action.node);
    const auto imsi = imsi_of(action.usim);
    const auto deadline = std::chrono::steady_clock::now() + action.within;
    while (node.count(action.command, imsi) < count && std::chrono::steady_clock::now() < deadline) {
        co_await pause(poll_interval);
    }
    if (action.count) {
        co_await pause(settle_time);
    }
}

ScenarioRunner::Playing ScenarioRunner::play(const ExpectRequestStep& action) {
    auto& node = nodes_.at(action.node);
    const auto imsi = imsi_of(action.usim);
    const std::string name(name_of(action.command));
    const auto words = text_of(action.fields);
    const auto number = action.count ? std::to_string(*action.count) + " " : std::string();
    Verdict verdict{number + name + (words.empty() ? "" : ", " + words), "no " + name, false};
    co_await await_requests(action, action.count.value_or(1));
    const auto came = node.count(action.command, imsi);
    if (action.count && came != *action.count) {
        verdict.came = std::to_string(came) + " " + name;
        while (node.take(action.command, imsi)) {
        }
        co_return verdict;
    }
    verdict.as_expected = action.count.has_value();
    if (action.count) verdict.came = verdict.expected;
    for (auto left = action.count.value_or(1); left != 0; --left) {
        const auto received = node.take(action.command, imsi);
        if (!received) break;
        verdict.as_expected = fits(action.fields, received->fields);
        const auto came_words = text_of(selected(action.fields, received->fields));
        verdict.came = number + name + (came_words.empty() ? "" : ", " + came_words);
        if (!verdict.as_expected) break;
    }
    co_return verdict;
}

Fields ScenarioRunner::known(const ExpectDataStep& action) {
    const auto* visitor = nodes_.at(action.node).visitors().find(*imsi_of(action.usim));
    if (visitor == nullptr) return {{"registered", "none"}};
    auto fields = fields_of(visitor->data);
    fields["registered"] = visitor->in_mme ? (visitor->in_sgsn ? "both" : "mme") : "sgsn";
    fields["confirmed"] = visitor->confirmed ? "true" : "false";
    return fields;
}

ScenarioRunner::Playing ScenarioRunner::play(const ExpectDataStep& action) {
    const auto deadline = std::chrono::steady_clock::now() + action.within;
    while (!fits(action.fields, known(action)) && std::chrono::steady_clock::now() < deadline) {
        co_await pause(poll_interval);
    }
    const auto came = known(action);
    Verdict verdict{text_of(action.fields), text_of(selected(action.fields, came)),
                    fits(action.fields, came)};
    co_return verdict;
}

ScenarioRunner::Playing ScenarioRunner::play(const DesyncStep& action) {
    usims_.at(action.usim).sequence().advance(action.ahead);
    const Event ahead{"USIM",
                      "",
                      "the card's SEQ goes ahead of what the HSS knows",
                      {{"by", std::to_string(action.ahead)}}};
    trace_.event(ahead);
    Verdict verdict{"done", "done", true};
    co_return verdict;
}

ScenarioRunner::Playing ScenarioRunner::play(const AnswersStep& action) {
    auto& node = nodes_.at(action.node);
    for (const auto& [command, replies] : action.replies) node.answers().set(command, replies);
    if (!action.relays.empty()) node.relay().set(action.relays);
    Verdict verdict{"done", "done", true};
    co_return verdict;
}

ScenarioRunner::Playing ScenarioRunner::play(const ConnectionStep& action) {
    auto& hss = nodes_.at(action.node).hss();
    bool good = true;
    if (action.connect) {
        good = co_await hss.connect();
    } else {
        co_await hss.disconnect();
    }
    Verdict verdict{"done", good ? "done" : "no connection", good};
    co_return verdict;
}

ScenarioRunner::Playing ScenarioRunner::play(const CtlStep& action) {
    const std::string expected = action.succeeds ? "success" : "fails";
    if (ctl_ == nullptr) {
        Verdict verdict{expected, "nobody to run it", false};
        co_return verdict;
    }
    const auto result = co_await ctl_->run(action.arguments);
    const bool succeeded = result.exit_code == 0;
    const bool printed = action.prints.empty() || result.output.find(action.prints) != std::string::npos;
    const Event done{"operator",
                     "HSS",
                     "bindhssctl " + (action.arguments.empty() ? std::string() : action.arguments.front()),
                     {{"exit code", std::to_string(result.exit_code)}},
                     succeeded == action.succeeds ? Event::Kind::message : Event::Kind::failure};
    trace_.event(done);
    Verdict verdict{expected, succeeded ? "success" : "fails", succeeded == action.succeeds && printed};
    if (!action.prints.empty()) verdict.expected += ", prints " + action.prints;
    if (!verdict.as_expected) {
        verdict.came += ", exit code " + std::to_string(result.exit_code) + ": " +
                        result.output.substr(0, result.output.find_last_not_of('\n') + 1);
    } else if (!action.prints.empty()) {
        verdict.came = verdict.expected;
    }
    co_return verdict;
}

ScenarioRunner::Playing ScenarioRunner::play(const WaitStep& action) {
    co_await pause(action.duration);
    Verdict verdict{"done", "done", true};
    co_return verdict;
}

}  // namespace bindhss::emu
