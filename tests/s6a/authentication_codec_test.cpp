// SPDX-License-Identifier: Apache-2.0
// Authentication-Information with all kinds of vectors (TS 29.272 7.2.5, 7.2.6, 7.3.18 to 7.3.20).
#include <catch2/catch.hpp>

#include "diameter/s6a_codec.h"
#include "s6a/received.h"
#include "s6a/wire_builder.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

template <class T, std::size_t N = T::size>
T of(std::string_view hex) {
    return T{octets_from_hex<N>(hex).value()};
}

const std::string rand_hex = "23553cbe9637a89d218ae64dae47bf35";
const std::string autn_hex = "55f328b4357700004a9ffac354dfafb3";
const std::string ck_hex = "b40ba9a3c58b2a05bbf0d987b21bf8cb";
const std::string ik_hex = "f769bcd751044604127672711c6d3441";

s6a::EutranVector eutran_vector(std::uint32_t item) {
    return {item, of<Rand>(rand_hex), Res(*octets_from_hex<8>("a54211d5e3ba50bf")), of<Autn>(autn_hex),
            Kasme()};
}

s6a::UtranVector utran_vector(std::uint32_t item, std::string_view xres = "a54211d5e3ba50bf") {
    return {item,
            of<Rand>(rand_hex),
            Res::from(from_hex(xres).value()).value(),
            of<Autn>(autn_hex),
            of<CipherKey>(ck_hex),
            of<IntegrityKey>(ik_hex)};
}

s6a::GeranVector geran_vector(std::uint32_t item) {
    return {item, of<Rand>(rand_hex), of<Sres>("46f8416a"), of<Kc>("eae4be823af9a08b")};
}

Message answer_head() {
    Header header;
    header.flags = 0xc0;
    header.command_code = command_authentication_information;
    header.application_id = application_s6a;
    auto answer = Message::answer(loaded_dictionary(), header);
    answer.add(avp_id::session_id, std::string_view("sgsn.example;1;2"));
    answer.add(avp_id::auth_session_state, 1U);
    answer.add(avp_id::origin_host, std::string_view("hss.example"));
    answer.add(avp_id::origin_realm, std::string_view("example"));
    return answer;
}

OctetString encoded(const s6a::AuthenticationInformationAnswer& answer) {
    auto message = answer_head();
    encode(s6a::Answer(answer), message);
    return message.serialise();
}

s6a::AuthenticationInformationAnswer round_trip(const s6a::AuthenticationInformationAnswer& answer) {
    auto decoded = decode_authentication_information_answer(received(encoded(answer)));
    REQUIRE(decoded.has_value());
    return std::move(*decoded);
}

}  // namespace

TEST_CASE("UTRAN-Vector and GERAN-Vector have the octets of 7.3.19 and 7.3.20", "[codec][air]") {
    s6a::AuthenticationInformationAnswer answer;
    answer.utran_vectors = {utran_vector(1)};
    answer.geran_vectors = {geran_vector(1)};
    const auto head = [](const std::string& code_flags_length) { return code_flags_length + "000028af"; };
    const auto expected = head("00000585c00000e8") +                       // Authentication-Info
                          head("00000587c0000090") +                       // UTRAN-Vector
                          head("000005a7c000001c") + rand_hex +            // RAND
                          head("000005a8c0000014") + "a54211d5e3ba50bf" +  // XRES
                          head("000005a9c000001c") + autn_hex +            // AUTN
                          head("00000271c000001c") + ck_hex +              // Confidentiality-Key
                          head("00000272c000001c") + ik_hex +              // Integrity-Key
                          head("00000588c000004c") +                       // GERAN-Vector
                          head("000005a7c000001c") + rand_hex +            // RAND
                          head("000005aec0000010") + "46f8416a" +          // SRES
                          head("000005adc0000014") + "eae4be823af9a08b";   // Kc
    CHECK(to_hex(encoded(answer)).find(expected) != std::string::npos);
}

TEST_CASE("AIA round trip with quintuplets, RES of every length", "[codec][air]") {
    const std::string res = "000102030405060708090a0b0c0d0e0f";
    for (std::size_t octets = Res::size_min; octets <= Res::size_max; ++octets) {
        s6a::AuthenticationInformationAnswer answer;
        answer.utran_vectors = {utran_vector(1, res.substr(0, 2 * octets))};
        const auto decoded = round_trip(answer);
        REQUIRE(decoded.utran_vectors.size() == 1);
        CHECK(decoded.utran_vectors[0].xres == answer.utran_vectors[0].xres);
        CHECK(decoded.utran_vectors[0].confidentiality_key == answer.utran_vectors[0].confidentiality_key);
        CHECK(decoded.utran_vectors[0].integrity_key == answer.utran_vectors[0].integrity_key);
        CHECK(decoded.utran_vectors[0].autn == answer.utran_vectors[0].autn);
    }
}

