// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>

#include "diameter/s6a_codec.h"
#include "s6a/received.h"
#include "s6a/wire_builder.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

/// A file of hexadecimal in lines. The files were written by hand from TS 29.272 and agree with what
/// Wireshark reads.
OctetString golden(const std::string& name) {
    std::ifstream file(std::string(BINDHSS_GOLDEN) + "/" + name);
    std::string hex;
    for (std::string line; std::getline(file, line);) hex += line;
    return from_hex(hex).value();
}

Message answer_head(std::uint32_t code) {
    Header header;
    header.flags = 0xc0;
    header.command_code = code;
    header.application_id = application_s6a;
    header.hop_by_hop = 0x01020304;
    header.end_to_end = 0x0a0b0c0d;
    auto answer = Message::answer(loaded_dictionary(), header);
    answer.add(avp_id::session_id, std::string_view("mme.example;1;2"));
    answer.add_group(avp_id::vendor_specific_application_id, [](Message::Group& group) {
        group.add(avp_id::vendor_id, vendor_3gpp);
        group.add(avp_id::auth_application_id, application_s6a);
    });
    answer.add(avp_id::auth_session_state, 1U);
    answer.add(avp_id::origin_host, std::string_view("hss.example"));
    answer.add(avp_id::origin_realm, std::string_view("example"));
    return answer;
}

Message mme_request(std::uint32_t code) {
    auto request = Message::request(loaded_dictionary(), code, application_s6a);
    request.add(avp_id::session_id, std::string_view("mme.example;1;2"));
    request.add(avp_id::auth_session_state, 1U);
    request.add(avp_id::origin_host, std::string_view("mme.example"));
    request.add(avp_id::origin_realm, std::string_view("example"));
    request.add(avp_id::destination_host, std::string_view("hss.example"));
    request.add(avp_id::destination_realm, std::string_view("example"));
    return request;
}

template <class T>
T value_of(Decoded<T> decoded) {
    REQUIRE(std::holds_alternative<T>(decoded));
    return std::get<T>(decoded);
}

template <class T>
void refused(const Decoded<T>& decoded, Cause cause, const OctetString& failed_avp) {
    REQUIRE(std::holds_alternative<Rejection>(decoded));
    CHECK(std::get<Rejection>(decoded).cause == cause);
    CHECK(to_hex(std::get<Rejection>(decoded).failed_avp) == to_hex(failed_avp));
}

Imsi imsi() {
    return *Imsi::parse("001010123456789");
}
Plmn plmn() {
    return *Plmn::parse("00101");
}

s6a::EutranVector a_vector(std::uint32_t item) {
    Octets<32> kasme;
    for (std::size_t i = 0; i < kasme.size(); ++i) kasme[i] = static_cast<std::uint8_t>(0x40 + i);
    return {item, Rand{*octets_from_hex<16>("23553cbe9637a89d218ae64dae47bf35")},
            Res(*octets_from_hex<8>("a54211d5e3ba50bf")),
            Autn{*octets_from_hex<16>("55f328b43577b9b94a9ffac354dfafb3")}, Kasme(kasme)};
}

SubscriptionData a_subscription() {
    SubscriptionData data;
    data.subscriber_status = SubscriberStatus::service_granted;
    data.network_access_mode = NetworkAccessMode::only_packet;
    data.msisdn = "4917613012345";
    data.access_restriction_data = access_restriction::geran | access_restriction::nb_iot;
    data.charging_characteristics = "0800";
    data.ambr = Ambr{50'000'000, 100'000'000};
    data.subscribed_rau_tau_timer_s = 3240;
    ApnConfiguration internet;
    internet.service_selection = "internet";
    internet.pdn_type = PdnType::ipv4v6;
    ApnConfiguration ims;
    ims.context_identifier = 2;
    ims.service_selection = "ims";
    ims.qci = 5;
    ims.arp = {3, true, false};
    ims.ambr = Ambr{1'000'000, 2'000'000};
    data.apn_configuration_profile.emplace().apns = {internet, ims};
    return data;
}

OctetString air_with(const OctetString& requested) {
    return air_frame(concat({request_head(), user(), requested,
                             make_avp(avp_id::visited_plmn_id, OctetView(OctetString{0x00, 0xf1, 0x10}))}));
}

}  // namespace

TEST_CASE("AIA has the octets that Wireshark reads as TS 29.272 7.2.6") {
    auto answer = answer_head(command_authentication_information);
    encode(s6a::Answer(s6a::AuthenticationInformationAnswer{{a_vector(1)}}), answer);
    CHECK(to_hex(answer.serialise()) == to_hex(golden("authentication_information_answer.hex")));
}

