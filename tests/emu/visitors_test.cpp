// SPDX-License-Identifier: Apache-2.0
#include "emu/visitors.h"

#include <catch2/catch.hpp>

#include "emu/subscription_fields.h"
#include "emu/subscription_update.h"
#include "fake_hss.h"

using namespace bindhss;
using namespace bindhss::emu;

namespace {

const Imsi imsi = test::imsi("001010123456789");
const ServingNode self{"node.test", "test"};

ApnConfiguration apn(std::uint32_t context, const std::string& name, std::uint32_t qci = 9) {
    ApnConfiguration result;
    result.context_identifier = context;
    result.service_selection = name;
    result.qci = qci;
    return result;
}

SubscriptionData subscription() {
    SubscriptionData data;
    data.msisdn = "491700000001";
    data.ambr = Ambr{100, 200};
    data.apn_configuration_profile.emplace();
    data.apn_configuration_profile->apns = {apn(1, "internet"), apn(2, "ims", 5)};
    data.zone_codes = {1, 2};
    data.operator_determined_barring = 1;
    data.subscriber_status = SubscriberStatus::operator_determined_barring;
    return data;
}

/// A node of the type with the UE registered in the domain.
Visitors registered(NodeType type, s6a::Domain domain) {
    Visitors visitors(type, test::plmn("00101"));
    s6a::UpdateLocationAnswer answer;
    answer.subscription_data = subscription();
    visitors.registered(imsi, domain, s6a::RatType::eutran, answer);
    return visitors;
}

std::uint32_t code_of(const NodeReply& reply) {
    const auto* refusal = std::get_if<Refusal>(&reply.answer);
    return refusal == nullptr ? 2001 : refusal->number;
}

s6a::CancelLocationRequest cancel(s6a::CancellationType type, bool s6a_indicator = true) {
    s6a::CancelLocationRequest request{imsi, self};
    request.cancellation_type = type;
    request.s6a_indicator = s6a_indicator;
    return request;
}

}  // namespace

TEST_CASE("Node: an IDR changes the parts that it names and leaves the others", "[emu][visitors]") {
    auto data = subscription();
    SubscriptionData said;
    said.ambr = Ambr{7, 8};
    insert_subscription_data(data, said);
    auto expected = subscription();
    expected.ambr = Ambr{7, 8};
    CHECK(data == expected);
}

TEST_CASE("Node: an IDR adds and modifies APNs, or replaces all of them", "[emu][visitors]") {
    auto data = subscription();
    SubscriptionData said;
    said.apn_configuration_profile.emplace();
    auto& profile = *said.apn_configuration_profile;
    profile.all_included = false;
    profile.default_context_identifier = 3;
    profile.apns = {apn(2, "ims", 6), apn(3, "iot")};
    insert_subscription_data(data, said);
    auto fields = fields_of(data);
    CHECK(fields.at("apns") == "internet,ims,iot");
    CHECK(fields.at("apns.ims.qci") == "6");
    CHECK(fields.at("apns.default") == "3");
    profile.all_included = true;
    insert_subscription_data(data, said);
    CHECK(fields_of(data).at("apns") == "ims,iot");
}

TEST_CASE("Node: Subscriber-Status granted lifts all barring", "[emu][visitors]") {
    auto data = subscription();
    SubscriptionData said;
    said.subscriber_status = SubscriberStatus::service_granted;
    insert_subscription_data(data, said);
    CHECK_FALSE(data.operator_determined_barring);
    CHECK(data.subscriber_status == SubscriberStatus::service_granted);
}

TEST_CASE("Node: a DSR deletes what its flags name, but not the default APN", "[emu][visitors]") {
    auto data = subscription();
    s6a::DeleteSubscriberDataRequest request{imsi, self};
    request.dsr_flags = s6a::dsr_flag::regional_subscription | s6a::dsr_flag::pdn_subscription_contexts;
    request.context_identifiers = {2};
    CHECK(delete_subscription_data(data, request, true));
    CHECK(data.zone_codes.empty());
    CHECK(fields_of(data).at("apns") == "internet");
    request.context_identifiers = {1};
    const auto before = data;
    CHECK_FALSE(delete_subscription_data(data, request, true));
    CHECK(data == before);
    request.dsr_flags = s6a::dsr_flag::complete_apn_configuration_profile;
    CHECK_FALSE(delete_subscription_data(data, request, true));
    CHECK(delete_subscription_data(data, request, false));
    CHECK_FALSE(data.apn_configuration_profile);
}

TEST_CASE("Node: IDR and DSR for a UE that it does not serve are answered 5001", "[emu][visitors]") {
    Visitors visitors(NodeType::mme, test::plmn("00101"));
    CHECK(code_of(visitors.serve(s6a::InsertSubscriberDataRequest{imsi, self})) == 5001);
    CHECK(code_of(visitors.serve(s6a::DeleteSubscriberDataRequest{imsi, self})) == 5001);
    CHECK(code_of(visitors.serve(cancel(s6a::CancellationType::mme_update_procedure))) == 2001);
}

