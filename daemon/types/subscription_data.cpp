// SPDX-License-Identifier: Apache-2.0
#include "types/subscription_data.h"

namespace bindhss {

namespace {

/// How much of the PLMN's digits the best of the rules names, plus one; 0: no rule fits.
std::size_t best_match(const std::vector<std::string>& rules, std::string_view mcc, std::string_view digits) {
    std::size_t best = 0;
    for (const auto& rule : rules) {
        if (rule == "*") {
            best = std::max<std::size_t>(best, 1);
        } else if (rule == mcc || rule == digits) {
            best = std::max(best, rule.size() + 1);
        }
    }
    return best;
}

}  // namespace

bool RoamingRules::admits(const Plmn& plmn) const {
    if (allowed.empty() && denied.empty()) return true;
    auto digits = plmn.str();
    digits.erase(digits.find('/'), 1);
    const auto mcc = std::string_view(digits).substr(0, 3);
    const auto for_it = best_match(allowed, mcc, digits);
    const auto against = best_match(denied, mcc, digits);
    if (for_it == 0 && against == 0) return allowed.empty();
    return for_it > against;
}

}  // namespace bindhss
