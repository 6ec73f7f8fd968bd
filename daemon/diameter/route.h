// SPDX-License-Identifier: Apache-2.0
// Where our own requests go (RFC 6733 6.1.4 to 6.1.6), and which answers send them on another way (5.5.4).
// Pure but for the table it looks into.
#pragma once

#include <memory>
#include <vector>

#include "diameter/message.h"
#include "diameter/peer_table.h"

namespace bindhss::diameter {

/// The open connections that lead to the request's destination, the best first and at most
/// limits::request_routes_max: its Destination-Host, if that is connected; relays, those of its
/// Destination-Realm before the others, turn by turn. Without Destination-Host a peer of the realm stands for
/// the host; a host that is not connected is never sought at another host of its realm.
[[nodiscard]] std::vector<std::shared_ptr<Peer>> routes_of(const PeerTable& table, const Message& request);

/// Nothing was done with the request on this way: no answer came, or UNABLE_TO_DELIVER or TOO_BUSY from
/// somebody other than its Destination-Host.
[[nodiscard]] bool try_another_route(const Message& request, const Result<Message>& answer);

/// The answer's Origin-Host, when it is another one than the Destination-Host asked for, and the answer is no
/// protocol error, which any relay on the way may give.
[[nodiscard]] std::optional<std::string> answered_by_another(const Message& request, const Message& answer);

}  // namespace bindhss::diameter