TEST_CASE("Node: an MME forgets a cancelled UE, and keeps it when it attached elsewhere first",
          "[emu][visitors]") {
    auto visitors = registered(NodeType::mme, s6a::Domain::mme);
    CHECK(code_of(visitors.serve(cancel(s6a::CancellationType::initial_attach_procedure))) == 2001);
    CHECK(visitors.find(imsi) != nullptr);
    CHECK(code_of(visitors.serve(cancel(s6a::CancellationType::mme_update_procedure))) == 2001);
    CHECK(visitors.find(imsi) == nullptr);
}

TEST_CASE("Node: a combined one forgets the half that CLR-Flags name, and both on withdrawal",
          "[emu][visitors]") {
    auto visitors = registered(NodeType::combined, s6a::Domain::mme);
    visitors.registered(imsi, s6a::Domain::sgsn, s6a::RatType::utran, {});
    (void)visitors.serve(cancel(s6a::CancellationType::sgsn_update_procedure, false));
    REQUIRE(visitors.find(imsi) != nullptr);
    CHECK(visitors.find(imsi)->in_mme);
    CHECK_FALSE(visitors.find(imsi)->in_sgsn);
    visitors.registered(imsi, s6a::Domain::sgsn, s6a::RatType::utran, {});
    (void)visitors.serve(cancel(s6a::CancellationType::subscription_withdrawal));
    CHECK(visitors.find(imsi) == nullptr);
}

TEST_CASE("Node: state and location are told when IDR-Flags ask, each domain's own", "[emu][visitors]") {
    auto visitors = registered(NodeType::combined, s6a::Domain::mme);
    s6a::InsertSubscriberDataRequest request{imsi, self};
    const auto ask = [&visitors, &request] {
        const auto reply = visitors.serve(request);
        return std::get<s6a::InsertSubscriberDataAnswer>(std::get<NodeAnswer>(reply.answer));
    };
    CHECK_FALSE(ask().mme_user_state);
    CHECK_FALSE(ask().location);
    request.flags.eps_user_state_request = true;
    request.flags.eps_location_information_request = true;
    request.flags.current_location_request = true;
    auto answer = ask();
    CHECK(answer.mme_user_state == s6a::UserState::attached_reachable_for_paging);
    CHECK_FALSE(answer.sgsn_user_state);
    REQUIRE(answer.location);
    CHECK(answer.location->mme->tracking_area_identity == *from_hex("00f1100001"));
    CHECK(answer.location->mme->current_location_retrieved);
    CHECK_FALSE(answer.location->sgsn);
    visitors.registered(imsi, s6a::Domain::sgsn, s6a::RatType::utran, {});
    visitors.find(imsi)->reachable = false;
    answer = ask();
    CHECK(answer.sgsn_user_state == s6a::UserState::attached_not_reachable_for_paging);
    CHECK(answer.location->sgsn->service_area_identity.size() == 7);
}

TEST_CASE("Node: a ULA without Subscription-Data leaves what was known", "[emu][visitors]") {
    auto visitors = registered(NodeType::mme, s6a::Domain::mme);
    visitors.registered(imsi, s6a::Domain::mme, s6a::RatType::eutran, {});
    CHECK(visitors.find(imsi)->data == subscription());
}

TEST_CASE("Subscription data: its fields and parts, for expectations", "[emu][visitors]") {
    const auto fields = fields_of(subscription());
    CHECK(parts_of(fields) == "ambr,apns,msisdn,operator_determined_barring,subscriber_status,zone_codes");
    CHECK(fields.at("zone_codes") == "1,2");
    CHECK(fields.at("apns.internet.arp.priority_level") == "8");
    CHECK(parts_of(fields_of(SubscriptionData{})).empty());
}

TEST_CASE("Scripted replies: what may be said is read, the rest is none", "[emu][visitors]") {
    CHECK(parse_scripted_reply("success") == ScriptedReply{});
    CHECK(parse_scripted_reply("silent")->kind == ScriptedReply::Kind::silence);
    CHECK(parse_scripted_reply("5001E")->refusal == Refusal{5001, true});
    const auto late = parse_scripted_reply("delay 250ms 5012");
    REQUIRE(late);
    CHECK(late->delay == std::chrono::milliseconds(250));
    CHECK(late->refusal == Refusal{5012, false});
    for (const char* text :
         {"", "delay", "delay x", "delay 3s silent", "501", "50122", "5012e", "E", "delay 20m"}) {
        INFO(text);
        CHECK_FALSE(parse_scripted_reply(text));
    }
}
