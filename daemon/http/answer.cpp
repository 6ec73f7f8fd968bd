// SPDX-License-Identifier: Apache-2.0
#include "http/answer.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>

namespace bindhss::http {

namespace beast = boost::beast::http;

Answer::Answer(std::size_t octets_max, bool body_wanted)
    : octets_max_(octets_max + header_octets_max), body_wanted_(body_wanted) {
    parser_.header_limit(header_octets_max);
    parser_.body_limit(octets_max);
    parser_.eager(true);
}

std::string Answer::take(std::string& octets) {
    boost::system::error_code error;
    if (octets.empty()) {
        // The parser would take no octets at all for a whole message, and that for a 200.
        if (!begun_) return "the connection ended before the answer did";
        parser_.put_eof(error);
        return error ? "the connection ended before the answer did" : "";
    }
    begun_ = true;
    const auto used = parser_.put(boost::asio::buffer(octets), error);
    octets.erase(0, used);
    if (complete()) return "";
    if (error == beast::error::body_limit) return "the answer is too long";
    if (error && error != beast::error::need_more) return "the answer is not HTTP: " + error.message();
    // The parser waits for the end of trailers and extensions of chunks however long they are.
    return octets.size() > octets_max_ ? "the answer is too long" : "";
}

Response Answer::response() {
    auto message = parser_.release();
    Response response;
    response.status = message.result_int();
    response.media_type = std::string(message[beast::field::content_type]);
    for (const auto& field : message) {
        std::string name(field.name_string());
        std::transform(name.begin(), name.end(), name.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        response.fields.emplace_back(std::move(name), std::string(field.value()));
    }
    response.body = std::move(message.body());
    return response;
}

std::string wire_of(const Request& request, const std::string& authority, bool keep) {
    auto text = request.method + " " + request.path + (request.query.empty() ? "" : "?" + request.query) +
                " HTTP/1.1\r\nhost: " + authority + "\r\nuser-agent: BindHSS\r\n";
    if (!keep) text += "connection: close\r\n";
    for (const auto& [name, value] : request.fields)
        text.append(name).append(": ").append(value).append("\r\n");
    const bool has_body = !request.body.empty() || request.method == "POST" || request.method == "PUT";
    if (has_body) text += "content-length: " + std::to_string(request.body.size()) + "\r\n";
    return text + "\r\n" + request.body;
}

}  // namespace bindhss::http
