// SPDX-License-Identifier: Apache-2.0
#include "http/blocking_client.h"

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <cstring>
#include <optional>

#include "http/answer.h"
#include "net/connection.h"

namespace bindhss::http {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;

namespace {

constexpr auto with_error = asio::as_tuple(asio::use_awaitable);

/// The group that a file belongs to, where the machine has a name for it.
std::string group_of(const struct stat& status) {
    std::array<char, 4'096> buffer{};
    ::group entry{};
    ::group* found = nullptr;
    if (::getgrgid_r(status.st_gid, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr)
        return entry.gr_name;
    return std::to_string(status.st_gid);
}

/// What a person can do about a socket that cannot be connected to.
std::string why_not(const std::string& path, const error_code& error) {
    if (error.value() == ENOENT) return "the socket " + path + " does not exist: is bindhssd running?";
    if (error.value() == ECONNREFUSED)
        return "nobody listens on the socket " + path + ": is bindhssd running?";
    if (error.value() == EACCES) {
        struct stat status {};
        if (::stat(path.c_str(), &status) != 0) {
            return "permission denied on the way to the socket " + path +
                   ": be root, or in the group that its folder is open to";
        }
        return "permission denied on the socket " + path + ": you are not in the group " + group_of(status) +
               " (or have not logged in since you were put into it)";
    }
    return "the socket " + path + " cannot be connected to: " + error.message();
}

bool may_be_repeated(const Request& request) {
    return request.method == "GET" || request.method == "HEAD" || !request.field("idempotency-key").empty();
}

}  // namespace

/// A connection of either kind; what returns a text returns why it failed.
class BlockingClient::Line {
  public:
    virtual ~Line() = default;
    virtual asio::awaitable<std::string> open() = 0;
    virtual asio::awaitable<std::string> send(std::string octets) = 0;
    virtual asio::awaitable<std::string> receive(std::string* into) = 0;
    virtual void deadline(milliseconds time) = 0;
    virtual void at_rest() = 0;
    [[nodiscard]] virtual bool is_over() = 0;
};

namespace {

using UnixSocket = asio::local::stream_protocol::socket;

/// The server has ended the connection, or sent what nobody asked for.
bool has_input(int descriptor) {
    char octet = 0;
    const auto got = ::recv(descriptor, &octet, 1, MSG_PEEK | MSG_DONTWAIT);
    return got >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
}

}  // namespace

/// The lines and the loop that they work on.
class BlockingClient::Conversation {
  public:
    explicit Conversation(Destination where) : where_(std::move(where)) {}

    Response ask(const Request& request) {
        if (line_ && line_->is_over()) line_.reset();
        for (bool again = true;; again = false) {
            const bool used_before = line_ != nullptr;
            auto outcome = run(exchange(request));
            if (outcome.response) return std::move(*outcome.response);
            line_.reset();
            const bool repeat = again && used_before && !outcome.begun && may_be_repeated(request);
            if (!repeat) throw NoAnswer(outcome.problem, outcome.sent);
        }
    }

  private:
    class UnixLine;
    class TcpLine;

    struct Outcome {
        std::optional<Response> response;
        std::string problem;
        bool sent = false;   ///< the request, or a part of it
        bool begun = false;  ///< the answer
    };

    asio::awaitable<Outcome> exchange(const Request& request);
    std::unique_ptr<Line> new_line();
    [[nodiscard]] std::string authority() const {
        if (!where_.socket.empty()) return "localhost";
        const auto host = where_.host.find(':') == std::string::npos ? where_.host : "[" + where_.host + "]";
        return host + ":" + std::to_string(where_.port);
    }

    Outcome run(asio::awaitable<Outcome> work) {
        std::optional<Outcome> outcome;
        std::exception_ptr fault;
        asio::co_spawn(io_, std::move(work), [&](const std::exception_ptr& thrown, Outcome result) {
            fault = thrown;
            outcome = std::move(result);
        });
        io_.restart();
        while (!outcome) io_.run_one();
        if (fault) std::rethrow_exception(fault);
        return std::move(*outcome);
    }

    Destination where_;
    asio::io_context io_;
    std::unique_ptr<Line> line_;
};

class BlockingClient::Conversation::UnixLine final : public Line {
  public:
    UnixLine(asio::io_context& io, std::string path)
        : path_(std::move(path)), socket_(std::make_shared<UnixSocket>(io)), timer_(io) {}

