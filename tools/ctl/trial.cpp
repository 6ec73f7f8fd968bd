// SPDX-License-Identifier: Apache-2.0
#include "ctl/trial.h"

#include "types/limits.h"

namespace bindhss::ctl {

binding::Access access_of(const store::SeenPair& pair, WallTime now) {
    binding::Access access;
    if (pair.device.imei || pair.device.imei_invalid) access.terminal_information = pair.device;
    access.device = pair.facts;
    access.last_seen_imei = pair.device.imei;
    access.last_seen_svn = pair.device.svn;
    access.serves_now = pair.provenance == binding::Provenance::authenticated;
    access.registered_elsewhere = pair.provenance == binding::Provenance::taken_over;
    if (access.serves_now) access.registered_here_at = now;
    if (pair.registration) {
        access.emergency = pair.registration->emergency;
        access.previously_verified = pair.registration->verified;
    }
    access.now = now;
    return access;
}

std::string reasons_of(const binding::Verdict& verdict) {
    std::string text;
    for (const auto& finding : verdict.findings)
        text += (text.empty() ? "" : ",") + std::string(alarm::describe(finding.id).name);
    return text;
}

const binding::Rule* rule_for(const store::SeenPair& pair, WallTime now) {
    if (!pair.device.imei) return nullptr;
    const binding::Pair asked{pair.imsi, pair.binding.groups, *pair.device.imei, pair.device.svn,
                              pair.facts.groups};
    return binding::deciding_rule(pair.binding.rules, asked, now);
}

void each_subscription(Context& context, const store::SeenFilter& filter,
                       const std::function<void(std::vector<store::SeenPair>&)>& visit) {
    std::vector<store::SeenPair> together;
    std::optional<store::SeenPosition> after;
    do {
        auto page = context.store.seen(filter, after, limits::seen_page_rows_max);
        for (auto& pair : page.pairs) {
            if (!together.empty() && together.front().imsi != pair.imsi) {
                visit(together);
                together.clear();
            }
            together.push_back(std::move(pair));
        }
        after = page.next;
    } while (after);
    if (!together.empty()) visit(together);
}

}  // namespace bindhss::ctl
