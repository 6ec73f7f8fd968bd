// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "diameter/result.h"
#include "s6a/wire_builder.h"
#include "types/limits.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

std::optional<Rejection> judge(const OctetString& octets) {
    auto message = Message::parse(octets);
    REQUIRE(message);
    return message->check(loaded_dictionary());
}

void refused(const OctetString& octets, Cause cause, const OctetString& failed_avp) {
    const auto rejection = judge(octets);
    REQUIRE(rejection);
    INFO(rejection->detail);
    CHECK(rejection->cause == cause);
    CHECK(to_hex(rejection->failed_avp) == to_hex(failed_avp));
}

OctetString unpadded(AvpId id, std::string_view text) {
    return encode_avp(id, avp_flag::mandatory, as_octets(text));
}

OctetString nested(std::size_t levels) {
    OctetString inner = make_avp(avp_id::user_name, "x");
    for (std::size_t i = 0; i < levels; ++i) inner = make_avp(avp_id::proxy_info, OctetView(inner), 0);
    return inner;
}

}  // namespace

TEST_CASE("A frame without a sound header is no message") {
    const auto good = ulr_with({});
    CHECK(Message::parse(good));
    for (const std::size_t size : {0, 1, 19}) CHECK_FALSE(Message::parse(OctetView(good).first(size)));
    CHECK_FALSE(Message::parse(OctetView(good).first(good.size() - 4)));
    auto wrong = good;
    wrong[0] = 2;
    CHECK_FALSE(Message::parse(wrong));
    CHECK_FALSE(Header::read(number_octets(0x01000010)));
    OctetString header(20);
    header[0] = 1;
    header[3] = 22;
    CHECK_FALSE(Header::read(header));
    header[1] = 0xff;
    CHECK_FALSE(Header::read(header));
}

TEST_CASE("A message that was parsed is written as it was read") {
    const auto octets =
        ulr_with(concat({make_avp({777, 4444}, OctetView(OctetString{1, 2, 3, 4, 5}), 0),
                         make_avp(avp_id::terminal_information, OctetView(make_avp(avp_id::imei, "1")))}));
    auto message = Message::parse(octets);
    REQUIRE(message);
    REQUIRE_FALSE(message->check(loaded_dictionary()));
    CHECK(message->header().length == octets.size());
    CHECK(message->header().hop_by_hop == 0x01020304);
    CHECK(to_hex(message->serialise()) == to_hex(octets));
}

TEST_CASE("Values of the right format are read, others are empty") {
    auto message = Message::parse(ulr_with({}));
    REQUIRE_FALSE(message->check(loaded_dictionary()));
    CHECK(message->find(avp_id::user_name)->text() == "001010123456789");
    CHECK(message->find(avp_id::user_name)->u32() == 0);
    CHECK(message->find(avp_id::rat_type)->u32() == 1004);
    CHECK(message->find(avp_id::rat_type)->octets().empty());
    CHECK_FALSE(message->find(avp_id::kasme));
}

TEST_CASE("A missing AVP is named with its code and a zero value of minimum length") {
    refused(ulr_frame(concat({request_head(), ulr_tail()})), Cause::missing_avp,
            encode_avp(avp_id::user_name, avp_flag::mandatory, {}));
    const auto no_rat = concat({request_head(), user(), make_avp(avp_id::ulr_flags, 2U),
                                make_avp(avp_id::visited_plmn_id, OctetView(OctetString{0, 0xf1, 0x10}))});
    const auto rejection = judge(ulr_frame(no_rat));
    REQUIRE(rejection);
    CHECK(to_hex(rejection->failed_avp) ==
          "00000408"
          "80000010"
          "000028af"
          "00000000");
}

TEST_CASE("The instance too many of an AVP is given back") {
    refused(ulr_with(make_avp(avp_id::user_name, "second")), Cause::avp_occurs_too_many_times,
            unpadded(avp_id::user_name, "second"));
    const auto twice = concat({make_avp(avp_id::imei, "12345678901234"), make_avp(avp_id::imei, "2")});
    refused(ulr_with(make_avp(avp_id::terminal_information, OctetView(twice))),
            Cause::avp_occurs_too_many_times, unpadded(avp_id::imei, "2"));
}

