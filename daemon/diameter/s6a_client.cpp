// SPDX-License-Identifier: Apache-2.0
#include "diameter/s6a_client.h"

#include "diameter/s6a_codec.h"
#include "diameter/s6a_request.h"

namespace bindhss::diameter {

namespace asio = boost::asio;

RequestHandler S6aClient::handler() {
    return [this](std::unique_ptr<IncomingRequest> request) { receive(std::move(request)); };
}

void S6aClient::receive(std::unique_ptr<IncomingRequest> request) const {
    if (request->message().header().command_code != command_cancel_location) {
        return request->reject({Cause::command_unsupported, "an MME that serves CLR only", {}});
    }
    const auto decoded = decode_cancel_location(request->message());
    if (const auto* rejection = std::get_if<Rejection>(&decoded)) return request->reject(*rejection);
    if (on_cancel_location_) on_cancel_location_(std::get<s6a::CancelLocationRequest>(decoded));
    auto answer = request->make_answer();
    encode_success(answer);
    request->answer(answer);
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

asio::awaitable<Result<s6a::AuthenticationInformationAnswer>> S6aClient::authentication_information(
    s6a::AuthenticationInformationRequest request) {
    auto message = make_request(command_authentication_information);
    encode(request, message);
    const auto answer = co_await exchange(std::move(message));
    if (!answer) co_return answer.error();
    co_return decode_authentication_information_answer(*answer);
}

asio::awaitable<Result<s6a::UpdateLocationAnswer>> S6aClient::update_location(
    s6a::UpdateLocationRequest request) {
    auto message = make_request(command_update_location);
    encode(request, message);
    const auto answer = co_await exchange(std::move(message));
    if (!answer) co_return answer.error();
    co_return decode_update_location_answer(*answer);
}

}  // namespace bindhss::diameter
