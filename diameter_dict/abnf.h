// SPDX-License-Identifier: Apache-2.0
// The rule notation of RFC 6733 3.2, as our tables use it. Private to diameter_dict.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace bindhss::diameter_dict {

struct AbnfRule {
    std::string_view avp;
    bool fixed;     ///< <AVP>: has its place at the head
    bool required;  ///< <AVP> or {AVP}
    std::optional<int> min;
    std::optional<int> max;  ///< absent: once, unless unbounded
    bool unbounded;
};

/// "{Visited-PLMN-Id} *[Active-APN] 1*{APN-Configuration} *2[Served-Party-IP-Address]".
/// Throws std::logic_error on a rule that is none: the tables are ours.
[[nodiscard]] std::vector<AbnfRule> parse_abnf(std::string_view text);

}  // namespace bindhss::diameter_dict
