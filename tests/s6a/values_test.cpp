// SPDX-License-Identifier: Apache-2.0
// Values that peers send and that are not as they should be: left out, or refused, as each command has it.
#include <catch2/catch.hpp>

#include "diameter/gateway_codec.h"
#include "diameter/outstanding.h"
#include "diameter/tbcd.h"
#include "s6a/samples.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;
using namespace std::chrono_literals;

namespace {

const ServingNode mme{"mme.example", "example"};
const ServingNode hss{"hss.example", "example"};

OctetString octets(std::string_view hex) {
    return from_hex(hex).value();
}

Message received(const Message& sent) {
    auto message = Message::parse(sent.serialise());
    REQUIRE(message);
    REQUIRE_FALSE(message->check(loaded_dictionary()));
    return std::move(*message);
}

class CountingWaiter final : public Waiter {
  public:
    explicit CountingWaiter(int& count) : count_(count) {}
    void complete(Result<Message>) override { ++count_; }

  private:
    int& count_;
};

}  // namespace

TEST_CASE("An Address is IPv4 or IPv6 of the right length, or none") {
    CHECK(decode_address(octets("0001c0000201")) == "192.0.2.1");
    CHECK(decode_address(octets("000220010db8000000000000000000000001")) == "2001:db8::1");
    for (const auto* wrong : {"", "00", "0001", "0001c00002", "0001c000020100", "0002c0000201",
                              "0101c0000201", "0008343931373631"}) {
        CAPTURE(wrong);
        CHECK_FALSE(decode_address(octets(wrong)));
    }
    CHECK(to_hex(encode_address("192.0.2.1")) == "0001c0000201");
    CHECK(encode_address("pgw.example").empty());
    CHECK(encode_address(std::string("192.0.2.1\0x", 11)).empty());
}

TEST_CASE("A number is written low half first, with F at the end of an odd one") {
    CHECK(to_hex(to_tbcd("49176")) == "9471f6");
    CHECK(from_tbcd(octets("9471f6")) == "49176");
    CHECK(from_tbcd(octets("a9b1ff")) == "91");
    CHECK(to_tbcd("").empty());
}

TEST_CASE("A purge counts even when the location that comes with it cannot be") {
    auto request = request_of(command_purge_ue, mme, hss);
    request.add(avp_id::user_name, std::string_view("001010123456789"));
    request.add_group(avp_id::eps_location_information, [](Message::Group& group) {
        group.add_group(avp_id::mme_location_information, [](Message::Group& location) {
            location.add(avp_id::e_utran_cell_global_identity, OctetView(OctetString(6)));
            location.add(avp_id::tracking_area_identity, OctetView(OctetString(5)));
            location.add(avp_id::age_of_location_information, 0xffff'ffffU);
            location.add(avp_id::current_location_retrieved, 1U);
        });
    });
    const auto decoded = decode_purge_ue(received(request));
    REQUIRE(std::holds_alternative<s6a::PurgeUeRequest>(decoded));
    const auto& location = *std::get<s6a::PurgeUeRequest>(decoded).location->mme;
    CHECK(location.cell_global_identity.empty());
    CHECK(location.tracking_area_identity.size() == 5);
    CHECK(location.age_minutes == 32'767U);
    CHECK_FALSE(location.current_location_retrieved);
}

TEST_CASE("A reset is for leading digits of IMSIs, and for nothing else") {
    for (const std::string_view wrong : {"", "00101x", "0010101234567890"}) {
        CAPTURE(wrong);
        auto request = request_of(command_reset, hss, mme);
        request.add(avp_id::user_id, std::string_view("00101"));
        request.add(avp_id::user_id, wrong);
        const auto decoded = decode_reset(received(request));
        REQUIRE(std::holds_alternative<Rejection>(decoded));
        CHECK(std::get<Rejection>(decoded).cause == Cause::invalid_avp_value);
    }
}

TEST_CASE("An equipment check with a broken IMSI is refused, with a broken IMEI it is for the procedure") {
    auto request = request_of(command_me_identity_check, mme, hss);
    request.add_group(avp_id::terminal_information,
                      [](Message::Group& group) { group.add(avp_id::imei, std::string_view("12")); });
    const auto decoded = decode_me_identity_check(received(request));
    REQUIRE(std::holds_alternative<s6a::MeIdentityCheckRequest>(decoded));
    CHECK(std::get<s6a::MeIdentityCheckRequest>(decoded).terminal_information.imei_invalid);
    request.add(avp_id::user_name, std::string_view("12"));
    CHECK(std::get<Rejection>(decode_me_identity_check(received(request))).cause == Cause::invalid_avp_value);
}

TEST_CASE("Answers that say nothing of use are failures, and states outside the table are none") {
    auto eca = answer_of(command_me_identity_check, hss);
    encode_success(eca);
    CHECK(decode_me_identity_check_answer(received(eca)).error().cause == Cause::invalid_avp_value);
    eca.add(avp_id::equipment_status, 3U);
    CHECK(decode_me_identity_check_answer(received(eca)).error().cause == Cause::invalid_avp_value);

    auto ida = answer_of(command_insert_subscriber_data, mme);
    encode_success(ida);
    ida.add(avp_id::last_ue_activity_time, OctetView(OctetString(3)));
    ida.add_group(avp_id::eps_user_state, [](Message::Group& group) {
        group.add_group(avp_id::mme_user_state,
                        [](Message::Group& state) { state.add(avp_id::user_state, 5U); });
    });
    ida.add(avp_id::ida_flags, 0xffff'ffffU);
    const auto decoded = decode_insert_subscriber_data_answer(received(ida));
    REQUIRE(decoded.has_value());
    CHECK_FALSE(decoded->mme_user_state);
    CHECK_FALSE(decoded->last_ue_activity_time);
    CHECK(decoded->ida_flags == 1);
}

TEST_CASE("Requests expire by their own deadlines, whatever order they were sent in") {
    Outstanding outstanding;
    const auto now = std::chrono::steady_clock::now();
    int first = 0;
    int second = 0;
    outstanding.add({1, 317, application_s6a, now + 2s, std::make_unique<CountingWaiter>(first)});
    outstanding.add({2, 317, application_s6a, now + 1s, std::make_unique<CountingWaiter>(second)});
    CHECK(outstanding.deadline() == now + 1s);
    CHECK(outstanding.take_expired(now).empty());
    for (auto& waiter : outstanding.take_expired(now + 1s)) waiter->complete(fail(Cause::too_busy));
    CHECK(second == 1);
    CHECK(outstanding.deadline() == now + 2s);
    Header answer;
    answer.hop_by_hop = 1;
    answer.command_code = 318;
    answer.application_id = application_s6a;
    CHECK_FALSE(outstanding.take(answer));
    answer.command_code = 317;
    CHECK(outstanding.take(answer));
    CHECK(outstanding.deadline() == Outstanding::Time::max());
    CHECK(first == 0);
}
