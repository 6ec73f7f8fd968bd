// SPDX-License-Identifier: Apache-2.0
#include "diameter/s6a_server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "binding/container.h"
#include "diameter/avp_id.h"
#include "diameter/kme_codec.h"
#include "diameter/s6a_codec.h"
#include "diameter/s6a_request.h"
#include "procedure/dispatch.h"

namespace bindhss::diameter {

namespace asio = boost::asio;

/// What the log says of a request: read before the request is answered and gone.
class S6aServer::Line {
  public:
    explicit Line(const IncomingRequest& request)
        : command_(request_name(request.message().header().command_code)), peer_(request.peer()) {
        retransmitted_ = (request.message().header().flags & Header::flag_retransmitted) != 0;
        if (const auto user = request.message().find(avp_id::user_name)) imsi_ = user->text().substr(0, 32);
        if (const auto host = request.message().find(avp_id::origin_host)) origin_host_ = host->text();
    }

    void write(log::Logger& log, const Failure* failure) const {
        const auto elapsed = std::chrono::steady_clock::now() - began_;
        const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(elapsed).count();
        const auto result =
            failure != nullptr ? result_code(failure->cause).name : std::string_view("DIAMETER_SUCCESS");
        log.event(failure != nullptr ? log::Level::info : log::Level::debug, "s6a_request",
                  {{"command", command_},
                   {"imsi", imsi_},
                   {"peer", peer_},
                   {"origin_host", origin_host_},
                   {"retransmitted", retransmitted_ ? "yes" : "no"},
                   {"result", result},
                   {"microseconds", microseconds},
                   {"detail", failure != nullptr ? std::string_view(failure->detail) : std::string_view()}});
    }
    void write_joined(log::Logger& log) const {
        log.event(log::Level::debug, "s6a_request_joined",
                  {{"command", command_},
                   {"imsi", imsi_},
                   {"peer", peer_},
                   {"origin_host", origin_host_},
                   {"retransmitted", retransmitted_ ? "yes" : "no"}});
    }
    void write_fault(log::Logger& log, std::string_view what) const {
        log.error("s6a_fault", {{"command", command_}, {"imsi", imsi_}, {"detail", what}});
    }

