// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "types/identity.h"
#include "types/result_code.h"
#include "vectors/hex.h"

namespace bindhss {

TEST_CASE("An IMSI has 6 to 15 digits and nothing else", "[types]") {
    CHECK(Imsi::parse("001010")->digits() == "001010");
    CHECK(Imsi::parse("001010123456789")->digits() == "001010123456789");
    CHECK_FALSE(Imsi::parse("00101"));
    CHECK_FALSE(Imsi::parse("0010101234567890"));
    CHECK_FALSE(Imsi::parse("00101012345678a"));
    CHECK_FALSE(Imsi::parse(std::string_view("001010\0", 7)));
    CHECK_FALSE(Imsi::parse(""));
}

TEST_CASE("IMEIs of 14, 15 and 16 digits name the same device", "[types]") {
    const auto imei = Imei::parse("35824005111111");
    REQUIRE(imei);
    CHECK(Imei::parse("358240051111110") == imei);
    CHECK(Imei::parse("3582400511111177") == imei);
    CHECK(imei->str() == "35824005111111");
    CHECK(imei->tac() == 35824005);
    CHECK(imei->check_digit() == '0');
    CHECK(Imei::parse("01234567000001")->str() == "01234567000001");
    CHECK_FALSE(Imei::parse("3582400511111"));
    CHECK_FALSE(Imei::parse("35824005111111777"));
    CHECK_FALSE(Imei::parse("3582400511111x"));
    CHECK_FALSE(Imei::parse("00000000000000"));
}

TEST_CASE("A range of devices is one device, an interval or a TAC", "[types]") {
    CHECK(ImeiRange::parse("35824005111111")->contains(*Imei::parse("358240051111117")));
    const auto tac = ImeiRange::parse("35824005");
    REQUIRE(tac);
    CHECK(tac->contains(*Imei::parse("35824005000000")));
    CHECK(tac->contains(*Imei::parse("35824005999999")));
    CHECK_FALSE(tac->contains(*Imei::parse("35824006000000")));
    CHECK(ImeiRange::parse("35824005000010-35824005000020")->str() == "35824005000010-35824005000020");
    CHECK_FALSE(ImeiRange::parse("35824005000020-35824005000010"));
    CHECK_FALSE(ImeiRange::parse("3582400"));
    CHECK_FALSE(ImeiRange::parse(""));
}

TEST_CASE("Terminal-Information is normalised as TS 23.003 6.2 and TS 29.272 7.3.4 have it", "[types]") {
    const auto usual = TerminalInformation::normalise("35824005111111", "77");
    CHECK(usual.imei == Imei::parse("35824005111111"));
    CHECK(usual.svn == "77");
    const auto imeisv = TerminalInformation::normalise("3582400511111178", std::nullopt);
    CHECK(imeisv.imei == usual.imei);
    CHECK(imeisv.svn == "78");
    const auto invalid = TerminalInformation::normalise("35824", "7x");
    CHECK_FALSE(invalid.imei);
    CHECK(invalid.imei_invalid);
    CHECK_FALSE(invalid.svn);
    const auto absent = TerminalInformation::normalise(std::nullopt, std::nullopt);
    CHECK_FALSE(absent.imei_invalid);
}

TEST_CASE("Visited-PLMN-Id is packed as in TS 29.272 7.3.9", "[types]") {
    CHECK(to_hex(Plmn::parse("001/01")->octets()) == "00f110");
    CHECK(to_hex(Plmn::parse("26201")->octets()) == "62f210");
    CHECK(to_hex(Plmn::parse("310/410")->octets()) == "130014");
    CHECK(Plmn::from(test::hex<3>("130014"))->str() == "310/410");
    CHECK(Plmn::from(test::hex<3>("00f110"))->str() == "001/01");
    CHECK_FALSE(Plmn::from(test::hex<3>("0af110")));
    CHECK_FALSE(Plmn::from(test::hex<3>("00a110")));
    CHECK_FALSE(Plmn::from(test::hex<2>("00f1")));
    CHECK_FALSE(Plmn::parse("001/1"));
}

TEST_CASE("SQN is SEQ and IND in 48 bits", "[types]") {
    const auto sqn = test::sqn_of_hex("ff9bb4d0b607");
    CHECK(sqn.ind() == 7);
    CHECK(to_hex(sqn.octets()) == "ff9bb4d0b607");
    CHECK(Sqn(sqn.seq(), sqn.ind()) == sqn);
    CHECK(Sqn(Sqn::seq_max, 31).octets() == test::hex<6>("ffffffffffff"));
}

TEST_CASE("The same number means different things in Result-Code and Experimental-Result", "[types]") {
    CHECK(cause_of(5001, true) == Cause::user_unknown);
    CHECK(cause_of(5001, false) == Cause::avp_unsupported);
    CHECK(cause_of(5003, false) == Cause::authorization_rejected);
    CHECK_FALSE(cause_of(5003, true));
    CHECK(result_code(Cause::unable_to_deliver).protocol_error);
    CHECK_FALSE(result_code(Cause::missing_avp).protocol_error);
}

}  // namespace bindhss
