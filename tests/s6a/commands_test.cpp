// SPDX-License-Identifier: Apache-2.0
// Every command of S6a and S13, written and read again: nothing is lost on the way.
#include <catch2/catch.hpp>
#include <fstream>
#include <tuple>

#include "s6a/samples.h"
#include "types/features.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

constexpr int rounds = 200;
const ServingNode here{"hss.example", "example"};

template <class... T>
bool equal(const std::tuple<T...>& a, const std::tuple<T...>& b) {
    return a == b;
}

auto fields(const s6a::RequestedAuthenticationInfo& r) {
    const auto resync = r.re_synchronization_info.value_or(ReSynchronizationInfo{});
    return std::tuple(r.number_of_requested_vectors, r.immediate_response_preferred,
                      r.re_synchronization_info.has_value(), resync.rand, resync.auts);
}
auto fields(const s6a::AuthenticationInformationRequest& r) {
    return std::tuple(r.imsi, r.origin, r.visited_plmn, r.eutran.has_value(),
                      fields(r.eutran.value_or(s6a::RequestedAuthenticationInfo{})),
                      r.utran_geran.has_value(),
                      fields(r.utran_geran.value_or(s6a::RequestedAuthenticationInfo{})),
                      r.supported_features, r.send_ue_usage_type, r.terminal_information);
}
auto fields(const s6a::EutranVector& v) {
    return std::tuple(v.item_number, v.rand, v.xres, v.autn, v.kasme, v.kme_access_flags);
}
auto fields(const s6a::UtranVector& v) {
    return std::tuple(v.item_number, v.rand, v.xres, v.autn, v.confidentiality_key, v.integrity_key);
}
auto fields(const s6a::GeranVector& v) {
    return std::tuple(v.item_number, v.rand, v.sres, v.kc);
}
template <class T>
auto fields(const std::vector<T>& list) {
    std::vector<decltype(fields(list.front()))> all;
    for (const auto& item : list) all.push_back(fields(item));
    return all;
}
auto fields(const s6a::AuthenticationInformationAnswer& a) {
    return std::tuple(fields(a.eutran_vectors), fields(a.utran_vectors), fields(a.geran_vectors),
                      a.ue_usage_type, a.supported_features, a.kme_access_info);
}
auto fields(const s6a::UlrFlags& f) {
    return std::tuple(f.single_registration_indication, f.s6a_indicator, f.skip_subscriber_data,
                      f.gprs_subscription_data_indicator, f.node_type_indicator, f.initial_attach_indicator,
                      f.ps_lcs_not_supported_by_ue, f.sms_only_indication);
}
auto fields(const s6a::UpdateLocationRequest& r) {
    return std::tuple(r.imsi, r.origin, r.visited_plmn, r.rat_type, fields(r.flags), r.terminal_information,
                      r.ue_srvcc_capability, r.supported_features, r.homogeneous_ims_voice, r.active_apns,
                      r.sgsn_number, r.mme_number_for_mt_sms, r.sms_register_request, r.coupled_node);
}
auto fields(const s6a::UpdateLocationAnswer& a) {
    return std::tuple(a.subscription_data, a.supported_features, a.mme_registered_for_sms, a.reset_ids,
                      a.kme_access_info);
}
auto fields(const s6a::CancelLocationRequest& r) {
    return std::tuple(r.imsi, r.destination, r.cancellation_type, r.s6a_indicator, r.reattach_required);
}
auto fields(const s6a::PurgeUeRequest& r) {
    return std::tuple(r.imsi, r.origin, r.purged_in_mme, r.purged_in_sgsn, r.supported_features, r.location);
}
auto fields(const s6a::PurgeUeAnswer& a) {
    return std::tuple(a.freeze_m_tmsi, a.freeze_p_tmsi, a.supported_features);
}
auto fields(const s6a::NorFlags& f) {
    return std::tuple(f.single_registration_indication, f.sgsn_area_restricted, f.ready_for_sm_from_sgsn,
                      f.ue_reachable_from_mme, f.ue_reachable_from_sgsn, f.ready_for_sm_from_mme,
                      f.homogeneous_support_of_ims_voice, f.s6a_indicator,
                      f.removal_of_mme_registration_for_sms);
}
auto fields(const std::optional<s6a::KmeAuthFailureReport>& r) {
    const auto report = r.value_or(s6a::KmeAuthFailureReport{});
    return std::tuple(r.has_value(), report.emm_cause, report.rand, report.autn);
}
auto fields(const std::optional<s6a::KmeProvisioningRequest>& r) {
    const auto request = r.value_or(s6a::KmeProvisioningRequest{});
    return std::tuple(r.has_value(), request.transaction, request.container, request.nas_container_type,
                      request.response_timer_ms);
}
auto fields(const std::optional<s6a::KmeProvisioningResponse>& r) {
    const auto response = r.value_or(s6a::KmeProvisioningResponse{});
    return std::tuple(r.has_value(), response.transaction, response.result, response.container);
}
auto fields(const s6a::NotifyRequest& r) {
    return std::tuple(r.imsi, r.origin, fields(r.flags), r.terminal_information, r.supported_features,
                      r.pdn_gateway, r.alert_reason, r.ue_srvcc_capability, r.homogeneous_ims_voice,
                      r.emergency, fields(r.auth_failure_report));
}
auto fields(const s6a::NotifyAnswer& a) {
    return std::tuple(a.supported_features);
}
auto fields(const s6a::IdrFlags& f) {
    return std::tuple(f.ue_reachability_request, f.t_ads_data_request, f.eps_user_state_request,
                      f.eps_location_information_request, f.current_location_request,
                      f.local_time_zone_request, f.remove_sms_registration, f.rat_type_requested,
                      f.p_cscf_restoration_request);
}
auto fields(const s6a::InsertSubscriberDataRequest& r) {
    return std::tuple(r.imsi, r.destination, r.subscription_data, fields(r.flags), r.reset_ids,
                      fields(r.kme_provisioning_request));
}
auto fields(const s6a::InsertSubscriberDataAnswer& a) {
    return std::tuple(a.supported_features, a.mme_user_state, a.sgsn_user_state, a.location,
                      a.ims_voice_over_ps_sessions_supported, a.last_ue_activity_time, a.rat_type,
                      a.ida_flags, fields(a.kme_provisioning_response));
}
auto fields(const s6a::DeleteSubscriberDataRequest& r) {
    return std::tuple(r.imsi, r.destination, r.dsr_flags, r.context_identifiers, r.trace_reference);
}
auto fields(const s6a::DeleteSubscriberDataAnswer& a) {
    return std::tuple(a.supported_features, a.dsa_flags);
}
auto fields(const s6a::ResetRequest& r) {
    return std::tuple(r.destination, r.user_ids, r.reset_ids);
}
auto fields(const s6a::MeIdentityCheckRequest& r) {
    return std::tuple(r.origin, r.terminal_information, r.imsi);
}
auto fields(const s6a::MeIdentityCheckAnswer& a) {
    return std::tuple(a.equipment_status);
}

