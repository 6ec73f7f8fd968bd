// SPDX-License-Identifier: Apache-2.0
#include "diameter/s6a_client.h"

#include "diameter/s6a_request.h"

namespace bindhss::diameter {

namespace asio = boost::asio;

namespace {

S6aClient::Serve only_cancel_location(S6aClient::CancelLocation on_cancel_location) {
    return [on_cancel_location = std::move(on_cancel_location)](std::unique_ptr<IncomingRequest> request,
                                                                const NodeRequest& decoded) {
        const auto* clr = std::get_if<s6a::CancelLocationRequest>(&decoded);
        if (clr == nullptr) {
            return request->reject({Cause::command_unsupported, "an MME that serves CLR only", {}});
        }
        if (on_cancel_location) on_cancel_location(*clr);
        S6aClient::answer(*request, s6a::CancelLocationAnswer{});
    };
}

}  // namespace

S6aClient::S6aClient(Destination destination, CancelLocation on_cancel_location)
    : S6aClient(std::move(destination), only_cancel_location(std::move(on_cancel_location))) {}

void S6aClient::answer(IncomingRequest& request, const NodeAnswer& answer) {
    auto message = request.make_answer();
    encode(answer, message);
    request.answer(message);
}

void S6aClient::refuse(IncomingRequest& request, std::uint32_t number, bool experimental) {
    auto message = request.make_answer();
    encode_result(number, experimental, message);
    request.answer(message);
}

RequestHandler S6aClient::handler() {
    return [this](std::unique_ptr<IncomingRequest> request) { receive(std::move(request)); };
}

void S6aClient::receive(std::unique_ptr<IncomingRequest> request) const {
    auto decoded = decode_node_request(request->message());
    if (const auto* rejection = std::get_if<Rejection>(&decoded)) return request->reject(*rejection);
    serve_(std::move(request), std::move(std::get<NodeRequest>(decoded)));
}

Message S6aClient::make_request(std::uint32_t command_code) {
    return make_s6a_request(*node_, command_code, {destination_.host, destination_.realm});
}

asio::awaitable<Result<Message>> S6aClient::exchange(Message request) {
    if (destination_.peer.empty()) {
        co_return co_await node_->send(std::move(request));
    }
    co_return co_await node_->send_to(destination_.peer, std::move(request));
}

template <class Answer, class Request>
asio::awaitable<Result<Answer>> S6aClient::ask(std::uint32_t command_code, Request request,
                                               Result<Answer> (*decode)(const Message&)) {
    auto message = make_request(command_code);
    encode(request, message);
    const auto answer = co_await exchange(std::move(message));
    if (!answer) co_return answer.error();
    co_return decode(*answer);
}

asio::awaitable<Result<s6a::AuthenticationInformationAnswer>> S6aClient::authentication_information(
    s6a::AuthenticationInformationRequest request) {
    return ask(command_authentication_information, std::move(request),
               decode_authentication_information_answer);
}

asio::awaitable<Result<s6a::UpdateLocationAnswer>> S6aClient::update_location(
    s6a::UpdateLocationRequest request) {
    return ask(command_update_location, std::move(request), decode_update_location_answer);
}

asio::awaitable<Result<s6a::PurgeUeAnswer>> S6aClient::purge_ue(s6a::PurgeUeRequest request) {
    return ask(command_purge_ue, std::move(request), decode_purge_ue_answer);
}

asio::awaitable<Result<s6a::NotifyAnswer>> S6aClient::notify(s6a::NotifyRequest request) {
    return ask(command_notify, std::move(request), decode_notify_answer);
}

asio::awaitable<Result<s6a::MeIdentityCheckAnswer>> S6aClient::me_identity_check(
    s6a::MeIdentityCheckRequest request) {
    return ask(command_me_identity_check, std::move(request), decode_me_identity_check_answer);
}

}  // namespace bindhss::diameter
