// SPDX-License-Identifier: Apache-2.0
// An answer of HTTP that comes in pieces, and the octets of a request. Not for other layers.
#pragma once

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <string>

#include "http/message.h"
#include "types/limits.h"

namespace bindhss::http {

/// REQUIRES: one thread.
class Answer {
  public:
    /// `octets_max` of the body. Without `body_wanted` it is complete when its header is.
    Answer(std::size_t octets_max, bool body_wanted);

    /// Takes from `octets` what it understands; none: the connection has ended. Returns why it is no answer,
    /// empty when nothing is wrong.
    std::string take(std::string& octets);
    [[nodiscard]] bool complete() const {
        return parser_.is_done() || (!body_wanted_ && parser_.is_header_done());
    }
    /// Some of it has come.
    [[nodiscard]] bool begun() const { return begun_; }
    /// The connection may be used for another request. REQUIRES: complete().
    [[nodiscard]] bool keeps_connection() const { return parser_.is_done() && parser_.keep_alive(); }
    /// REQUIRES: complete(). Once.
    [[nodiscard]] Response response();

  private:
    static constexpr std::uint32_t header_octets_max = limits::http_header_octets_max;
    const std::size_t octets_max_;
    const bool body_wanted_;
    bool begun_ = false;
    boost::beast::http::response_parser<boost::beast::http::string_body> parser_;
};

/// `authority` is for the field Host; with `keep` the connection is to stay.
[[nodiscard]] std::string wire_of(const Request& request, const std::string& authority, bool keep);

}  // namespace bindhss::http
