// SPDX-License-Identifier: Apache-2.0
// A change of a subscription reaches the nodes that serve it by itself (TS 29.272 5.2.2.1.1, 5.2.2.2.1).
#pragma once

#include "procedure/ports.h"

namespace bindhss::procedure {

/// Tells one node what changed: IDR for what is new or other, DSR for what is gone, CLR when nothing else
/// fits. With SUCCESS the store knows that the node has it; a node that does not know the UE is told nothing
/// more; any other failure is tried again later, with growing pauses. By value: it outlives its caller, never
/// the ports.
boost::asio::awaitable<void> tell_node(const Ports& ports, store::Untold untold);

}  // namespace bindhss::procedure
