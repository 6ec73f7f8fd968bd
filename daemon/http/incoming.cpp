// SPDX-License-Identifier: Apache-2.0
#include "http/incoming.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include "types/limits.h"

namespace bindhss::http {

namespace beast = boost::beast::http;

namespace {

Response complaint(const boost::system::error_code& error) {
    if (error == beast::error::body_limit) return problem(413, "The body is too long.");
    if (error == beast::error::header_limit) return problem(431, "Request line and fields are too long.");
    if (error == beast::error::bad_version)
        return problem(505, "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
    if (error == beast::error::bad_transfer_encoding)
        return problem(400, "Transfer-Encoding is not one that is spoken here.");
    return problem(400, "This is not HTTP.");
}

std::string lower_case(boost::beast::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return result;
}

bool is_visible(char c) {
    return c > ' ' && c < 0x7f;
}

/// All but the body.
template <class Message>
std::variant<Request, Response> head_of(const Message& message) {
    if (message.version() >= 11 && message.count(beast::field::host) != 1)
        return problem(400, "A request has one field Host (RFC 9112 3.2).");
    const std::string target(message.target());
    if (!target.starts_with('/') || !std::all_of(target.begin(), target.end(), is_visible))
        return problem(400, "The target of the request is not a path.");
    Request request;
    request.method = std::string(message.method_string());
    const auto question = target.find('?');
    request.path = target.substr(0, question);
    if (question != std::string::npos) request.query = target.substr(question + 1);
    for (const auto& field : message)
        request.fields.emplace_back(lower_case(field.name_string()), std::string(field.value()));
    return request;
}

}  // namespace

Incoming::Incoming(std::size_t body_octets_max, Judge judge) : judge_(std::move(judge)) {
    parser_.header_limit(limits::http_header_octets_max);
    parser_.body_limit(body_octets_max);
}

std::optional<Response> Incoming::take(std::string& octets) {
    touched_ = touched_ || !octets.empty();
    if (!parser_.is_header_done()) {
        if (auto refusal = put(octets)) return refusal;
        if (!parser_.is_header_done()) return std::nullopt;
        // What a client of this size has to say has a length; trailers and extensions of chunks have none.
        if (parser_.chunked()) return problem(411, "A body is sent with Content-Length here, not in chunks.");
        if (judge_)
            if (auto refusal = judge_head()) return refusal;
        parser_.eager(true);
    }
    if (parser_.is_done() || octets.empty()) return std::nullopt;
    return put(octets);
}

std::optional<Response> Incoming::put(std::string& octets) {
    boost::system::error_code error;
    const auto used = parser_.put(boost::asio::buffer(octets), error);
    octets.erase(0, used);
    if (!error || error == beast::error::need_more) return std::nullopt;
    return complaint(error);
}

bool Incoming::wants_to_continue() {
    if (told_to_continue_ || !parser_.is_header_done() || parser_.is_done()) return false;
    const auto& request = parser_.get();
    told_to_continue_ = true;
    return request.version() >= 11 && boost::beast::iequals(request[beast::field::expect], "100-continue");
}

std::optional<Response> Incoming::judge_head() const {
    auto head = head_of(parser_.get());
    if (auto* complaint = std::get_if<Response>(&head)) return std::move(*complaint);
    return judge_(std::move(std::get<Request>(head)));
}

std::variant<Request, Response> Incoming::request() {
    auto message = parser_.release();
    auto result = head_of(message);
    if (auto* request = std::get_if<Request>(&result)) request->body = std::move(message.body());
    return result;
}

std::string wire_of(const Response& response, std::string_view date, bool close, bool head) {
    std::string text = "HTTP/1.1 " + std::to_string(response.status) + " ";
    text += reason_of(response.status);
    const auto add = [&text](std::string_view name, std::string_view value) {
        text += "\r\n";
        text += name;
        text += ": ";
        text += value;
    };
    add("date", date);
    // Answers speak of one moment and one client.
    add("cache-control", "no-store");
    if (!response.body.empty()) add("content-type", response.media_type);
    // RFC 9110 8.6: these never have a body.
    if (response.status != 204 && response.status != 304)
        add("content-length", std::to_string(response.body.size()));
    if (close) add("connection", "close");
    for (const auto& [name, value] : response.fields) add(name, value);
    text += "\r\n\r\n";
    if (!head) text += response.body;
    return text;
}

}  // namespace bindhss::http
