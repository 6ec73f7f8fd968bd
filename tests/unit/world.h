// SPDX-License-Identifier: Apache-2.0
// The procedures over the store in memory, with time, randomness and the other nodes in the test's hand.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <optional>
#include <random>
#include <vector>

#include "aka/milenage.h"
#include "procedure/dispatch.h"
#include "store/memory/memory_store.h"
#include "types/result_code.h"
#include "vectors/hex.h"
#include "vectors/ts35208.h"

/// Answers hold keys and have no formatter: a failed check shows how the procedure ended.
template <class T>
struct Catch::StringMaker<bindhss::Result<T>> {
    static std::string convert(const bindhss::Result<T>& result) {
        if (result) return "success";
        return std::string(bindhss::result_code(result.error().cause).name) + ": " + result.error().detail;
    }
};

namespace bindhss::test {

class ManualClock final : public Clock {
  public:
    [[nodiscard]] WallTime now() const override { return now_; }
    void advance(std::chrono::milliseconds by) { now_ += by; }

  private:
    WallTime now_{std::chrono::milliseconds{1'700'000'000'000}};
};

/// Repeatable from its seed; no secret is ever made with it outside tests.
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::uint8_t> octets) override {
        for (auto& octet : octets) octet = static_cast<std::uint8_t>(engine_());
    }

  private:
    std::mt19937_64 engine_;
};

class RecordingAlarms final : public alarm::Sink {
  public:
    void raise(const alarm::Alarm& alarm) noexcept override { raised.push_back(alarm); }
    void clear(const alarm::Alarm& alarm) noexcept override { cleared.push_back(alarm); }
    [[nodiscard]] std::size_t count(alarm::Id id) const {
        return static_cast<std::size_t>(
            std::count_if(raised.begin(), raised.end(), [&](const auto& alarm) { return alarm.id == id; }));
    }
    [[nodiscard]] bool is_over(alarm::Id id) const {
        return std::any_of(cleared.begin(), cleared.end(), [&](const auto& alarm) { return alarm.id == id; });
    }
    void forget() {
        raised.clear();
        cleared.clear();
    }
    std::vector<alarm::Alarm> raised;
    std::vector<alarm::Alarm> cleared;
};

class RecordingNodes final : public procedure::NodeClient {
  public:
    boost::asio::awaitable<Result<s6a::CancelLocationAnswer>> cancel_location(
        s6a::CancelLocationRequest request) override {
        cancelled.push_back(std::move(request));
        if (refusal) co_return *refusal;
        co_return s6a::CancelLocationAnswer{};
    }
    boost::asio::awaitable<Result<s6a::InsertSubscriberDataAnswer>> insert_subscriber_data(
        s6a::InsertSubscriberDataRequest request) override {
        if (faults > 0) {
            --faults;
            throw std::runtime_error("a fault");
        }
        inserted.push_back(std::move(request));
        if (refusal) co_return *refusal;
        co_return s6a::InsertSubscriberDataAnswer{};
    }
    boost::asio::awaitable<Result<s6a::DeleteSubscriberDataAnswer>> delete_subscriber_data(
        s6a::DeleteSubscriberDataRequest request) override {
        deleted.push_back(std::move(request));
        if (refusal_of_deletion) co_return *refusal_of_deletion;
        if (refusal) co_return *refusal;
        co_return s6a::DeleteSubscriberDataAnswer{};
    }
    boost::asio::awaitable<Result<s6a::ResetAnswer>> reset(s6a::ResetRequest request) override {
        resets.push_back(std::move(request));
        if (refusal) co_return *refusal;
        co_return s6a::ResetAnswer{};
    }
    [[nodiscard]] store::Reach reach() const override { return peers; }
    store::Reach peers;                          ///< empty: there is no other daemon
    std::optional<Failure> refusal;              ///< how every request is answered while it is set
    std::optional<Failure> refusal_of_deletion;  ///< the same of Delete-Subscriber-Data alone
    std::vector<s6a::CancelLocationRequest> cancelled;
    std::vector<s6a::InsertSubscriberDataRequest> inserted;
    int faults = 0;  ///< so many Insert-Subscriber-Data end with an exception
    std::vector<s6a::DeleteSubscriberDataRequest> deleted;
    std::vector<s6a::ResetRequest> resets;
};

