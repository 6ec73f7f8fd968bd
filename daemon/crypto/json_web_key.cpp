// SPDX-License-Identifier: Apache-2.0
#include "crypto/json_web_key.h"

namespace bindhss::crypto {

PublicKeyOrRefusal read_json_web_key(const boost::json::object& object) {
    const auto member = [&](std::string_view name) -> std::string_view {
        const auto* value = object.if_contains(name);
        return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                      : std::string_view();
    };
    JsonWebKey key;
    key.type = member("kty");
    key.curve = member("crv");
    key.x = member("x");
    key.y = member("y");
    key.modulus = member("n");
    key.exponent = member("e");
    for (const auto* name : {"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
        key.has_private_half = key.has_private_half || object.contains(name);
    return read_public_key(key);
}

}  // namespace bindhss::crypto