TEST_CASE("ULA has the octets that Wireshark reads as TS 29.272 7.2.4") {
    auto answer = answer_head(command_update_location);
    encode(s6a::Answer(s6a::UpdateLocationAnswer{a_subscription()}), answer);
    CHECK(to_hex(answer.serialise()) == to_hex(golden("update_location_answer.hex")));
}

TEST_CASE("AIA round trip: several vectors are numbered, one is not") {
    auto answer = answer_head(command_authentication_information);
    encode(s6a::Answer(s6a::AuthenticationInformationAnswer{{a_vector(1), a_vector(2)}}), answer);
    const auto decoded = decode_authentication_information_answer(received(answer.serialise()));
    REQUIRE(decoded.has_value());
    REQUIRE(decoded->eutran_vectors.size() == 2);
    CHECK(decoded->eutran_vectors[1].item_number == 2);
    CHECK(decoded->eutran_vectors[1].kasme == a_vector(2).kasme);
    CHECK(decoded->eutran_vectors[0].rand == a_vector(1).rand);

    auto message = received(golden("authentication_information_answer.hex"));
    CHECK_FALSE(
        message.find(avp_id::authentication_info)->find(avp_id::eutran_vector)->find(avp_id::item_number));
}

TEST_CASE("AIA without vectors has no Authentication-Info") {
    auto answer = answer_head(command_authentication_information);
    encode(s6a::Answer(s6a::AuthenticationInformationAnswer{}), answer);
    CHECK_FALSE(received(answer.serialise()).find(avp_id::authentication_info));
}

TEST_CASE("A vector with a value of the wrong length is no vector") {
    auto answer = answer_head(command_authentication_information);
    encode_success(answer);
    answer.add_group(avp_id::authentication_info, [](Message::Group& info) {
        info.add_group(avp_id::eutran_vector, [](Message::Group& vector) {
            for (const auto id : {avp_id::rand, avp_id::xres, avp_id::autn, avp_id::kasme}) {
                vector.add(id, OctetView(OctetString(5)));
            }
        });
    });
    CHECK(decode_authentication_information_answer(received(answer.serialise())).error().cause ==
          Cause::invalid_avp_value);
}

TEST_CASE("ULA round trip keeps the subscription") {
    const auto decoded = decode_update_location_answer(received(golden("update_location_answer.hex")));
    REQUIRE(decoded.has_value());
    REQUIRE(decoded->subscription_data);
    CHECK(*decoded->subscription_data == a_subscription());
}

TEST_CASE("ULA for a barred subscription says so in Subscriber-Status") {
    auto data = a_subscription();
    data.subscriber_status = SubscriberStatus::operator_determined_barring;
    data.operator_determined_barring = operator_determined_barring::all_packet_services;
    auto answer = answer_head(command_update_location);
    encode(s6a::Answer(s6a::UpdateLocationAnswer{data}), answer);
    auto message = received(answer.serialise());
    CHECK(message.find(avp_id::subscription_data)->find(avp_id::subscriber_status)->u32() == 1);
    CHECK(*decode_update_location_answer(message)->subscription_data == data);
}

TEST_CASE("ULA leaves out what the subscription has not, and Subscription-Data when it was skipped") {
    SubscriptionData data;
    data.apn_configuration_profile.emplace().apns.emplace_back();
    auto answer = answer_head(command_update_location);
    encode(s6a::Answer(s6a::UpdateLocationAnswer{data}), answer);
    auto message = received(answer.serialise());
    const auto group = message.find(avp_id::subscription_data);
    for (const auto id :
         {avp_id::msisdn, avp_id::operator_determined_barring, avp_id::access_restriction_data,
          avp_id::charging_characteristics, avp_id::subscribed_periodic_rau_tau_timer}) {
        CHECK_FALSE(group->find(id));
    }
    auto skipped = answer_head(command_update_location);
    encode(s6a::Answer(s6a::UpdateLocationAnswer{}), skipped);
    auto short_answer = received(skipped.serialise());
    CHECK(short_answer.find(avp_id::ula_flags)->u32() == 1);
    CHECK_FALSE(short_answer.find(avp_id::subscription_data));
}