TEST_CASE("An unknown AVP is refused with M and ignored without") {
    const auto unknown = [](std::uint8_t flags) {
        return make_avp({999'999, 4444}, OctetView(OctetString{1, 2, 3, 4}), flags);
    };
    CHECK_FALSE(judge(ulr_with(unknown(0))));
    refused(ulr_with(unknown(avp_flag::mandatory)), Cause::avp_unsupported, unknown(avp_flag::mandatory));
    CHECK_FALSE(judge(ulr_with(make_avp(avp_id::terminal_information, OctetView(unknown(0))))));
    refused(ulr_with(make_avp(avp_id::terminal_information, OctetView(unknown(avp_flag::mandatory)))),
            Cause::avp_unsupported, unknown(avp_flag::mandatory));
    // RFC 6733 4.4: in a group that may be ignored, M asks nothing of us.
    CHECK_FALSE(
        judge(ulr_with(make_avp(avp_id::terminal_information, OctetView(unknown(avp_flag::mandatory)), 0))));
}

TEST_CASE("M and reserved bits of known AVPs are the sender's affair") {
    const OctetString svn = make_avp(avp_id::software_version, as_octets("01"), 0x3f);
    CHECK_FALSE(judge(ulr_with(make_avp(avp_id::terminal_information, OctetView(svn), 0x3f))));
    CHECK_FALSE(judge(
        ulr_with(make_avp(avp_id::ue_srvcc_capability, OctetView(number_octets(0)), avp_flag::mandatory))));
}

TEST_CASE("The V bit without a vendor is a wrong bit") {
    auto wrong = make_avp(avp_id::rat_type, 1004U);
    std::fill_n(wrong.begin() + 8, 4, std::uint8_t{0});
    const auto rejection = judge(ulr_with(wrong));
    REQUIRE(rejection);
    CHECK(rejection->cause == Cause::invalid_avp_bits);
}

TEST_CASE("A wrong length is refused and everything before it can be answered to") {
    const auto short_number = make_avp(avp_id::ue_srvcc_capability, OctetView(OctetString{1, 2, 3}));
    const auto as_sent = encode_avp(avp_id::ue_srvcc_capability, avp_flag::mandatory, OctetString{1, 2, 3});
    refused(ulr_with(short_number), Cause::invalid_avp_length, as_sent);

    for (const auto length : OctetString{0, 1, 7, 11, 200}) {
        auto broken = make_avp(avp_id::ue_srvcc_capability, 0U);
        broken[7] = length;
        auto message = Message::parse(ulr_with(broken));
        REQUIRE(message);
        const auto rejection = message->check(loaded_dictionary());
        REQUIRE(rejection);
        CHECK(rejection->cause == Cause::invalid_avp_length);
        CHECK(to_hex(rejection->failed_avp) ==
              "0000064f"
              "c0000010"
              "000028af"
              "00000000");
        CHECK(message->find(avp_id::session_id)->text() == "mme.example;1;2");
    }
    const auto stub = ulr_with(OctetString{0, 0, 1, 8});
    REQUIRE(judge(stub));
    CHECK(judge(stub)->cause == Cause::invalid_avp_length);
}

TEST_CASE("A broken list inside a group is refused") {
    auto inner = make_avp(avp_id::imei, "12345678901234");
    inner[7] = 0xf0;
    const auto rejection = judge(ulr_with(make_avp(avp_id::terminal_information, OctetView(inner))));
    REQUIRE(rejection);
    CHECK(rejection->cause == Cause::invalid_avp_length);
}

TEST_CASE("Nesting and number of AVPs are limited") {
    CHECK(judge(ulr_with(nested(limits::avp_depth_max)))->cause == Cause::unable_to_comply);
    CHECK(judge(ulr_with(nested(2'000)))->cause == Cause::unable_to_comply);
    OctetString many;
    const auto one = make_avp({9'999, 1}, {}, 0);
    for (std::size_t i = 0; i <= limits::avp_count_max; ++i) many.insert(many.end(), one.begin(), one.end());
    CHECK(judge(ulr_with(many))->cause == Cause::unable_to_comply);
    CHECK_FALSE(judge(ulr_with(OctetString(many.begin(), many.begin() + 500 * one.size()))));
}

TEST_CASE("Identities and Session-Id hold no control characters") {
    const std::string nul("mme\0example", 11);
    const auto with_session = [](std::string_view session) {
        return ulr_frame(
            concat({make_avp(avp_id::session_id, session), make_avp(avp_id::auth_session_state, 1U),
                    make_avp(avp_id::origin_host, "mme.example"), make_avp(avp_id::origin_realm, "example"),
                    make_avp(avp_id::destination_realm, "example"), user(), ulr_tail()}));
    };
    CHECK_FALSE(judge(with_session("a;1;2")));
    refused(with_session(nul), Cause::invalid_avp_value, unpadded(avp_id::session_id, nul));
    refused(with_session(""), Cause::invalid_avp_value, unpadded(avp_id::session_id, ""));
    refused(ulr_with(make_avp(avp_id::destination_host, nul)), Cause::invalid_avp_value,
            unpadded(avp_id::destination_host, nul));
    refused(ulr_with(make_avp(avp_id::destination_host, std::string(256, 'a'))), Cause::invalid_avp_value,
            unpadded(avp_id::destination_host, std::string(256, 'a')));
}

TEST_CASE("Failed-AVP is bounded whatever the request holds") {
    const auto rejection = judge(ulr_with(make_avp(avp_id::destination_host, std::string(20'000, '\n'))));
    REQUIRE(rejection);
    CHECK(rejection->failed_avp.size() == 8 + limits::failed_avp_octets_max);
    CHECK(AvpCursor(rejection->failed_avp).next());
}

TEST_CASE("Commands and applications that are not ours have their own answers") {
    CHECK(judge(frame(0xc0, 999, application_s6a, request_head()))->cause == Cause::command_unsupported);
    CHECK(judge(frame(0xc0, 257, application_s6a, request_head()))->cause == Cause::command_unsupported);
    CHECK(judge(frame(0xc0, 272, 4, request_head()))->cause == Cause::application_unsupported);
    CHECK(judge(frame(0xc0, 318, 0, request_head()))->cause == Cause::command_unsupported);
}

TEST_CASE("Every S6a and S13 command is known, as request and as answer") {
    for (std::uint32_t code = 316; code <= 323; ++code) {
        CHECK(loaded_dictionary().command(application_s6a, code, true));
        CHECK(loaded_dictionary().command(application_s6a, code, false));
    }
    CHECK(loaded_dictionary().command(16'777'252, 324, true));
    CHECK_THROWS_WITH(diameter_dict::Dictionary(), Catch::Contains("only one"));
}

TEST_CASE("An answer takes over the ids, code, application and P of its request") {
    auto request = Message::parse(ulr_with({}));
    const auto answer = Message::answer(loaded_dictionary(), request->header());
    const auto header = answer.header();
    CHECK(header.flags == Header::flag_proxiable);
    CHECK(header.command_code == 316);
    CHECK(header.application_id == application_s6a);
    CHECK(header.end_to_end == 0x0a0b0c0d);
}

TEST_CASE("Proxy-Info goes into an answer as it came, unknown AVPs inside included") {
    const auto proxy_info =
        make_avp(avp_id::proxy_info,
                 OctetView(concat({make_avp(avp_id::proxy_host, "relay.example"),
                                   make_avp(avp_id::proxy_state, "st"), make_avp({888, 4444}, "?")})));
    auto request = Message::parse(ulr_with(proxy_info));
    const auto received = request->encoded(avp_id::proxy_info);
    REQUIRE(received.size() == 1);
    auto answer = Message::answer(loaded_dictionary(), request->header());
    answer.add_raw(received[0]);
    const auto octets = answer.serialise();
    CHECK(to_hex(OctetView(octets).subspan(header_octets)) == to_hex(proxy_info));
}

TEST_CASE("A rejection becomes result, text and Failed-AVP, and is read back") {
    auto request = Message::parse(ulr_frame(concat({request_head(), ulr_tail()})));
    const auto rejection = request->check(loaded_dictionary());
    auto answer = Message::answer(loaded_dictionary(), request->header());
    answer.add(avp_id::session_id, request->find(avp_id::session_id)->text());
    answer.add(avp_id::auth_session_state, 1U);
    answer.add(avp_id::origin_host, std::string_view("hss.example"));
    answer.add(avp_id::origin_realm, std::string_view("example"));
    encode(*rejection, answer);
    auto received = Message::parse(answer.serialise());
    REQUIRE_FALSE(received->check(loaded_dictionary()));
    CHECK(received->find(avp_id::result_code)->u32() == 5005);
    CHECK_FALSE(received->header().is_error());
    CHECK(received->encoded(avp_id::failed_avp).size() == 1);
    const auto failure = failure_of(*received);
    REQUIRE(failure);
    CHECK(failure->cause == Cause::missing_avp);
    CHECK(failure->detail == "User-Name is missing");
}

TEST_CASE("Failed-AVP with broken contents does not make an answer unreadable") {
    const auto octets =
        frame(0x40, 317, application_s6a,
              concat({make_avp(avp_id::session_id, "a;1;2"), make_avp(avp_id::result_code, 5004U),
                      make_avp(avp_id::auth_session_state, 1U), make_avp(avp_id::origin_host, "mme.example"),
                      make_avp(avp_id::origin_realm, "example"),
                      make_avp(avp_id::failed_avp, OctetView(OctetString{1, 2, 3, 4, 5}))}));
    auto answer = Message::parse(octets);
    CHECK_FALSE(answer->check(loaded_dictionary()));
    CHECK(to_hex(answer->serialise()) == to_hex(octets));
}

TEST_CASE("An error answer is held to the rules of the answer-message alone") {
    const auto octets =
        frame(0x20, 316, application_s6a,
              concat({make_avp(avp_id::session_id, "a;1;2"), make_avp(avp_id::origin_host, "relay.example"),
                      make_avp(avp_id::origin_realm, "example"), make_avp(avp_id::result_code, 3002U)}));
    auto answer = Message::parse(octets);
    CHECK_FALSE(answer->check(loaded_dictionary()));
    CHECK(failure_of(*answer)->cause == Cause::unable_to_deliver);
}