Message received(const Message& sent) {
    auto message = Message::parse(sent.serialise());
    REQUIRE(message);
    const auto rejection = message->check(loaded_dictionary());
    INFO((rejection ? rejection->detail : ""));
    REQUIRE_FALSE(rejection);
    return std::move(*message);
}

const ServingNode& sender_of(const auto& request) {
    if constexpr (requires { request.origin; }) {
        return request.origin;
    } else {
        return here;
    }
}
const ServingNode& target_of(const auto& request) {
    if constexpr (requires { request.destination; }) {
        return request.destination;
    } else {
        return here;
    }
}

/// Each of 200 requests, then one with all fields and one with none, is what it was.
template <class T>
void requests_survive(std::uint32_t command, T (Generator::*make)(), Decoded<T> (*decode)(const Message&)) {
    for (int round = 0; round < rounds + 2; ++round) {
        CAPTURE(command, round);
        const auto fill = round < rounds    ? Generator::Fill::some
                          : round == rounds ? Generator::Fill::all
                                            : Generator::Fill::none;
        Generator generator(static_cast<std::uint64_t>(round), fill);
        const auto request = (generator.*make)();
        auto message = request_of(command, sender_of(request), target_of(request));
        encode(request, message);
        const auto decoded = decode(received(message));
        REQUIRE(std::holds_alternative<T>(decoded));
        REQUIRE(fields(std::get<T>(decoded)) == fields(request));
    }
}

