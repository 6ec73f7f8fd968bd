// SPDX-License-Identifier: Apache-2.0
// The result of a request in its answer: Result-Code (RFC 6733 7.1) or Experimental-Result (TS 29.272 7.4).
// Pure.
#pragma once

#include "diameter/message.h"

namespace bindhss::diameter {

void encode_success(Message& answer);
/// Any number, with the E bit for a protocol error; experimental: as Experimental-Result of 3GPP.
void encode_result(std::uint32_t number, bool experimental, Message& answer);
/// Result-Code or Experimental-Result, the E bit where due, Error-Message, Error-Diagnostic where the command
/// has it (AIA and ULA), and KME-Access-Info in ULA.
void encode(const Failure& failure, Message& answer);
/// The same and Failed-AVP.
void encode(const Rejection& rejection, Message& answer);

/// Nothing for success (2xxx). Error-Diagnostic and KME-Access-Info are in the failure. A number outside our
/// table is unable_to_comply, named in the detail; so is no result.
[[nodiscard]] std::optional<Failure> failure_of(const Message& answer);

}  // namespace bindhss::diameter
