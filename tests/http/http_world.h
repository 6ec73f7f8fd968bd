// SPDX-License-Identifier: Apache-2.0
// A server with threads of its own, and clients that say what no good client would.
#pragma once

#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <catch2/catch.hpp>
#include <sstream>
#include <thread>

#include "http/client.h"
#include "http/server.h"
#include "s6a/certificates.h"

namespace bindhss::test {

using namespace std::chrono_literals;

template <class Condition>
bool eventually(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

/// Two threads, a log that can be read, a folder.
class HttpThreads {
  public:
    HttpThreads() : log({log::Level::debug, log::Format::text, folder.path("log")}) {
        for (int i = 0; i < 2; ++i) threads_.emplace_back([this] { io.run(); });
    }
    ~HttpThreads() {
        io.stop();
        threads_.clear();
    }
    HttpThreads(const HttpThreads&) = delete;
    HttpThreads& operator=(const HttpThreads&) = delete;

    template <class T>
    T run(boost::asio::awaitable<T> work) {
        return boost::asio::co_spawn(io, std::move(work), boost::asio::use_future).get();
    }
    [[nodiscard]] std::string logged() {
        log.flush();
        std::ostringstream text;
        text << std::ifstream(folder.path("log")).rdbuf();
        return text.str();
    }

    Folder folder;
    boost::asio::io_context io;
    log::Logger log;
    SystemClock clock;

  private:
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io.get_executor()};
    std::vector<std::jthread> threads_;
};

/// Repeats what it was asked.
inline boost::asio::awaitable<http::Response> echo(http::Request request) {
    http::Response response;
    response.media_type = "text/plain";
    response.body = request.method + " " + request.path + " [" + request.query + "] " + request.body;
    co_return response;
}

class HttpWorld : public HttpThreads {
  public:
    HttpWorld() {
        settings.name = "test";
        settings.listen = {{"127.0.0.1", 0}};
    }
    ~HttpWorld() { stop(); }
    http::Server& start(http::Handler handler = echo) {
        server_.emplace(io, settings, std::move(handler), clock, log);
        server_->start();
        return *server_;
    }
    void stop() {
        if (server_) run(server_->stop(2s));
        server_.reset();
    }
    [[nodiscard]] http::Server& server() { return *server_; }
    [[nodiscard]] std::uint16_t port() const { return server_->listening().front().port; }

    http::ServerSettings settings;

  private:
    std::optional<http::Server> server_;
};

/// A socket that sends what the test says.
class RawClient {
  public:
    explicit RawClient(std::uint16_t port) : socket_(io_) {
        socket_.connect({boost::asio::ip::address_v4::loopback(), port});
        const timeval patience{20, 0};
        ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    }
    /// What is sent to a server that has closed is lost.
    void send(const std::string& text) {
        boost::system::error_code ignored;
        boost::asio::write(socket_, boost::asio::buffer(text), ignored);
    }
    void end_sending() {
        boost::system::error_code ignored;
        socket_.shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    }
    /// All that comes until the server closes; throws when it does not.
    std::string read_all() {
        for (;;) {
            boost::system::error_code error;
            read(error);
            if (error == boost::asio::error::would_block || error == boost::asio::error::try_again)
                throw std::runtime_error("the server does not close the connection");
            if (error) return std::exchange(text_, {});
        }
    }
    /// Until this has come; what was read is kept for the next call.
    std::string read_until(const std::string& end) {
        boost::system::error_code error;
        while (text_.find(end) == std::string::npos && !error) read(error);
        const auto at = text_.find(end);
        if (at == std::string::npos) throw std::runtime_error("instead of '" + end + "' came: " + text_);
        auto result = text_.substr(0, at + end.size());
        text_.erase(0, at + end.size());
        return result;
    }
    /// Closes with a reset, as who has died does.
    void reset() {
        socket_.set_option(boost::asio::socket_base::linger(true, 0));
        socket_.close();
    }

  private:
    void read(boost::system::error_code& error) {
        std::array<char, 4'096> octets{};
        const auto size = socket_.read_some(boost::asio::buffer(octets), error);
        text_.append(octets.data(), size);
    }

    boost::asio::io_context io_;
    boost::asio::ip::tcp::socket socket_;
    std::string text_;
};

inline const std::string host_field = "Host: hss.example\r\n";

/// Sends, and reads until the server closes.
inline std::string conversation(std::uint16_t port, const std::string& text) {
    RawClient client(port);
    client.send(text);
    return client.read_all();
}

inline std::string status_line(const std::string& answer) {
    return answer.substr(0, answer.find("\r\n"));
}

}  // namespace bindhss::test
