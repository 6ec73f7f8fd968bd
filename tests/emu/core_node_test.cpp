// SPDX-License-Identifier: Apache-2.0
#include "emu/core_node.h"

#include <catch2/catch.hpp>

#include "fake_hss.h"

using namespace bindhss;
using namespace bindhss::emu;

namespace {

constexpr const char* digits = "001010123456789";

CoreNodeSettings node_settings(NodeType type = NodeType::mme) {
    CoreNodeSettings settings{"mme1", {"mme1.test", "test"}, test::plmn("00101")};
    settings.type = type;
    return settings;
}

struct Bench {
    explicit Bench(NodeType type = NodeType::mme) : settings(node_settings(type)) {
        hss.subscribers[digits] = {test::set1_k, test::set1_opc, 100};
    }
    AttachResult attach(const Me& me) { return test::run(mme.attach(Ue{me, usim})); }
    AttachResult attach(const AttachOptions& options) {
        return test::run(mme.attach(Ue{own, usim}, options));
    }

    test::FakeHss hss;
    test::Collected trace;
    CoreNodeSettings settings;
    CoreNode mme{settings, hss, trace};
    Usim usim{test::imsi(digits), test::set1_keys};
    Me own{*Imei::parse("35824005111111")};
    Me strange{*Imei::parse("35824005222222")};
};

}  // namespace

TEST_CASE("MME: a regular subscriber attaches, and the ULR reports the device as Open5GS does",
          "[emu][mme][R36]") {
    Bench bench;
    const auto result = bench.attach(bench.own);
    CHECK(result.str() == "attached");
    CHECK_FALSE(result.encrypted_rand);
    REQUIRE(bench.hss.last_ulr);
    REQUIRE(bench.hss.last_report);
    CHECK(bench.hss.last_report->imei == "35824005111111");
    CHECK(bench.hss.last_report->software_version == "01");
    CHECK(bench.hss.last_ulr->flags.initial_attach_indicator);
    CHECK(bench.hss.last_ulr->flags.s6a_indicator);
}

TEST_CASE("MME: a bound card attaches in its own device and nowhere else", "[emu][mme][R5][R7][R39]") {
    Bench bench;
    bench.hss.subscribers[digits].kme = test::kme128;
    bench.own.load_kme(0, test::kme128);
    const auto result = bench.attach(bench.own);
    CHECK(result.str() == "attached");
    CHECK(result.encrypted_rand);

    bench.hss.last_ulr.reset();
    bench.strange.load_kme(0, SecretString(OctetString(16, 0x55)));
    CHECK(bench.attach(bench.strange).str() == "mac_failure");
    CHECK_FALSE(bench.hss.last_ulr);
}

TEST_CASE("MME: a card that is out of step re-synchronises once, over the RAND as it was sent",
          "[emu][mme]") {
    const bool bound = GENERATE(false, true);
    Bench bench;
    if (bound) bench.hss.subscribers[digits].kme = test::kme128;
    bench.own.load_kme(0, test::kme128);
    bench.usim.sequence().advance(5000);
    const auto result = bench.attach(bench.own);
    CHECK(result.str() == "attached");
    CHECK(result.resynchronised);
    CHECK(result.encrypted_rand == bound);
    CHECK(bench.hss.air_count == 2);
    CHECK(bench.hss.subscribers[digits].seq == 5001);
}

TEST_CASE("MME: a second synchronisation failure ends the attach", "[emu][mme]") {
    Bench bench;
    bench.usim.sequence().advance(5000);
    bench.hss.subscribers[digits].repeat_sqn = true;  // after the resynchronisation it repeats SEQ_MS itself
    const auto result = bench.attach(bench.own);
    CHECK(result.str() == "synch_failure");
    CHECK(bench.hss.air_count == 2);
    CHECK_FALSE(bench.hss.last_ulr);
}

