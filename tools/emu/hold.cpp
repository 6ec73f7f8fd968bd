// SPDX-License-Identifier: Apache-2.0
#include "emu/hold.h"

#include <fmt/format.h>

#include <charconv>

#include "emu/parallel.h"
#include "emu/visitors.h"

namespace bindhss::emu {

namespace asio = boost::asio;

void HoldTally::count(const HssRequest& request, std::optional<std::uint64_t> index,
                      std::chrono::steady_clock::time_point now) {
    const auto command = command_of(request);
    ++requests_[static_cast<std::size_t>(command)];
    if (command == HssCommand::idr) {
        if (!first_idr_) first_idr_ = now;
        ++idrs_of_second_[std::chrono::duration_cast<std::chrono::seconds>(now - *first_idr_).count()];
    }
    if (!index) {
        if (command != HssCommand::rsr) ++strangers_;
        return;
    }
    if (command == HssCommand::clr) ++clrs_[*index];
    if (command != HssCommand::idr) return;
    if (idrs_[*index]++ == 0) ++told_count_;
    if (!expected_.empty()) wrong_[*index] = !fits(expected_, fields_of(request));
}

HoldTally::Told HoldTally::told() const {
    Told told;
    for (std::size_t i = 0; i < idrs_.size(); ++i) {
        ++(idrs_[i] == 0 ? told.never : idrs_[i] == 1 ? told.once : told.repeatedly);
        if (wrong_[i]) ++told.wrong;
    }
    return told;
}

std::uint64_t HoldTally::fullest_second() const {
    std::uint64_t most = 0;
    for (const auto& [second, count] : idrs_of_second_) most = std::max(most, count);
    return most;
}

void HoldTally::print(std::ostream& out) const {
    const auto now = told();
    std::uint64_t cancelled = 0;
    for (const auto clrs : clrs_) cancelled += clrs == 0 ? 0 : 1;
    out << fmt::format("registered  {} subscribers, {} refused\n", registered_, refused_);
    out << fmt::format("IDR         {}: {} subscribers told once, {} several times, {} never\n",
                       requests(HssCommand::idr), now.once, now.repeatedly, now.never);
    if (!expected_.empty()) {
        out << fmt::format("            {} of them not told what was expected\n", now.wrong);
    }
    out << fmt::format("            {} in the fullest second\n", fullest_second());
    out << fmt::format("CLR         {}: {} subscribers\n", requests(HssCommand::clr), cancelled);
    out << fmt::format("DSR         {}\nRSR         {}\n", requests(HssCommand::dsr),
                       requests(HssCommand::rsr));
    out << fmt::format("strangers   {}\n", strangers_);
}

void HoldTally::print_status(std::ostream& out) const {
    out << "registered " << registered_ << "\nrefused " << refused_ << "\ntold " << told_count_ << "\nidr "
        << requests(HssCommand::idr) << "\nclr " << requests(HssCommand::clr) << "\ndsr "
        << requests(HssCommand::dsr) << "\nrsr " << requests(HssCommand::rsr) << '\n';
}

HoldNode::HoldNode(const HoldSettings& settings, HssPort& hss, HoldTally& tally)
    : settings_(settings),
      hss_(hss),
      tally_(tally),
      fleet_(settings.fleet),
      first_number_(std::stoull(settings.fleet.imsi_first)),
      next_(settings.first) {}

asio::awaitable<void> HoldNode::register_all() {
    const auto start = [this] { return slot(); };
    co_await all_of(settings_.window, start);
}

asio::awaitable<void> HoldNode::slot() {
    while (next_ < settings_.fleet.count) {
        const auto index = next_;
        next_ += settings_.step;
        while (!co_await update_location(index)) {
            co_await pause(retry_pause);
        }
    }
}

asio::awaitable<bool> HoldNode::update_location(std::uint64_t index) {
    s6a::UpdateLocationRequest request{fleet_.imsi(index), settings_.identity, settings_.plmn};
    request.flags.s6a_indicator = !settings_.sgsn;
    request.rat_type = settings_.sgsn ? s6a::RatType::utran : s6a::RatType::eutran;
    std::optional<TerminalReport> no_terminal;
    const auto answer = co_await hss_.update_location(request, no_terminal);
    if (answer) {
        tally_.registered();
        co_return true;
    }
    const auto cause = answer.error().cause;
    if (cause == Cause::unable_to_deliver || cause == Cause::too_busy) co_return false;
    tally_.refused();
    co_return true;
}

NodeReply HoldNode::serve(const HssRequest& request) {
    const auto imsi = imsi_of(request);
    std::optional<std::uint64_t> index;
    if (imsi && imsi->digits().size() == settings_.fleet.imsi_first.size()) {
        std::uint64_t number = 0;
        const auto digits = imsi->digits();
        std::from_chars(digits.data(), digits.data() + digits.size(), number);
        if (number >= first_number_ && number - first_number_ < settings_.fleet.count) {
            index = number - first_number_;
        }
    }
    if (index && *index % settings_.step != settings_.first) index.reset();  // another node's
    tally_.count(request, index, std::chrono::steady_clock::now());
    if (imsi && !index) return {Refusal{5001, true}};
    return success_of(request);
}

}  // namespace bindhss::emu
