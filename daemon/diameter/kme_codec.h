// SPDX-License-Identifier: Apache-2.0
// The AVPs of the KME extension (spec 4.4) to and from the words of types/kme_access.h, for both sides. Their
// vendor is the dictionary's kme_vendor(); V is set and M is clear on all of them. Private to the codec;
// pure.
#pragma once

#include <optional>

#include "diameter/s6a_codec.h"
#include "types/kme_access.h"

namespace bindhss::diameter {

/// As long as a KME-Container may be; beyond it a value is none (spec 4.5).
inline constexpr std::size_t kme_container_octets_max = 1'024;

// What is not there is not written, and read as nothing. A value that no rule of the dictionary can express
// (octets of an identifier, numbers of an enumeration) is INVALID_AVP_VALUE with the AVP. Bits of
// KME-Access-Flags that the specification does not define are neither sent nor seen.

/// KME-Access-Flags inside an E-UTRAN-Vector; 0 is not sent.
void encode_kme_access_flags(std::uint32_t flags, std::uint32_t vendor, Message::Group& vector);
[[nodiscard]] std::uint32_t decode_kme_access_flags(const AvpView& vector, std::uint32_t vendor);

/// Of AIA and ULA.
void encode(const std::optional<s6a::KmeAccessInfo>& info, Message& message);
[[nodiscard]] Decoded<std::optional<s6a::KmeAccessInfo>> decode_kme_access_info(const Message& message);

/// Of IDR.
void encode(const std::optional<s6a::KmeProvisioningRequest>& request, Message& message);
[[nodiscard]] Decoded<std::optional<s6a::KmeProvisioningRequest>> decode_kme_provisioning_request(
    const Message& message);

/// Of IDA.
void encode(const std::optional<s6a::KmeProvisioningResponse>& response, Message& message);
[[nodiscard]] Decoded<std::optional<s6a::KmeProvisioningResponse>> decode_kme_provisioning_response(
    const Message& message);

/// Of NOR. Any KME-EMM-Cause is passed on: TS 24.301 has many.
void encode(const std::optional<s6a::KmeAuthFailureReport>& report, Message& message);
[[nodiscard]] Decoded<std::optional<s6a::KmeAuthFailureReport>> decode_kme_auth_failure_report(
    const Message& message);

/// What an answer brought goes into its struct; nothing, or why the answer cannot be used.
template <class T>
[[nodiscard]] std::optional<Failure> receive(Decoded<T> decoded, T& into) {
    if (auto* rejection = std::get_if<Rejection>(&decoded))
        return fail(rejection->cause, std::move(rejection->detail));
    into = std::move(std::get<T>(decoded));
    return std::nullopt;
}

}  // namespace bindhss::diameter
