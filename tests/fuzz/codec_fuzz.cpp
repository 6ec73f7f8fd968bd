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

/// Every answer's decoder, whatever command it is.
void decode_answer(const Message& message) {
    static_cast<void>(decode_authentication_information_answer(message).has_value());
    static_cast<void>(decode_update_location_answer(message).has_value());
    static_cast<void>(decode_purge_ue_answer(message).has_value());
    static_cast<void>(decode_notify_answer(message).has_value());
    static_cast<void>(decode_me_identity_check_answer(message).has_value());
    static_cast<void>(decode_cancel_location_answer(message).has_value());
    static_cast<void>(decode_insert_subscriber_data_answer(message).has_value());
    static_cast<void>(decode_delete_subscriber_data_answer(message).has_value());
    static_cast<void>(decode_reset_answer(message).has_value());
}

Message begin_again(const Message& request) {
    auto message =
        Message::request(loaded_dictionary(), request.header().command_code, request.header().application_id);
    for (const auto id : {avp_id::session_id, avp_id::origin_host, avp_id::origin_realm,
                          avp_id::destination_host, avp_id::destination_realm}) {
        if (const auto avp = request.find(id)) message.add(id, avp->text());
    }
    message.add(avp_id::auth_session_state, 1U);
    return message;
}

/// What was understood has to be writable, and acceptable when it is read again.
template <class Request>
std::optional<Rejection> rewrite(const Message& message, const Decoded<Request>& decoded) {
    if (const auto* rejection = std::get_if<Rejection>(&decoded)) return *rejection;
    auto again = begin_again(message);
    std::visit([&again](const auto& request) { encode(request, again); }, std::get<Request>(decoded));
    const auto octets = again.serialise();
    if (octets.size() > 0xffff) return std::nullopt;
    auto read = Message::parse(octets);
    if (!read || read->check(loaded_dictionary())) std::abort();
    return std::nullopt;
}

void decode(const Message& message) {
    if (!message.header().is_request()) return decode_answer(message);
    static_cast<void>(demands_more_than({}, message));
    const auto of_hss = decode_node_request(message);
    if (std::holds_alternative<NodeRequest>(of_hss)) return answer(message, rewrite(message, of_hss));
    const auto of_node = decode_request(message);
    answer(message, rewrite(message, of_node));
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
