// SPDX-License-Identifier: Apache-2.0
// What a peer may send, from the octets to the plain struct and to the answer. Aborts when a message that was
// accepted is not written as it was read, or when an answer of ours is not accepted by our own check.
#include <cstdlib>

#include "diameter/avp_id.h"
#include "diameter/s6a_codec.h"
#include "diameter_dict/dictionary.h"

using namespace bindhss;
using namespace bindhss::diameter;

namespace {

const diameter_dict::Dictionary& loaded_dictionary() {
    static const diameter_dict::Dictionary instance;
    return instance;
}

void visit(const AvpView& avp) {
    static volatile std::size_t sink = 0;
    sink = sink + avp.octets().size() + avp.u32() + avp.id().code;
    avp.each([](AvpView child) { visit(child); });
}

void answer(const Message& request, const std::optional<Rejection>& rejection) {
    auto answer = Message::answer(loaded_dictionary(), request.header());
    if (const auto session = request.find(avp_id::session_id))
        answer.add(avp_id::session_id, session->text());
    answer.add(avp_id::auth_session_state, 1U);
    answer.add(avp_id::origin_host, std::string_view("hss.example"));
    answer.add(avp_id::origin_realm, std::string_view("example"));
    if (rejection) {
        encode(*rejection, answer);
    } else {
        encode_success(answer);
    }
    for (const auto proxy_info : request.encoded(avp_id::proxy_info)) answer.add_raw(proxy_info);
    const auto octets = answer.serialise();
    if (octets.size() <= 0xffff && !Message::parse(octets)) std::abort();
}

void decode(const Message& message) {
    const auto code = message.header().command_code;
    if (!message.header().is_request()) {
        static_cast<void>(decode_authentication_information_answer(message).has_value());
        static_cast<void>(decode_update_location_answer(message).has_value());
        return;
    }
    if (code == command_cancel_location) {
        static_cast<void>(decode_cancel_location(message));
        return;
    }
    const auto request = decode_request(message);
    const auto* rejection = std::get_if<Rejection>(&request);
    answer(message, rejection != nullptr ? std::optional(*rejection) : std::nullopt);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto message = Message::parse({data, size});
    if (!message) return 0;
    const auto rejection = message->check(loaded_dictionary());
    message->each(visit);
    if (rejection) {
        answer(*message, rejection);
        return 0;
    }
    decode(*message);
    auto again = Message::parse(message->serialise());
    if (!again || again->check(loaded_dictionary())) std::abort();
    return 0;
}
