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

// The KME extension (spec 4.4), with the containers of the test vectors E1 and E4.
constexpr s6a::KmeTransactionId transaction{1, 2, 3, 4, 5, 6, 7, 8};
constexpr std::string_view container_e1 =
    "010100bf010008010203040506070802000400000001030001110400086b8f63005cf9dbd9050020b2e92f836055a255837debf8"
    "50b528997ce0201cb82adfe4be1f587d07d8457d060010cb0217a7e26301be7147fe089714ae3d070020cb3a88ae155df370848a"
    "25a1d95fa2273b83211acb0f88f7621e66224eef5b4e080020404142434445464748494a4b4c4d4e4f505152535455565758595a"
    "5b5c5d5e5f090001010a000800000000000000000d00102ad0676162ee84142fa0142d181d8cb2";
constexpr std::string_view container_e4 =
    "0102003201000801020304050607080c0001000b00203096e1681bd541fa9a079804f3deda8ff251ab63ffb2e5e3e3b42313e740"
    "f577";

s6a::AuthenticationInformationAnswer aia_kme() {
    s6a::AuthenticationInformationAnswer answer;
    answer.eutran_vectors.push_back({1, *Rand::from(counting(16, 0x20)), *Res::from(counting(8, 0x30)),
                                     *Autn::from(counting(16, 0x40)), *Kasme::from(counting(32, 0x50)),
                                     s6a::kme_access::av_pre_processed});
    answer.supported_features = s6a::Features{0x20000000, 0, 0x7};
    answer.kme_access_info =
        s6a::KmeAccessInfo{s6a::kme_access::provisioning_only, s6a::KmeCause::no_binding};
    return answer;
}

s6a::UpdateLocationAnswer ula_kme() {
    s6a::UpdateLocationAnswer answer;
    answer.supported_features = s6a::Features{0x20000000, 0, 0x7};
    answer.kme_access_info =
        s6a::KmeAccessInfo{s6a::kme_access::provisioning_only | s6a::kme_access::binding_established |
                               s6a::kme_access::reattach_expected,
                           s6a::KmeCause::none};
    return answer;
}

Failure ula_kme_refused() {
    Failure failure{Cause::authorization_rejected, "the device has no public key on record"};
    failure.kme_access_info = s6a::KmeAccessInfo{0, s6a::KmeCause::no_public_key};
    return failure;
}

s6a::InsertSubscriberDataRequest idr_kme() {
    s6a::InsertSubscriberDataRequest request{imsi(), mme};
    request.subscription_data.subscriber_status = SubscriberStatus::operator_determined_barring;
    request.kme_provisioning_request =
        s6a::KmeProvisioningRequest{transaction, from_hex(container_e1).value(), 75, 4000};
    return request;
}

s6a::InsertSubscriberDataAnswer ida_kme() {
    s6a::InsertSubscriberDataAnswer answer;
    answer.kme_provisioning_response = s6a::KmeProvisioningResponse{
        transaction, s6a::KmeDeliveryResult::answered, from_hex(container_e4).value()};
    return answer;
}

s6a::NotifyRequest nor_kme() {
    s6a::NotifyRequest request{imsi(), mme};
    request.auth_failure_report = s6a::KmeAuthFailureReport{
        s6a::kme_emm_cause::mac_failure, *Rand::from(counting(16, 0x20)), *Autn::from(counting(16, 0x40))};
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
        sample("aia_kme", hss, command_authentication_information, aia_kme(), false),
        sample("ula_kme", hss, command_update_location, ula_kme(), false),
        sample("ula_kme_refused", hss, command_update_location, ula_kme_refused(), false),
        sample("idr_kme", hss, command_insert_subscriber_data, idr_kme(), true),
        sample("ida_kme", mme, command_insert_subscriber_data, ida_kme(), false),
        sample("nor_kme", mme, command_notify, nor_kme(), true),
    };
}

}  // namespace bindhss::test
