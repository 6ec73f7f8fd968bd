// SPDX-License-Identifier: Apache-2.0
// What the HSS asks of a node, and what the node says to it.
#pragma once

#include <chrono>
#include <variant>

#include "types/s6a.h"

namespace bindhss::emu {

using HssRequest = std::variant<s6a::CancelLocationRequest, s6a::InsertSubscriberDataRequest,
                                s6a::DeleteSubscriberDataRequest, s6a::ResetRequest>;
using NodeAnswer = std::variant<s6a::CancelLocationAnswer, s6a::InsertSubscriberDataAnswer,
                                s6a::DeleteSubscriberDataAnswer, s6a::ResetAnswer>;

/// The alternatives of HssRequest, in their order.
enum class HssCommand : std::uint8_t { clr, idr, dsr, rsr };
inline constexpr std::size_t hss_command_count = std::variant_size_v<HssRequest>;

[[nodiscard]] inline HssCommand command_of(const HssRequest& request) {
    return static_cast<HssCommand>(request.index());
}
/// CLR, IDR, DSR, RSR.
[[nodiscard]] std::string_view name_of(HssCommand command);
[[nodiscard]] std::optional<HssCommand> parse_hss_command(std::string_view text);
/// Of CLR, IDR and DSR; an RSR is about a node.
[[nodiscard]] std::optional<Imsi> imsi_of(const HssRequest& request);

/// An error answer. experimental: as Experimental-Result of 3GPP.
struct Refusal {
    std::uint32_t number = 0;
    bool experimental = false;
    bool operator==(const Refusal&) const = default;
};
/// The request is never answered.
struct Silence {};

struct NodeReply {
    std::variant<NodeAnswer, Refusal, Silence> answer;
    std::chrono::milliseconds delay{0};  ///< before the answer is sent
};

/// Success, with nothing else said.
[[nodiscard]] NodeReply success_of(const HssRequest& request);

}  // namespace bindhss::emu
