// SPDX-License-Identifier: Apache-2.0
// bindhssctl reset, subscriber detach, subscriber locate.
#include "ctl_session.h"
#include "nodes_world.h"

namespace bindhss {

namespace {

using test::Session;

const std::string imsi = "001010000000001";

/// A subscriber who is registered at an MME.
struct NodeSession : Session {
    NodeSession() {
        REQUIRE(run({"subscriber", "add", imsi, test::k, test::opc}) == 0);
        store::Registration place{{"mme1.example.org", "example.org"}, *Plmn::parse("00101")};
        const store::RegisterNode request{place};
        REQUIRE(await(store.register_node(*Imsi::parse(imsi), request, std::chrono::seconds(0))));
    }
    template <class T>
    T await(boost::asio::awaitable<T> verb) {
        boost::asio::io_context io;
        std::optional<T> result;
        boost::asio::co_spawn(io, std::move(verb),
                              [&](const std::exception_ptr&, T value) { result = std::move(value); });
        io.run();
        return std::move(*result);
    }
    std::vector<store::NodeRequest> requests() {
        store::Claim claim;
        claim.now = SystemClock().now() + std::chrono::seconds(1);
        return await(store.take_requests(claim)).value();
    }
};

}  // namespace

TEST_CASE("ctl: reset is for every node, of the IMSIs that are named", "[ctl]") {
    NodeSession s;
    CHECK(s.run({"reset", "--imsi", "00101", "--imsi", "26201"}) == 0);
    CHECK(s.out.find("mme1.example.org") != std::string::npos);
    const auto requests = s.requests();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].kind == store::NodeRequest::Kind::reset);
    CHECK(requests[0].user_ids == std::vector<std::string>{"00101", "26201"});
    CHECK(s.run({"reset", "--imsi", "0010x"}) == 1);
    CHECK(s.err.find("is not the beginning of an IMSI") != std::string::npos);
}

TEST_CASE("ctl: a subscriber is detached where he is registered", "[ctl]") {
    NodeSession s;
    CHECK(s.run({"subscriber", "detach", imsi, "--reattach"}) == 0);
    const auto requests = s.requests();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].cancellation_type == s6a::CancellationType::subscription_withdrawal);
    CHECK(requests[0].reattach_required);
    CHECK(s.run({"subscriber", "detach", imsi}) == 1);
    CHECK(s.err.find("is not registered anywhere") != std::string::npos);
    CHECK(s.run({"subscriber", "detach", "001019999999999"}) == 1);
    CHECK(s.run({"subscriber", "detach", "somebody"}) == 1);
}

TEST_CASE("ctl: the nodes are asked where a subscriber is", "[ctl]") {
    NodeSession s;
    CHECK(s.run({"subscriber", "locate", imsi}) == 0);
    const auto requests = s.requests();
    REQUIRE(requests.size() == 1);
    CHECK(requests[0].kind == store::NodeRequest::Kind::insert);
    CHECK(requests[0].idr_flags == 0x18);
}

}  // namespace bindhss
