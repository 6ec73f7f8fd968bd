// SPDX-License-Identifier: Apache-2.0
#include "diameter/s6a_server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "binding/container.h"
#include "diameter/avp_id.h"
#include "diameter/kme_codec.h"
#include "diameter/s6a_codec.h"
#include "diameter/s6a_request.h"
#include "log/printable.h"
#include "procedure/dispatch.h"
#include "types/diameter_identity.h"

namespace bindhss::diameter {

namespace asio = boost::asio;

namespace {

/// The id by which log, trace and alarms know a request; whatever a peer puts there.
std::string session_of(const Message& message) {
    const auto session = message.find(avp_id::session_id);
    return session ? log::printable(session->text(), limits::session_id_octets_max) : std::string();
}

}  // namespace

/// What the log says of a request: read before the request is answered and gone.
class S6aServer::Line {
  public:
    explicit Line(const IncomingRequest& request)
        : command_(request_name(request.message().header().command_code)), peer_(request.peer()) {
        retransmitted_ = (request.message().header().flags & Header::flag_retransmitted) != 0;
        if (const auto user = request.message().find(avp_id::user_name)) imsi_ = user->text().substr(0, 32);
        if (const auto host = request.message().find(avp_id::origin_host)) origin_host_ = host->text();
        session_ = session_of(request.message());
    }

    [[nodiscard]] const std::string& session() const { return session_; }
    [[nodiscard]] ServedRequest served(const Failure* failure) const {
        ServedRequest request;
        request.command = command_;
        request.imsi = imsi_;
        request.session = session_;
        request.peer = peer_;
        request.origin_host = origin_host_;
        request.failure = failure;
        request.retransmitted = retransmitted_;
        request.took = elapsed();
        return request;
    }

