// SPDX-License-Identifier: Apache-2.0
#include "emu/scenario_runner.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace bindhss::emu {

namespace asio = boost::asio;

namespace {

/// The parts of the result that the expectation speaks of, and those that are worth knowing anyway.
std::string came_text(const AttachResult& result, const Expectation& expect) {
    auto text = result.str();
    if (expect.encrypted_rand) text += result.encrypted_rand ? ", encrypted RAND" : ", plain RAND";
    if (expect.resynchronised) text += result.resynchronised ? ", resynchronised" : ", in step";
    return text;
}

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

}  // namespace

ScenarioRunner::ScenarioRunner(Scenario scenario, const PortOf& port_of, Trace& trace)
    : scenario_(std::move(scenario)), trace_(trace) {
    for (const auto& [name, usim] : scenario_.usims) usims_.emplace(name, make_usim(usim));
    for (const auto& [name, device] : scenario_.devices)
        devices_.emplace(name, make_device(device, scenario_.masks));
    for (const auto& [name, mme] : scenario_.mmes) {
        const MmeSettings settings{name, mme.identity, mme.plmn, mme.imei_report};
        mmes_.try_emplace(name, settings, port_of(name), trace_);
    }
}

Mme* ScenarioRunner::mme(const std::string& name) {
    const auto found = mmes_.find(name);
    return found == mmes_.end() ? nullptr : &found->second;
}

asio::awaitable<std::vector<StepReport>> ScenarioRunner::run(
    std::function<void(std::size_t number, const Step& step)> on_step) {
    std::vector<StepReport> reports;
    std::size_t number = 0;
    for (const auto& step : scenario_.steps) {
        on_step(++number, step);
        auto report = co_await play(step);
        reports.push_back(std::move(report));
    }
    co_return reports;
}

asio::awaitable<StepReport> ScenarioRunner::play(const Step& step) {
    if (const auto* action = std::get_if<AttachStep>(&step.action)) {
        co_return co_await attach(step, *action);
    }
    if (const auto* action = std::get_if<ExpectCancelStep>(&step.action)) {
        co_return co_await expect_cancel(step, *action);
    }
    co_return desync(step, std::get<DesyncStep>(step.action));
}

asio::awaitable<StepReport> ScenarioRunner::attach(const Step& step, const AttachStep& action) {
    auto& place = device_of_usim_[action.usim];
    if (!place.empty() && place != action.device) {
        const Event moved{
            "USIM", "", "the card is moved into another device", {{"from", place}, {"to", action.device}}};
        trace_.event(moved);
    }
    place = action.device;
    const Ue ue{devices_.at(action.device), usims_.at(action.usim)};
    const auto result = co_await mmes_.at(action.mme).attach(ue);
    auto came = came_text(result, action.expect);
    const bool fits = action.expect.fits(result);
    if (!fits && !result.detail.empty()) came += " (" + result.detail + ")";
    co_return StepReport{step.title, action.expect.str(), came, fits};
}

asio::awaitable<StepReport> ScenarioRunner::expect_cancel(const Step& step, const ExpectCancelStep& action) {
    const auto expected = action.type ? "CLR, type " + std::to_string(*action.type) : std::string("CLR");
    const auto& imsi = scenario_.usims.at(action.usim).imsi;
    auto& mme = mmes_.at(action.mme);
    const auto deadline = std::chrono::steady_clock::now() + cancel_wait_max;
    asio::steady_timer timer(co_await asio::this_coro::executor);
    auto cancelled = mme.take_cancelled(imsi);
    while (!cancelled && std::chrono::steady_clock::now() < deadline) {
        timer.expires_after(std::chrono::milliseconds(10));
        co_await timer.async_wait(asio::use_awaitable);
        cancelled = mme.take_cancelled(imsi);
    }
    if (!cancelled) co_return StepReport{step.title, expected, "no CLR", false};
    const auto type = static_cast<std::uint32_t>(cancelled->type);
    const auto came = action.type ? "CLR, type " + std::to_string(type) : std::string("CLR");
    const Event forgotten{
        action.mme,
        "",
        "has been told to forget the subscriber",
        {{"IMSI", std::string(imsi.digits())}, {"Cancellation-Type", std::to_string(type)}}};
    trace_.event(forgotten);
    co_return StepReport{step.title, expected, came, !action.type || *action.type == type};
}

StepReport ScenarioRunner::desync(const Step& step, const DesyncStep& action) {
    usims_.at(action.usim).sequence().advance(action.ahead);
    const Event ahead{"USIM",
                      "",
                      "the card's SEQ goes ahead of what the HSS knows",
                      {{"by", std::to_string(action.ahead)}}};
    trace_.event(ahead);
    return {step.title, "done", "done", true};
}

}  // namespace bindhss::emu
