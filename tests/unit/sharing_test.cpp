// SPDX-License-Identifier: Apache-2.0
// Subscriptions that come in one device at the same moment: what changes between verdict and registration.
#include <boost/asio/use_future.hpp>
#include <functional>
#include <utility>

#include "procedure/update_location.h"
#include "world.h"

namespace bindhss {

namespace {

using binding::Policy;
using binding::Reaction;
using binding::Terms;

/// Something happens once between the verdict on an Update-Location and its registration.
class Meanwhile final : public store::MemoryStore {
  public:
    explicit Meanwhile(const Clock* clock) : store::MemoryStore(clock) {}
    std::function<void()> happens;

    store::Awaitable<std::vector<store::NodeRequest>> register_node(
        Imsi imsi, store::RegisterNode request, std::chrono::milliseconds lease) override {
        if (const auto now = std::exchange(happens, nullptr)) now();
        return store::MemoryStore::register_node(imsi, std::move(request), lease);
    }
};

/// Subscriptions that come in one device, which may carry one of them.
struct Sharing {
    test::ManualClock clock;
    Meanwhile store{&clock};
    test::RecordingAlarms alarms;
    test::RecordingNodes nodes;
    test::SeededRandom random{1};
    procedure::Settings settings;
    procedure::Ports ports{store, alarms, nodes, random, clock, settings};
    const ServingNode mme{"mme1.example.org", "example.org"};
    const Imei device = *Imei::parse("35824005111111");

    explicit Sharing(Reaction on_shared) {
        Terms terms;
        terms.name = "ours";
        terms.policy = Policy::imei_monitor;
        terms.on_shared = on_shared;
        put(store::PutTerms{terms});
        put(store::SetDefaultTerms{"ours"});
        put(store::PutDevice{ImeiRange::of(device), std::nullopt, std::nullopt, 1});
        for (const auto number : {1, 2}) {
            store::PutSubscriber subscriber{imsi(number)};
            subscriber.keys = AkaKeys::milenage(test::of_hex<SubscriberKey>(test::milenage_sets[0].k),
                                                test::of_hex<Opc>(test::milenage_sets[0].opc));
            put(std::move(subscriber));
        }
    }
    static Imsi imsi(int number) { return *Imsi::parse("00101000000000" + std::to_string(number)); }
    template <class Put>
    void put(Put item) {
        std::vector<store::Item> items;
        items.push_back({std::move(item), 0});
        REQUIRE(store.apply(items, false).empty());
    }
    bool come(int number) {
        s6a::UpdateLocationRequest request{imsi(number), mme, *Plmn::parse("001/01")};
        request.terminal_information = TerminalInformation{device, "01", false};
        boost::asio::io_context io;
        auto future = boost::asio::co_spawn(io, procedure::update_location(ports, std::move(request)),
                                            boost::asio::use_future);
        io.run();
        return future.get().has_value();
    }
    std::size_t registered() { return store.registrations(10).size(); }
};

}  // namespace

TEST_CASE("Of two subscriptions that come in a device at once the second is judged again", "[access][R55]") {
    SECTION("and refused and told of") {
        Sharing world(Reaction::reject);
        world.store.happens = [&] { CHECK(world.come(2)); };
        CHECK_FALSE(world.come(1));
        CHECK(world.registered() == 1);
        CHECK(world.alarms.count(alarm::Id::imei_shared) == 1);
    }
    SECTION("and refused where a lock follows, of a node that had no vector for the UE") {
        Sharing world(Reaction::lock);
        world.store.happens = [&] { CHECK(world.come(2)); };
        CHECK_FALSE(world.come(1));
        CHECK(world.alarms.count(alarm::Id::imei_shared) == 1);
    }
    SECTION("and admitted where an alarm is all that follows") {
        Sharing world(Reaction::alarm);
        world.store.happens = [&] { CHECK(world.come(2)); };
        CHECK(world.come(1));
        CHECK(world.registered() == 2);
    }
}

}  // namespace bindhss