/// Its database is too slow at times.
class SlowStore final : public store::MemoryStore {
  public:
    using MemoryStore::MemoryStore;
    store::Awaitable<store::Done> mark_told(Imsi imsi, store::Registration registration,
                                            store::SubscriptionVersion version, WallTime now) override {
        if (too_late()) co_return fail(Cause::unable_to_comply);
        co_return co_await MemoryStore::mark_told(imsi, std::move(registration), std::move(version), now);
    }
    store::Awaitable<store::Done> mark_detached(Imsi imsi, store::Registration registration) override {
        if (too_late()) co_return fail(Cause::unable_to_comply);
        co_return co_await MemoryStore::mark_detached(imsi, std::move(registration));
    }
    int notes_too_late = 0;  ///< of what nodes were told, the next so many

  private:
    bool too_late() { return notes_too_late > 0 && notes_too_late-- > 0; }
};

struct World {
    ManualClock clock;
    SlowStore store{&clock};
    RecordingAlarms alarms;
    RecordingNodes nodes;
    SeededRandom random{1};
    procedure::Settings settings;
    procedure::Ports ports{store, alarms, nodes, random, clock, settings};

    const Imsi imsi = *Imsi::parse("001010123456789");
    const SubscriberKey k = of_hex<SubscriberKey>(milenage_sets[0].k);
    const Opc opc = of_hex<Opc>(milenage_sets[0].opc);
    const ServingNode mme1{"mme1.example.org", "example.org"};
    const ServingNode mme2{"mme2.example.org", "example.org"};
    const std::string via = "dra1.example.org";  ///< the peer that requests come in by
    const Plmn plmn = *Plmn::parse("001/01");
    const Imei own = *Imei::parse("35824005111111");
    const Imei stranger = *Imei::parse("86543503053961");
    const SecretString kme{hex<16>("000102030405060708090a0b0c0d0e0f")};

    World() { put(store::PutSubscriber{imsi, AkaKeys::milenage(k, opc)}); }

    template <class Put>
    void put(Put item) {
        std::vector<store::Item> items;
        items.push_back({std::move(item), 0});
        const auto errors = store.apply(items, false);
        if (!errors.empty()) throw std::runtime_error(errors.front().text);
    }

    /// Binds the subscription to its own device; with a key when the policy needs one.
    void bind(binding::Policy policy) {
        if (binding::needs_kme(policy)) put(store::PutKme{own, kme});
        store::PutBinding binding{imsi};
        binding.policy = policy;
        binding.devices = {ImeiRange::of(own)};
        put(std::move(binding));
    }
    /// The same under terms of the test's own, which get the name "ours".
    void bind(binding::Terms terms) {
        terms.name = "ours";
        if (binding::needs_kme(terms.policy)) put(store::PutKme{own, kme});
        put(store::PutTerms{terms});
        store::PutBinding binding{imsi};
        binding.devices = {ImeiRange::of(own)};
        binding.terms = terms.name;
        put(std::move(binding));
    }

    Result<s6a::Answer> dispatch(s6a::Request request) {
        boost::asio::io_context io;
        std::optional<Result<s6a::Answer>> result;
        boost::asio::co_spawn(io, procedure::dispatch(ports, std::move(request), via),
                              [&](const std::exception_ptr& failed, Result<s6a::Answer> answer) {
                                  if (failed) std::rethrow_exception(failed);
                                  result = std::move(answer);
                              });
        io.run();
        return std::move(*result);
    }

    Result<s6a::AuthenticationInformationAnswer> air(
        const ServingNode& node, std::uint32_t vectors = 1,
        std::optional<ReSynchronizationInfo> resync = std::nullopt) {
        s6a::AuthenticationInformationRequest request{
            imsi, node, plmn, s6a::RequestedAuthenticationInfo{}, {}};
        request.eutran->number_of_requested_vectors = vectors;
        request.eutran->re_synchronization_info = resync;
        auto answer = dispatch(std::move(request));
        if (!answer) return answer.error();
        return std::get<s6a::AuthenticationInformationAnswer>(*answer);
    }

    /// An attach: the node has the UE authenticated, and tells of it.
    Result<s6a::UpdateLocationAnswer> attach(const ServingNode& node, std::optional<Imei> imei) {
        if (auto vectors = air(node); !vectors) return vectors.error();
        return ulr(node, imei);
    }

    Result<s6a::UpdateLocationAnswer> ulr(const ServingNode& node, std::optional<Imei> imei) {
        s6a::UpdateLocationRequest request{imsi, node, plmn};
        if (imei) request.terminal_information = TerminalInformation{imei, "01", false};
        auto answer = dispatch(std::move(request));
        if (!answer) return answer.error();
        return std::get<s6a::UpdateLocationAnswer>(*answer);
    }
};

}  // namespace bindhss::test
