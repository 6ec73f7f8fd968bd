// SPDX-License-Identifier: Apache-2.0
#include "http/session.h"

#include <array>
#include <boost/asio/post.hpp>
#include <ctime>

namespace bindhss::http {

namespace asio = boost::asio;

namespace {

/// IMF-fixdate (RFC 9110 5.6.7).
std::string date_of(WallTime time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
    const auto since_epoch = static_cast<std::time_t>(seconds);
    std::tm broken_down{};
    ::gmtime_r(&since_epoch, &broken_down);
    // Names in English whatever the locale is.
    static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::array<char, 40> rest{};
    std::strftime(rest.data(), rest.size(), " %Y %H:%M:%S GMT", &broken_down);
    const auto day = std::to_string(100 + broken_down.tm_mday).substr(1);
    return std::string(days.at(static_cast<std::size_t>(broken_down.tm_wday))) + ", " + day + " " +
           months.at(static_cast<std::size_t>(broken_down.tm_mon)) + rest.data();
}

}  // namespace

void ServerContext::tell_of_stranger(log::Level level, std::string_view event, const asio::ip::address& peer,
                                     std::string_view detail) {
    if (!log.enabled(level)) return;
    const auto kept_back = strangers_told.take(std::chrono::steady_clock::now());
    if (!kept_back) return;
    if (*kept_back != 0)
        log.info("http_events_not_told", {{"listener", settings.name}, {"count", *kept_back}});
    const auto address = peer.to_string();
    log.event(level, event, {{"listener", settings.name}, {"address", address}, {"detail", detail}});
}

Session::Session(std::shared_ptr<ServerContext> context, net::Connection::Socket socket,
                 asio::ip::address peer, std::optional<UnixPeer> unix_peer)
    : context_(std::move(context)),
      strand_(socket.get_executor()),
      peer_(std::move(peer)),
      unix_peer_(std::move(unix_peer)),
      connection_(std::move(socket)) {}

void Session::ask_to_end() {
    asio::post(strand_, [self = shared_from_this()] {
        self->ending_ = true;
        if (self->idle_) self->connection_.close();
    });
}

void Session::end() {
    asio::post(strand_, [self = shared_from_this()] {
        self->ending_ = true;
        self->connection_.close();
    });
}

asio::awaitable<void> Session::run(std::shared_ptr<const crypto::TlsContext> tls) {
    const auto self = shared_from_this();
    const auto& settings = context_->settings;
    connection_.deadline(settings.handshake);
    const auto problem = co_await connection_.accept(std::move(tls));
    if (!problem.empty()) {
        context_->tell_of_stranger(log::Level::info, "http_handshake_failed", peer_, problem);
        co_return;
    }
    for (std::size_t served = 1; !ending_; ++served) {
        Request request;
        Response response;
        const auto next = co_await read(&request, &response);
        if (next == Next::over) break;
        const bool head = request.method == "HEAD";
        if (next == Next::request) {
            response = co_await handle(std::move(request));
        }
        const bool last = next == Next::refused || !keep_alive_ || ending_ ||
                          served >= settings.requests_per_connection_max;
        const bool sent = co_await answer(std::move(response), last, head);
        if (!sent) break;
        if (last) {
            co_await linger();
            break;
        }
    }
    connection_.close();
}

asio::awaitable<Session::Next> Session::read(Request* request, Response* refusal) {
    const auto& settings = context_->settings;
    Incoming::Judge judge;
    if (settings.admit) {
        judge = [this](Request head) {
            complete(head);
            return context_->settings.admit(head);
        };
    }
    Incoming incoming(settings.body_octets_max, std::move(judge));
    keep_alive_ = false;
    idle_ = octets_.empty();
    connection_.deadline(idle_ ? settings.idle : settings.request);
    for (;;) {
        if (!octets_.empty()) {
            auto complaint = incoming.take(octets_);
            if (complaint) {
                *refusal = std::move(*complaint);
                co_return Next::refused;
            }
        }
        if (incoming.complete()) break;
        std::string problem;
        if (incoming.wants_to_continue()) {
            problem = co_await connection_.send("HTTP/1.1 100 Continue\r\n\r\n");
        }
        const auto before = octets_.size();
        if (problem.empty()) {
            problem = co_await connection_.receive(&octets_);
        }
        if (!problem.empty() || octets_.size() == before || (ending_ && idle_)) {
            if (!incoming.untouched())
                context_->tell_of_stranger(log::Level::debug, "http_request_broken_off", peer_, problem);
            co_return Next::over;
        }
        if (std::exchange(idle_, false)) connection_.deadline(settings.request);
    }
    keep_alive_ = incoming.keep_alive();
    auto read = incoming.request();
    if (auto* complaint = std::get_if<Response>(&read)) {
        *refusal = std::move(*complaint);
        co_return Next::refused;
    }
    *request = std::move(std::get<Request>(read));
    co_return Next::request;
}

void Session::complete(Request& request) const {
    request.peer = peer_;
    request.unix_peer = unix_peer_;
    const auto* const certificate = connection_.certificate();
    if (certificate == nullptr) return;
    request.client_names = certificate->names;
    if (request.client_names.empty()) request.client_names.push_back(certificate->subject);
}

asio::awaitable<Response> Session::handle(Request request) {
    connection_.at_rest();
    complete(request);
    try {
        co_return co_await context_->handler(std::move(request));
    } catch (const std::exception& error) {
        context_->log.error("http_handler_fault",
                            {{"listener", context_->settings.name}, {"detail", error.what()}});
    }
    co_return problem(500, "The server failed; its log tells of it.");
}

asio::awaitable<bool> Session::answer(Response response, bool close, bool head) {
    connection_.deadline(context_->settings.response);
    auto octets = wire_of(response, date_of(context_->clock.now()), close, head);
    response = {};  // not held twice while it is sent
    const auto problem = co_await connection_.send(std::move(octets));
    co_return problem.empty();
}

/// A socket that is closed with octets unread resets the connection, which takes the answer away from a
/// client that still sends.
asio::awaitable<void> Session::linger() {
    connection_.deadline(std::chrono::milliseconds(limits::http_linger_ms));
    auto problem = co_await connection_.finish();
    for (std::size_t read = 0; problem.empty() && read < limits::http_linger_octets_max;) {
        octets_.clear();
        problem = co_await connection_.receive(&octets_);
        if (octets_.empty()) break;
        read += octets_.size();
    }
}

}  // namespace bindhss::http