  private:
    std::string_view command_;
    std::string imsi_;
    std::string peer_;
    std::string origin_host_;
    bool retransmitted_ = false;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

namespace {

// Every container that the engine makes, or takes, passes the codec.
static_assert(kme_container_octets_max == binding::container_octets_max);

/// How the request came in, for the requests whose procedures care.
void put_arrival(const IncomingRequest& incoming, s6a::Request& request) {
    const s6a::Arrival arrival{incoming.secured(), incoming.message().header().end_to_end};
    std::visit(
        [&arrival](auto& alternative) {
            if constexpr (requires { alternative.arrival; }) alternative.arrival = arrival;
        },
        request);
}

/// Nothing: as long as for every request.
template <class Request>
std::optional<std::chrono::milliseconds> patience_for(const Request& request) {
    if constexpr (requires { request.answer_within; }) return request.answer_within;
    return std::nullopt;
}

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
    auto key = Duplicates::key_of(request->message());
    std::optional<Line> line;
    if (log_.enabled(log::Level::debug)) line.emplace(*request);
    switch (duplicates_.enter(key, request)) {
        case Duplicates::Entry::first:
            // Not on the peer's strand: requests of one peer are served by all threads.
            asio::co_spawn(io_, answer(std::move(request), std::move(key)), asio::detached);
            return;
        case Duplicates::Entry::joined:
            if (line) line->write_joined(log_);
            return;
        case Duplicates::Entry::full:
            return request->reject({Cause::too_busy, "too many retransmissions of this request wait", {}});
    }
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

void S6aServer::tell(const Line& line, const Outcome& outcome) {
    if (std::holds_alternative<s6a::Answer>(outcome)) {
        if (log_.enabled(log::Level::debug)) line.write(log_, nullptr);
        return;
    }
    if (!tell_of_failure()) return;
    if (const auto* failure = std::get_if<Failure>(&outcome)) return line.write(log_, failure);
    const auto& rejection = std::get<Rejection>(outcome);
    const auto failure = fail(rejection.cause, rejection.detail);
    line.write(log_, &failure);
}

asio::awaitable<void> S6aServer::answer(std::unique_ptr<IncomingRequest> request, std::string key) {
    const Line line(*request);
    try {
        const auto outcome = co_await run(*request);
        const auto joined = duplicates_.leave(key);
        respond(*request, outcome);
        for (const auto& duplicate : joined) respond(*duplicate, outcome);
        tell(line, outcome);
    } catch (const std::exception& e) {
        line.write_fault(log_, e.what());
        // The requests, destroyed unanswered, answer UNABLE_TO_COMPLY.
        (void)duplicates_.leave(key);
    }
}

asio::awaitable<S6aServer::Outcome> S6aServer::run(const IncomingRequest& incoming) {
    const auto& request = incoming.message();
    if (!incoming.quirks().features_optional && demands_more_than(ports_->settings.features, request)) {
        co_return fail(Cause::feature_unsupported, "the node demands features that this HSS has not");
    }
    auto decoded = decode_request(request);
    if (auto* rejection = std::get_if<Rejection>(&decoded)) co_return std::move(*rejection);
    put_arrival(incoming, std::get<s6a::Request>(decoded));
    auto result =
        co_await procedure::dispatch(*ports_, std::move(std::get<s6a::Request>(decoded)), incoming.peer());
    if (!result) co_return result.error();
    co_return std::move(*result);
}

void S6aServer::respond(IncomingRequest& request, const Outcome& outcome) const {
    if (const auto* rejection = std::get_if<Rejection>(&outcome)) return request.reject(*rejection);
    auto message = request.make_answer();
    if (const auto* success = std::get_if<s6a::Answer>(&outcome)) {
        encode(*success, message);
        return request.answer(message);
    }
    const auto& failure = std::get<Failure>(outcome);
    encode(failure, message);
    if (failure.cause == Cause::feature_unsupported)
        encode_features(ports_->settings.features, request.message(), message);
    const bool ulr = request.message().header().command_code == command_update_location;
    if (ulr && request.quirks().ula_error_stub) encode_error_stub(message);
    request.answer(message);
}

template <class Answer, class Request>
asio::awaitable<Result<Answer>> S6aServer::ask(std::uint32_t command_code, Request request,
                                               Result<Answer> (*decode)(const Message&)) {
    if (node_ == nullptr) co_return fail(Cause::unable_to_deliver, "the node has not started");
    auto message = make_s6a_request(*node_, command_code, request.destination);
    encode(request, message);
    const auto patience = patience_for(request);
    const auto answer = co_await node_->send(std::move(message), patience);
    if (!answer) co_return answer.error();
    co_return decode(*answer);
}

asio::awaitable<Result<s6a::CancelLocationAnswer>> S6aServer::cancel_location(
    s6a::CancelLocationRequest request) {
    return ask(command_cancel_location, std::move(request), decode_cancel_location_answer);
}

asio::awaitable<Result<s6a::InsertSubscriberDataAnswer>> S6aServer::insert_subscriber_data(
    s6a::InsertSubscriberDataRequest request) {
    return ask(command_insert_subscriber_data, std::move(request), decode_insert_subscriber_data_answer);
}

asio::awaitable<Result<s6a::DeleteSubscriberDataAnswer>> S6aServer::delete_subscriber_data(
    s6a::DeleteSubscriberDataRequest request) {
    return ask(command_delete_subscriber_data, std::move(request), decode_delete_subscriber_data_answer);
}

asio::awaitable<Result<s6a::ResetAnswer>> S6aServer::reset(s6a::ResetRequest request) {
    return ask(command_reset, std::move(request), decode_reset_answer);
}

}  // namespace bindhss::diameter
