// SPDX-License-Identifier: Apache-2.0
#include "http/client.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include "net/connection.h"
#include "types/limits.h"

namespace bindhss::http {

namespace asio = boost::asio;
namespace beast = boost::beast::http;

namespace {

/// An answer that comes in pieces.
class Answer {
  public:
    Answer(std::size_t octets_max, bool body_wanted)
        : octets_max_(octets_max + header_octets_max), body_wanted_(body_wanted) {
        parser_.header_limit(header_octets_max);
        parser_.body_limit(octets_max);
        parser_.eager(true);
    }
    /// Takes from `octets` what it understands; none: the connection has ended. Returns why it is no answer.
    std::string take(std::string& octets) {
        boost::system::error_code error;
        if (octets.empty()) {
            parser_.put_eof(error);
            return error ? "the connection ended before the answer did" : "";
        }
        const auto used = parser_.put(asio::buffer(octets), error);
        octets.erase(0, used);
        if (complete()) return "";
        if (error == beast::error::body_limit) return "the answer is too long";
        if (error && error != beast::error::need_more) return "the answer is not HTTP: " + error.message();
        // The parser waits for the end of trailers and extensions of chunks however long they are.
        return octets.size() > octets_max_ ? "the answer is too long" : "";
    }
    [[nodiscard]] bool complete() const {
        return parser_.is_done() || (!body_wanted_ && parser_.is_header_done());
    }
    [[nodiscard]] Response response() {
        auto message = parser_.release();
        Response response;
        response.status = message.result_int();
        response.media_type = std::string(message[beast::field::content_type]);
        response.body = std::move(message.body());
        return response;
    }

  private:
    static constexpr std::uint32_t header_octets_max = limits::http_header_octets_max;
    const std::size_t octets_max_;
    const bool body_wanted_;
    beast::response_parser<beast::string_body> parser_;
};

std::string wire_of(const Request& request, const std::string& authority) {
    auto text = request.method + " " + request.path + (request.query.empty() ? "" : "?" + request.query) +
                " HTTP/1.1\r\nhost: " + authority + "\r\nuser-agent: BindHSS\r\nconnection: close\r\n";
    for (const auto& [name, value] : request.fields) text += name + ": " + value + "\r\n";
    if (!request.body.empty()) text += "content-length: " + std::to_string(request.body.size()) + "\r\n";
    return text + "\r\n" + request.body;
}

/// REQUIRES: it runs on `strand`.
asio::awaitable<std::variant<Response, std::string>> converse(asio::any_io_executor strand, Asking where,
                                                              Request request) {
    net::Connection connection(strand);
    connection.deadline(where.deadline);
    auto problem = co_await connection.open(where.host, where.port, where.tls);
    auto octets = wire_of(request, where.authority);
    if (problem.empty()) problem = co_await connection.send(octets);
    octets.clear();
    Answer answer(where.answer_octets_max, where.body_wanted);
    while (problem.empty() && !answer.complete()) {
        const auto before = octets.size();
        problem = co_await connection.receive(&octets);
        if (!problem.empty()) break;
        if (octets.size() == before) octets.clear();
        problem = answer.take(octets);
    }
    if (problem.empty()) co_return answer.response();
    co_return where.authority + ": " + problem;
}

}  // namespace

asio::awaitable<std::variant<Response, std::string>> ask(asio::any_io_executor executor, Asking where,
                                                         Request request) {
    const asio::any_io_executor strand = asio::make_strand(executor);
    auto work = converse(strand, std::move(where), std::move(request));
    co_return co_await asio::co_spawn(strand, std::move(work), asio::use_awaitable);
}

}  // namespace bindhss::http
