// SPDX-License-Identifier: Apache-2.0
// The switches over all commands of S6a and S13.
#include "diameter/s6a_parts.h"

namespace bindhss::diameter {

namespace {

template <class Wide, class T>
Decoded<Wide> widen(Decoded<T> decoded) {
    if (auto* rejection = std::get_if<Rejection>(&decoded)) return std::move(*rejection);
    return Wide(std::move(std::get<T>(decoded)));
}

Rejection unsupported(std::uint32_t code) {
    return {Cause::command_unsupported, "command " + std::to_string(code) + " is not served", {}};
}

}  // namespace

std::string_view request_name(std::uint32_t command_code) {
    switch (command_code) {
        case command_update_location:
            return "ULR";
        case command_cancel_location:
            return "CLR";
        case command_authentication_information:
            return "AIR";
        case command_insert_subscriber_data:
            return "IDR";
        case command_delete_subscriber_data:
            return "DSR";
        case command_purge_ue:
            return "PUR";
        case command_reset:
            return "RSR";
        case command_notify:
            return "NOR";
        case command_me_identity_check:
            return "ECR";
        default:
            return "other";
    }
}

Decoded<s6a::Request> decode_request(const Message& message) {
    const auto code = message.header().command_code;
    switch (code) {
        case command_authentication_information:
            return widen<s6a::Request>(decode_authentication_information(message));
        case command_update_location:
            return widen<s6a::Request>(decode_update_location(message));
        case command_purge_ue:
            return widen<s6a::Request>(decode_purge_ue(message));
        case command_notify:
            return widen<s6a::Request>(decode_notify(message));
        case command_me_identity_check:
            return widen<s6a::Request>(decode_me_identity_check(message));
        default:
            return unsupported(code);
    }
}

Decoded<NodeRequest> decode_node_request(const Message& message) {
    const auto code = message.header().command_code;
    switch (code) {
        case command_cancel_location:
            return widen<NodeRequest>(decode_cancel_location(message));
        case command_insert_subscriber_data:
            return widen<NodeRequest>(decode_insert_subscriber_data(message));
        case command_delete_subscriber_data:
            return widen<NodeRequest>(decode_delete_subscriber_data(message));
        case command_reset:
            return widen<NodeRequest>(decode_reset(message));
        default:
            return unsupported(code);
    }
}

void encode(const s6a::Answer& answer, Message& message) {
    std::visit([&message](const auto& alternative) { encode(alternative, message); }, answer);
}

void encode(const NodeAnswer& answer, Message& message) {
    std::visit([&message](const auto& alternative) { encode(alternative, message); }, answer);
}

}  // namespace bindhss::diameter
