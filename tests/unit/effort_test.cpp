// SPDX-License-Identifier: Apache-2.0
// How often the store and other nodes are asked for one access: as often with a binding as without.
#include <catch2/catch.hpp>

#include "world.h"

namespace bindhss {

namespace {

using binding::Policy;

/// Counts the verbs that an access may use.
class CountingStore final : public store::MemoryStore {
  public:
    using store::MemoryStore::MemoryStore;

    struct Counts {
        int authentication = 0, reservations = 0, views = 0, registrations = 0, refusals = 0, others = 0;
        bool operator==(const Counts&) const = default;
    };
    Counts counts;

    store::Awaitable<store::AuthenticationSubscription> load_authentication(Imsi imsi, ServingNode node,
                                                                            store::KeyGrace grace) override {
        ++counts.authentication;
        return MemoryStore::load_authentication(imsi, std::move(node), grace);
    }
    store::Awaitable<store::VectorReservation> reserve_vectors(
        store::VectorReservationRequest request) override {
        ++counts.reservations;
        return MemoryStore::reserve_vectors(std::move(request));
    }
    store::Awaitable<store::SubscriberView> load_subscriber(
        Imsi imsi, ServingNode node, std::optional<TerminalInformation> reported) override {
        ++counts.views;
        return MemoryStore::load_subscriber(imsi, std::move(node), std::move(reported));
    }
    store::Awaitable<std::vector<store::NodeRequest>> register_node(
        Imsi imsi, store::RegisterNode request, std::chrono::milliseconds lease) override {
        ++counts.registrations;
        return MemoryStore::register_node(imsi, std::move(request), lease);
    }
    store::Awaitable<store::Done> record_refusal(Imsi imsi, store::Refusal refusal) override {
        ++counts.refusals;
        return MemoryStore::record_refusal(imsi, std::move(refusal));
    }
    store::Awaitable<binding::Change> record_sign(Imsi imsi, store::SignReport report) override {
        ++counts.others;
        return MemoryStore::record_sign(imsi, report);
    }
    store::Awaitable<std::optional<std::int64_t>> find_kme(Imsi imsi, Imei imei) override {
        ++counts.others;
        return MemoryStore::find_kme(imsi, imei);
    }
};

/// The same access as in any other world, over a store that counts.
struct CountingWorld : test::World {
    CountingStore counting{&clock};
    procedure::Ports counted{counting, alarms, nodes, random, clock, settings};

    explicit CountingWorld(Policy policy) {
        put(store::PutSubscriber{imsi, AkaKeys::milenage(k, opc)});
        put(store::PutKme{own, kme});
        store::PutBinding binding{imsi};
        binding.policy = policy;
        binding.devices = {ImeiRange::of(own)};
        put(std::move(binding));
    }

    template <class Put>
    void put(Put item) {
        std::vector<store::Item> items;
        items.push_back({std::move(item), 0});
        REQUIRE(counting.apply(items, false).empty());
    }

    bool serve(s6a::Request request) {
        boost::asio::io_context io;
        bool served = false;
        boost::asio::co_spawn(io, procedure::dispatch(counted, std::move(request), mme1.host),
                              [&](const std::exception_ptr& failed, const Result<s6a::Answer>& answer) {
                                  if (failed) std::rethrow_exception(failed);
                                  served = answer.has_value();
                              });
        io.run();
        return served;
    }
    bool air() {
        s6a::AuthenticationInformationRequest request{imsi, mme1, plmn};
        request.eutran.emplace();
        return serve(std::move(request));
    }
    bool ulr(Imei imei) {
        s6a::UpdateLocationRequest request{imsi, mme1, plmn};
        request.terminal_information = TerminalInformation{imei, "01", false};
        return serve(std::move(request));
    }
};

}  // namespace

TEST_CASE("A binding costs an access no further request to the store, and no message to any node",
          "[access][R37]") {
    for (const auto policy :
         {Policy::off, Policy::imei_monitor, Policy::imei_enforce, Policy::kme, Policy::kme_imei}) {
        CountingWorld world(policy);
        INFO(binding::name_of(policy));
        REQUIRE(world.air());
        CHECK(world.counting.counts == CountingStore::Counts{0, 1, 0, 0, 0, 0});
        REQUIRE(world.ulr(world.own));
        CHECK(world.counting.counts == CountingStore::Counts{0, 1, 1, 1, 0, 0});
        CHECK(world.nodes.cancelled.empty());
        CHECK(world.nodes.inserted.empty());
        CHECK(world.nodes.deleted.empty());
    }
}

TEST_CASE("A binding that waits for its key costs an Authentication-Information one request to the store",
          "[access][kme][R21][R22][R37]") {
    CountingWorld world(Policy::kme);
    world.put(store::RetireKme{world.own, std::nullopt});
    REQUIRE_FALSE(world.air());
    world.counted.exchanges = &world.counting;
    world.settings.provisioning.stock_mme = procedure::StockMme::restricted_apn;
    world.counting.counts = {};
    REQUIRE(world.air());
    CHECK(world.counting.counts == CountingStore::Counts{0, 1, 0, 0, 0, 0});
}

TEST_CASE("A device that is refused costs one request to the store beyond the look at it",
          "[access][R37][R43]") {
    CountingWorld world(Policy::imei_enforce);
    REQUIRE(world.air());
    CHECK_FALSE(world.ulr(world.stranger));
    CHECK(world.counting.counts == CountingStore::Counts{0, 1, 1, 0, 1, 0});
}

}  // namespace bindhss