TEST_CASE("AIR round trip") {
    OctetString resync(30);
    std::generate(resync.begin(), resync.end(), [n = std::uint8_t{0}]() mutable { return n++; });
    s6a::AuthenticationInformationRequest request{imsi(), {"mme.example", "example"}, plmn(), {}, {}};
    request.eutran.emplace();
    request.eutran->number_of_requested_vectors = 3;
    request.eutran->immediate_response_preferred = true;
    request.eutran->re_synchronization_info = ReSynchronizationInfo::from(resync);
    auto message = mme_request(command_authentication_information);
    encode(request, message);
    const auto decoded = value_of(decode_authentication_information(received(message.serialise())));
    CHECK(decoded.imsi == imsi());
    CHECK(decoded.origin == request.origin);
    CHECK(decoded.visited_plmn == plmn());
    CHECK(decoded.eutran->number_of_requested_vectors == 3);
    CHECK(decoded.eutran->immediate_response_preferred);
    CHECK(decoded.eutran->re_synchronization_info->rand.octets[15] == 15);
    CHECK(decoded.eutran->re_synchronization_info->auts.octets[0] == 16);
    CHECK_FALSE(decoded.utran_geran);
}

TEST_CASE("AIR as Open5GS sends it") {
    const auto requested = make_avp(avp_id::requested_eutran_authentication_info,
                                    OctetView(concat({make_avp(avp_id::number_of_requested_vectors, 1U),
                                                      make_avp(avp_id::immediate_response_preferred, 1U)})));
    const auto vsai = make_avp(avp_id::vendor_specific_application_id,
                               OctetView(concat({make_avp(avp_id::vendor_id, vendor_3gpp),
                                                 make_avp(avp_id::auth_application_id, application_s6a)})));
    const auto decoded = value_of(decode_request(received(air_with(concat({requested, vsai})))));
    const auto& air = std::get<s6a::AuthenticationInformationRequest>(decoded);
    CHECK(air.eutran->number_of_requested_vectors == 1);
    CHECK(air.eutran->immediate_response_preferred);
    CHECK_FALSE(air.eutran->re_synchronization_info);
}

TEST_CASE("A broken IMSI, PLMN or Re-Synchronization-Info is given back as an invalid value") {
    const auto bad_user =
        air_frame(concat({request_head(), make_avp(avp_id::user_name, "0010101234567A9"),
                          make_avp(avp_id::visited_plmn_id, OctetView(OctetString{0x00, 0xf1, 0x10}))}));
    refused(decode_request(received(bad_user)), Cause::invalid_avp_value,
            encode_avp(avp_id::user_name, avp_flag::mandatory, as_octets("0010101234567A9")));

    for (const OctetString& octets :
         {OctetString{0xff, 0xff, 0xff}, OctetString{0x00, 0xf1}, OctetString{}}) {
        const auto bad_plmn =
            air_frame(concat({request_head(), user(), make_avp(avp_id::visited_plmn_id, OctetView(octets))}));
        refused(decode_request(received(bad_plmn)), Cause::invalid_avp_value,
                encode_avp(avp_id::visited_plmn_id, avp_flag::mandatory, octets));
    }
    for (const std::size_t size : {0, 14, 29, 31}) {
        const OctetString octets(size);
        const auto info = make_avp(avp_id::re_synchronization_info, OctetView(octets));
        refused(decode_request(received(
                    air_with(make_avp(avp_id::requested_eutran_authentication_info, OctetView(info))))),
                Cause::invalid_avp_value,
                encode_avp(avp_id::re_synchronization_info, avp_flag::mandatory, octets));
    }
}

TEST_CASE("ULR round trip") {
    s6a::UpdateLocationRequest request{imsi(), {"mme.example", "example"}, plmn()};
    request.rat_type = s6a::RatType::eutran_nb_iot;
    request.flags.initial_attach_indicator = true;
    request.flags.skip_subscriber_data = true;
    request.terminal_information = TerminalInformation::normalise("35824005111111", "02");
    request.ue_srvcc_capability = 0;
    auto message = mme_request(command_update_location);
    encode(request, message);
    const auto decoded = value_of(decode_update_location(received(message.serialise())));
    CHECK(decoded.rat_type == s6a::RatType::eutran_nb_iot);
    CHECK(decoded.flags.initial_attach_indicator);
    CHECK(decoded.flags.skip_subscriber_data);
    CHECK(decoded.flags.s6a_indicator);
    CHECK_FALSE(decoded.flags.node_type_indicator);
    CHECK(decoded.terminal_information == request.terminal_information);
    CHECK(decoded.ue_srvcc_capability == 0U);
}

