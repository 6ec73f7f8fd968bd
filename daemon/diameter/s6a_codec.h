// SPDX-License-Identifier: Apache-2.0
// S6a messages to and from the plain structs of types/s6a.h (TS 29.272 7.2), for both sides: the HSS decodes
// requests and encodes answers, the emulator's MME does the opposite. Pure; any thread may call it.
#pragma once

#include <variant>

#include "diameter/message.h"
#include "diameter/result.h"
#include "types/s6a.h"

namespace bindhss::diameter {

inline constexpr std::uint32_t application_s6a = 16'777'251;
inline constexpr std::uint32_t command_update_location = 316;
inline constexpr std::uint32_t command_cancel_location = 317;
inline constexpr std::uint32_t command_authentication_information = 318;

template <class T>
using Decoded = std::variant<T, Rejection>;

// Requests. REQUIRES for decode: Message::check() found nothing. A value that no rule can express (IMSI,
// PLMN, Re-Synchronization-Info) is rejected here with INVALID_AVP_VALUE and the AVP.
[[nodiscard]] Decoded<s6a::AuthenticationInformationRequest> decode_authentication_information(
    const Message& message);
[[nodiscard]] Decoded<s6a::UpdateLocationRequest> decode_update_location(const Message& message);
[[nodiscard]] Decoded<s6a::CancelLocationRequest> decode_cancel_location(const Message& message);

/// The one switch over the commands an HSS serves; COMMAND_UNSUPPORTED for the rest.
[[nodiscard]] Decoded<s6a::Request> decode_request(const Message& message);

// Requests are encoded into a message that already has Session-Id, Auth-Session-State, Origin-*,
// Destination-*.
void encode(const s6a::AuthenticationInformationRequest& request, Message& message);
void encode(const s6a::UpdateLocationRequest& request, Message& message);
void encode(const s6a::CancelLocationRequest& request, Message& message);

// Answers: result and application AVPs into a message that has the common ones. Failures and CLA:
// diameter/result.h.
void encode(const s6a::Answer& answer, Message& message);

[[nodiscard]] Result<s6a::AuthenticationInformationAnswer> decode_authentication_information_answer(
    const Message& m);
[[nodiscard]] Result<s6a::UpdateLocationAnswer> decode_update_location_answer(const Message& message);
[[nodiscard]] Result<s6a::CancelLocationAnswer> decode_cancel_location_answer(const Message& message);

}  // namespace bindhss::diameter
