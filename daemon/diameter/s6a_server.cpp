// SPDX-License-Identifier: Apache-2.0
#include "diameter/s6a_server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "diameter/avp_id.h"
#include "diameter/s6a_codec.h"
#include "diameter/s6a_request.h"
#include "procedure/dispatch.h"

namespace bindhss::diameter {

namespace asio = boost::asio;

namespace {

// What the log says of a request: read before the request is answered and gone.
struct RequestLine {
    explicit RequestLine(const IncomingRequest& request)
        : command(request.message().header().command_code), peer(request.peer()) {
        if (const auto user = request.message().find(avp_id::user_name)) imsi = user->text().substr(0, 32);
        if (const auto host = request.message().find(avp_id::origin_host)) origin_host = host->text();
    }

    void write(log::Logger& log, const std::optional<Failure>& failure) const {
        const auto elapsed = std::chrono::steady_clock::now() - began;
        const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count();
        const auto result = failure ? result_code(failure->cause).name : std::string_view("DIAMETER_SUCCESS");
        log.event(failure ? log::Level::info : log::Level::debug, "s6a_request",
                  {{"command", command_name()},
                   {"imsi", imsi},
                   {"peer", peer},
                   {"origin_host", origin_host},
                   {"result", result},
                   {"microseconds", microseconds},
                   {"detail", failure ? std::string_view(failure->detail) : std::string_view()}});
    }

    [[nodiscard]] std::string_view command_name() const {
        switch (command) {
            case command_authentication_information:
                return "AIR";
            case command_update_location:
                return "ULR";
            default:
                return "other";
        }
    }

    std::uint32_t command;
    std::string imsi;
    std::string peer;
    std::string origin_host;
    std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
};

}  // namespace

RequestHandler S6aServer::handler() {
    return [this](std::unique_ptr<IncomingRequest> request) { receive(std::move(request)); };
}

void S6aServer::serve(Node& node, const procedure::Ports& ports) {
    node_ = &node;
    ports_ = &ports;
}

void S6aServer::receive(std::unique_ptr<IncomingRequest> request) {
    if (ports_ == nullptr) return request->reject({Cause::too_busy, "starting", {}});
    // Not on the peer's strand: requests of one peer are served by all threads.
    asio::co_spawn(io_, answer(std::move(request)), asio::detached);
}

/// An outage fails every request: some of them are told, then their number.
bool S6aServer::tell_of_failure() {
    if (log_.enabled(log::Level::debug)) return true;
    if (!log_.enabled(log::Level::info)) return false;
    const auto kept_back = failures_told_.take(std::chrono::steady_clock::now());
    if (!kept_back) return false;
    if (*kept_back != 0) log_.info("s6a_failures_not_told", {{"count", *kept_back}});
    return true;
}

asio::awaitable<void> S6aServer::answer(std::unique_ptr<IncomingRequest> request) {
    const RequestLine line(*request);
    try {
        const auto failure = co_await run(*request);
        if (failure ? tell_of_failure() : log_.enabled(log::Level::debug)) line.write(log_, failure);
    } catch (const std::exception& e) {
        log_.error("s6a_fault",
                   {{"command", line.command_name()}, {"imsi", line.imsi}, {"detail", e.what()}});
        // The request, destroyed unanswered, answers UNABLE_TO_COMPLY.
    }
}

asio::awaitable<std::optional<Failure>> S6aServer::run(IncomingRequest& request) {
    auto decoded = decode_request(request.message());
    if (const auto* rejection = std::get_if<Rejection>(&decoded)) {
        request.reject(*rejection);
        co_return Failure{rejection->cause, rejection->detail};
    }
    auto result = co_await procedure::dispatch(*ports_, std::move(std::get<s6a::Request>(decoded)));
    auto answer = request.make_answer();
    if (result) {
        encode(*result, answer);
    } else {
        encode(result.error(), answer);
    }
    request.answer(answer);
    if (result) co_return std::nullopt;
    co_return result.error();
}

asio::awaitable<Result<s6a::CancelLocationAnswer>> S6aServer::cancel_location(
    s6a::CancelLocationRequest request) {
    if (node_ == nullptr) co_return fail(Cause::unable_to_deliver, "the node has not started");
    auto message = make_s6a_request(*node_, command_cancel_location, request.destination);
    encode(request, message);
    auto answer = co_await node_->send(std::move(message));
    if (!answer) co_return answer.error();
    co_return decode_cancel_location_answer(*answer);
}

}  // namespace bindhss::diameter