template <class T>
void answers_survive(std::uint32_t command, T (Generator::*make)(), Result<T> (*decode)(const Message&)) {
    for (int round = 0; round < rounds + 2; ++round) {
        CAPTURE(command, round);
        const auto fill = round < rounds    ? Generator::Fill::some
                          : round == rounds ? Generator::Fill::all
                                            : Generator::Fill::none;
        Generator generator(static_cast<std::uint64_t>(round), fill);
        const auto answer = (generator.*make)();
        auto message = answer_of(command, here);
        encode(answer, message);
        const auto decoded = decode(received(message));
        REQUIRE(decoded.has_value());
        REQUIRE(fields(*decoded) == fields(answer));
    }
}

OctetString golden(const std::string& name) {
    std::ifstream file(std::string(BINDHSS_GOLDEN) + "/" + name + ".hex");
    std::string hex;
    for (std::string line; std::getline(file, line);) hex += line;
    return from_hex(hex).value();
}

}  // namespace

TEST_CASE("Requests of nodes come back as they were sent") {
    requests_survive(command_authentication_information, &Generator::air, decode_authentication_information);
    requests_survive(command_update_location, &Generator::ulr, decode_update_location);
    requests_survive(command_purge_ue, &Generator::pur, decode_purge_ue);
    requests_survive(command_notify, &Generator::nor, decode_notify);
    requests_survive(command_me_identity_check, &Generator::ecr, decode_me_identity_check);
}

TEST_CASE("Of Emergency-Services Emergency-Indication is read, and nothing else") {
    const auto told = [](const OctetString& extra) {
        const auto frame_of =
            frame(0xc0, command_notify, application_s6a, concat({request_head(), user(), extra}));
        auto message = *Message::parse(frame_of);
        REQUIRE_FALSE(message.check(loaded_dictionary()));
        return std::get<s6a::NotifyRequest>(decode_notify(message)).emergency;
    };
    const auto services = [](std::uint32_t bits) {
        return make_avp(avp_id::emergency_services, OctetView(number_octets(bits)), 0);
    };
    CHECK_FALSE(told({}));
    CHECK(told(services(1)) == true);
    CHECK(told(services(0)) == false);
    CHECK(told(services(0xfffffffe)) == false);
}

TEST_CASE("Requests of the HSS come back as they were sent") {
    requests_survive(command_cancel_location, &Generator::clr, decode_cancel_location);
    requests_survive(command_insert_subscriber_data, &Generator::idr, decode_insert_subscriber_data);
    requests_survive(command_delete_subscriber_data, &Generator::dsr, decode_delete_subscriber_data);
    requests_survive(command_reset, &Generator::rsr, decode_reset);
}

TEST_CASE("Answers come back as they were sent") {
    answers_survive(command_authentication_information, &Generator::aia,
                    decode_authentication_information_answer);
    answers_survive(command_update_location, &Generator::ula, decode_update_location_answer);
    answers_survive(command_purge_ue, &Generator::pua, decode_purge_ue_answer);
    answers_survive(command_notify, &Generator::noa, decode_notify_answer);
    answers_survive(command_me_identity_check, &Generator::eca, decode_me_identity_check_answer);
    answers_survive(command_insert_subscriber_data, &Generator::ida, decode_insert_subscriber_data_answer);
    answers_survive(command_delete_subscriber_data, &Generator::dsa, decode_delete_subscriber_data_answer);
}