TEST_CASE("MME: rejects carry the command and the code", "[emu][mme]") {
    Bench bench;
    bench.hss.subscribers[digits].only_imei = bench.own.imei();
    auto result = bench.attach(bench.strange);
    CHECK(result.str() == "rejected 5003");
    CHECK(result.command == "ULR");
    bench.hss.subscribers.clear();
    result = bench.attach(bench.own);
    CHECK(result.str() == "rejected 5001");
    CHECK(result.command == "AIR");
}

TEST_CASE("MME: a wrong KASME is seen", "[emu][mme]") {
    Bench bench;
    bench.hss.subscribers[digits].wrong_kasme = true;
    CHECK(bench.attach(bench.own).str() == "bad_vector");
    CHECK_FALSE(bench.hss.last_ulr);
}

TEST_CASE("MME: the IMEI is reported with as many digits as asked for, or not at all", "[emu][mme][R36]") {
    Bench bench;
    const auto report_of = [&bench](ImeiReport report) {
        bench.settings.imei_report = report;
        CoreNode mme(bench.settings, bench.hss, bench.trace);
        CHECK(test::run(mme.attach(Ue{bench.own, bench.usim})).str() == "attached");
        return bench.hss.last_report;
    };
    CHECK_FALSE(report_of(ImeiReport::none));
    CHECK(report_of(ImeiReport::digits_15)->imei ==
          "35824005111111" + std::string(1, bench.own.imei().check_digit()));
    CHECK(report_of(ImeiReport::digits_16)->imei == "3582400511111101");
    CHECK(report_of(ImeiReport::digits_16)->software_version.empty());
}

TEST_CASE("MME: what is traced never holds a secret", "[emu][mme]") {
    Bench bench;
    bench.hss.subscribers[digits].kme = test::kme128;
    bench.own.load_kme(0, test::kme128);
    bench.usim.sequence().advance(5000);
    REQUIRE(bench.attach(bench.own).str() == "attached");
    const auto absent = [&bench](OctetView octets) {
        return bench.trace.text.find(to_hex(octets)) == std::string::npos;
    };
    CHECK(absent(test::set1_k.view()));
    CHECK(absent(test::set1_opc.view()));
    CHECK(absent(test::kme128.view()));
    CHECK(bench.trace.text.find("res=") == std::string::npos);
    CHECK(bench.trace.text.find("AUTHENTICATION FAILURE #21") != std::string::npos);
}

TEST_CASE("MME: what the HSS asks is remembered for its subscriber until it is taken", "[emu][node]") {
    Bench bench;
    const s6a::CancelLocationRequest request{test::imsi(digits), {"mme1.test", "test"}};
    CHECK(std::holds_alternative<NodeAnswer>(bench.mme.serve(HssRequest(request)).answer));
    CHECK_FALSE(bench.mme.take(HssCommand::clr, test::imsi("001010000000009")));
    CHECK_FALSE(bench.mme.take(HssCommand::idr, test::imsi(digits)));
    CHECK(bench.mme.take(HssCommand::clr, test::imsi(digits))->fields.at("type") == "0");
    CHECK_FALSE(bench.mme.take(HssCommand::clr, test::imsi(digits)));
}

TEST_CASE("MME: with nothing said it asks as Open5GS does: flags 0x22, one vector, no Supported-Features",
          "[emu][node]") {
    Bench bench;
    REQUIRE(bench.attach(bench.own).str() == "attached");
    const auto& air = *bench.hss.last_air;
    CHECK(air.eutran->number_of_requested_vectors == 1);
    CHECK(air.eutran->immediate_response_preferred);
    CHECK_FALSE(air.utran_geran);
    CHECK_FALSE(air.supported_features);
    const auto& ulr = *bench.hss.last_ulr;
    CHECK_FALSE(ulr.flags.skip_subscriber_data);
    CHECK_FALSE(ulr.flags.node_type_indicator);
    CHECK_FALSE(ulr.flags.gprs_subscription_data_indicator);
    CHECK(ulr.rat_type == s6a::RatType::eutran);
    CHECK_FALSE(ulr.supported_features);
    CHECK(ulr.ue_srvcc_capability == 0U);
}

