// SPDX-License-Identifier: Apache-2.0
#include "http/message.h"

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace bindhss::http {

namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::string_view Request::field(std::string_view name) const {
    for (const auto& [each, value] : fields)
        if (each == name) return value;
    return {};
}

std::string Request::media_type() const {
    const auto whole = field("content-type");
    auto type = whole.substr(0, whole.find(';'));
    while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
    std::string result(type);
    std::transform(result.begin(), result.end(), result.begin(), lower);
    return result;
}

std::string_view reason_of(unsigned status) {
    return boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
}

Response problem(unsigned status, std::string_view detail) {
    boost::json::object body;
    body["type"] = "about:blank";
    body["title"] = reason_of(status);
    body["status"] = status;
    body["detail"] = detail;
    Response response;
    response.status = status;
    response.media_type = "application/problem+json";
    response.body = boost::json::serialize(body);
    return response;
}

Response problem_for_now(unsigned status, std::string_view detail, long retry_after) {
    auto response = problem(status, detail);
    response.fields.emplace_back("retry-after", std::to_string(retry_after));
    return response;
}

}  // namespace bindhss::http
