// SPDX-License-Identifier: Apache-2.0
#include "emu/hold.h"

#include <catch2/catch.hpp>
#include <sstream>

#include "fake_hss.h"

using namespace bindhss;
using namespace bindhss::emu;

namespace {

HoldSettings settings() {
    HoldSettings made{{}, test::plmn("00101"), {"node1.test", "test"}};
    made.fleet.imsi_first = "001010000000010";
    made.fleet.count = 10;
    made.window = 3;
    return made;
}

HssRequest idr(const std::string& imsi, std::uint64_t uplink = 7) {
    s6a::InsertSubscriberDataRequest request{test::imsi(imsi), {"node1.test", "test"}};
    request.subscription_data.ambr = Ambr{uplink, 8};
    return request;
}

}  // namespace

TEST_CASE("Hold: each node registers its share of the subscribers, once", "[emu][hold]") {
    test::FakeHss hss;
    for (int i = 10; i < 20; ++i) hss.subscribers["0010100000000" + std::to_string(i)] = {};
    hss.subscribers.erase("001010000000019");
    HoldTally tally(10, {});
    auto mine = settings();
    mine.step = 2;
    mine.first = 1;
    HoldNode node(mine, hss, tally);
    test::run(node.register_all());
    CHECK(tally.registered_count() == 4);
    CHECK(tally.refused_count() == 1);
    CHECK(hss.registered.size() == 4);
    CHECK(hss.registered.contains("001010000000011"));
    CHECK_FALSE(hss.last_ulr->flags.initial_attach_indicator);
}

TEST_CASE("Hold: who is told how often is counted, and strangers are refused", "[emu][hold]") {
    test::FakeHss hss;
    HoldTally tally(10, {{"ambr.uplink", "7"}});
    HoldNode node(settings(), hss, tally);
    const auto good = [&node](const HssRequest& request) {
        return std::holds_alternative<NodeAnswer>(node.serve(request).answer);
    };
    CHECK(good(idr("001010000000010", 6)));
    CHECK(tally.told().wrong == 1);
    CHECK(good(idr("001010000000010")));  // the last one counts
    CHECK(good(idr("001010000000019")));
    CHECK_FALSE(good(idr("001010000000020")));
    CHECK_FALSE(good(idr("001010000000009")));
    CHECK_FALSE(good(idr("00101000000001")));
    CHECK(good(s6a::ResetRequest{}));
    const auto told = tally.told();
    CHECK(told.once == 1);
    CHECK(told.repeatedly == 1);
    CHECK(told.never == 8);
    CHECK(told.wrong == 0);
    CHECK(tally.told_count() == 2);
    CHECK(tally.requests(HssCommand::idr) == 6);
    CHECK(tally.fullest_second() == 6);
    std::ostringstream out;
    tally.print(out);
    CHECK(out.str().find("6: 1 subscribers told once, 1 several times, 8 never") != std::string::npos);
    CHECK(out.str().find("strangers   3") != std::string::npos);
}
