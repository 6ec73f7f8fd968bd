// SPDX-License-Identifier: Apache-2.0
// TS 29.272 as tables: AVPs, the rules of grouped AVPs, commands and their rules. Private to diameter_dict.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "diameter_dict/model.h"

namespace bindhss::diameter_dict {

inline constexpr std::uint32_t application_s6a = 16'777'251;
inline constexpr std::uint32_t application_s13 = 16'777'252;

inline constexpr std::uint8_t flag_v = 0x80;
inline constexpr std::uint8_t flag_m = 0x40;
inline constexpr std::uint8_t flags_mv = flag_v | flag_m;

/// What TS 29.272 table 7.3.1/1 (and the specifications it re-uses) says of an AVP.
struct AvpRow {
    std::uint32_t code;
    std::uint32_t vendor;
    std::string_view name;
    AvpType type;
    std::uint8_t flags;
};

/// The rules of a grouped AVP, in the notation of RFC 6733 3.2; "*[AVP]" goes without saying.
struct GroupRow {
    std::string_view name;
    std::string_view rules;
};

/// A request and its answer. Command names are those of TS 29.272 7.2.2 without "-Request".
struct CommandRow {
    std::uint32_t code;
    std::uint32_t application;
    std::string_view name;
    std::string_view request;
    std::string_view answer;
};

[[nodiscard]] std::span<const AvpRow> s6a_avps();
[[nodiscard]] std::span<const GroupRow> s6a_groups();
[[nodiscard]] std::span<const CommandRow> s6a_commands();

}  // namespace bindhss::diameter_dict