TEST_CASE("CLA and RSA are successes and nothing more") {
    auto cla = answer_of(command_cancel_location, here);
    encode(NodeAnswer(s6a::CancelLocationAnswer{}), cla);
    CHECK(decode_cancel_location_answer(received(cla)).has_value());
    auto rsa = answer_of(command_reset, here);
    encode(NodeAnswer(s6a::ResetAnswer{}), rsa);
    CHECK(decode_reset_answer(received(rsa)).has_value());
}

TEST_CASE("Every kind of message is accepted by our own check") {
    const auto all = samples();
    CHECK(all.size() > 100);
    for (const auto& sample : all) {
        CAPTURE(sample.name);
        auto message = Message::parse(sample.octets);
        REQUIRE(message);
        const auto rejection = message->check(loaded_dictionary());
        INFO((rejection ? rejection->detail : ""));
        CHECK_FALSE(rejection);
        CHECK(message->serialise() == sample.octets);
    }
}

TEST_CASE("Each command has the octets that Wireshark reads as TS 29.272 7.2") {
    for (const auto& sample : golden_samples()) {
        CAPTURE(sample.name);
        CHECK(to_hex(sample.octets) == to_hex(golden(sample.name.substr(std::string("golden_").size()))));
    }
}

TEST_CASE("The switches know the commands of their side, and those alone") {
    for (std::uint32_t code = 316; code <= 324; ++code) {
        CAPTURE(code);
        const bool to_node = code == 317 || code == 319 || code == 320 || code == 322;
        const auto all = samples();
        const auto found = std::ranges::find_if(all, [code](const Sample& sample) {
            const auto header = *Header::read(sample.octets);
            return header.command_code == code && header.is_request();
        });
        auto message = Message::parse(found->octets);
        REQUIRE_FALSE(message->check(loaded_dictionary()));
        const auto of_node = decode_request(*message);
        const auto of_hss = decode_node_request(*message);
        CHECK(std::holds_alternative<s6a::Request>(of_node) != to_node);
        CHECK(std::holds_alternative<NodeRequest>(of_hss) == to_node);
        CHECK(request_name(code).size() == 3);
    }
    CHECK(request_name(315) == "other");
}

TEST_CASE("Error-Diagnostic goes with AIA and ULA alone, and comes back") {
    const Failure failure{Cause::roaming_not_allowed, "", ErrorDiagnostic::odb_hplmn_apn};
    auto ula = answer_of(command_update_location, here);
    encode(failure, ula);
    const auto decoded = decode_update_location_answer(received(ula));
    REQUIRE(decoded.has_error());
    CHECK(decoded.error().diagnostic == ErrorDiagnostic::odb_hplmn_apn);
    auto noa = answer_of(command_notify, here);
    encode(failure, noa);
    CHECK_FALSE(received(noa).find(avp_id::error_diagnostic));
}

TEST_CASE("The error stub has all that Open5GS looks for before it looks at the result") {
    auto answer = answer_of(command_update_location, here);
    encode(fail(Cause::roaming_not_allowed), answer);
    encode_error_stub(answer);
    const auto message = received(answer);
    CHECK(decode_update_location_answer(message).error().cause == Cause::roaming_not_allowed);
    CHECK(message.find(avp_id::ula_flags)->u32() == 0);
    const auto data = message.find(avp_id::subscription_data);
    REQUIRE(data);
    REQUIRE(data->find(avp_id::ambr));
    CHECK(data->find(avp_id::ambr)->find(avp_id::max_requested_bandwidth_ul)->u32() != 0);
    const auto profile = data->find(avp_id::apn_configuration_profile);
    REQUIRE(profile);
    CHECK(profile->find(avp_id::context_identifier)->u32() == 1);
    CHECK(profile->find(avp_id::all_apn_configurations_included_indicator));
    const auto apn = profile->find(avp_id::apn_configuration);
    REQUIRE(apn);
    CHECK(apn->find(avp_id::context_identifier)->u32() == 1);
    CHECK(apn->find(avp_id::pdn_type)->u32() <= 2);
    CHECK(apn->find(avp_id::service_selection));
    const auto qos = apn->find(avp_id::eps_subscribed_qos_profile);
    REQUIRE(qos);
    CHECK(qos->find(avp_id::allocation_retention_priority)->find(avp_id::priority_level)->u32() > 0);
}

