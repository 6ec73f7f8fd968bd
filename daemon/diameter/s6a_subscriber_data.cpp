// SPDX-License-Identifier: Apache-2.0
// What the HSS tells a node besides CLR: Insert-Subscriber-Data, Delete-Subscriber-Data and Reset (TS 29.272
// 7.2.9 to 7.2.12, 7.2.15, 7.2.16).
#include "diameter/kme_codec.h"
#include "diameter/s6a_parts.h"
#include "diameter/subscription_codec.h"

namespace bindhss::diameter {

namespace {

using s6a::IdrFlags;

// 7.3.103
constexpr std::array idr_flags{
    FlagBit<IdrFlags>{1U << 0, &IdrFlags::ue_reachability_request},
    FlagBit<IdrFlags>{1U << 1, &IdrFlags::t_ads_data_request},
    FlagBit<IdrFlags>{1U << 2, &IdrFlags::eps_user_state_request},
    FlagBit<IdrFlags>{1U << 3, &IdrFlags::eps_location_information_request},
    FlagBit<IdrFlags>{1U << 4, &IdrFlags::current_location_request},
    FlagBit<IdrFlags>{1U << 5, &IdrFlags::local_time_zone_request},
    FlagBit<IdrFlags>{1U << 6, &IdrFlags::remove_sms_registration},
    FlagBit<IdrFlags>{1U << 7, &IdrFlags::rat_type_requested},
    FlagBit<IdrFlags>{1U << 8, &IdrFlags::p_cscf_restoration_request},
};

constexpr std::uint32_t network_node_area_restricted = 1U << 0;  // IDA-Flags 7.3.47, DSA-Flags 7.3.26
constexpr std::size_t time_octets = 4;                           // RFC 6733 4.3.1

std::optional<s6a::UserState> decode_state(const AvpView& parent, AvpId id) {
    const auto group = parent.find(id);
    const auto state = group ? number_of(*group, avp_id::user_state) : std::nullopt;
    if (!state || *state > static_cast<std::uint32_t>(s6a::UserState::connected_reachable_for_paging)) {
        return std::nullopt;
    }
    return static_cast<s6a::UserState>(*state);
}

void encode_state(const std::optional<s6a::UserState>& state, AvpId id, Message::Group& parent) {
    if (!state) return;
    parent.add_group(id, [&state](Message::Group& group) {
        group.add(avp_id::user_state, static_cast<std::uint32_t>(*state));
    });
}

std::optional<std::uint32_t> decode_time(const Message& message, AvpId id) {
    const auto avp = message.find(id);
    if (!avp || avp->octets().size() != time_octets) return std::nullopt;
    std::uint32_t seconds = 0;
    for (const auto octet : avp->octets()) seconds = seconds << 8 | octet;
    return seconds;
}

void encode_time(std::uint32_t seconds, AvpId id, Message& message) {
    const OctetString octets{static_cast<std::uint8_t>(seconds >> 24),
                             static_cast<std::uint8_t>(seconds >> 16),
                             static_cast<std::uint8_t>(seconds >> 8), static_cast<std::uint8_t>(seconds)};
    message.add(id, OctetView(octets));
}

}  // namespace

Decoded<s6a::InsertSubscriberDataRequest> decode_insert_subscriber_data(const Message& message) {
    const auto imsi = decode_imsi(message);
    if (const auto* rejection = std::get_if<Rejection>(&imsi)) return *rejection;
    s6a::InsertSubscriberDataRequest request{std::get<Imsi>(imsi), decode_destination(message)};
    if (const auto group = message.find(avp_id::subscription_data)) {
        request.subscription_data = decode_subscription_data(*group);
    }
    request.flags = from_bits(idr_flags, number_of(message, avp_id::idr_flags).value_or(0));
    request.reset_ids = octets_of_each(message, avp_id::reset_id);
    auto provisioning = decode_kme_provisioning_request(message);
    if (auto* rejection = std::get_if<Rejection>(&provisioning)) return std::move(*rejection);
    request.kme_provisioning_request =
        std::move(std::get<std::optional<s6a::KmeProvisioningRequest>>(provisioning));
    return request;
}

void encode(const s6a::InsertSubscriberDataRequest& request, Message& message) {
    message.add(avp_id::user_name, request.imsi.digits());
    encode(request.subscription_data, message);
    if (const auto bits = to_bits(idr_flags, request.flags)) message.add(avp_id::idr_flags, bits);
    for (const auto& id : request.reset_ids) message.add(avp_id::reset_id, OctetView(id));
    encode(request.kme_provisioning_request, message);
}

void encode(const s6a::InsertSubscriberDataAnswer& answer, Message& message) {
    encode(answer.supported_features, message);
    encode_success(message);
    if (answer.ims_voice_over_ps_sessions_supported) {
        message.add(avp_id::ims_voice_over_ps_sessions_supported,
                    *answer.ims_voice_over_ps_sessions_supported);
    }
    if (answer.last_ue_activity_time) {
        encode_time(*answer.last_ue_activity_time, avp_id::last_ue_activity_time, message);
    }
    if (answer.rat_type) message.add(avp_id::rat_type, *answer.rat_type);
    if (const auto flags = answer.ida_flags & network_node_area_restricted) {
        message.add(avp_id::ida_flags, flags);
    }
    if (answer.mme_user_state || answer.sgsn_user_state) {
        message.add_group(avp_id::eps_user_state, [&answer](Message::Group& group) {
            encode_state(answer.mme_user_state, avp_id::mme_user_state, group);
            encode_state(answer.sgsn_user_state, avp_id::sgsn_user_state, group);
        });
    }
    encode(answer.location, message);
    encode(answer.kme_provisioning_response, message);
}

Result<s6a::InsertSubscriberDataAnswer> decode_insert_subscriber_data_answer(const Message& message) {
    if (auto failure = failure_of(message)) return std::move(*failure);
    s6a::InsertSubscriberDataAnswer answer;
    answer.supported_features = decode_features(message);
    if (const auto group = message.find(avp_id::eps_user_state)) {
        answer.mme_user_state = decode_state(*group, avp_id::mme_user_state);
        answer.sgsn_user_state = decode_state(*group, avp_id::sgsn_user_state);
    }
    answer.location = decode_location(message);
    answer.ims_voice_over_ps_sessions_supported =
        number_of(message, avp_id::ims_voice_over_ps_sessions_supported);
    answer.last_ue_activity_time = decode_time(message, avp_id::last_ue_activity_time);
    answer.rat_type = number_of(message, avp_id::rat_type);
    answer.ida_flags = number_of(message, avp_id::ida_flags).value_or(0) & network_node_area_restricted;
    auto provisioning = decode_kme_provisioning_response(message);
    if (auto wrong = receive(std::move(provisioning), answer.kme_provisioning_response))
        return std::move(*wrong);
    return answer;
}

Decoded<s6a::DeleteSubscriberDataRequest> decode_delete_subscriber_data(const Message& message) {
    const auto imsi = decode_imsi(message);
    if (const auto* rejection = std::get_if<Rejection>(&imsi)) return *rejection;
    s6a::DeleteSubscriberDataRequest request{std::get<Imsi>(imsi), decode_destination(message)};
    request.dsr_flags = number_of(message, avp_id::dsr_flags).value_or(0);
    message.each([&request](const AvpView& avp) {
        if (avp.id() == avp_id::context_identifier) request.context_identifiers.push_back(avp.u32());
    });
    if (const auto trace = message.find(avp_id::trace_reference)) {
        request.trace_reference.assign(trace->octets().begin(), trace->octets().end());
    }
    return request;
}

void encode(const s6a::DeleteSubscriberDataRequest& request, Message& message) {
    message.add(avp_id::user_name, request.imsi.digits());
    message.add(avp_id::dsr_flags, request.dsr_flags);
    for (const auto id : request.context_identifiers) message.add(avp_id::context_identifier, id);
    if (!request.trace_reference.empty()) {
        message.add(avp_id::trace_reference, OctetView(request.trace_reference));
    }
}

void encode(const s6a::DeleteSubscriberDataAnswer& answer, Message& message) {
    encode(answer.supported_features, message);
    encode_success(message);
    if (const auto flags = answer.dsa_flags & network_node_area_restricted) {
        message.add(avp_id::dsa_flags, flags);
    }
}

Result<s6a::DeleteSubscriberDataAnswer> decode_delete_subscriber_data_answer(const Message& message) {
    if (auto failure = failure_of(message)) return std::move(*failure);
    return s6a::DeleteSubscriberDataAnswer{
        decode_features(message),
        number_of(message, avp_id::dsa_flags).value_or(0) & network_node_area_restricted};
}

Decoded<s6a::ResetRequest> decode_reset(const Message& message) {
    s6a::ResetRequest request{decode_destination(message), {}, octets_of_each(message, avp_id::reset_id)};
    std::optional<Rejection> rejection;
    message.each([&](const AvpView& avp) {
        if (avp.id() != avp_id::user_id || rejection) return;
        const auto digits = avp.text();
        const bool sound = !digits.empty() && digits.size() <= Imsi::digits_max &&
                           digits.find_first_not_of("0123456789") == std::string_view::npos;
        if (!sound) {
            rejection = invalid_value(avp, "User-Id is not the leading digits of IMSIs");
        } else {
            request.user_ids.emplace_back(digits);
        }
    });
    if (rejection) return std::move(*rejection);
    return request;
}

void encode(const s6a::ResetRequest& request, Message& message) {
    for (const auto& id : request.user_ids) message.add(avp_id::user_id, id);
    for (const auto& id : request.reset_ids) message.add(avp_id::reset_id, OctetView(id));
}

void encode(const s6a::ResetAnswer&, Message& message) {
    encode_success(message);
}

Result<s6a::ResetAnswer> decode_reset_answer(const Message& message) {
    if (auto failure = failure_of(message)) return std::move(*failure);
    return s6a::ResetAnswer{};
}

}  // namespace bindhss::diameter
