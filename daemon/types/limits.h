// SPDX-License-Identifier: Apache-2.0
// Every queue, pool and loop has its limit here, unit last; relations between them are asserted at the end.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bindhss::limits {

/// A Diameter message on the wire (24-bit length field). Our largest answer is about 4 KB.
inline constexpr std::size_t message_octets_max = 65'536;
/// What one read from a peer may return; holds at least one whole message.
inline constexpr std::size_t read_buffer_octets = 131'072;
/// Nesting of grouped AVPs that a request may have; S6a needs 5.
inline constexpr std::size_t avp_depth_max = 8;
/// AVPs in one message, all levels together.
inline constexpr std::size_t avp_count_max = 1'024;
/// Requests of one peer that may be unanswered at once; reading from the peer stops at this number.
inline constexpr std::size_t peer_requests_in_flight_max = 512;
/// Octets that may wait to be written to one peer before it is closed as unable to read.
inline constexpr std::size_t peer_output_octets_max = 8 * 1024 * 1024;
/// Our own requests to one peer that may await their answer.
inline constexpr std::size_t peer_requests_outstanding_max = 1'024;
/// Connections that may be open but have not yet completed CER/CEA.
inline constexpr std::size_t connections_unidentified_max = 64;
inline constexpr std::size_t connections_max = 1'024;

/// E-UTRAN vectors in one AIA (spec 1.4: MAP's limit); one for a subscription bound by KME.
inline constexpr std::uint32_t vectors_max = 5;
inline constexpr std::uint32_t vectors_bound_max = 1;

/// Requests that one statement of the batched AIR path serves.
inline constexpr std::size_t batch_rows_max = 256;
/// Requests that may wait for a database connection; beyond it the answer is TOO_BUSY at the door.
inline constexpr std::size_t store_queue_max = 8'192;
/// Alarms that may wait to be written to the table; further ones reach the log sink only.
inline constexpr std::size_t alarm_queue_max = 1'024;

static_assert(read_buffer_octets >= message_octets_max);
static_assert(batch_rows_max <= store_queue_max);
static_assert(vectors_bound_max <= vectors_max);

}  // namespace bindhss::limits