TEST_CASE("SGSN: quintuplets are checked with the card, CK and IK included", "[emu][node]") {
    Bench bench(NodeType::sgsn);
    CHECK(bench.attach(bench.own).str() == "attached");
    CHECK_FALSE(bench.hss.last_air->eutran);
    CHECK(bench.hss.last_air->utran_geran->number_of_requested_vectors == 1);
    CHECK_FALSE(bench.hss.last_ulr->flags.s6a_indicator);
    CHECK(bench.hss.last_ulr->flags.gprs_subscription_data_indicator);
    CHECK(bench.hss.last_ulr->rat_type == s6a::RatType::utran);

    bench.hss.subscribers[digits].wrong_kasme = true;
    const auto wrong = bench.attach(bench.own);
    CHECK(wrong.str() == "bad_vector");
    CHECK(wrong.detail == "the IK of the AIA is not that of the UE");
}

TEST_CASE("SGSN: a card out of step is brought back with a quintuplet", "[emu][node]") {
    Bench bench(NodeType::sgsn);
    bench.usim.sequence().advance(5000);
    const auto result = bench.attach(bench.own);
    CHECK(result.str() == "attached");
    CHECK(result.resynchronised);
}

TEST_CASE("SGSN: a separation bit in a vector for UTRAN is a fault of the HSS", "[emu][node]") {
    Bench bench(NodeType::sgsn);
    bench.hss.separation_bit_everywhere = true;
    const auto result = bench.attach(bench.own);
    CHECK(result.str() == "bad_vector");
    CHECK(result.detail == "the separation bit is set in a vector for UTRAN");
}

TEST_CASE("SGSN: triplets are checked with the card", "[emu][node]") {
    Bench bench(NodeType::sgsn);
    bench.hss.triplets = true;
    auto options = usual_attach(NodeType::sgsn, s6a::Domain::sgsn);
    CHECK(bench.attach(options).str() == "bad_vector");  // quintuplets were wanted
    options.vectors = VectorKind::geran;
    options.number_of_vectors = 3;
    const auto result = bench.attach(options);
    CHECK(result.str() == "attached");
    CHECK(result.fields.at("vectors.geran") == "3");
}

TEST_CASE("Node: a UE is registered, comes back without the HSS, and after a Reset with a ULR alone",
          "[emu][node]") {
    Bench bench;
    bench.hss.data.ambr = Ambr{1'000, 2'000};
    REQUIRE(bench.attach(bench.own).str() == "attached");
    const auto asked = bench.hss.air_count;
    bench.hss.last_ulr.reset();
    const auto options = usual_attach(NodeType::mme, s6a::Domain::mme);
    const auto back = test::run(bench.mme.reattach(Ue{bench.own, bench.usim}, options));
    CHECK(back.str() == "attached");
    CHECK(back.fields.at("asked") == "false");
    CHECK_FALSE(bench.hss.last_ulr);

    s6a::ResetRequest reset;
    reset.user_ids = {"00102"};
    (void)bench.mme.serve(HssRequest(reset));
    CHECK(bench.mme.visitors().find(test::imsi(digits))->confirmed);
    reset.user_ids = {"00101"};
    (void)bench.mme.serve(HssRequest(reset));
    CHECK_FALSE(bench.mme.visitors().find(test::imsi(digits))->confirmed);
    const auto confirmed = test::run(bench.mme.reattach(Ue{bench.own, bench.usim}, options));
    CHECK(confirmed.fields.at("asked") == "true");
    CHECK(bench.hss.last_ulr);
    CHECK(bench.hss.air_count == asked);
    CHECK(bench.mme.visitors().find(test::imsi(digits))->confirmed);
}