    void write(log::Logger& log, const Failure* failure) const {
        const auto result =
            failure != nullptr ? result_code(failure->cause).name : std::string_view("DIAMETER_SUCCESS");
        log.event(failure != nullptr ? log::Level::info : log::Level::debug, "s6a_request",
                  {{"command", command_},
                   {"imsi", imsi_},
                   {"peer", peer_},
                   {"origin_host", origin_host_},
                   {"session", session_},
                   {"retransmitted", retransmitted_ ? "yes" : "no"},
                   {"result", result},
                   {"microseconds", elapsed().count()},
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
        log.error("s6a_fault",
                  {{"command", command_}, {"imsi", imsi_}, {"session", session_}, {"detail", what}});
    }

  private:
    [[nodiscard]] std::chrono::microseconds elapsed() const {
        return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                     began_);
    }

    std::string_view command_;
    std::string imsi_;
    std::string peer_;
    std::string origin_host_;
    std::string session_;
    bool retransmitted_ = false;
    std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

namespace {

// Every container that the engine makes, or takes, passes the codec.
static_assert(kme_container_octets_max == binding::container_octets_max);

/// How the request came in, for the requests whose procedures care.
void put_arrival(const IncomingRequest& incoming, std::string session, s6a::Request& request) {
    s6a::Arrival arrival{incoming.secured(), incoming.message().header().end_to_end, std::move(session)};
    std::visit(
        [&arrival](auto& alternative) {
            if constexpr (requires { alternative.arrival; }) alternative.arrival = std::move(arrival);
        },
        request);
}

template <class Request, class Answer>
void observe_sent(RequestObserver* observer, std::uint32_t command_code, const Request& request,
                  const std::string& session, const Result<Answer>& answer,
                  std::chrono::steady_clock::time_point began) {
    if (observer == nullptr) return;
    const auto failure = answer ? std::nullopt : std::optional<Failure>(answer.error());
    SentRequestOutcome outcome;
    outcome.command = request_name(command_code);
    if constexpr (requires { request.imsi; }) outcome.imsi = request.imsi.digits();
    outcome.session = session;
    outcome.node = request.destination.host;
    if (failure) outcome.failure = &*failure;
    const auto elapsed = std::chrono::steady_clock::now() - began;
    outcome.took = std::chrono::duration_cast<std::chrono::microseconds>(elapsed);
    observer->sent(outcome);
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

void S6aServer::serve(Node& node, procedure::LivePorts ports) {
    node_ = &node;
    ports_.emplace(std::move(ports));
}

void S6aServer::receive(std::unique_ptr<IncomingRequest> request) {
    if (!ports_) return request->reject({Cause::too_busy, "starting", {}});
    auto key = Duplicates::key_of(request->message());
    std::optional<Line> line;
    if (log_.enabled(log::Level::debug)) line.emplace(*request);
    switch (duplicates_.enter(key, request)) {
        case Duplicates::Entry::first:
            start(std::move(request), std::move(key));
            return;
        case Duplicates::Entry::joined:
            if (line) line->write_joined(log_);
            if (observer_ != nullptr) observer_->joined(false);
            return;
        case Duplicates::Entry::full:
            if (observer_ != nullptr) observer_->joined(true);
            return request->reject({Cause::too_busy, "too many retransmissions of this request wait", {}});
    }
}

void S6aServer::start(std::unique_ptr<IncomingRequest> request, std::string key) {
    const bool air = request->message().header().command_code == command_authentication_information;
    // Not on the peer's strand: requests of one peer are served by all threads.
    asio::co_spawn(air ? io_ : patient_, answer(std::move(request), std::move(key)), asio::detached);
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
        observe(line, nullptr);
        if (log_.enabled(log::Level::debug)) line.write(log_, nullptr);
        return;
    }
    std::optional<Failure> rejected;
    const auto* failure = std::get_if<Failure>(&outcome);
    if (failure == nullptr) {
        const auto& rejection = std::get<Rejection>(outcome);
        failure = &rejected.emplace(fail(rejection.cause, rejection.detail));
    }
    observe(line, failure);
    if (tell_of_failure()) line.write(log_, failure);
}

void S6aServer::observe(const Line& line, const Failure* failure) const {
    if (observer_ != nullptr) observer_->served(line.served(failure));
}

asio::awaitable<void> S6aServer::answer(std::unique_ptr<IncomingRequest> request, std::string key) {
    const Line line(*request);
    if (observer_ != nullptr) observer_->begins();
    const auto ports = ports_->now();
    try {
        const auto outcome = co_await run(*request, line.session(), *ports);
        const auto joined = duplicates_.leave(key);
        respond(*request, outcome, *ports);
        for (const auto& duplicate : joined) respond(*duplicate, outcome, *ports);
        tell(line, outcome);
    } catch (const std::exception& e) {
        line.write_fault(log_, e.what());
        const auto fault = fail(Cause::unable_to_comply, "a fault of this HSS");
        observe(line, &fault);
        // The requests, destroyed unanswered, answer UNABLE_TO_COMPLY.
        (void)duplicates_.leave(key);
    }
}

asio::awaitable<S6aServer::Outcome> S6aServer::run(const IncomingRequest& incoming, std::string session,
                                                   const procedure::Ports& ports) {
    const auto& request = incoming.message();
    if (!incoming.quirks().features_optional && demands_more_than(ports.settings.features, request)) {
        co_return fail(Cause::feature_unsupported, "the node demands features that this HSS has not");
    }
    auto decoded = decode_request(request);
    if (auto* rejection = std::get_if<Rejection>(&decoded)) co_return std::move(*rejection);
    put_arrival(incoming, std::move(session), std::get<s6a::Request>(decoded));
    auto result =
        co_await procedure::dispatch(ports, std::move(std::get<s6a::Request>(decoded)), incoming.peer());
    if (!result) co_return result.error();
    co_return std::move(*result);
}

void S6aServer::respond(IncomingRequest& request, const Outcome& outcome, const procedure::Ports& ports) {
    if (const auto* rejection = std::get_if<Rejection>(&outcome)) return request.reject(*rejection);
    auto message = request.make_answer();
    if (const auto* success = std::get_if<s6a::Answer>(&outcome)) {
        encode(*success, message);
        return request.answer(message);
    }
    const auto& failure = std::get<Failure>(outcome);
    encode(failure, message);
    if (failure.cause == Cause::feature_unsupported)
        encode_features(ports.settings.features, request.message(), message);
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
    const auto session = session_of(message);
    const auto began = std::chrono::steady_clock::now();
    const auto answer = co_await node_->send(std::move(message), patience);
    auto decoded = answer ? decode(*answer) : Result<Answer>(answer.error());
    observe_sent(observer_, command_code, request, session, decoded, began);
    co_return decoded;
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

store::Reach S6aServer::reach() const {
    if (node_ == nullptr) return {};
    return {lower_case(node_->settings().identity), node_->open_peers()};
}

}  // namespace bindhss::diameter
