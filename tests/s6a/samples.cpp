// SPDX-License-Identifier: Apache-2.0
#include "s6a/samples.h"

namespace bindhss::test {

using namespace diameter;

namespace {

template <class T>
T secret(const OctetString& octets) {
    return T::from(octets).value();
}

}  // namespace

OctetString Generator::octets(std::size_t size) {
    OctetString made(size);
    for (auto& octet : made) octet = static_cast<std::uint8_t>(engine_());
    return made;
}

std::string Generator::digits(std::size_t least, std::size_t most) {
    std::string made(least + below(static_cast<std::uint32_t>(most - least + 1)), '0');
    for (auto& digit : made) digit = static_cast<char>('0' + below(10));
    return made;
}

std::string Generator::name(std::string_view suffix) {
    return "n" + std::to_string(below(1'000'000)) + std::string(suffix);
}

Imsi Generator::imsi() {
    return *Imsi::parse(digits(Imsi::digits_min, Imsi::digits_max));
}

Plmn Generator::plmn() {
    return *Plmn::parse(digits(5, 6));
}

ServingNode Generator::node() {
    const auto realm = name(".example");
    return {"mme." + realm, realm};
}

TerminalInformation Generator::terminal() {
    TerminalInformation terminal;
    if (coin()) terminal.imei = Imei::parse("3" + digits(13, 13));
    if (coin()) terminal.svn = digits(2, 2);
    return terminal;
}

s6a::Features Generator::features() {
    s6a::Features made;
    made.list_1 = number();
    maybe(made.list_2, number() | 1);
    maybe(made.vendor, number() | 1);
    return made;
}

PdnGateway Generator::gateway() {
    PdnGateway gateway;
    if (coin()) {
        gateway.host = name(".epc.example");
        gateway.realm = "epc.example";
    }
    if (coin()) gateway.addresses.push_back("192.0.2." + std::to_string(below(256)));
    if (coin()) gateway.addresses.push_back("2001:db8::" + std::to_string(1 + below(9)));
    return gateway;
}

s6a::ActiveApn Generator::active_apn() {
    s6a::ActiveApn apn;
    apn.context_identifier = 1 + below(50);
    maybe(apn.service_selection, name("-apn"));
    maybe(apn.gateway, gateway());
    maybe(apn.visited_network, std::string("mnc001.mcc001.gprs"));
    return apn;
}

s6a::EpsLocationInformation Generator::location() {
    const auto fill = [this](s6a::NodeLocation& node, std::size_t cell, std::size_t area) {
        maybe(node.cell_global_identity, octets(cell));
        maybe(node.tracking_area_identity, octets(area));
        maybe(node.geographical_information, octets(8));
        maybe(node.age_minutes, below(32'768));
        node.current_location_retrieved = coin();
    };
    s6a::EpsLocationInformation location;
    if (coin()) fill(location.mme.emplace(), 7, 5);
    if (coin()) {
        fill(location.sgsn.emplace(), 7, 6);
        maybe(location.sgsn->service_area_identity, octets(7));
    }
    return location;
}

s6a::KmeAccessInfo Generator::access_info() {
    s6a::KmeAccessInfo info{below(32), {}};
    maybe(info.cause, static_cast<s6a::KmeCause>(below(11)));
    return info;
}

s6a::KmeProvisioningRequest Generator::provisioning_request() {
    s6a::KmeProvisioningRequest request;
    for (auto& octet : request.transaction) octet = static_cast<std::uint8_t>(below(256));
    request.container = octets(coin() ? 1024 : 1 + below(300));
    maybe(request.nas_container_type, 1 + below(255));
    maybe(request.response_timer_ms, number());
    return request;
}

s6a::KmeProvisioningResponse Generator::provisioning_response() {
    s6a::KmeProvisioningResponse response;
    for (auto& octet : response.transaction) octet = static_cast<std::uint8_t>(below(256));
    response.result = static_cast<s6a::KmeDeliveryResult>(below(6));
    maybe(response.container, octets(1 + below(1024)));
    return response;
}

s6a::KmeAuthFailureReport Generator::auth_failure_report() {
    s6a::KmeAuthFailureReport report{below(0x102), {}, {}};
    maybe(report.rand, secret<Rand>(octets(16)));
    maybe(report.autn, secret<Autn>(octets(16)));
    return report;
}

s6a::RequestedAuthenticationInfo Generator::requested() {
    s6a::RequestedAuthenticationInfo info;
    info.number_of_requested_vectors = 1 + below(5);
    info.immediate_response_preferred = coin();
    maybe(info.re_synchronization_info, *ReSynchronizationInfo::from(octets(ReSynchronizationInfo::size)));
    return info;
}

s6a::AuthenticationInformationRequest Generator::air() {
    s6a::AuthenticationInformationRequest request{imsi(), node(), plmn(), {}, {}};
    maybe(request.eutran, requested());
    maybe(request.utran_geran, requested());
    maybe(request.supported_features, features());
    request.send_ue_usage_type = coin();
    maybe(request.terminal_information, terminal());
    return request;
}

s6a::AuthenticationInformationAnswer Generator::aia() {
    s6a::AuthenticationInformationAnswer answer;
    // Of one vector the number is not sent.
    const auto count = [this] { return coin() ? 2 + below(4) : below(2); };
    const auto rand = [this] { return secret<Rand>(octets(16)); };
    const auto autn = [this] { return secret<Autn>(octets(16)); };
    for (std::uint32_t n = count(), i = 1; i <= n; ++i) {
        answer.eutran_vectors.push_back(
            {i, rand(), secret<Res>(octets(4 + below(13))), autn(), secret<Kasme>(octets(32))});
        maybe(answer.eutran_vectors.back().kme_access_flags, 1 + below(31));
    }
    for (std::uint32_t n = count(), i = 1; i <= n; ++i) {
        answer.utran_vectors.push_back({i, rand(), secret<Res>(octets(4 + below(13))), autn(),
                                        secret<Secret<16>>(octets(16)), secret<Secret<16>>(octets(16))});
    }
    for (std::uint32_t n = count(), i = 1; i <= n; ++i) {
        answer.geran_vectors.push_back(
            {i, rand(), secret<Secret<4>>(octets(4)), secret<Secret<8>>(octets(8))});
    }
    maybe(answer.ue_usage_type, below(256));
    maybe(answer.supported_features, features());
    maybe(answer.kme_access_info, access_info());
    return answer;
}

s6a::UpdateLocationRequest Generator::ulr() {
    s6a::UpdateLocationRequest request{imsi(), node(), plmn()};
    request.rat_type = s6a::RatType::eutran_nb_iot;
    using F = s6a::UlrFlags;
    request.flags =
        flags<F>({&F::single_registration_indication, &F::s6a_indicator, &F::skip_subscriber_data,
                  &F::gprs_subscription_data_indicator, &F::node_type_indicator, &F::initial_attach_indicator,
                  &F::ps_lcs_not_supported_by_ue, &F::sms_only_indication});
    maybe(request.terminal_information, terminal());
    maybe(request.ue_srvcc_capability, below(2));
    maybe(request.supported_features, features());
    maybe(request.homogeneous_ims_voice, below(2));
    while (coin() && request.active_apns.size() < 3) request.active_apns.push_back(active_apn());
    maybe(request.sgsn_number, digits(1, 15));
    maybe(request.mme_number_for_mt_sms, digits(1, 15));
    maybe(request.sms_register_request, static_cast<s6a::SmsRegisterRequest>(below(3)));
    maybe(request.coupled_node, name(".sgsn.example"));
    return request;
}

s6a::UpdateLocationAnswer Generator::ula() {
    s6a::UpdateLocationAnswer answer;
    maybe(answer.subscription_data, subscription());
    maybe(answer.supported_features, features());
    answer.mme_registered_for_sms = coin();
    while (coin() && answer.reset_ids.size() < 3) answer.reset_ids.push_back(octets(1 + below(4)));
    maybe(answer.kme_access_info, access_info());
    return answer;
}

s6a::CancelLocationRequest Generator::clr() {
    s6a::CancelLocationRequest request{imsi(), node()};
    request.cancellation_type = static_cast<s6a::CancellationType>(below(5));
    request.s6a_indicator = coin();
    request.reattach_required = coin();
    return request;
}

s6a::PurgeUeRequest Generator::pur() {
    s6a::PurgeUeRequest request{imsi(), node()};
    if (coin()) {
        request.purged_in_mme = coin();
        request.purged_in_sgsn = coin();
    }
    maybe(request.supported_features, features());
    maybe(request.location, location());
    return request;
}

s6a::PurgeUeAnswer Generator::pua() {
    s6a::PurgeUeAnswer answer{coin(), coin(), {}};
    maybe(answer.supported_features, features());
    return answer;
}

s6a::NotifyRequest Generator::nor() {
    s6a::NotifyRequest request{imsi(), node()};
    using F = s6a::NorFlags;
    request.flags = flags<F>(
        {&F::single_registration_indication, &F::sgsn_area_restricted, &F::ready_for_sm_from_sgsn,
         &F::ue_reachable_from_mme, &F::ue_reachable_from_sgsn, &F::ready_for_sm_from_mme,
         &F::homogeneous_support_of_ims_voice, &F::s6a_indicator, &F::removal_of_mme_registration_for_sms});
    maybe(request.terminal_information, terminal());
    maybe(request.supported_features, features());
    if (coin()) {
        request.pdn_gateway = active_apn();
        if (!request.pdn_gateway->gateway) request.pdn_gateway->gateway = gateway();
    }
    maybe(request.alert_reason, below(2));
    maybe(request.ue_srvcc_capability, below(2));
    maybe(request.homogeneous_ims_voice, below(2));
    maybe(request.emergency, below(2) == 1);
    maybe(request.auth_failure_report, auth_failure_report());
    return request;
}

s6a::NotifyAnswer Generator::noa() {
    s6a::NotifyAnswer answer;
    maybe(answer.supported_features, features());
    return answer;
}

s6a::InsertSubscriberDataRequest Generator::idr() {
    s6a::InsertSubscriberDataRequest request{imsi(), node()};
    request.subscription_data = subscription();
    using F = s6a::IdrFlags;
    request.flags = flags<F>({&F::ue_reachability_request, &F::t_ads_data_request, &F::eps_user_state_request,
                              &F::eps_location_information_request, &F::current_location_request,
                              &F::local_time_zone_request, &F::remove_sms_registration,
                              &F::rat_type_requested, &F::p_cscf_restoration_request});
    while (coin() && request.reset_ids.size() < 3) request.reset_ids.push_back(octets(1 + below(4)));
    maybe(request.kme_provisioning_request, provisioning_request());
    return request;
}

s6a::InsertSubscriberDataAnswer Generator::ida() {
    s6a::InsertSubscriberDataAnswer answer;
    maybe(answer.supported_features, features());
    maybe(answer.mme_user_state, static_cast<s6a::UserState>(below(5)));
    maybe(answer.sgsn_user_state, static_cast<s6a::UserState>(below(5)));
    maybe(answer.location, location());
    maybe(answer.ims_voice_over_ps_sessions_supported, below(2));
    maybe(answer.last_ue_activity_time, number());
    maybe(answer.rat_type, std::uint32_t{1004});
    answer.ida_flags = coin() ? 1 : 0;
    maybe(answer.kme_provisioning_response, provisioning_response());
    return answer;
}

s6a::DeleteSubscriberDataRequest Generator::dsr() {
    s6a::DeleteSubscriberDataRequest request{imsi(), node()};
    request.dsr_flags = number();
    while (coin() && request.context_identifiers.size() < 3) {
        request.context_identifiers.push_back(1 + below(50));
    }
    maybe(request.trace_reference, octets(6));
    return request;
}

s6a::DeleteSubscriberDataAnswer Generator::dsa() {
    s6a::DeleteSubscriberDataAnswer answer;
    maybe(answer.supported_features, features());
    answer.dsa_flags = coin() ? 1 : 0;
    return answer;
}

s6a::ResetRequest Generator::rsr() {
    s6a::ResetRequest request{node(), {}, {}};
    while (coin() && request.user_ids.size() < 3) request.user_ids.push_back(digits(1, 15));
    while (coin() && request.reset_ids.size() < 3) request.reset_ids.push_back(octets(1 + below(4)));
    return request;
}

s6a::MeIdentityCheckRequest Generator::ecr() {
    s6a::MeIdentityCheckRequest request{node(), terminal(), {}};
    maybe(request.imsi, imsi());
    return request;
}

s6a::MeIdentityCheckAnswer Generator::eca() {
    return {static_cast<s6a::EquipmentStatus>(below(3))};
}

ApnConfiguration Generator::apn(std::uint32_t context) {
    ApnConfiguration apn;
    apn.context_identifier = context;
    apn.service_selection = name("-apn");
    apn.pdn_type = static_cast<PdnType>(below(4));
    apn.qci = 5 + below(5);
    apn.arp = {1 + below(15), coin(), coin()};
    maybe(apn.static_ipv4, std::string("198.51.100.7"));
    maybe(apn.static_ipv6, std::string("2001:db8:7::"));
    maybe(apn.ambr, Ambr{coin() ? 9'000'000'000ULL : 1ULL + below(1'000'000), 1ULL + below(1'000'000)});
    maybe(apn.charging_characteristics, std::string("0800"));
    maybe(apn.vplmn_dynamic_address_allowed, true);
    if (coin()) {
        apn.gateway = gateway();
        apn.gateway_allocation = static_cast<PdnGwAllocation>(below(2));
    }
    maybe(apn.visited_network, std::string("mnc001.mcc001.gprs"));
    if (coin()) apn.specific_apns.push_back({name("-apn"), gateway(), "mnc001.mcc001.gprs"});
    maybe(apn.apn_oi_replacement, std::string("province1.mnc001.mcc001.gprs"));
    maybe(apn.sipto, SiptoPermission::not_allowed);
    maybe(apn.lipa, LipaPermission::conditional);
    maybe(apn.restoration_priority, below(16));
    maybe(apn.sipto_local_network, below(2));
    maybe(apn.wlan_offloadability, below(4));
    maybe(apn.non_ip, false);
    maybe(apn.pdn_connection_continuity, below(3));
    maybe(apn.interworking_5gs, true);
    return apn;
}

void Generator::connections(SubscriptionData& data) {
    if (coin()) {
        auto& profile = data.apn_configuration_profile.emplace();
        profile.default_context_identifier = 1;
        maybe(profile.additional_context_identifier, std::uint32_t{2});
        profile.all_included = coin();
        profile.apns = {apn(1), apn(2)};
    }
    if (coin()) {
        PdpContext context;
        context.context_identifier = 1 + below(50);
        context.service_selection = name("-apn");
        context.qos_subscribed = octets(3);
        maybe(context.charging_characteristics, std::string("0400"));
        maybe(context.ambr, Ambr{1'000'000, 2'000'000});
        data.gprs_subscription_data.emplace().contexts.push_back(context);
    }
}

SubscriptionData Generator::subscription() {
    SubscriptionData data;
    maybe(data.subscriber_status, SubscriberStatus::operator_determined_barring);
    maybe(data.msisdn, digits(5, 15));
    maybe(data.a_msisdn, digits(5, 15));
    maybe(data.stn_sr, digits(5, 15));
    maybe(data.network_access_mode, NetworkAccessMode::only_packet);
    maybe(data.operator_determined_barring, below(512));
    maybe(data.hplmn_odb, below(16));
    if (coin()) data.zone_codes = {1, 0xffff};
    maybe(data.access_restriction_data, below(8192));
    maybe(data.apn_oi_replacement, std::string("mnc001.mcc001.gprs"));
    maybe(data.charging_characteristics, std::string("0800"));
    maybe(data.ambr, Ambr{50'000'000, coin() ? 10'000'000'000ULL : 100'000'000ULL});
    connections(data);
    maybe(data.rat_frequency_selection_priority, 1 + below(256));
    if (coin()) {
        data.trace_data =
            TraceData{octets(6), below(6), octets(1), octets(1), octets(1), octets(2), "192.0.2.9"};
    }
    if (coin()) data.csg_subscriptions.push_back({below(1U << 27), number(), {name("-apn")}, plmn()});
    data.roaming_restricted = coin();
    maybe(data.subscribed_rau_tau_timer_s, below(100'000));
    maybe(data.mps_priority, below(4));
    maybe(data.subscription_data_flags, below(32));
    if (coin()) data.adjacent_access_restrictions.push_back({plmn(), below(8192)});
    maybe(data.dl_buffering_packet_count, std::int32_t{-1});
    if (coin()) data.imsi_groups.push_back({1 + below(2000), plmn(), octets(1 + below(10))});
    maybe(data.ue_usage_type, below(256));
    maybe(data.external_identifier, std::string("meter7@example.org"));
    maybe(data.active_time_s, below(10'000));
    maybe(data.service_gap_time_s, below(10'000));
    if (coin()) data.edrx_cycle_lengths.push_back({1004, static_cast<std::uint8_t>(below(16))});
    if (coin()) data.paging_time_windows.push_back({below(5), static_cast<std::uint8_t>(below(16))});
    maybe(data.core_network_restrictions, std::uint32_t{2});
    return data;
}

}  // namespace bindhss::test
