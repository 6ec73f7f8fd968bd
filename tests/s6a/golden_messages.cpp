// SPDX-License-Identifier: Apache-2.0
// One request and one answer of each command, of values that a reader can find again in the octets.
#include "s6a/samples.h"

namespace bindhss::test {

using namespace diameter;

namespace {

const ServingNode mme{"mme.example", "example"};
const ServingNode hss{"hss.example", "example"};

Imsi imsi() {
    return *Imsi::parse("001010123456789");
}
Plmn plmn() {
    return *Plmn::parse("00101");
}

OctetString counting(std::size_t size, std::uint8_t first) {
    OctetString octets(size);
    for (auto& octet : octets) octet = first++;
    return octets;
}

s6a::AuthenticationInformationRequest air() {
    s6a::AuthenticationInformationRequest request{imsi(), mme, plmn(), {}, {}};
    request.eutran.emplace().immediate_response_preferred = true;
    request.utran_geran.emplace().number_of_requested_vectors = 2;
    request.eutran->re_synchronization_info = ReSynchronizationInfo::from(counting(30, 0x10));
    request.supported_features = s6a::Features{0x20000000, 0x08000000, 0};
    request.send_ue_usage_type = true;
    return request;
}

s6a::UpdateLocationRequest ulr() {
    s6a::UpdateLocationRequest request{imsi(), mme, plmn()};
    request.flags.initial_attach_indicator = true;
    request.terminal_information = TerminalInformation::normalise("35824005111111", "02");
    request.ue_srvcc_capability = 0;
    request.supported_features = s6a::Features{0xdc000007, 0x08000001, 0x3};
    request.homogeneous_ims_voice = 1;
    PdnGateway gateway;
    gateway.host = "pgw.epc.example";
    gateway.realm = "epc.example";
    gateway.addresses = {"192.0.2.1", "2001:db8::1"};
    request.active_apns.push_back({5, "internet", gateway, "mnc001.mcc001.gprs"});
    request.sgsn_number = "491761234567";
    request.mme_number_for_mt_sms = "49176123456";
    request.sms_register_request = s6a::SmsRegisterRequest::no_preference;
    request.coupled_node = "sgsn.example";
    return request;
}

s6a::PurgeUeRequest pur() {
    s6a::PurgeUeRequest request{imsi(), mme};
    request.purged_in_mme = true;
    request.purged_in_sgsn = false;
    auto& location = request.location.emplace().mme.emplace();
    location.cell_global_identity = from_hex("00f1100123456f").value();
    location.tracking_area_identity = from_hex("00f1100007").value();
    location.age_minutes = 3;
    return request;
}

s6a::NotifyRequest nor() {
    s6a::NotifyRequest request{imsi(), mme};
    request.flags.ue_reachable_from_mme = true;
    request.flags.removal_of_mme_registration_for_sms = true;
    request.terminal_information = TerminalInformation::normalise("35824005111111", "02");
    PdnGateway gateway;
    gateway.addresses = {"192.0.2.1"};
    request.pdn_gateway = s6a::ActiveApn{5, "internet", gateway, ""};
    request.alert_reason = 0;
    return request;
}

s6a::InsertSubscriberDataRequest idr() {
    s6a::InsertSubscriberDataRequest request{imsi(), mme};
    request.subscription_data.ambr = Ambr{50'000'000, 5'000'000'000};
    request.flags.eps_user_state_request = true;
    request.flags.eps_location_information_request = true;
    request.reset_ids = {{0xab, 0xcd}};
    return request;
}

s6a::InsertSubscriberDataAnswer ida() {
    s6a::InsertSubscriberDataAnswer answer;
    answer.mme_user_state = s6a::UserState::connected_reachable_for_paging;
    auto& location = answer.location.emplace().sgsn.emplace();
    location.cell_global_identity = from_hex("00f11000010002").value();
    location.current_location_retrieved = true;
    answer.last_ue_activity_time = 0xe0000000;
    answer.rat_type = 1004;
    answer.ida_flags = 1;
    return answer;
}

s6a::DeleteSubscriberDataRequest dsr() {
    s6a::DeleteSubscriberDataRequest request{imsi(), mme};
    request.dsr_flags = s6a::dsr_flag::pdn_subscription_contexts | s6a::dsr_flag::trace_data;
    request.context_identifiers = {2, 3};
    request.trace_reference = counting(6, 0x60);
    return request;
}

s6a::CancelLocationRequest clr() {
    s6a::CancelLocationRequest request{imsi(), mme};
    request.cancellation_type = s6a::CancellationType::subscription_withdrawal;
    request.reattach_required = true;
    return request;
}

template <class T>
Sample sample(std::string name, const ServingNode& from, std::uint32_t command, const T& value,
              bool request) {
    auto message = request ? request_of(command, from, from == mme ? hss : mme) : answer_of(command, from);
    encode(value, message);
    message.set_hop_by_hop(0x01020300 + command);
    message.set_end_to_end(0x0a0b0c00 + command);
    return {"golden_" + std::move(name), message.serialise()};
}

}  // namespace

std::vector<Sample> golden_samples() {
    return {
        sample("air", mme, command_authentication_information, air(), true),
        sample("ulr", mme, command_update_location, ulr(), true),
        sample("pur", mme, command_purge_ue, pur(), true),
        sample("pua", hss, command_purge_ue, s6a::PurgeUeAnswer{true, false, {}}, false),
        sample("nor", mme, command_notify, nor(), true),
        sample("noa", hss, command_notify, s6a::NotifyAnswer{s6a::Features{0x20000000, 0, 0}}, false),
        sample("clr", hss, command_cancel_location, clr(), true),
        sample("cla", mme, command_cancel_location, s6a::CancelLocationAnswer{}, false),
        sample("idr", hss, command_insert_subscriber_data, idr(), true),
        sample("ida", mme, command_insert_subscriber_data, ida(), false),
        sample("dsr", hss, command_delete_subscriber_data, dsr(), true),
        sample("dsa", mme, command_delete_subscriber_data, s6a::DeleteSubscriberDataAnswer{{}, 1}, false),
        sample("rsr", hss, command_reset, s6a::ResetRequest{mme, {"00101"}, {{1, 2, 3, 4}}}, true),
        sample("rsa", mme, command_reset, s6a::ResetAnswer{}, false),
        sample(
            "ecr", mme, command_me_identity_check,
            s6a::MeIdentityCheckRequest{mme, TerminalInformation::normalise("35824005111111", "02"), imsi()},
            true),
        sample("eca", hss, command_me_identity_check,
               s6a::MeIdentityCheckAnswer{s6a::EquipmentStatus::tracked}, false),
    };
}

}  // namespace bindhss::test
