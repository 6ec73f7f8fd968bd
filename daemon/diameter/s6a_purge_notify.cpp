// SPDX-License-Identifier: Apache-2.0
// Purge-UE and Notify (TS 29.272 7.2.13, 7.2.14, 7.2.17, 7.2.18).
#include "diameter/kme_codec.h"
#include "diameter/s6a_parts.h"

namespace bindhss::diameter {

namespace {

using s6a::NorFlags;

// 7.3.149
constexpr std::uint32_t pur_purged_in_mme = 1U << 0;
constexpr std::uint32_t pur_purged_in_sgsn = 1U << 1;
// 7.3.48
constexpr std::uint32_t pua_freeze_m_tmsi = 1U << 0;
constexpr std::uint32_t pua_freeze_p_tmsi = 1U << 1;
// 7.3.49
constexpr std::array nor_flags{
    FlagBit<NorFlags>{1U << 0, &NorFlags::single_registration_indication},
    FlagBit<NorFlags>{1U << 1, &NorFlags::sgsn_area_restricted},
    FlagBit<NorFlags>{1U << 2, &NorFlags::ready_for_sm_from_sgsn},
    FlagBit<NorFlags>{1U << 3, &NorFlags::ue_reachable_from_mme},
    FlagBit<NorFlags>{1U << 5, &NorFlags::ue_reachable_from_sgsn},
    FlagBit<NorFlags>{1U << 6, &NorFlags::ready_for_sm_from_mme},
    FlagBit<NorFlags>{1U << 7, &NorFlags::homogeneous_support_of_ims_voice},
    FlagBit<NorFlags>{1U << 8, &NorFlags::s6a_indicator},
    FlagBit<NorFlags>{1U << 9, &NorFlags::removal_of_mme_registration_for_sms},
};
// TS 29.273, Emergency-Services
constexpr std::uint32_t emergency_indication = 1U << 0;

}  // namespace

Decoded<s6a::PurgeUeRequest> decode_purge_ue(const Message& message) {
    const auto imsi = decode_imsi(message);
    if (const auto* rejection = std::get_if<Rejection>(&imsi)) return *rejection;
    s6a::PurgeUeRequest request{std::get<Imsi>(imsi), decode_origin(message)};
    if (const auto flags = number_of(message, avp_id::pur_flags)) {
        request.purged_in_mme = (*flags & pur_purged_in_mme) != 0;
        request.purged_in_sgsn = (*flags & pur_purged_in_sgsn) != 0;
    }
    request.supported_features = decode_features(message);
    request.location = decode_location(message);
    return request;
}

void encode(const s6a::PurgeUeRequest& request, Message& message) {
    message.add(avp_id::user_name, request.imsi.digits());
    if (request.purged_in_mme || request.purged_in_sgsn) {
        message.add(avp_id::pur_flags, (request.purged_in_mme.value_or(false) ? pur_purged_in_mme : 0) |
                                           (request.purged_in_sgsn.value_or(false) ? pur_purged_in_sgsn : 0));
    }
    encode(request.supported_features, message);
    encode(request.location, message);
}

void encode(const s6a::PurgeUeAnswer& answer, Message& message) {
    encode_success(message);
    encode(answer.supported_features, message);
    message.add(avp_id::pua_flags, (answer.freeze_m_tmsi ? pua_freeze_m_tmsi : 0) |
                                       (answer.freeze_p_tmsi ? pua_freeze_p_tmsi : 0));
}

Result<s6a::PurgeUeAnswer> decode_purge_ue_answer(const Message& message) {
    if (auto failure = failure_of(message)) return std::move(*failure);
    const auto flags = number_of(message, avp_id::pua_flags).value_or(0);
    return s6a::PurgeUeAnswer{(flags & pua_freeze_m_tmsi) != 0, (flags & pua_freeze_p_tmsi) != 0,
                              decode_features(message)};
}

Decoded<s6a::NotifyRequest> decode_notify(const Message& message) {
    const auto imsi = decode_imsi(message);
    if (const auto* rejection = std::get_if<Rejection>(&imsi)) return *rejection;
    s6a::NotifyRequest request{std::get<Imsi>(imsi), decode_origin(message)};
    request.flags = from_bits(nor_flags, number_of(message, avp_id::nor_flags).value_or(0));
    request.terminal_information = decode_terminal(message);
    request.supported_features = decode_features(message);
    auto apn = decode_apn(message);
    if (auto* rejection = std::get_if<Rejection>(&apn)) return std::move(*rejection);
    // 7.2.17: the four AVPs are about one PDN-GW; without it the others say nothing.
    if (std::get<s6a::ActiveApn>(apn).gateway) request.pdn_gateway = std::move(std::get<s6a::ActiveApn>(apn));
    request.alert_reason = number_of(message, avp_id::alert_reason);
    request.ue_srvcc_capability = number_of(message, avp_id::ue_srvcc_capability);
    request.homogeneous_ims_voice =
        number_of(message, avp_id::homogeneous_support_of_ims_voice_over_ps_sessions);
    if (const auto services = number_of(message, avp_id::emergency_services))
        request.emergency = (*services & emergency_indication) != 0;
    auto report = decode_kme_auth_failure_report(message);
    if (auto* rejection = std::get_if<Rejection>(&report)) return std::move(*rejection);
    request.auth_failure_report = std::get<std::optional<s6a::KmeAuthFailureReport>>(report);
    return request;
}

void encode(const s6a::NotifyRequest& request, Message& message) {
    message.add(avp_id::user_name, request.imsi.digits());
    encode(request.supported_features, message);
    if (request.terminal_information) encode(*request.terminal_information, message);
    if (request.pdn_gateway) encode_apn(*request.pdn_gateway, message);
    if (request.alert_reason) message.add(avp_id::alert_reason, *request.alert_reason);
    if (request.ue_srvcc_capability) message.add(avp_id::ue_srvcc_capability, *request.ue_srvcc_capability);
    message.add(avp_id::nor_flags, to_bits(nor_flags, request.flags));
    if (request.homogeneous_ims_voice) {
        message.add(avp_id::homogeneous_support_of_ims_voice_over_ps_sessions,
                    *request.homogeneous_ims_voice);
    }
    if (request.emergency)
        message.add(avp_id::emergency_services, *request.emergency ? emergency_indication : 0U);
    encode(request.auth_failure_report, message);
}

void encode(const s6a::NotifyAnswer& answer, Message& message) {
    encode_success(message);
    encode(answer.supported_features, message);
}

Result<s6a::NotifyAnswer> decode_notify_answer(const Message& message) {
    if (auto failure = failure_of(message)) return std::move(*failure);
    return s6a::NotifyAnswer{decode_features(message)};
}

}  // namespace bindhss::diameter
