// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "diameter/avp_id.h"
#include "diameter/s6a_codec.h"
#include "diameter/wire.h"
#include "types/limits.h"

namespace bindhss::diameter {

namespace {

// 7.3.7
constexpr std::uint32_t ulr_single_registration_indication = 1U << 0;
constexpr std::uint32_t ulr_s6a_indicator = 1U << 1;
constexpr std::uint32_t ulr_skip_subscriber_data = 1U << 2;
constexpr std::uint32_t ulr_gprs_subscription_data_indicator = 1U << 3;
constexpr std::uint32_t ulr_node_type_indicator = 1U << 4;
constexpr std::uint32_t ulr_initial_attach_indicator = 1U << 5;
// 7.3.152
constexpr std::uint32_t clr_s6a_indicator = 1U << 0;
constexpr std::uint32_t clr_reattach_required = 1U << 1;

Rejection invalid_value(const AvpView& avp, std::string detail) {
    const auto octets = avp.octets();
    const auto value = octets.first(std::min(octets.size(), limits::failed_avp_octets_max));
    return {Cause::invalid_avp_value, std::move(detail), encode_avp(avp.id(), avp_flag::mandatory, value)};
}

Rejection missing(AvpId id, std::string detail) {
    return {Cause::missing_avp, std::move(detail), encode_avp(id, avp_flag::mandatory, {})};
}

// What is wrong with the value stays out of the text: it may be anything, and the text goes to the log.
Decoded<Imsi> decode_imsi(const Message& message) {
    const auto avp = message.find(avp_id::user_name);
    if (!avp) return missing(avp_id::user_name, "User-Name is missing");
    const auto imsi = Imsi::parse(avp->text());
    if (!imsi) return invalid_value(*avp, "User-Name is no IMSI of 6 to 15 digits");
    return *imsi;
}

Decoded<Plmn> decode_visited_plmn(const Message& message) {
    const auto avp = message.find(avp_id::visited_plmn_id);
    if (!avp) return missing(avp_id::visited_plmn_id, "Visited-PLMN-Id is missing");
    const auto plmn = Plmn::from(avp->octets());
    if (!plmn) return invalid_value(*avp, "Visited-PLMN-Id is no MCC and MNC in three octets");
    return *plmn;
}

std::string text(const Message& message, AvpId id) {
    const auto avp = message.find(id);
    return avp ? std::string(avp->text()) : std::string();
}

ServingNode decode_origin(const Message& message) {
    return {text(message, avp_id::origin_host), text(message, avp_id::origin_realm)};
}

using Requested = std::optional<s6a::RequestedAuthenticationInfo>;

Decoded<Requested> decode_requested(const Message& message, AvpId id) {
    const auto group = message.find(id);
    if (!group) return Requested{};
    s6a::RequestedAuthenticationInfo info;
    if (const auto number = group->find(avp_id::number_of_requested_vectors)) {
        info.number_of_requested_vectors = number->u32();
    }
    // 7.3.16: being there is what counts, its value does not.
    info.immediate_response_preferred = group->find(avp_id::immediate_response_preferred).has_value();
    if (const auto avp = group->find(avp_id::re_synchronization_info)) {
        info.re_synchronization_info = ReSynchronizationInfo::from(avp->octets());
        if (!info.re_synchronization_info)
            return invalid_value(*avp, "Re-Synchronization-Info is not RAND and AUTS");
    }
    return Requested{info};
}

s6a::UlrFlags decode_ulr_flags(std::uint32_t bits) {
    s6a::UlrFlags flags;
    flags.single_registration_indication = (bits & ulr_single_registration_indication) != 0;
    flags.s6a_indicator = (bits & ulr_s6a_indicator) != 0;
    flags.skip_subscriber_data = (bits & ulr_skip_subscriber_data) != 0;
    flags.gprs_subscription_data_indicator = (bits & ulr_gprs_subscription_data_indicator) != 0;
    flags.node_type_indicator = (bits & ulr_node_type_indicator) != 0;
    flags.initial_attach_indicator = (bits & ulr_initial_attach_indicator) != 0;
    return flags;
}

std::uint32_t encode_ulr_flags(const s6a::UlrFlags& flags) {
    std::uint32_t bits = 0;
    if (flags.single_registration_indication) bits |= ulr_single_registration_indication;
    if (flags.s6a_indicator) bits |= ulr_s6a_indicator;
    if (flags.skip_subscriber_data) bits |= ulr_skip_subscriber_data;
    if (flags.gprs_subscription_data_indicator) bits |= ulr_gprs_subscription_data_indicator;
    if (flags.node_type_indicator) bits |= ulr_node_type_indicator;
    if (flags.initial_attach_indicator) bits |= ulr_initial_attach_indicator;
    return bits;
}

// An IMEI of no octets is taken as none reported; any other text is for normalise() to judge.
TerminalInformation decode_terminal(const AvpView& group) {
    const auto imei = group.find(avp_id::imei);
    const auto version = group.find(avp_id::software_version);
    std::optional<std::string_view> imei_text;
    if (imei && !imei->text().empty()) imei_text = imei->text();
    std::optional<std::string_view> version_text;
    if (version) version_text = version->text();
    return TerminalInformation::normalise(imei_text, version_text);
}

void encode_requested(const s6a::RequestedAuthenticationInfo& info, AvpId id, Message& message) {
    message.add_group(id, [&info](Message::Group& group) {
        group.add(avp_id::number_of_requested_vectors, info.number_of_requested_vectors);
        if (info.immediate_response_preferred) group.add(avp_id::immediate_response_preferred, 1U);
        if (!info.re_synchronization_info) return;
        const auto& [rand, auts] = *info.re_synchronization_info;
        OctetString octets(rand.octets.begin(), rand.octets.end());
        octets.insert(octets.end(), auts.octets.begin(), auts.octets.end());
        group.add(avp_id::re_synchronization_info, OctetView(octets));
    });
}

}  // namespace

Decoded<s6a::AuthenticationInformationRequest> decode_authentication_information(const Message& message) {
    const auto imsi = decode_imsi(message);
    if (const auto* rejection = std::get_if<Rejection>(&imsi)) return *rejection;
    const auto plmn = decode_visited_plmn(message);
    if (const auto* rejection = std::get_if<Rejection>(&plmn)) return *rejection;
    const auto eutran = decode_requested(message, avp_id::requested_eutran_authentication_info);
    if (const auto* rejection = std::get_if<Rejection>(&eutran)) return *rejection;
    const auto utran_geran = decode_requested(message, avp_id::requested_utran_geran_authentication_info);
    if (const auto* rejection = std::get_if<Rejection>(&utran_geran)) return *rejection;
    return s6a::AuthenticationInformationRequest{std::get<Imsi>(imsi), decode_origin(message),
                                                 std::get<Plmn>(plmn), std::get<Requested>(eutran),
                                                 std::get<Requested>(utran_geran)};
}

Decoded<s6a::UpdateLocationRequest> decode_update_location(const Message& message) {
    const auto imsi = decode_imsi(message);
    if (const auto* rejection = std::get_if<Rejection>(&imsi)) return *rejection;
    const auto plmn = decode_visited_plmn(message);
    if (const auto* rejection = std::get_if<Rejection>(&plmn)) return *rejection;
    s6a::UpdateLocationRequest request{std::get<Imsi>(imsi), decode_origin(message), std::get<Plmn>(plmn)};
    if (const auto rat = message.find(avp_id::rat_type))
        request.rat_type = static_cast<s6a::RatType>(rat->u32());
    if (const auto flags = message.find(avp_id::ulr_flags)) request.flags = decode_ulr_flags(flags->u32());
    if (const auto group = message.find(avp_id::terminal_information)) {
        request.terminal_information = decode_terminal(*group);
    }
    if (const auto capability = message.find(avp_id::ue_srvcc_capability)) {
        request.ue_srvcc_capability = capability->u32();
    }
    return request;
}

Decoded<s6a::CancelLocationRequest> decode_cancel_location(const Message& message) {
    const auto imsi = decode_imsi(message);
    if (const auto* rejection = std::get_if<Rejection>(&imsi)) return *rejection;
    s6a::CancelLocationRequest request{
        std::get<Imsi>(imsi),
        {text(message, avp_id::destination_host), text(message, avp_id::destination_realm)}};
    const auto type = message.find(avp_id::cancellation_type);
    if (!type) return missing(avp_id::cancellation_type, "Cancellation-Type is missing");
    if (type->u32() > static_cast<std::uint32_t>(s6a::CancellationType::initial_attach_procedure)) {
        const auto received = message.encoded(avp_id::cancellation_type).front();
        return Rejection{Cause::invalid_avp_value, "Cancellation-Type is not one of 7.3.24",
                         OctetString(received.begin(), received.end())};
    }
    request.cancellation_type = static_cast<s6a::CancellationType>(type->u32());
    if (const auto flags = message.find(avp_id::clr_flags)) {
        request.s6a_indicator = (flags->u32() & clr_s6a_indicator) != 0;
        request.reattach_required = (flags->u32() & clr_reattach_required) != 0;
    }
    return request;
}

Decoded<s6a::Request> decode_request(const Message& message) {
    const auto widen = [](auto decoded) -> Decoded<s6a::Request> {
        if (auto* rejection = std::get_if<Rejection>(&decoded)) return std::move(*rejection);
        return s6a::Request(std::move(std::get<0>(decoded)));
    };
    const auto code = message.header().command_code;
    switch (code) {
        case command_authentication_information:
            return widen(decode_authentication_information(message));
        case command_update_location:
            return widen(decode_update_location(message));
        default:
            return Rejection{
                Cause::command_unsupported, "command " + std::to_string(code) + " is not served", {}};
    }
}

void encode(const s6a::AuthenticationInformationRequest& request, Message& message) {
    message.add(avp_id::user_name, request.imsi.digits());
    if (request.eutran)
        encode_requested(*request.eutran, avp_id::requested_eutran_authentication_info, message);
    if (request.utran_geran) {
        encode_requested(*request.utran_geran, avp_id::requested_utran_geran_authentication_info, message);
    }
    message.add(avp_id::visited_plmn_id, OctetView(request.visited_plmn.octets()));
}

void encode(const s6a::UpdateLocationRequest& request, Message& message) {
    message.add(avp_id::user_name, request.imsi.digits());
    if (request.terminal_information) {
        message.add_group(avp_id::terminal_information, [&request](Message::Group& group) {
            const auto& terminal = *request.terminal_information;
            if (terminal.imei) group.add(avp_id::imei, terminal.imei->str());
            if (terminal.svn) group.add(avp_id::software_version, *terminal.svn);
        });
    }
    message.add(avp_id::rat_type, static_cast<std::uint32_t>(request.rat_type));
    message.add(avp_id::ulr_flags, encode_ulr_flags(request.flags));
    if (request.ue_srvcc_capability) message.add(avp_id::ue_srvcc_capability, *request.ue_srvcc_capability);
    message.add(avp_id::visited_plmn_id, OctetView(request.visited_plmn.octets()));
}

void encode(const s6a::CancelLocationRequest& request, Message& message) {
    message.add(avp_id::user_name, request.imsi.digits());
    message.add(avp_id::cancellation_type, static_cast<std::uint32_t>(request.cancellation_type));
    message.add(avp_id::clr_flags, (request.s6a_indicator ? clr_s6a_indicator : 0) |
                                       (request.reattach_required ? clr_reattach_required : 0));
}

}  // namespace bindhss::diameter
