// SPDX-License-Identifier: Apache-2.0
#include "api/key_requests.h"

#include <algorithm>
#include <initializer_list>

#include "types/base64.h"
#include "types/json_object.h"

namespace bindhss::api {

namespace {

namespace json = boost::json;

/// The texts of an object that has these members and no others.
std::variant<std::vector<std::string>, std::string> read_texts(
    std::string_view body, std::initializer_list<std::string_view> names) {
    const auto parsed = parse_json_object(body);
    if (const auto* problem = std::get_if<std::string>(&parsed)) return "The body " + *problem + ".";
    const auto& object = std::get<json::object>(parsed);
    std::vector<std::string> texts;
    for (const auto name : names) {
        const auto* value = object.if_contains(name);
        if (value == nullptr) return std::string(name) + " is missing.";
        if (!value->is_string()) return std::string(name) + " is no text.";
        texts.emplace_back(value->get_string());
    }
    if (object.size() == names.size()) return texts;
    return "The body has members that are not known here.";
}

}  // namespace

std::variant<KeyRequest, std::string> read_key_request(std::string_view body) {
    const auto read = read_texts(body, {"imsi", "imei"});
    if (const auto* problem = std::get_if<std::string>(&read)) return *problem;
    const auto& texts = std::get<std::vector<std::string>>(read);
    const auto imsi = Imsi::parse(texts[0]);
    if (!imsi) return "imsi is not 6 to 15 digits.";
    const auto imei = Imei::parse(texts[1]);
    if (!imei) return "imei is not 14 to 16 digits.";
    return KeyRequest{*imsi, *imei};
}

std::variant<OctetString, std::string> read_key_answer(std::string_view body) {
    const auto read = read_texts(body, {"container"});
    if (const auto* problem = std::get_if<std::string>(&read)) return *problem;
    auto octets = from_base64(std::get<std::vector<std::string>>(read)[0]);
    if (!octets) return "container is not base64.";
    const auto container = binding::parse_container(*octets);
    if (const auto* problem = std::get_if<std::string>(&container)) return "container: " + *problem + ".";
    if (!std::holds_alternative<binding::KmeResponse>(std::get<binding::Container>(container)))
        return "container is no KME-RESPONSE.";
    return std::move(*octets);
}

std::optional<binding::TransactionId> read_transaction(std::string_view text) {
    return octets_from_hex<std::tuple_size_v<binding::TransactionId>>(text);
}

}  // namespace bindhss::api