TEST_CASE("AIA round trip with all kinds of vectors, each kind numbered by itself", "[codec][air]") {
    s6a::AuthenticationInformationAnswer answer;
    answer.eutran_vectors = {eutran_vector(1), eutran_vector(2)};
    answer.utran_vectors = {utran_vector(1)};
    answer.geran_vectors = {geran_vector(1), geran_vector(2), geran_vector(3)};
    answer.ue_usage_type = 7;
    const auto decoded = round_trip(answer);
    REQUIRE(decoded.eutran_vectors.size() == 2);
    CHECK(decoded.eutran_vectors[1].item_number == 2);
    REQUIRE(decoded.utran_vectors.size() == 1);
    REQUIRE(decoded.geran_vectors.size() == 3);
    CHECK(decoded.geran_vectors[2].item_number == 3);
    CHECK(decoded.geran_vectors[2].sres == of<Sres>("46f8416a"));
    CHECK(decoded.geran_vectors[2].kc == of<Kc>("eae4be823af9a08b"));
    CHECK(decoded.ue_usage_type == 7U);

    const auto message = received(encoded(answer));
    const auto info = message.find(avp_id::authentication_info);
    CHECK(info->find(avp_id::eutran_vector)->find(avp_id::item_number));
    CHECK_FALSE(info->find(avp_id::utran_vector)->find(avp_id::item_number));
}

TEST_CASE("UE-Usage-Type may come without vectors", "[codec][air]") {
    s6a::AuthenticationInformationAnswer answer;
    answer.ue_usage_type = 255;
    const auto message = received(encoded(answer));
    CHECK_FALSE(message.find(avp_id::authentication_info));
    CHECK(round_trip(answer).ue_usage_type == 255U);
}

TEST_CASE("A quintuplet or triplet with a value of the wrong length is told", "[codec][air]") {
    struct Kind {
        AvpId vector;
        std::vector<AvpId> values;
        std::string told;
    };
    const std::vector<Kind> kinds{
        {avp_id::utran_vector,
         {avp_id::rand, avp_id::xres, avp_id::autn, avp_id::confidentiality_key, avp_id::integrity_key},
         "a UTRAN-Vector with a value of the wrong length"},
        {avp_id::geran_vector,
         {avp_id::rand, avp_id::sres, avp_id::kc},
         "a GERAN-Vector with a value of the wrong length"},
    };
    for (const auto& kind : kinds) {
        auto answer = answer_head();
        encode_success(answer);
        answer.add_group(avp_id::authentication_info, [&](Message::Group& info) {
            info.add_group(kind.vector, [&](Message::Group& vector) {
                for (const auto id : kind.values) vector.add(id, OctetView(OctetString(5)));
            });
        });
        const auto decoded = decode_authentication_information_answer(received(answer.serialise()));
        REQUIRE_FALSE(decoded.has_value());
        CHECK(decoded.error().cause == Cause::invalid_avp_value);
        CHECK(decoded.error().detail == kind.told);
    }
}

TEST_CASE("AIR round trip of an SGSN that asks for the usage type", "[codec][air]") {
    s6a::AuthenticationInformationRequest request{
        *Imsi::parse("001010123456789"), {"sgsn.example", "example"}, *Plmn::parse("00101"), {}, {}};
    request.utran_geran.emplace();
    request.utran_geran->number_of_requested_vectors = 4;
    request.utran_geran->re_synchronization_info = ReSynchronizationInfo{of<Rand>(rand_hex), Auts{}};
    request.send_ue_usage_type = true;
    auto message = Message::request(loaded_dictionary(), command_authentication_information, application_s6a);
    message.add(avp_id::session_id, std::string_view("sgsn.example;1;2"));
    message.add(avp_id::auth_session_state, 1U);
    message.add(avp_id::origin_host, std::string_view("sgsn.example"));
    message.add(avp_id::origin_realm, std::string_view("example"));
    message.add(avp_id::destination_realm, std::string_view("example"));
    encode(request, message);
    const auto decoded = decode_authentication_information(received(message.serialise()));
    const auto& air = std::get<s6a::AuthenticationInformationRequest>(decoded);
    CHECK_FALSE(air.eutran);
    REQUIRE(air.utran_geran);
    CHECK(air.utran_geran->number_of_requested_vectors == 4);
    CHECK_FALSE(air.utran_geran->immediate_response_preferred);
    CHECK(air.utran_geran->re_synchronization_info->rand == of<Rand>(rand_hex));
    CHECK(air.send_ue_usage_type);
}