TEST_CASE("Node: purge, notify and the question to the equipment register tell what was answered",
          "[emu][node]") {
    Bench bench;
    const auto imsi = test::imsi(digits);
    NotifyOptions nothing;
    const auto too_early = test::run(bench.mme.notify(imsi, std::nullopt, nothing));
    CHECK(too_early.at("result") == "5423");
    CHECK(too_early.at("experimental") == "true");
    REQUIRE(bench.attach(bench.own).str() == "attached");
    const auto told = test::run(bench.mme.notify(imsi, TerminalReport{"35824005222222", "02"}, nothing));
    CHECK(told.at("result") == "2001");
    CHECK(bench.hss.last_report->imei == "35824005222222");

    bench.hss.equipment["35824005222222"] = s6a::EquipmentStatus::prohibited;
    CHECK(test::run(bench.mme.check_imei({"35824005222222", {}}, imsi)).at("status") == "prohibited");
    CHECK(test::run(bench.mme.check_imei({"35824005333333", {}}, imsi)).at("result") == "5422");
    CHECK(bench.hss.last_check->imsi == imsi);

    const PurgeOptions purge;
    const auto purged = test::run(bench.mme.purge(imsi, purge));
    CHECK(purged.at("freeze_m_tmsi") == "true");
    CHECK_FALSE(bench.hss.last_purge->purged_in_mme);
    CHECK(bench.mme.visitors().find(imsi) == nullptr);
}

TEST_CASE("Node: a script of refusals, silences and delays replaces what is right", "[emu][node]") {
    Bench bench;
    REQUIRE(bench.attach(bench.own).str() == "attached");
    s6a::InsertSubscriberDataRequest idr{test::imsi(digits), {"mme1.test", "test"}};
    idr.subscription_data.ambr = Ambr{7, 8};
    const HssRequest request(idr);
    bench.mme.answers().set(HssCommand::idr, {*parse_scripted_reply("5012"), *parse_scripted_reply("silent"),
                                              *parse_scripted_reply("delay 3s")});
    CHECK(std::get<Refusal>(bench.mme.serve(request).answer) == Refusal{5012, false});
    CHECK(std::holds_alternative<Silence>(bench.mme.serve(request).answer));
    CHECK_FALSE(bench.mme.visitors().find(test::imsi(digits))->data.ambr);  // neither was obeyed
    for (int i = 0; i < 2; ++i) {                                           // the last one stays
        const auto late = bench.mme.serve(request);
        CHECK(late.delay == std::chrono::seconds(3));
        CHECK(std::holds_alternative<NodeAnswer>(late.answer));
    }
    CHECK(bench.mme.visitors().find(test::imsi(digits))->data.ambr == Ambr{7, 8});
    bench.mme.answers().set(HssCommand::idr, {});
    CHECK(bench.mme.serve(request).delay.count() == 0);
    CHECK(bench.mme.count(HssCommand::idr, test::imsi(digits)) == 5);
}

TEST_CASE("Node: one like Open5GS answers as that does", "[emu][node]") {
    Bench bench;
    bench.settings.behaves_like_open5gs = true;
    CoreNode node(bench.settings, bench.hss, bench.trace);
    const auto attach = [&] { return test::run(node.attach(Ue{bench.own, bench.usim})).str(); };
    CHECK(attach() == "bad_answer");  // no AMBR, no APN: Open5GS drops such a ULA
    bench.hss.data.ambr = Ambr{1, 2};
    bench.hss.data.apn_configuration_profile.emplace();
    bench.hss.data.apn_configuration_profile->apns.push_back({1, "internet"});
    CHECK(attach() == "attached");
    const auto code = [&node](const HssRequest& request) -> std::uint32_t {
        const auto reply = node.serve(request);
        const auto* refusal = std::get_if<Refusal>(&reply.answer);
        return refusal == nullptr ? 2001 : refusal->number;
    };
    s6a::InsertSubscriberDataRequest idr{test::imsi(digits), {"mme1.test", "test"}};
    CHECK(code(idr) == 5012);
    idr.flags.eps_user_state_request = true;
    CHECK(code(idr) == 2001);
    CHECK(code(s6a::DeleteSubscriberDataRequest{test::imsi(digits), {"mme1.test", "test"}}) == 3001);
    CHECK(code(s6a::ResetRequest{}) == 3001);
}