    asio::awaitable<std::string> open() override {
        // A Unix socket is connected at once or not at all; a full backlog makes it wait.
        if (path_.size() >= sizeof(::sockaddr_un::sun_path))
            co_return "the path of the socket " + path_ + " is too long";
        const asio::local::stream_protocol::endpoint endpoint(path_);
        const auto [failed] = co_await socket_->async_connect(endpoint, with_error);
        if (!failed) co_return std::string();
        co_return *late_ ? "nobody takes connections on the socket " + path_ : why_not(path_, failed);
    }
    asio::awaitable<std::string> send(std::string octets) override {
        const auto buffer = asio::buffer(octets);
        const auto [error, written] = co_await asio::async_write(*socket_, buffer, with_error);
        co_return error ? text_of(error) : std::string();
    }
    asio::awaitable<std::string> receive(std::string* into) override {
        const auto buffer = asio::buffer(buffer_);
        const auto [error, octets] = co_await socket_->async_read_some(buffer, with_error);
        into->append(buffer_.data(), octets);
        const bool ended = error == asio::error::eof;
        co_return error && !ended ? text_of(error) : std::string();
    }
    void deadline(milliseconds time) override {
        timer_.expires_after(time);
        timer_.async_wait([socket = std::weak_ptr(socket_), late = late_](const error_code& cancelled) {
            const auto open = socket.lock();
            if (cancelled || !open) return;
            *late = true;
            error_code ignored;
            open->close(ignored);
        });
    }
    void at_rest() override { timer_.cancel(); }
    [[nodiscard]] bool is_over() override { return has_input(socket_->native_handle()); }

  private:
    [[nodiscard]] std::string text_of(const error_code& error) const {
        return *late_ ? "it took too long" : error.message();
    }
    std::string path_;
    std::shared_ptr<UnixSocket> socket_;  ///< shared with the deadline
    asio::steady_timer timer_;
    std::shared_ptr<bool> late_ = std::make_shared<bool>(false);
    std::array<char, 65'536> buffer_{};
};

class BlockingClient::Conversation::TcpLine final : public Line {
  public:
    TcpLine(asio::io_context& io, const Destination& where) : where_(where), connection_(io.get_executor()) {}

    asio::awaitable<std::string> open() override {
        return connection_.open(where_.host, where_.port, where_.tls);
    }
    asio::awaitable<std::string> send(std::string octets) override {
        return connection_.send(std::move(octets));
    }
    asio::awaitable<std::string> receive(std::string* into) override { return connection_.receive(into); }
    void deadline(milliseconds time) override { connection_.deadline(time); }
    void at_rest() override { connection_.at_rest(); }
    [[nodiscard]] bool is_over() override { return connection_.is_over(); }

  private:
    const Destination& where_;
    net::Connection connection_;
};

std::unique_ptr<BlockingClient::Line> BlockingClient::Conversation::new_line() {
    if (where_.socket.empty()) return std::make_unique<TcpLine>(io_, where_);
    return std::make_unique<UnixLine>(io_, where_.socket);
}

asio::awaitable<BlockingClient::Conversation::Outcome> BlockingClient::Conversation::exchange(
    const Request& request) {
    Outcome outcome;
    if (!line_) {
        line_ = new_line();
        line_->deadline(where_.connect);
        outcome.problem = co_await line_->open();
        if (!outcome.problem.empty()) co_return outcome;
    }
    line_->deadline(where_.deadline);
    outcome.sent = true;
    auto octets = wire_of(request, authority(), true);
    // A server may answer and close before it has taken the whole request: what it said counts.
    const auto unsent = co_await line_->send(octets);
    explicit_bzero(octets.data(), octets.size());
    octets.clear();
    Answer answer(where_.answer_octets_max, request.method != "HEAD");
    std::string problem;
    while (problem.empty() && !answer.complete()) {
        const auto before = octets.size();
        problem = co_await line_->receive(&octets);
        if (!problem.empty()) break;
        if (octets.size() == before) octets.clear();
        problem = answer.take(octets);
    }
    outcome.begun = answer.begun();
    line_->at_rest();
    if (problem.empty()) {
        const bool keep = unsent.empty() && answer.keeps_connection();
        outcome.response = answer.response();
        if (!keep) line_.reset();
    } else {
        const auto whom = where_.socket.empty() ? authority() : where_.socket;
        outcome.problem = whom + ": " + (unsent.empty() ? problem : unsent);
    }
    co_return outcome;
}

BlockingClient::BlockingClient(Destination where)
    : conversation_(std::make_unique<Conversation>(std::move(where))) {}

BlockingClient::~BlockingClient() = default;

Response BlockingClient::ask(const Request& request) {
    return conversation_->ask(request);
}

}  // namespace bindhss::http
