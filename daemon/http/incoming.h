// SPDX-License-Identifier: Apache-2.0
// A request of HTTP/1.1 (RFC 9112) that comes in pieces.
#pragma once

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <functional>

#include "http/message.h"

namespace bindhss::http {

/// One request; one thread.
class Incoming {
  public:
    /// Looks at a request of which all is there but the body; an answer: it is not read any further.
    using Judge = std::function<std::optional<Response>(Request head)>;

    explicit Incoming(std::size_t body_octets_max, Judge judge = {});

    /// Takes from `octets` what it understands and leaves the rest. What is wrong with the request as an
    /// answer; the connection is of no use then.
    [[nodiscard]] std::optional<Response> take(std::string& octets);

    /// Nothing of it has come yet.
    [[nodiscard]] bool untouched() const { return !touched_; }
    [[nodiscard]] bool complete() const { return parser_.is_done(); }
    /// The client waits to be told that it may send the body (RFC 9110 10.1.1); true once.
    [[nodiscard]] bool wants_to_continue();
    /// REQUIRES: complete().
    [[nodiscard]] bool keep_alive() const { return parser_.get().keep_alive(); }
    /// Without peer and certificate. Or what is wrong with it. REQUIRES: complete(); once.
    [[nodiscard]] std::variant<Request, Response> request();

  private:
    std::optional<Response> put(std::string& octets);
    [[nodiscard]] std::optional<Response> judge_head() const;

    const Judge judge_;
    boost::beast::http::request_parser<boost::beast::http::string_body> parser_;
    bool touched_ = false;
    bool told_to_continue_ = false;
};

/// The octets of an answer. `close`: it is the last one of the connection; `head`: its body is left out.
[[nodiscard]] std::string wire_of(const Response& response, std::string_view date, bool close, bool head);

}  // namespace bindhss::http
