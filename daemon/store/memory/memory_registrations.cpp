// SPDX-License-Identifier: Apache-2.0
// Registrations in memory, and what nodes have to be told.
#include <algorithm>

#include "store/cancellations.h"
#include "store/memory/with_record.h"
#include "types/diameter_identity.h"
#include "types/limits.h"

namespace bindhss::store {

using memory::Record;

namespace {

constexpr std::array domains{s6a::Domain::mme, s6a::Domain::sgsn};

/// Has the binding been locked since the verdict? (judge_lock() in binding/judge.cpp)
bool is_shut(const memory::Tables& tables, const Record& record, const RegisterNode& request) {
    return record.standing.state == binding::State::locked &&
           (binding::needs_kme(terms_of(tables, record).policy) || !request.registration.emergency);
}

/// Has the binding no devices yet, or this one?
bool may_acquire(const memory::Tables& tables, const Record& record, Imei imei) {
    const auto& devices = record.devices;
    if (devices.empty() && record.group.empty()) return true;
    if (std::any_of(devices.begin(), devices.end(), [&](const auto& range) { return range.contains(imei); }))
        return true;
    const auto groups = groups_of(tables, imei);
    return std::find(groups.begin(), groups.end(), record.group) != groups.end();
}

/// Have others taken the room that the device had? (judge_sharing() in binding/judge.cpp)
bool is_full(const memory::Tables& tables, const Imsi& imsi, const Registration& registration) {
    const auto device = facts_of(tables, imsi, registration.terminal_information);
    return device.uiccs_max && device.uiccs >= *device.uiccs_max;
}

/// The same registration, not one that the node, or another one, has made since.
bool still(const std::optional<Registration>& stored, const Registration& registration) {
    return stored && stored->node == registration.node && stored->time == registration.time;
}

}  // namespace

SubscriptionVersion MemoryStore::version_of(const Subscription& subscription) {
    const auto found = std::find(versions_.begin(), versions_.end(), subscription);
    const auto number = found - versions_.begin() + 1;
    if (found == versions_.end()) versions_.push_back(subscription);
    return {number, "", subscription.data.msisdn};
}

MemoryStore::Record* MemoryStore::record_of(const Imsi& imsi) {
    const auto found = tables_.subscribers.find(imsi);
    return found == tables_.subscribers.end() ? nullptr : &found->second;
}

std::vector<NodeRequest> MemoryStore::kept(std::vector<NodeRequest> requests, WallTime not_before) {
    for (auto& request : requests) {
        request.id = ++last_request_id_;
        requests_.push_back({request, not_before});
    }
    return requests;
}

Awaitable<std::vector<NodeRequest>> MemoryStore::register_node(Imsi imsi, RegisterNode request,
                                                               std::chrono::milliseconds lease) {
    using Requests = std::vector<NodeRequest>;
    co_return with_record<Requests>(imsi, [&](Record& record) -> Result<Requests> {
        if (is_shut(tables_, record, request)) return locked_binding();
        if (request.acquire && !may_acquire(tables_, record, *request.acquire))
            return another_device_was_first();
        if (request.count_uiccs && is_full(tables_, imsi, request.registration))
            return other_uiccs_were_first();
        const auto before = record.registrations;
        const auto domain = request.registration.domain;
        auto& registration = record.registrations.of(domain);
        registration = merged(before, request);
        auto& telling = record.telling[static_cast<std::size_t>(domain)];
        telling = {};
        // The subscription may have changed while the node's answer was made.
        if (registration->told != version_of(subscription_for(tables_, record, *registration)))
            telling.at = registration->time;
        if (request.single_registration && domain == s6a::Domain::mme) record.registrations.sgsn.reset();
        remember_device(record, registration->terminal_information, registration->node.host,
                        registration->provenance, registration->time);
        store_proof(record, request);
        for (auto& slot : record.slots)
            if (slot.node == registration->node) slot.issued.regular_at.reset();
        return kept(cancellations_of(imsi, before, request), registration->time + lease);
    });
}

Awaitable<PurgedHalves> MemoryStore::purge(Imsi imsi, PurgeNode request) {
    co_return with_record<PurgedHalves>(imsi, [&](Record& record) -> Result<PurgedHalves> {
        const auto purge_half = [&](s6a::Domain domain, std::optional<bool> wanted,
                                    const std::optional<s6a::NodeLocation>& location) {
            auto& registration = record.registrations.of(domain);
            if (!registration || registration->node.host != request.node.host || !wanted.value_or(true))
                return false;
            registration->purged = true;
            record.telling[static_cast<std::size_t>(domain)] = {};
            if (location) registration->location = location;
            if (location) registration->location_time = request.now;
            return true;
        };
        const auto located = request.location.value_or(s6a::EpsLocationInformation{});
        PurgedHalves halves;
        halves.vector_open =
            record.open && record.open->node == request.node && !is_registered_at(record, request.node.host);
        if (halves.vector_open) record.open.reset();  // told of once
        halves.mme = purge_half(s6a::Domain::mme, request.mme, located.mme);
        halves.sgsn = purge_half(s6a::Domain::sgsn, request.sgsn, located.sgsn);
        return halves;
    });
}

Awaitable<std::vector<NodeRequest>> MemoryStore::notify(Imsi imsi, NotifyNode request,
                                                        std::chrono::milliseconds lease) {
    using Requests = std::vector<NodeRequest>;
    co_return with_record<Requests>(imsi, [&](Record& record) -> Result<Requests> {
        auto& registration = record.registrations.of(request.domain);
        if (!registration || registration->node.host != request.node.host) return not_registered_there();
        auto requests = cancellations_of(imsi, record.registrations, request);
        store::apply(request, *registration);
        remember_device(record, request.terminal_information, request.node.host, registration->provenance,
                        request.now);
        if (request.lock) record.standing.state = binding::State::locked;
        if (request.ask)
            ask_about(record, *request.ask, request.terminal_information, request.node.host, request.now);
        if (request.single_registration) record.registrations.sgsn.reset();
        return kept(std::move(requests), request.now + lease);
    });
}

Awaitable<std::vector<NodeRequest>> MemoryStore::take_requests(Claim claim) {
    const std::lock_guard lock(mutex_);
    if (failure_) co_return *failure_;
    std::vector<NodeRequest> taken;
    for (auto& stored : requests_) {
        if (stored.not_before > claim.now || taken.size() == claim.limit) continue;
        if (!may_take(claim, stored.request.node.host)) continue;
        stored.not_before = claim.now + claim.lease;
        stored.leased_until = stored.not_before;
        taken.push_back(stored.request);
    }
    co_return taken;
}

Awaitable<Done> MemoryStore::finish_request(NodeRequest request) {
    const std::lock_guard lock(mutex_);
    if (failure_) co_return *failure_;
    std::erase_if(requests_, [&](const StoredRequest& stored) { return stored.request.id == request.id; });
    co_return Done{};
}

Awaitable<Done> MemoryStore::postpone_request(NodeRequest request, WallTime at) {
    const std::lock_guard lock(mutex_);
    if (failure_) co_return *failure_;
    for (auto& stored : requests_) {
        if (stored.request.id != request.id) continue;
        ++stored.request.attempts;
        stored.not_before = at;
    }
    co_return Done{};
}

bool MemoryStore::untold(Record& record, s6a::Domain domain) {
    const auto& registration = record.registrations.of(domain);
    return registration && !registration->purged &&
           registration->told != version_of(subscription_for(tables_, record, *registration));
}

Untold MemoryStore::take(const Imsi& imsi, Record& record, s6a::Domain domain, const Claim& claim) {
    auto& telling = record.telling[static_cast<std::size_t>(domain)];
    telling.at = telling.leased_until = claim.now + claim.lease;
    const auto& registration = *record.registrations.of(domain);
    Untold untold{imsi, registration,    std::nullopt, subscription_for(tables_, record, registration),
                  {},   telling.attempts};
    untold.version = version_of(untold.now);
    if (registration.told)
        untold.told = versions_.at(static_cast<std::size_t>(registration.told->profile_version - 1));
    return untold;
}

Awaitable<std::vector<Untold>> MemoryStore::take_untold(Claim claim) {
    const std::lock_guard lock(mutex_);
    if (failure_) co_return *failure_;
    std::vector<Untold> taken;
    for (auto& [imsi, record] : tables_.subscribers) {
        for (const auto domain : domains) {
            auto& telling = record.telling[static_cast<std::size_t>(domain)];
            const bool due = telling.at ? *telling.at <= claim.now : tables_.changed.contains(imsi);
            const auto& registration = record.registrations.of(domain);
            if (!due || taken.size() == claim.limit || !registration) continue;
            if (!telling.at && !untold(record, domain)) continue;
            if (may_take(claim, registration->node.host)) {
                taken.push_back(take(imsi, record, domain, claim));
            } else {
                telling.at = claim.now;
            }
        }
        if (taken.size() < claim.limit) tables_.changed.erase(imsi);
    }
    co_return taken;
}

Awaitable<SweepPage> MemoryStore::sweep_untold(std::optional<SweepPosition> after, Claim claim) {
    const std::lock_guard lock(mutex_);
    if (failure_) co_return *failure_;
    SweepPage page;
    std::size_t seen = 0;
    for (auto& [imsi, record] : tables_.subscribers) {
        for (const auto domain : domains) {
            const SweepPosition here{imsi.str(), domain};
            if (after &&
                (here.imsi < after->imsi || (here.imsi == after->imsi && here.domain <= after->domain)))
                continue;
            if (page.untold.size() == claim.limit || seen == limits::sweep_rows_max) {
                page.next = after;
                co_return page;
            }
            after = here;
            ++seen;
            auto& telling = record.telling[static_cast<std::size_t>(domain)];
            if (telling.at || !untold(record, domain)) continue;
            if (may_take(claim, record.registrations.of(domain)->node.host)) {
                page.untold.push_back(take(imsi, record, domain, claim));
            } else {
                left_to_another_.insert(lower_case(record.registrations.of(domain)->node.host));
            }
        }
    }
    co_return page;
}

Awaitable<Done> MemoryStore::mark_told(Imsi imsi, Registration registration, SubscriptionVersion version,
                                       WallTime now) {
    co_return with_record<Done>(imsi, [&](Record& record) -> Result<Done> {
        auto& stored = record.registrations.of(registration.domain);
        if (!still(stored, registration)) return Done{};
        stored->told = version;
        auto& telling = record.telling[static_cast<std::size_t>(registration.domain)];
        telling = {};
        if (untold(record, registration.domain)) telling.at = now;
        return Done{};
    });
}

Awaitable<Done> MemoryStore::postpone_telling(Imsi imsi, Registration registration, WallTime at) {
    co_return with_record<Done>(imsi, [&](Record& record) -> Result<Done> {
        if (!still(record.registrations.of(registration.domain), registration)) return Done{};
        auto& telling = record.telling[static_cast<std::size_t>(registration.domain)];
        telling.at = at;
        ++telling.attempts;
        return Done{};
    });
}

Awaitable<Done> MemoryStore::mark_detached(Imsi imsi, Registration registration) {
    co_return with_record<Done>(imsi, [&](Record& record) -> Result<Done> {
        auto& stored = record.registrations.of(registration.domain);
        if (!still(stored, registration)) return Done{};
        stored->purged = true;
        record.telling[static_cast<std::size_t>(registration.domain)] = {};
        return Done{};
    });
}

Awaitable<Done> MemoryStore::store_location(Imsi imsi, ServingNode node, s6a::EpsLocationInformation location,
                                            WallTime now) {
    co_return with_record<Done>(imsi, [&](Record& record) -> Result<Done> {
        const auto put = [&](std::optional<Registration>& stored, const auto& place) {
            if (!place || !stored || stored->node.host != node.host) return;
            stored->location = place;
            stored->location_time = now;
        };
        put(record.registrations.mme, location.mme);
        put(record.registrations.sgsn, location.sgsn);
        return Done{};
    });
}

Awaitable<std::uint64_t> MemoryStore::profile_clock() {
    const std::lock_guard lock(mutex_);
    if (failure_) co_return *failure_;
    co_return profile_changes_;
}

std::vector<ServingNode> MemoryStore::order(const NodeOrder& order) {
    const std::lock_guard lock(mutex_);
    std::vector<NodeRequest> requests;
    for (auto& [imsi, record] : tables_.subscribers) {
        for (const auto domain : domains) {
            auto& registration = record.registrations.of(domain);
            if (!registration || registration->purged || (order.imsi && *order.imsi != imsi)) continue;
            auto request =
                cancel(imsi, *registration, s6a::CancellationType::subscription_withdrawal, order.now);
            request.kind = order.kind;
            request.imsi = order.imsi;
            request.reattach_required = order.reattach_required;
            request.idr_flags = order.idr_flags;
            request.user_ids = order.user_ids;
            const bool there = std::any_of(requests.begin(), requests.end(), [&](const NodeRequest& other) {
                return order.kind == NodeRequest::Kind::reset && other.node == request.node;
            });
            if (order.kind == NodeRequest::Kind::cancel_location) registration->purged = true;
            if (!there) requests.push_back(std::move(request));
        }
    }
    std::vector<ServingNode> nodes;
    for (const auto& request : kept(std::move(requests), order.now)) nodes.push_back(request.node);
    return nodes;
}

}  // namespace bindhss::store
