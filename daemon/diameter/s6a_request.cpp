// SPDX-License-Identifier: Apache-2.0
#include "diameter/s6a_request.h"

#include "diameter/avp_id.h"
#include "diameter/s6a_codec.h"

namespace bindhss::diameter {

namespace {

constexpr std::uint32_t no_state_maintained = 1;  // Auth-Session-State, RFC 6733 8.11

}  // namespace

Message make_s6a_request(Node& node, std::uint32_t command_code, const ServingNode& destination) {
    const auto application = command_code == command_me_identity_check ? application_s13 : application_s6a;
    auto message = Message::request(node.dictionary(), command_code, application);
    message.add(avp_id::session_id, node.new_session_id());
    message.add_group(avp_id::vendor_specific_application_id, [application](Message::Group& group) {
        group.add(avp_id::vendor_id, vendor_3gpp);
        group.add(avp_id::auth_application_id, application);
    });
    message.add(avp_id::auth_session_state, no_state_maintained);
    message.add(avp_id::origin_host, node.settings().identity);
    message.add(avp_id::origin_realm, node.settings().realm);
    if (!destination.host.empty()) message.add(avp_id::destination_host, destination.host);
    message.add(avp_id::destination_realm, destination.realm);
    return message;
}

}  // namespace bindhss::diameter
