// SPDX-License-Identifier: Apache-2.0
// A receiver of webhooks that does what a test tells it to, with or without TLS.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <functional>
#include <mutex>
#include <thread>

namespace bindhss::test {

namespace web = boost::beast::http;

struct Reply {
    unsigned status = 204;
    std::string body;
    bool hang = false;     ///< no answer, and the connection stays
    std::string raw = {};  ///< sent instead of an answer
};
using WebRequest = web::request<web::string_body>;

class WebhookServer {
  public:
    using Tcp = boost::asio::ip::tcp;
    /// Number of the request, from 0.
    using Handler = std::function<Reply(std::size_t)>;

    explicit WebhookServer(Handler handler, boost::asio::ssl::context* tls = nullptr, std::uint16_t port = 0)
        : handler_(std::move(handler)),
          tls_(tls),
          acceptor_(io_, Tcp::endpoint(boost::asio::ip::address_v4::loopback(), port)) {
        boost::asio::co_spawn(io_, accept(), boost::asio::detached);
        thread_ = std::jthread([this] { io_.run(); });
    }
    ~WebhookServer() { io_.stop(); }
    WebhookServer(const WebhookServer&) = delete;
    WebhookServer& operator=(const WebhookServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    [[nodiscard]] std::vector<WebRequest> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
    [[nodiscard]] std::size_t count() const { return requests().size(); }

  private:
    boost::asio::awaitable<void> accept() {
        for (;;) {
            auto socket = co_await acceptor_.async_accept(boost::asio::use_awaitable);
            boost::asio::co_spawn(io_, session(std::move(socket)), boost::asio::detached);
        }
    }
    boost::asio::awaitable<void> session(Tcp::socket socket) {
        if (tls_ == nullptr) {
            co_await serve(socket);
        } else {
            boost::asio::ssl::stream<Tcp::socket&> stream(socket, *tls_);
            co_await stream.async_handshake(boost::asio::ssl::stream_base::server,
                                            boost::asio::use_awaitable);
            co_await serve(stream);
        }
    }
    template <class Stream>
    boost::asio::awaitable<void> serve(Stream& stream) {
        boost::beast::flat_buffer buffer;
        WebRequest request;
        co_await web::async_read(stream, buffer, request, boost::asio::use_awaitable);
        const auto number = note(request);
        auto reply = handler_(number);
        if (reply.hang) {
            boost::asio::steady_timer timer(io_, std::chrono::hours(1));
            co_await timer.async_wait(boost::asio::use_awaitable);
        }
        if (!reply.raw.empty()) {
            const auto octets = boost::asio::buffer(reply.raw);
            co_await boost::asio::async_write(stream, octets, boost::asio::use_awaitable);
            co_return;
        }
        web::response<web::string_body> response(static_cast<web::status>(reply.status), 11);
        response.keep_alive(false);
        response.body() = reply.body;
        response.prepare_payload();
        co_await web::async_write(stream, response, boost::asio::use_awaitable);
    }
    std::size_t note(const WebRequest& request) {
        const std::lock_guard lock(mutex_);
        requests_.push_back(request);
        return requests_.size() - 1;
    }

    Handler handler_;
    boost::asio::ssl::context* tls_;
    boost::asio::io_context io_;
    Tcp::acceptor acceptor_;
    mutable std::mutex mutex_;
    std::vector<WebRequest> requests_;
    std::jthread thread_;
};

}  // namespace bindhss::test
