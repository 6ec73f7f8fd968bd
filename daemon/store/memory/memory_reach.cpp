// SPDX-License-Identifier: Apache-2.0
// Which of several daemons has which node as its peer.
#include <algorithm>

#include "store/memory/with_record.h"
#include "types/diameter_identity.h"

namespace bindhss::store {

using memory::Record;

namespace {

constexpr std::array domains{s6a::Domain::mme, s6a::Domain::sgsn};

bool is_one_of(const std::vector<std::string>& hosts, const std::string& host) {
    return std::find(hosts.begin(), hosts.end(), lower_case(host)) != hosts.end();
}

}  // namespace

bool MemoryStore::reached_by_another(const std::string& host, const std::string& daemon, WallTime now) const {
    const auto found = reach_.find(lower_case(host));
    return found != reach_.end() &&
           std::any_of(found->second.begin(), found->second.end(),
                       [&](const auto& entry) { return entry.first != daemon && entry.second > now; });
}

bool MemoryStore::may_take(const Claim& claim, const std::string& host) const {
    return claim.reach.daemon.empty() || is_one_of(claim.reach.hosts, host) ||
           !reached_by_another(host, claim.reach.daemon, claim.now);
}

/// As statement::look_again.
void MemoryStore::look_again(const std::vector<std::string>& come, WallTime now) {
    const auto again = std::erase_if(left_to_another_, [&](const std::string& host) {
        return is_one_of(come, host) || !reached_by_another(host, {}, now);
    });
    if (again != 0) ++profile_changes_;
}

Awaitable<Done> MemoryStore::announce_reach(Reach reach, std::vector<std::string> come, WallTime now,
                                            WallTime until) {
    const std::lock_guard lock(mutex_);
    if (failure_) co_return *failure_;
    for (auto& [host, daemons] : reach_) daemons.erase(reach.daemon);
    for (const auto& host : reach.hosts) reach_[host][reach.daemon] = until;
    look_again(come, now);
    for (auto& stored : requests_) {
        const bool leased = stored.leased_until == stored.not_before;
        if (stored.request.attempts > 0 && !leased && is_one_of(come, stored.request.node.host))
            stored.not_before = std::min(stored.not_before, now);
    }
    for (auto& [imsi, record] : tables_.subscribers) {
        for (const auto domain : domains) {
            auto& telling = record.telling[static_cast<std::size_t>(domain)];
            const auto& registration = record.registrations.of(domain);
            const bool leased = telling.leased_until == telling.at;
            if (!telling.at || telling.attempts == 0 || leased || !registration) continue;
            if (is_one_of(come, registration->node.host)) telling.at = std::min(*telling.at, now);
        }
    }
    co_return Done{};
}

Awaitable<bool> MemoryStore::hand_over_request(NodeRequest request, std::string daemon, WallTime now) {
    const std::lock_guard lock(mutex_);
    if (failure_) co_return *failure_;
    if (!reached_by_another(request.node.host, daemon, now)) co_return false;
    for (auto& stored : requests_)
        if (stored.request.id == request.id) stored.not_before = now;
    co_return true;
}

Awaitable<bool> MemoryStore::hand_over_telling(Imsi imsi, Registration registration, std::string daemon,
                                               WallTime now) {
    co_return with_record<bool>(imsi, [&](Record& record) -> Result<bool> {
        const auto& stored = record.registrations.of(registration.domain);
        const bool same = stored && stored->node == registration.node && stored->time == registration.time;
        if (!same || !reached_by_another(registration.node.host, daemon, now)) return false;
        record.telling[static_cast<std::size_t>(registration.domain)].at = now;
        return true;
    });
}

}  // namespace bindhss::store
