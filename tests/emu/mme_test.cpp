// SPDX-License-Identifier: Apache-2.0
#include "emu/mme.h"

#include <catch2/catch.hpp>

#include "fake_hss.h"

using namespace bindhss;
using namespace bindhss::emu;

namespace {

constexpr const char* digits = "001010123456789";

struct Bench {
    Bench() { hss.subscribers[digits] = {test::set1_k, test::set1_opc, 100}; }
    AttachResult attach(const Me& me) { return test::run(mme.attach(Ue{me, usim})); }

    test::FakeHss hss;
    test::Collected trace;
    MmeSettings settings{"mme1", {"mme1.test", "test"}, test::plmn("00101")};
    Mme mme{settings, hss, trace};
    Usim usim{test::imsi(digits), test::set1_keys};
    Me own{*Imei::parse("35824005111111")};
    Me strange{*Imei::parse("35824005222222")};
};

}  // namespace

TEST_CASE("MME: a regular subscriber attaches, and the ULR reports the device as Open5GS does",
          "[emu][mme]") {
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

TEST_CASE("MME: a bound card attaches in its own device and nowhere else", "[emu][mme]") {
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

TEST_CASE("MME: the IMEI is reported with as many digits as asked for, or not at all", "[emu][mme]") {
    Bench bench;
    const auto report_of = [&bench](ImeiReport report) {
        bench.settings.imei_report = report;
        Mme mme(bench.settings, bench.hss, bench.trace);
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

TEST_CASE("MME: a CLR is remembered for its subscriber until it is taken", "[emu][mme]") {
    Bench bench;
    s6a::CancelLocationRequest request{test::imsi(digits), {"mme1.test", "test"}};
    bench.mme.cancel_location(request);
    CHECK_FALSE(bench.mme.take_cancelled(test::imsi("001010000000009")));
    CHECK(bench.mme.take_cancelled(test::imsi(digits))->type == s6a::CancellationType::mme_update_procedure);
    CHECK_FALSE(bench.mme.take_cancelled(test::imsi(digits)));
}
