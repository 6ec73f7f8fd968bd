// SPDX-License-Identifier: Apache-2.0
// ME-Identity-Check of S13 (TS 29.272 7.2.19, 7.2.20).
#include "diameter/s6a_parts.h"

namespace bindhss::diameter {

Decoded<s6a::MeIdentityCheckRequest> decode_me_identity_check(const Message& message) {
    auto terminal = decode_terminal(message);
    if (!terminal) return missing(avp_id::terminal_information, "Terminal-Information is missing");
    s6a::MeIdentityCheckRequest request{decode_origin(message), std::move(*terminal), {}};
    if (message.find(avp_id::user_name)) {
        const auto imsi = decode_imsi(message);
        if (const auto* rejection = std::get_if<Rejection>(&imsi)) return *rejection;
        request.imsi = std::get<Imsi>(imsi);
    }
    return request;
}

void encode(const s6a::MeIdentityCheckRequest& request, Message& message) {
    encode(request.terminal_information, message);
    if (request.imsi) message.add(avp_id::user_name, request.imsi->digits());
}

void encode(const s6a::MeIdentityCheckAnswer& answer, Message& message) {
    encode_success(message);
    message.add(avp_id::equipment_status, static_cast<std::uint32_t>(answer.equipment_status));
}

Result<s6a::MeIdentityCheckAnswer> decode_me_identity_check_answer(const Message& message) {
    if (auto failure = failure_of(message)) return std::move(*failure);
    const auto status = number_of(message, avp_id::equipment_status);
    if (!status || *status > static_cast<std::uint32_t>(s6a::EquipmentStatus::tracked)) {
        return fail(Cause::invalid_avp_value, "an ECA without an Equipment-Status of 7.3.51");
    }
    return s6a::MeIdentityCheckAnswer{static_cast<s6a::EquipmentStatus>(*status)};
}

}  // namespace bindhss::diameter
