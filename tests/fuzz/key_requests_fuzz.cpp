// SPDX-License-Identifier: Apache-2.0
// What anybody may send to the listener for keys, and what a registry outside may answer. The first octet
// says which reader it is for. Aborts when what was taken is not written as it was read.
#include <cstdlib>

#include "api/key_requests.h"
#include "http/bearer.h"
#include "http/incoming.h"
#include "registry/registry_record.h"
#include "types/base64.h"

using namespace bindhss;

namespace {

constexpr std::size_t body_octets_max = 4'096;

/// In pieces, as a network brings it; the pieces may not make a difference.
std::optional<http::Request> read_in_pieces(std::string_view text, std::size_t piece) {
    http::Incoming incoming(body_octets_max);
    std::string waiting;
    while (!text.empty() && !incoming.complete()) {
        waiting += text.substr(0, piece);
        text.remove_prefix(std::min(piece, text.size()));
        if (incoming.take(waiting)) return std::nullopt;
        (void)incoming.wants_to_continue();
    }
    if (!incoming.complete()) return std::nullopt;
    auto read = incoming.request();
    if (auto* request = std::get_if<http::Request>(&read)) return std::move(*request);
    return std::nullopt;
}

void read_request(std::string_view text) {
    const auto whole = read_in_pieces(text, text.size());
    const auto slow = read_in_pieces(text, 1);
    if (whole.has_value() != slow.has_value()) std::abort();
    if (!whole) return;
    if (whole->method != slow->method || whole->path != slow->path || whole->body != slow->body) std::abort();
    if (whole->body.size() > body_octets_max || !whole->path.starts_with('/')) std::abort();
    (void)whole->media_type();
}

void read_pair(std::string_view body) {
    const auto read = api::read_key_request(body);
    const auto* request = std::get_if<api::KeyRequest>(&read);
    if (request == nullptr) return;
    const auto again = api::read_key_request(R"({"imsi":")" + request->imsi.str() + R"(","imei":")" +
                                             request->imei.str() + "\"}");
    if (!std::holds_alternative<api::KeyRequest>(again)) std::abort();
}

void read_answer(std::string_view body) {
    const auto read = api::read_key_answer(body);
    const auto* container = std::get_if<OctetString>(&read);
    if (container == nullptr) return;
    const auto again = api::read_key_answer(R"({"container":")" + to_base64(*container) + "\"}");
    if (!std::holds_alternative<OctetString>(again) || std::get<OctetString>(again) != *container)
        std::abort();
}

void read_record(std::string_view body) {
    const auto imei = Imei::from_number(35'824'005'111'111);
    const auto read = registry::read_record(body, *imei);
    const auto* key = std::get_if<std::optional<store::DeviceKey>>(&read);
    if (key == nullptr || !*key) return;
    if (!std::holds_alternative<crypto::DevicePublicKey>(crypto::DevicePublicKey::parse((*key)->der)))
        std::abort();
}

void read_tokens(std::string_view text) {
    try {
        const auto tokens = http::BearerTokens::parse(text, "tokens");
        (void)tokens.holder(text);
    } catch (const std::runtime_error&) {
        return;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0]) {
        case 'h':
            read_request(text);
            break;
        case 'p':
            read_pair(text);
            break;
        case 'a':
            read_answer(text);
            break;
        case 'r':
            read_record(text);
            break;
        case 't':
            read_tokens(text);
            break;
        default:
            break;
    }
    return 0;
}
