// SPDX-License-Identifier: Apache-2.0
#include "registry/registry_record.h"

#include "crypto/json_web_key.h"
#include "types/json_object.h"
#include "types/time_text.h"

namespace bindhss::registry {

namespace {

namespace json = boost::json;
using Problem = std::optional<std::string>;

/// Null is as good as not there.
const json::value* member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && !value->is_null() ? value : nullptr;
}

Problem read_bool(const json::object& object, std::string_view name, std::optional<bool>& into) {
    const auto* value = member(object, name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_bool()) return std::string(name) + " is neither true nor false";
    into = value->get_bool();
    return std::nullopt;
}

Problem read_time(const json::object& object, std::string_view name, std::optional<WallTime>& into) {
    const auto* value = member(object, name);
    if (value == nullptr) return std::nullopt;
    if (value->is_string()) into = parse_rfc3339(std::string_view(value->get_string()));
    if (!into) return std::string(name) + " is no time of RFC 3339";
    return std::nullopt;
}

crypto::PublicKeyOrRefusal read_key(const json::object& object) {
    const auto* value = member(object, "key");
    if (value == nullptr) return "the key is missing";
    if (value->is_object()) return crypto::read_json_web_key(value->get_object());
    if (value->is_string()) return crypto::read_public_key(std::string_view(value->get_string()));
    return "the key is neither a text nor a JSON Web Key";
}

}  // namespace

std::variant<store::DeviceKey, std::string> read_record(std::string_view body, Imei imei) {
    const auto parsed = parse_json_object(body);
    if (const auto* problem = std::get_if<std::string>(&parsed)) return "the answer " + *problem;
    const auto& object = std::get<json::object>(parsed);
    store::DeviceKey result{imei};
    std::optional<bool> revoked;
    if (auto problem = read_bool(object, "revoked", revoked)) return std::move(*problem);
    if (revoked.value_or(false)) {
        // What the record says of it besides is of no more interest. Since when it does not say.
        result.revoked_at = WallTime();
        return result;
    }
    for (auto problem :
         {read_bool(object, "secure", result.secure), read_time(object, "valid_from", result.valid_from),
          read_time(object, "valid_until", result.valid_until)})
        if (problem) return std::move(*problem);
    auto key = read_key(object);
    if (auto* refusal = std::get_if<std::string>(&key)) return std::move(*refusal);
    const auto& read = std::get<crypto::DevicePublicKey>(key);
    result.type = read.type();
    result.fingerprint = read.fingerprint();
    result.der = read.der();
    result.origin = "registry";
    return result;
}

}  // namespace bindhss::registry
