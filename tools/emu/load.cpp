// SPDX-License-Identifier: Apache-2.0
#include "emu/load.h"

#include "emu/parallel.h"
#include "emu/ue.h"
#include "types/limits.h"
#include "types/result_code.h"

namespace bindhss::emu {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int authenticate_tries_max = 100;

}  // namespace

LoadPeer::LoadPeer(LoadSettings settings, ServingNode identity, HssPort& hss, SqnLedger& ledger,
                   std::uint64_t random_seed)
    : settings_(std::move(settings)),
      identity_(std::move(identity)),
      hss_(hss),
      ledger_(ledger),
      fleet_(settings_.fleet),
      random_(random_seed) {}

std::uint64_t LoadPeer::next_index() {
    const auto count = settings_.fleet.count;
    if (settings_.sequential) return asked_ % count;
    return random_() % count;  // the bias of the remainder is no matter for a load
}

bool LoadPeer::over() const {
    return Clock::now() >= settings_.end || (settings_.stop != nullptr && *settings_.stop);
}

asio::awaitable<void> LoadPeer::run() {
    const auto begin = Clock::now();
    next_turn_ = begin;
    const auto start = [this] { return slot(); };
    co_await all_of(settings_.window, start);
    report_.elapsed = Clock::now() - begin;
}

asio::awaitable<Result<s6a::AuthenticationInformationAnswer>> LoadPeer::ask(
    std::uint64_t index, std::optional<ReSynchronizationInfo> resync, Clock::time_point due) {
    s6a::RequestedAuthenticationInfo requested;
    requested.immediate_response_preferred = true;
    requested.re_synchronization_info = resync;
    const s6a::AuthenticationInformationRequest request{fleet_.imsi(index), identity_, settings_.plmn,
                                                        requested, std::nullopt};
    ++asked_;
    auto answer = co_await hss_.authentication_information(request);
    const auto latency = Clock::now() - due;
    if (answer) {
        report_.air.answered(latency, diameter_success);
    } else if (answer.error().cause == Cause::unable_to_deliver) {
        ++report_.undelivered;
    } else {
        report_.air.answered(latency, result_code(answer.error().cause).number);
    }
    co_return answer;
}

asio::awaitable<Clock::time_point> LoadPeer::turn() {
    if (settings_.interval.count() == 0) co_return Clock::now();
    const auto due = next_turn_;
    next_turn_ += std::chrono::duration_cast<Clock::duration>(settings_.interval);
    asio::steady_timer timer(co_await asio::this_coro::executor, due);
    co_await timer.async_wait(asio::use_awaitable);
    co_return due;
}

asio::awaitable<void> LoadPeer::slot() {
    while (!over()) {
        const auto due = co_await turn();
        if (over()) co_return;
        const auto index = next_index();
        const auto answer = co_await ask(index, std::nullopt, due);
        if (answer) {
            check(index, *answer);
            if (settings_.attach) {
                co_await update_location(index);
            }
        } else if (settings_.tolerate_errors) {
            co_await pause(error_pause);
        } else if (answer.error().cause == Cause::unable_to_deliver) {
            co_return;
        }
    }
}

asio::awaitable<void> LoadPeer::update_location(std::uint64_t index) {
    const auto member = fleet_.member(index);
    s6a::UpdateLocationRequest request{member.imsi, identity_, settings_.plmn};
    request.flags.initial_attach_indicator = true;
    const TerminalReport terminal{member.imei.str(), "01"};
    const auto sent = Clock::now();
    const auto answer = co_await hss_.update_location(request, terminal);
    const auto latency = Clock::now() - sent;
    if (answer) {
        report_.ulr.answered(latency, diameter_success);
    } else if (answer.error().cause == Cause::unable_to_deliver) {
        ++report_.undelivered;
    } else {
        report_.ulr.answered(latency, result_code(answer.error().cause).number);
    }
}

void LoadPeer::check(std::uint64_t index, const s6a::AuthenticationInformationAnswer& answer) {
    if (answer.eutran_vectors.empty()) return report_.fault(VectorFault::no_vector);
    if (settings_.verify_every == 0 || asked_ % settings_.verify_every != 0) {
        ++report_.unverified;
        return;
    }
    const auto member = fleet_.member(index);
    for (const auto& vector : answer.eutran_vectors) {
        const auto checked = check_vector(member, vector, settings_.plmn);
        if (const auto* fault = std::get_if<VectorFault>(&checked)) {
            report_.fault(*fault);
        } else if (const auto seen = ledger_.record(index, std::get<Sqn>(checked))) {
            report_.fault(*seen);
        } else {
            ++report_.verified;
        }
    }
}

asio::awaitable<void> LoadPeer::authenticate_all(ExactLedger& states, std::uint64_t first,
                                                 std::uint64_t step) {
    const auto begin = Clock::now();
    std::uint64_t next = first;
    const auto start = [&] { return authenticate_slot(states, next, step); };
    co_await all_of(settings_.window, start);
    report_.elapsed = Clock::now() - begin;
}

asio::awaitable<void> LoadPeer::authenticate_slot(ExactLedger& states, std::uint64_t& next,
                                                  std::uint64_t step) {
    while (next < settings_.fleet.count) {
        const auto index = next;
        next += step;
        if (!co_await authenticate(states, index)) {
            ++report_.not_authenticated;
        }
    }
}

asio::awaitable<bool> LoadPeer::authenticate(ExactLedger& states, std::uint64_t index) {
    const auto member = fleet_.member(index);
    Me me(member.imei);
    if (member.bound) me.load_kme(0, SecretString(member.kme.view()));
    Usim usim(member.imsi, AkaKeys::milenage(member.k, member.opc), states.sequence(index));
    const Ue ue{me, usim};
    std::optional<ReSynchronizationInfo> resync;
    int tries = settings_.tolerate_errors ? authenticate_tries_max : 1;
    while (tries-- > 0) {
        const auto answer = co_await ask(index, resync, Clock::now());
        if (!answer && (settings_.tolerate_errors || answer.error().cause == Cause::unable_to_deliver)) {
            co_await pause(error_pause);
            continue;
        }
        if (!answer || answer->eutran_vectors.empty()) co_return false;
        check(index, *answer);
        const auto& vector = answer->eutran_vectors.front();
        const auto came = ue.authenticate(vector.rand, vector.autn, settings_.plmn);
        if (std::holds_alternative<AuthenticationResponse>(came.answer)) {
            ++(resync ? report_.resynchronised : report_.in_step);
            states.set_sequence(index, usim.sequence());
            co_return true;
        }
        const auto& failure = std::get<AuthenticationFailure>(came.answer);
        if (failure.cause != EmmCause::synch_failure || resync) co_return false;
        resync = ReSynchronizationInfo{vector.rand, *failure.auts};
        ++tries;
    }
    co_return false;
}

}  // namespace bindhss::emu
