// SPDX-License-Identifier: Apache-2.0
#include "alarm_outlets/syslog.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/local/datagram_protocol.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "net/connection.h"

namespace bindhss::alarm {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr auto with_error = asio::as_tuple(asio::use_awaitable);

}  // namespace

struct Syslog::Channels {
    explicit Channels(const asio::any_io_executor& executor) : udp(executor), local(executor) {}
    asio::ip::udp::socket udp;
    std::optional<asio::ip::udp::endpoint> receiver;  ///< kept until sending there fails
    asio::local::datagram_protocol::socket local;
    std::optional<net::Connection> tcp;
};

Syslog::Syslog(const asio::any_io_executor& executor, CourierSettings courier, SyslogSettings settings,
               log::Logger& log)
    : Courier(executor, std::move(courier), log),
      settings_(std::move(settings)),
      channels_(std::make_unique<Channels>(Courier::executor())) {}

Syslog::~Syslog() = default;

asio::awaitable<Courier::Outcome> Syslog::attempt(std::vector<Item> items) {
    auto message = syslog_message(items.front().notice, settings_.sender);
    std::string problem;
    switch (settings_.to.transport) {
        case SyslogAddress::Transport::udp:
            problem = co_await send_udp(std::move(message));
            break;
        case SyslogAddress::Transport::tcp:
            problem = co_await send_tcp(std::move(message));
            break;
        case SyslogAddress::Transport::unix_datagram:
            problem = send_unix(message);
            break;
    }
    if (problem.empty()) co_return Outcome{};
    co_return Outcome{Outcome::Kind::again, problem};
}

asio::awaitable<std::string> Syslog::send_udp(std::string message) {
    auto& socket = channels_->udp;
    auto& receiver = channels_->receiver;
    if (!receiver) {
        asio::ip::udp::resolver resolver(executor());
        const auto service = std::to_string(settings_.to.port);
        const auto [unresolved, found] =
            co_await resolver.async_resolve(settings_.to.host, service, with_error);
        if (unresolved || found.empty())
            co_return "the name " + settings_.to.host + " leads nowhere: " + unresolved.message();
        error_code error;
        if (socket.is_open()) socket.close(error);
        socket.open(found.begin()->endpoint().protocol(), error);
        if (error) co_return "there is no socket for UDP: " + error.message();
        receiver = found.begin()->endpoint();
    }
    const auto buffer = asio::buffer(message);
    const auto [error, sent] = co_await socket.async_send_to(buffer, *receiver, with_error);
    if (!error) co_return std::string();
    receiver.reset();
    co_return settings_.to.host + " cannot be sent to: " + error.message();
}

/// Without waiting: a socket that is connected to nobody is not told when its receiver has room again.
std::string Syslog::send_unix(const std::string& message) {
    auto& socket = channels_->local;
    error_code error;
    if (!socket.is_open()) {
        socket.open(asio::local::datagram_protocol(), error);
        if (!error) socket.non_blocking(true, error);
        if (error) return "there is no socket: " + error.message();
    }
    socket.send_to(asio::buffer(message), asio::local::datagram_protocol::endpoint(settings_.to.host), 0,
                   error);
    return error ? settings_.to.host + " cannot be sent to: " + error.message() : std::string();
}

asio::awaitable<std::string> Syslog::send_tcp(std::string message) {
    auto& tcp = channels_->tcp;
    if (tcp && tcp->is_over()) tcp.reset();
    const bool fresh = !tcp;
    if (fresh) tcp.emplace(executor());
    tcp->deadline(std::chrono::milliseconds(limits::alarm_delivery_ms));
    std::string problem;
    if (fresh) {
        problem = co_await tcp->open(settings_.to.host, settings_.to.port, nullptr);
    }
    auto frame = std::to_string(message.size()) + " " + message;
    if (problem.empty()) {
        problem = co_await tcp->send(std::move(frame));
    }
    if (problem.empty()) {
        tcp->at_rest();
    } else {
        tcp.reset();
    }
    co_return problem;
}

}  // namespace bindhss::alarm
