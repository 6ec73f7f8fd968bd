// SPDX-License-Identifier: Apache-2.0
// The bodies of requests for keys (docs/operations.md "Provisioning by HTTPS"). Pure.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "binding/container.h"
#include "types/identity.h"

namespace bindhss::api {

struct KeyRequest {
    Imsi imsi;
    Imei imei;
};
/// {"imsi": "...", "imei": "..."}, and nothing else. Or what is wrong, in one sentence that repeats nothing
/// of it.
[[nodiscard]] std::variant<KeyRequest, std::string> read_key_request(std::string_view body);

/// {"container": "<base64>"}, and nothing else: a KME-RESPONSE, as octets. What is none is told here and so
/// costs the device nothing: an answer counts once.
[[nodiscard]] std::variant<OctetString, std::string> read_key_answer(std::string_view body);

/// 16 hexadecimal digits.
[[nodiscard]] std::optional<binding::TransactionId> read_transaction(std::string_view text);

}  // namespace bindhss::api
