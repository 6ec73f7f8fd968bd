// SPDX-License-Identifier: Apache-2.0
// Update-Location and Cancel-Location (TS 29.272 7.2.3, 7.2.4, 7.2.7, 7.2.8).
#include "diameter/kme_codec.h"
#include "diameter/s6a_parts.h"
#include "diameter/subscription_codec.h"

namespace bindhss::diameter {

namespace {

using s6a::UlrFlags;

// 7.3.7
constexpr std::array ulr_flags{
    FlagBit<UlrFlags>{1U << 0, &UlrFlags::single_registration_indication},
    FlagBit<UlrFlags>{1U << 1, &UlrFlags::s6a_indicator},
    FlagBit<UlrFlags>{1U << 2, &UlrFlags::skip_subscriber_data},
    FlagBit<UlrFlags>{1U << 3, &UlrFlags::gprs_subscription_data_indicator},
    FlagBit<UlrFlags>{1U << 4, &UlrFlags::node_type_indicator},
    FlagBit<UlrFlags>{1U << 5, &UlrFlags::initial_attach_indicator},
    FlagBit<UlrFlags>{1U << 6, &UlrFlags::ps_lcs_not_supported_by_ue},
    FlagBit<UlrFlags>{1U << 7, &UlrFlags::sms_only_indication},
};

// 7.3.8: subscriptions of MME and SGSN are kept apart; every HSS of today says so.
constexpr std::uint32_t ula_separation_indication = 1U << 0;
constexpr std::uint32_t ula_mme_registered_for_sms = 1U << 1;
// 7.3.152
constexpr std::uint32_t clr_s6a_indicator = 1U << 0;
constexpr std::uint32_t clr_reattach_required = 1U << 1;

std::optional<Rejection> decode_active_apns(const Message& message, std::vector<s6a::ActiveApn>& apns) {
    std::optional<Rejection> rejection;
    message.each([&](const AvpView& avp) {
        if (avp.id() != avp_id::active_apn || rejection) return;
        auto decoded = decode_apn(avp);
        if (auto* apn = std::get_if<s6a::ActiveApn>(&decoded)) {
            apns.push_back(std::move(*apn));
        } else {
            rejection = std::move(std::get<Rejection>(decoded));
        }
    });
    return rejection;
}

std::optional<Rejection> decode_numbers(const Message& message, s6a::UpdateLocationRequest& request) {
    for (const auto& [id, number] :
         {std::pair(avp_id::sgsn_number, &request.sgsn_number),
          std::pair(avp_id::mme_number_for_mt_sms, &request.mme_number_for_mt_sms)}) {
        auto decoded = decode_e164(message, id);
        if (auto* rejection = std::get_if<Rejection>(&decoded)) return std::move(*rejection);
        *number = std::move(std::get<std::string>(decoded));
    }
    const auto sms = message.find(avp_id::sms_register_request);
    if (!sms) return std::nullopt;
    if (sms->u32() > static_cast<std::uint32_t>(s6a::SmsRegisterRequest::no_preference)) {
        return invalid_value(*sms, "SMS-Register-Request is not one of 7.3.162");
    }
    request.sms_register_request = static_cast<s6a::SmsRegisterRequest>(sms->u32());
    return std::nullopt;
}

}  // namespace

Decoded<s6a::UpdateLocationRequest> decode_update_location(const Message& message) {
    const auto imsi = decode_imsi(message);
    if (const auto* rejection = std::get_if<Rejection>(&imsi)) return *rejection;
    const auto plmn = decode_visited_plmn(message);
    if (const auto* rejection = std::get_if<Rejection>(&plmn)) return *rejection;
    s6a::UpdateLocationRequest request{std::get<Imsi>(imsi), decode_origin(message), std::get<Plmn>(plmn)};
    if (const auto rat = number_of(message, avp_id::rat_type)) {
        request.rat_type = static_cast<s6a::RatType>(*rat);
    }
    request.flags = from_bits(ulr_flags, number_of(message, avp_id::ulr_flags).value_or(0));
    request.terminal_information = decode_terminal(message);
    request.ue_srvcc_capability = number_of(message, avp_id::ue_srvcc_capability);
    request.supported_features = decode_features(message);
    request.homogeneous_ims_voice =
        number_of(message, avp_id::homogeneous_support_of_ims_voice_over_ps_sessions);
    if (auto rejection = decode_active_apns(message, request.active_apns)) return std::move(*rejection);
    if (auto rejection = decode_numbers(message, request)) return std::move(*rejection);
    request.coupled_node = text_of(message, avp_id::coupled_node_diameter_id);
    return request;
}

void encode(const s6a::UpdateLocationRequest& request, Message& message) {
    message.add(avp_id::user_name, request.imsi.digits());
    encode(request.supported_features, message);
    if (request.terminal_information) encode(*request.terminal_information, message);
    message.add(avp_id::rat_type, static_cast<std::uint32_t>(request.rat_type));
    message.add(avp_id::ulr_flags, to_bits(ulr_flags, request.flags));
    if (request.ue_srvcc_capability) message.add(avp_id::ue_srvcc_capability, *request.ue_srvcc_capability);
    message.add(avp_id::visited_plmn_id, OctetView(request.visited_plmn.octets()));
    encode_e164(request.sgsn_number, avp_id::sgsn_number, message);
    if (request.homogeneous_ims_voice) {
        message.add(avp_id::homogeneous_support_of_ims_voice_over_ps_sessions,
                    *request.homogeneous_ims_voice);
    }
    for (const auto& apn : request.active_apns) {
        message.add_group(avp_id::active_apn, [&apn](Message::Group& group) { encode_apn(apn, group); });
    }
    encode_e164(request.mme_number_for_mt_sms, avp_id::mme_number_for_mt_sms, message);
    if (request.sms_register_request) {
        message.add(avp_id::sms_register_request, static_cast<std::uint32_t>(*request.sms_register_request));
    }
    if (!request.coupled_node.empty()) message.add(avp_id::coupled_node_diameter_id, request.coupled_node);
}

void encode(const s6a::UpdateLocationAnswer& answer, Message& message) {
    encode_success(message);
    encode(answer.supported_features, message);
    message.add(avp_id::ula_flags,
                ula_separation_indication | (answer.mme_registered_for_sms ? ula_mme_registered_for_sms : 0));
    if (answer.subscription_data) encode(*answer.subscription_data, message);
    for (const auto& id : answer.reset_ids) message.add(avp_id::reset_id, OctetView(id));
    encode(answer.kme_access_info, message);
}

void encode_error_stub(Message& answer) {
    ApnConfiguration apn;
    apn.service_selection = "none";
    ApnConfigurationProfile profile;
    profile.apns.push_back(apn);
    SubscriptionData stub;
    stub.ambr = Ambr{1, 1};  // 7.3.41: not both 0
    stub.apn_configuration_profile = profile;
    answer.add(avp_id::ula_flags, 0U);
    encode(stub, answer);
}

Result<s6a::UpdateLocationAnswer> decode_update_location_answer(const Message& message) {
    if (auto failure = failure_of(message)) return std::move(*failure);
    s6a::UpdateLocationAnswer answer;
    if (const auto group = message.find(avp_id::subscription_data)) {
        answer.subscription_data = decode_subscription_data(*group);
    }
    answer.supported_features = decode_features(message);
    const auto flags = number_of(message, avp_id::ula_flags).value_or(0);
    answer.mme_registered_for_sms = (flags & ula_mme_registered_for_sms) != 0;
    answer.reset_ids = octets_of_each(message, avp_id::reset_id);
    auto access_info = decode_kme_access_info(message);
    if (auto wrong = receive(std::move(access_info), answer.kme_access_info)) return std::move(*wrong);
    return answer;
}

Decoded<s6a::CancelLocationRequest> decode_cancel_location(const Message& message) {
    const auto imsi = decode_imsi(message);
    if (const auto* rejection = std::get_if<Rejection>(&imsi)) return *rejection;
    s6a::CancelLocationRequest request{std::get<Imsi>(imsi), decode_destination(message)};
    const auto type = message.find(avp_id::cancellation_type);
    if (!type) return missing(avp_id::cancellation_type, "Cancellation-Type is missing");
    if (type->u32() > static_cast<std::uint32_t>(s6a::CancellationType::initial_attach_procedure)) {
        return invalid_value(*type, "Cancellation-Type is not one of 7.3.24");
    }
    request.cancellation_type = static_cast<s6a::CancellationType>(type->u32());
    // An old HSS sends no CLR-Flags; what it cancels is then told by the Cancellation-Type.
    if (const auto flags = number_of(message, avp_id::clr_flags)) {
        request.s6a_indicator = (*flags & clr_s6a_indicator) != 0;
        request.reattach_required = (*flags & clr_reattach_required) != 0;
    }
    return request;
}

void encode(const s6a::CancelLocationRequest& request, Message& message) {
    message.add(avp_id::user_name, request.imsi.digits());
    message.add(avp_id::cancellation_type, static_cast<std::uint32_t>(request.cancellation_type));
    message.add(avp_id::clr_flags, (request.s6a_indicator ? clr_s6a_indicator : 0) |
                                       (request.reattach_required ? clr_reattach_required : 0));
}

void encode(const s6a::CancelLocationAnswer&, Message& message) {
    encode_success(message);
}

Result<s6a::CancelLocationAnswer> decode_cancel_location_answer(const Message& message) {
    if (auto failure = failure_of(message)) return std::move(*failure);
    return s6a::CancelLocationAnswer{};
}

}  // namespace bindhss::diameter
