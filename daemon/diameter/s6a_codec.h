// SPDX-License-Identifier: Apache-2.0
// S6a and S13 messages to and from the plain structs of types/s6a.h (TS 29.272 7.2), for both sides: the HSS
// decodes requests and encodes answers, the emulator's MME does the opposite, and for what the HSS sends it
// is the other way round. Pure; any thread may call it.
#pragma once

#include <string_view>
#include <variant>

#include "diameter/message.h"
#include "diameter/result.h"
#include "types/s6a.h"

namespace bindhss::diameter {

inline constexpr std::uint32_t application_s6a = 16'777'251;
inline constexpr std::uint32_t application_s13 = 16'777'252;
inline constexpr std::uint32_t command_update_location = 316;
inline constexpr std::uint32_t command_cancel_location = 317;
inline constexpr std::uint32_t command_authentication_information = 318;
inline constexpr std::uint32_t command_insert_subscriber_data = 319;
inline constexpr std::uint32_t command_delete_subscriber_data = 320;
inline constexpr std::uint32_t command_purge_ue = 321;
inline constexpr std::uint32_t command_reset = 322;
inline constexpr std::uint32_t command_notify = 323;
inline constexpr std::uint32_t command_me_identity_check = 324;

/// "ULR" for 316 and so on; "other".
[[nodiscard]] std::string_view request_name(std::uint32_t command_code);

template <class T>
using Decoded = std::variant<T, Rejection>;

/// What the HSS asks of an MME or SGSN, and the answers.
using NodeRequest = std::variant<s6a::CancelLocationRequest, s6a::InsertSubscriberDataRequest,
                                 s6a::DeleteSubscriberDataRequest, s6a::ResetRequest>;
using NodeAnswer = std::variant<s6a::CancelLocationAnswer, s6a::InsertSubscriberDataAnswer,
                                s6a::DeleteSubscriberDataAnswer, s6a::ResetAnswer>;

// Requests. REQUIRES for decode: Message::check() found nothing. A value that no rule can express (IMSI,
// PLMN, Re-Synchronization-Info) is rejected here with INVALID_AVP_VALUE and the AVP.
[[nodiscard]] Decoded<s6a::AuthenticationInformationRequest> decode_authentication_information(
    const Message& message);
[[nodiscard]] Decoded<s6a::UpdateLocationRequest> decode_update_location(const Message& message);
[[nodiscard]] Decoded<s6a::PurgeUeRequest> decode_purge_ue(const Message& message);
[[nodiscard]] Decoded<s6a::NotifyRequest> decode_notify(const Message& message);
[[nodiscard]] Decoded<s6a::MeIdentityCheckRequest> decode_me_identity_check(const Message& message);
[[nodiscard]] Decoded<s6a::CancelLocationRequest> decode_cancel_location(const Message& message);
[[nodiscard]] Decoded<s6a::InsertSubscriberDataRequest> decode_insert_subscriber_data(const Message& message);
[[nodiscard]] Decoded<s6a::DeleteSubscriberDataRequest> decode_delete_subscriber_data(const Message& message);
[[nodiscard]] Decoded<s6a::ResetRequest> decode_reset(const Message& message);

/// The one switch over the commands an HSS serves; COMMAND_UNSUPPORTED for the rest.
[[nodiscard]] Decoded<s6a::Request> decode_request(const Message& message);
/// The same for an MME or SGSN.
[[nodiscard]] Decoded<NodeRequest> decode_node_request(const Message& message);

// Requests are encoded into a message that already has Session-Id, Auth-Session-State, Origin-*,
// Destination-*.
void encode(const s6a::AuthenticationInformationRequest& request, Message& message);
void encode(const s6a::UpdateLocationRequest& request, Message& message);
void encode(const s6a::PurgeUeRequest& request, Message& message);
void encode(const s6a::NotifyRequest& request, Message& message);
void encode(const s6a::MeIdentityCheckRequest& request, Message& message);
void encode(const s6a::CancelLocationRequest& request, Message& message);
void encode(const s6a::InsertSubscriberDataRequest& request, Message& message);
void encode(const s6a::DeleteSubscriberDataRequest& request, Message& message);
void encode(const s6a::ResetRequest& request, Message& message);

// Answers: result and application AVPs into a message that has the common ones. Failures: diameter/result.h.
void encode(const s6a::AuthenticationInformationAnswer& answer, Message& message);
void encode(const s6a::UpdateLocationAnswer& answer, Message& message);
void encode(const s6a::PurgeUeAnswer& answer, Message& message);
void encode(const s6a::NotifyAnswer& answer, Message& message);
void encode(const s6a::MeIdentityCheckAnswer& answer, Message& message);
void encode(const s6a::CancelLocationAnswer& answer, Message& message);
void encode(const s6a::InsertSubscriberDataAnswer& answer, Message& message);
void encode(const s6a::DeleteSubscriberDataAnswer& answer, Message& message);
void encode(const s6a::ResetAnswer& answer, Message& message);
void encode(const s6a::Answer& answer, Message& message);
void encode(const NodeAnswer& answer, Message& message);

/// What an error ULA needs besides its result so that an Open5GS MME looks at the result and rejects the
/// attach (the quirk `ula_error_stub`): ULA-Flags 0, and a Subscription-Data that holds nobody's data but all
/// that the MME looks for. Against 7.2.4, so for nodes that need it only.
void encode_error_stub(Message& answer);

/// The features that a request cannot do without (Supported-Features with the M bit, TS 29.229 7.2.1) are
/// more than `ours`: to be answered with feature_unsupported and `ours`.
[[nodiscard]] bool demands_more_than(const s6a::Features& ours, const Message& request);
/// Supported-Features of an answer that is no success: all of ours, but the list of the KME vendor only to a
/// node whose request has announced any of it.
void encode_features(const s6a::Features& ours, const Message& request, Message& answer);

[[nodiscard]] Result<s6a::AuthenticationInformationAnswer> decode_authentication_information_answer(
    const Message& message);
[[nodiscard]] Result<s6a::UpdateLocationAnswer> decode_update_location_answer(const Message& message);
[[nodiscard]] Result<s6a::PurgeUeAnswer> decode_purge_ue_answer(const Message& message);
[[nodiscard]] Result<s6a::NotifyAnswer> decode_notify_answer(const Message& message);
[[nodiscard]] Result<s6a::MeIdentityCheckAnswer> decode_me_identity_check_answer(const Message& message);
[[nodiscard]] Result<s6a::CancelLocationAnswer> decode_cancel_location_answer(const Message& message);
[[nodiscard]] Result<s6a::InsertSubscriberDataAnswer> decode_insert_subscriber_data_answer(
    const Message& message);
[[nodiscard]] Result<s6a::DeleteSubscriberDataAnswer> decode_delete_subscriber_data_answer(
    const Message& message);
[[nodiscard]] Result<s6a::ResetAnswer> decode_reset_answer(const Message& message);

}  // namespace bindhss::diameter