TEST_CASE("ULR flags outside the table are discarded") {
    const auto octets = ulr_frame(concat(
        {request_head(), user(), make_avp(avp_id::rat_type, 1004U), make_avp(avp_id::ulr_flags, 0xffff'ffc2U),
         make_avp(avp_id::visited_plmn_id, OctetView(OctetString{0x00, 0xf1, 0x10}))}));
    const auto decoded = value_of(decode_update_location(received(octets)));
    CHECK(decoded.flags.s6a_indicator);
    CHECK_FALSE(decoded.flags.initial_attach_indicator);
}

TEST_CASE("Terminal-Information may be absent, empty, partial or wrong") {
    const auto terminal_of = [](const OctetString& extra) {
        return value_of(decode_update_location(received(ulr_with(extra)))).terminal_information;
    };
    const auto group = [](const OctetString& children) {
        return make_avp(avp_id::terminal_information, OctetView(children));
    };
    CHECK_FALSE(terminal_of({}));
    CHECK(terminal_of(group({})) == TerminalInformation{});
    CHECK(terminal_of(group(make_avp(avp_id::imei, ""))) == TerminalInformation{});
    CHECK(terminal_of(group(make_avp(avp_id::software_version, "07")))->svn == "07");
    CHECK(terminal_of(group(make_avp(avp_id::imei, "35824005111111")))->imei->str() == "35824005111111");
    CHECK(terminal_of(group(make_avp(avp_id::imei, "3582400511111107")))->svn == "07");
    CHECK(terminal_of(group(make_avp(avp_id::imei, "not digits")))->imei_invalid);
    CHECK(terminal_of(group(make_avp(avp_id::imei, std::string_view("\0\xff", 2))))->imei_invalid);
}

TEST_CASE("CLR round trip, and a Cancellation-Type outside the table") {
    s6a::CancelLocationRequest request{imsi(), {"hss.example", "example"}};
    request.cancellation_type = s6a::CancellationType::subscription_withdrawal;
    request.reattach_required = true;
    auto message = mme_request(command_cancel_location);
    encode(request, message);
    const auto decoded = value_of(decode_cancel_location(received(message.serialise())));
    CHECK(decoded.imsi == imsi());
    CHECK(decoded.destination == request.destination);
    CHECK(decoded.cancellation_type == s6a::CancellationType::subscription_withdrawal);
    CHECK(decoded.s6a_indicator);
    CHECK(decoded.reattach_required);

    const auto wrong = make_avp(avp_id::cancellation_type, 7U);
    const auto octets =
        frame(0xc0, command_cancel_location, application_s6a,
              concat({request_head(), make_avp(avp_id::destination_host, "mme.example"), user(), wrong}));
    refused(decode_cancel_location(received(octets)), Cause::invalid_avp_value, wrong);
}

TEST_CASE("Every cause comes back from an answer as itself, experimental ones without Result-Code") {
    for (int i = 0; i <= static_cast<int>(Cause::invalid_avp_bits); ++i) {
        const auto cause = static_cast<Cause>(i);
        const auto code = result_code(cause);
        CAPTURE(code.name);
        auto answer = answer_head(command_update_location);
        encode(fail(cause, "why"), answer);
        auto message = Message::parse(answer.serialise());
        REQUIRE(message);
        const auto rejection = message->check(loaded_dictionary());
        CHECK_FALSE(rejection);
        CHECK(message->find(avp_id::result_code).has_value() != code.experimental);
        CHECK(message->header().is_error() == code.protocol_error);
        const auto decoded = decode_update_location_answer(*message);
        REQUIRE_FALSE(decoded.has_value());
        CHECK(decoded.error().cause == cause);
        CHECK(decoded.error().detail == "why");
    }
}

TEST_CASE(
    "A result outside the table is unable_to_comply with the number, and text of a peer is made readable") {
    auto answer = answer_head(command_cancel_location);
    answer.add(avp_id::result_code, 5999U);
    answer.add(avp_id::error_message, std::string_view("a\nb\x1b[31m"));
    const auto decoded = decode_cancel_location_answer(received(answer.serialise()));
    CHECK(decoded.error().cause == Cause::unable_to_comply);
    CHECK(decoded.error().detail == "result 5999: a?b?[31m");
    CHECK(decode_cancel_location_answer(received(answer_head(command_cancel_location).serialise()))
              .error()
              .cause == Cause::unable_to_comply);
}

TEST_CASE("Commands that an HSS does not serve are refused by the switch") {
    const auto octets = frame(0xc0, 317, application_s6a,
                              concat({request_head(), make_avp(avp_id::destination_host, "hss.example"),
                                      user(), make_avp(avp_id::cancellation_type, 2U)}));
    refused(decode_request(received(octets)), Cause::command_unsupported, {});
}
