// SPDX-License-Identifier: Apache-2.0
// Two nodes, or a node and a raw peer, over loopback: the ordinary course of things.
#include "s6a/node_world.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

TEST_CASE("Two nodes exchange capabilities, a request, its answer, and disconnect") {
    Threads threads;
    Server server(threads);
    {
        Client client(threads, client_settings(server.port()));
        REQUIRE(eventually([&] { return is_open(client.node, "hss.example"); }));
        CHECK(is_open(server.node, "mme.example"));
        auto request = client.s6a.make_request(command_authentication_information);
        encode(s6a::AuthenticationInformationRequest{*Imsi::parse("001010000000001"),
                                                     {},
                                                     *Plmn::parse("00101"),
                                                     s6a::RequestedAuthenticationInfo{},
                                                     std::nullopt},
               request);
        auto answer = threads.run(client.s6a.exchange(std::move(request)));
        INFO((answer ? "" : answer.error().detail));
        REQUIRE(answer.has_value());
        CHECK(answer->find(avp_id::result_code)->u32() == diameter_success);
        CHECK(answer->find(avp_id::origin_host)->text() == "hss.example");
        CHECK(answer->find(avp_id::auth_session_state)->u32() == 1);
        const auto application = answer->find(avp_id::vendor_specific_application_id);
        REQUIRE(application.has_value());
        CHECK(application->find(avp_id::auth_application_id)->u32() == application_s6a);
    }
    CHECK(eventually([&] { return !is_open(server.node, "mme.example"); }));
}

TEST_CASE("A request that came without TLS is not taken for one that did", "[R27]") {
    Threads threads;
    std::atomic<int> seen = 0;
    Server server(threads, [&seen](std::unique_ptr<IncomingRequest> request) {
        seen += request->secured() ? 100 : 1;
        answer_success(std::move(request));
    });
    Client client(threads, client_settings(server.port()));
    REQUIRE(eventually([&] { return is_open(client.node, "hss.example"); }));
    s6a::AuthenticationInformationRequest air{*Imsi::parse("001010000000001"), {}, *Plmn::parse("00101")};
    air.eutran.emplace();
    auto request = client.s6a.make_request(command_authentication_information);
    encode(air, request);
    CHECK(threads.run(client.s6a.exchange(std::move(request))).has_value());
    CHECK(seen == 1);
}
