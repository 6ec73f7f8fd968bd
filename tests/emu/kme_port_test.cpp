// SPDX-License-Identifier: Apache-2.0
// The exchange of keys over real sockets: every KME AVP goes through the codec, in both directions.
#include <catch2/catch.hpp>

#include "fake_server.h"

using namespace bindhss;
using namespace bindhss::emu;

namespace {

constexpr const char* digits = "001010123456789";
const ServingNode self{"mme1.test", "test"};

/// A node with the features, and a UE with a key pair behind it.
struct Bench : test::SocketBench<test::ProvisioningHss> {
    explicit Bench(std::uint32_t features) {
        REQUIRE(run(port.connect()));
        CoreNodeSettings settings{"mme1", self, test::plmn("00101")};
        settings.kme_features = features;
        mme.emplace(settings, port, trace);
        node = &*mme;
        auto& hss = server.hss;
        hss.hss.subscribers[digits] = {test::set1_k, test::set1_opc, 100};
        hss.public_keys.emplace(me.imei().str(), nas.element().public_key());
        hss.response_timer = std::chrono::milliseconds(2'000);
        hss.ask_node = [this](s6a::InsertSubscriberDataRequest request) { return ask(request); };
    }
    boost::asio::awaitable<Result<s6a::InsertSubscriberDataAnswer>> ask(
        s6a::InsertSubscriberDataRequest request) {
        const auto code = co_await server.ask(diameter::command_insert_subscriber_data, request);
        if (code != diameter_success) co_return fail(Cause::unable_to_deliver);
        co_return diameter::decode_insert_subscriber_data_answer(*server.last_answer);
    }
    AttachResult attach() { return run(mme->attach(Ue{me, usim, &nas})); }

    test::Collected trace;
    std::optional<CoreNode> mme;
    Me me{*Imei::parse("35824005111111")};
    Usim usim{test::imsi(digits), test::set1_keys};
    DeviceNas nas{me,
                  SecureElement(crypto::DevicePrivateKey::generate(crypto::KeyType::p256),
                                ExchangeConduct::right, true),
                  {}};
};

constexpr auto all = s6a::feature_kme::provisioning | s6a::feature_kme::provisioning_only |
                     s6a::feature_kme::auth_failure_report;

}  // namespace

TEST_CASE("S6a port: a device is provisioned over sockets while its ULR is pending",
          "[emu][s6a][kme][R28][R31]") {
    Bench bench(all);
    const auto first = bench.attach();
    CHECK(first.str() == "provisioned");
    CHECK(first.fields.at("kme.air") == "provisioning_only");
    CHECK(first.fields.at("kme.air_cause") == "1");
    CHECK(first.fields.at("kme.ula") == "provisioning_only,binding_established,reattach_expected");
    CHECK(first.fields.at("features.vendor") == "7");
    CHECK(bench.server.hss.outcome == "established");
    const auto received = bench.mme->take(HssCommand::idr, test::imsi(digits));
    REQUIRE(received);
    CHECK(received->fields.at("kme.container_type") == "75");
    CHECK(received->fields.at("kme.response_timer") == "2000");

    const auto second = bench.attach();
    CHECK(second.str() == "attached");
    CHECK(second.encrypted_rand);
    CHECK(second.fields.at("kme.vector") == "av_pre_processed");
}

TEST_CASE("S6a port: an error answer carries KME-Access-Info, and the IDA each delivery result",
          "[emu][s6a][kme]") {
    Bench bench(s6a::feature_kme::provisioning);
    const auto relay = [&bench](const char* script) {
        bench.mme->relay().set({*parse_scripted_relay(script)});
        return bench.attach();
    };
    const auto unreachable = relay("unreachable");
    CHECK(unreachable.str() == "rejected 5012");
    CHECK(unreachable.fields.at("kme.cause") == "8");
    CHECK(bench.server.hss.last_response->result == s6a::KmeDeliveryResult::not_reachable);
    CHECK(bench.server.hss.last_response->container.empty());
    CHECK(relay("forgetful").str() == "rejected 5012");
    CHECK(bench.server.hss.outcome == "not understood");
    CHECK(relay("corrupted").str() == "rejected 5003");
    CHECK(bench.server.hss.outcome == "rsp");
    const auto established = relay("delay 50ms");
    CHECK(established.str() == "rejected 5012");
    CHECK(established.fields.at("kme.ula") == "binding_established,reattach_expected");
    CHECK(bench.attach().encrypted_rand);
}

TEST_CASE("S6a port: a failed authentication is reported over sockets", "[emu][s6a][kme][R33]") {
    Bench bench(all);
    bench.server.hss.hss.subscribers[digits].kme = test::kme128;
    const auto result = bench.attach();
    CHECK(result.str() == "mac_failure");
    CHECK(result.fields.at("report") == "2001");
    const auto& notify = *bench.server.hss.hss.last_notify;
    REQUIRE(notify.auth_failure_report);
    CHECK(notify.auth_failure_report->emm_cause == s6a::kme_emm_cause::mac_failure);
    CHECK(notify.auth_failure_report->rand);
    CHECK(notify.auth_failure_report->autn);
}