TEST_CASE("Features that a node demands with the M bit are more than ours, or not") {
    const s6a::Features ours{0b0011, 0b0100, 0b1};
    const auto kme_vendor = loaded_dictionary().kme_vendor();
    const auto demands = [&ours](std::uint32_t vendor, std::uint32_t list, std::uint32_t bits,
                                 std::uint8_t flags) {
        const auto group = make_avp(
            avp_id::supported_features,
            OctetView(concat({make_avp(avp_id::vendor_id, vendor), make_avp(avp_id::feature_list_id, list),
                              make_avp(avp_id::feature_list, bits)})),
            flags);
        auto message = Message::parse(ulr_with(group));
        REQUIRE(message);
        REQUIRE_FALSE(message->check(loaded_dictionary()));
        return demands_more_than(ours, *message);
    };
    CHECK_FALSE(demands(vendor_3gpp, 1, 0b0011, avp_flag::mandatory));
    CHECK(demands(vendor_3gpp, 1, 0b0111, avp_flag::mandatory));
    CHECK_FALSE(demands(vendor_3gpp, 1, 0b0111, 0));
    CHECK_FALSE(demands(vendor_3gpp, 2, 0b0100, avp_flag::mandatory));
    CHECK(demands(vendor_3gpp, 2, 0b1000, avp_flag::mandatory));
    CHECK_FALSE(demands(kme_vendor, 1, 0b1, avp_flag::mandatory));
    CHECK(demands(kme_vendor, 1, 0b10, avp_flag::mandatory));
    CHECK(demands(4444, 1, 0b1, avp_flag::mandatory));
    CHECK_FALSE(demands(4444, 1, 0, avp_flag::mandatory));
    CHECK(demands(vendor_3gpp, 3, 1, avp_flag::mandatory));
}

TEST_CASE("Values that no rule can express are given back") {
    const auto cause_of_ulr = [](const OctetString& extra) {
        auto message = Message::parse(ulr_with(extra));
        REQUIRE(message);
        REQUIRE_FALSE(message->check(loaded_dictionary()));
        const auto decoded = decode_update_location(*message);
        REQUIRE(std::holds_alternative<Rejection>(decoded));
        const auto& rejection = std::get<Rejection>(decoded);
        CHECK(rejection.cause == Cause::invalid_avp_value);
        auto padded = rejection.failed_avp;
        padded.resize((padded.size() + 3) / 4 * 4);
        return to_hex(padded);
    };
    const auto sms = make_avp(avp_id::sms_register_request, 3U);
    CHECK(cause_of_ulr(sms) == to_hex(sms));
    const auto number = make_avp(avp_id::sgsn_number, OctetView(OctetString(9, 0x11)));
    CHECK(cause_of_ulr(number) == to_hex(number));
    const auto empty = make_avp(avp_id::mme_number_for_mt_sms, OctetView(OctetString{0xff}));
    CHECK(cause_of_ulr(empty) == to_hex(empty));
    const auto name = make_avp(avp_id::service_selection, std::string_view("a\0b", 3));
    CHECK(cause_of_ulr(make_avp(avp_id::active_apn,
                                OctetView(concat({make_avp(avp_id::context_identifier, 1U), name})))) ==
          to_hex(name));
    // A host name is judged before.
    auto message = Message::parse(ulr_with(make_avp(avp_id::coupled_node_diameter_id, "a b")));
    CHECK(message->check(loaded_dictionary())->cause == Cause::invalid_avp_value);
}
