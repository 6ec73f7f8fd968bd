// SPDX-License-Identifier: Apache-2.0
// The exchange that gives a device its key, in memory.
#include <algorithm>

#include "store/exchange_rules.h"
#include "store/memory/memory_import.h"
#include "store/memory/with_record.h"
#include "types/limits.h"

namespace bindhss::store {

using memory::Record;
using memory::Tables;

namespace {

using Beginning = std::variant<Begun, NotBegun>;

bool is_pending(const Record& record, WallTime now) {
    return record.exchange && record.exchange->pending.deadline >= now;
}

/// Has the same request begun the exchange that is pending?
bool is_same(const memory::Exchange& pending, const BeginExchange& wanted) {
    return wanted.way == ExchangeWay::s6a && pending.pending.way == wanted.way &&
           pending.pending.node == wanted.node && pending.end_to_end == wanted.end_to_end;
}

/// nullptr: the device has none that is valid.
const DeviceKey* newest_key(const Tables& tables, Imei imei, WallTime now) {
    const auto of_device = tables.device_keys.find(imei);
    if (of_device == tables.device_keys.end()) return nullptr;
    const auto& keys = of_device->second;
    const auto found =
        std::find_if(keys.rbegin(), keys.rend(), [&](const DeviceKey& key) { return is_valid(key, now); });
    return found == keys.rend() ? nullptr : &*found;
}

/// One above those that the device had, and those that are on their way to it for its other subscriptions.
std::uint64_t next_generation(const Tables& tables, const BeginExchange& wanted) {
    std::uint64_t highest = 0;
    const auto owner = owner_name(wanted.imei);
    for (auto found = tables.kmes.lower_bound({owner, 0});
         found != tables.kmes.end() && found->first.first == owner; ++found)
        highest = std::max<std::uint64_t>(highest, found->first.second);
    for (const auto& [imsi, record] : tables.subscribers) {
        if (imsi != wanted.imsi && is_pending(record, wanted.now) &&
            record.exchange->pending.imei == wanted.imei)
            highest = std::max<std::uint64_t>(highest, record.exchange->pending.terms.generation);
    }
    return highest + 1;
}

bool is_listed(const Record& record, Imei imei) {
    return std::find(record.devices.begin(), record.devices.end(), ImeiRange::of(imei)) !=
           record.devices.end();
}

bool has_room_for(const Record& record, Imei imei) {
    return is_listed(record, imei) || record.devices.size() < limits::binding_devices_max;
}

memory::Exchange exchange_of(const BeginExchange& wanted, std::uint32_t generation) {
    memory::Exchange exchange{{wanted.imsi, wanted.imei}, wanted.end_to_end, wanted.now};
    auto& pending = exchange.pending;
    pending.terms = {wanted.transaction, wanted.nonce, generation, wanted.rand_algorithm, wanted.not_after};
    pending.kme = wanted.kme;
    pending.way = wanted.way;
    pending.occasion = wanted.occasion;
    pending.node = wanted.node;
    pending.deadline = wanted.deadline;
    return exchange;
}

void note_failure(Record& record, const FinishExchange& finish) {
    if (!counts_as_failure(finish.outcome) || finish.pauses.empty()) return;
    auto pause = record.pause.value_or(memory::Pause{});
    if (pause.until < finish.now - failure_remembered) pause.failures = 0;
    const auto which = std::min<std::size_t>(pause.failures, finish.pauses.size() - 1);
    pause.until = finish.now + finish.pauses[which];
    pause.failures = std::min(pause.failures + 1, failures_counted_max);
    record.pause = pause;
}

/// Whose key, and which one.
std::pair<std::string, std::int64_t> active_of(const Tables& tables, const Record& record) {
    const auto* kme = active_kme(tables, record);
    if (kme == nullptr) return {};
    return {owner_of_active_kme(tables, record), kme->id};
}

/// What was proven under another device's key, or a group's, is not proven under this one (spec 4.7 I1); a
/// generation before was the same device's.
void settle(const Tables& tables, Record& record, const std::pair<std::string, std::int64_t>& before) {
    record.chosen = owner_of_active_kme(tables, record);
    const auto now = active_of(tables, record);
    if (now.second == before.second || now.first == before.first) return;
    if (record.registrations.mme) record.registrations.mme->verified = false;
    if (record.registrations.sgsn) record.registrations.sgsn->verified = false;
}

void clear_evidence(Record& record, Imei imei, WallTime now) {
    const auto reprovisions = std::move(record.standing.reprovisions);
    record.standing = {};
    record.standing.reprovisions = reprovisions;
    record.open.reset();
    record.refuse_until.reset();
    record.proved_at = now;
    record.approvals.erase(imei);
    record.pause.reset();
}

/// The key becomes the active one of its device, and of all that list it.
void establish(Tables& tables, Record& record, const PendingExchange& exchange, WallTime now) {
    std::map<Imsi, std::pair<std::string, std::int64_t>> before;
    for (const auto& [imsi, other] : tables.subscribers) {
        if (imsi == exchange.imsi || is_listed(other, exchange.imei))
            before.emplace(imsi, active_of(tables, other));
    }
    std::vector<LineError> errors;
    const auto generation = exchange.terms.generation;
    memory::store_kme(tables, {exchange.imei, generation, exchange.kme, 0}, now, errors);
    tables.kmes.at({owner_name(exchange.imei), generation}).kme.not_after = exchange.terms.not_after;
    if (!is_listed(record, exchange.imei)) record.devices.push_back(ImeiRange::of(exchange.imei));
    record.chosen = owner_name(exchange.imei);
    clear_evidence(record, exchange.imei, now);
    for (const auto& [imsi, active] : before) settle(tables, tables.subscribers.at(imsi), active);
}

/// May the key be stored? A lock ends by the operator alone; and a key that came by import meanwhile is the
/// operator's choice.
bool may_establish(const Tables& tables, const Record& record, const PendingExchange& exchange) {
    const auto last = tables.kmes.lower_bound({owner_name(exchange.imei), exchange.terms.generation});
    const bool overtaken = last != tables.kmes.end() && last->first.first == owner_name(exchange.imei);
    return record.standing.state != binding::State::locked && !overtaken &&
           has_room_for(record, exchange.imei);
}

}  // namespace

Awaitable<Beginning> MemoryStore::begin_exchange(BeginExchange exchange) {
    co_return with_record<Beginning>(exchange.imsi, [&](Record& record) -> Result<Beginning> {
        if (const auto refused = refusal_of(exchange)) {
            remember_device(record, refused->terminal_information, refused->node.host, refused->provenance,
                            refused->now);
        }
        if (exchange.key && !is_valid(*exchange.key, exchange.now)) return Beginning(NotBegun::no_public_key);
        if (is_pending(record, exchange.now) && is_same(*record.exchange, exchange))
            return Beginning(NotBegun::joined);
        // Who asks by https has proven nothing, and takes nothing from a UE that has authenticated.
        if (exchange.way == ExchangeWay::https && is_pending(record, exchange.now) &&
            record.exchange->pending.way == ExchangeWay::s6a)
            return Beginning(NotBegun::postponed);
        if (record.pause && record.pause->until > exchange.now) return Beginning(NotBegun::postponed);
        const auto* key = exchange.key ? &*exchange.key : newest_key(tables_, exchange.imei, exchange.now);
        if (key == nullptr) return Beginning(NotBegun::no_public_key);
        const auto generation = next_generation(tables_, exchange);
        if (generation > kme_generation_max) return no_further_generation();
        if (!has_room_for(record, exchange.imei)) return no_room_for_device();
        Begun begun{static_cast<std::uint32_t>(generation), *key, std::nullopt};
        if (record.session && record.session->until > exchange.now) begun.session = record.session->session;
        record.exchange = exchange_of(exchange, begun.generation);
        return Beginning(std::move(begun));
    });
}

Awaitable<std::optional<PendingExchange>> MemoryStore::load_exchange(binding::TransactionId transaction,
                                                                     WallTime now) {
    const std::lock_guard lock(mutex_);
    if (failure_) co_return *failure_;
    std::optional<PendingExchange> found;
    for (const auto& [imsi, record] : tables_.subscribers) {
        if (is_pending(record, now) && record.exchange->pending.terms.transaction == transaction)
            found = record.exchange->pending;
    }
    co_return found;
}

std::vector<NodeRequest> MemoryStore::reattach_unproven(const Imsi& imsi, Record& record, WallTime now) {
    std::vector<NodeRequest> requests;
    for (const auto domain : {s6a::Domain::mme, s6a::Domain::sgsn}) {
        auto& registration = record.registrations.of(domain);
        if (!registration || registration->purged || registration->verified) continue;
        requests.push_back(reattach(imsi, *registration, now));
        registration->purged = true;
        record.telling[static_cast<std::size_t>(domain)] = {};
    }
    return kept(std::move(requests), now + reattach_lease);
}

Awaitable<Finished> MemoryStore::finish_exchange(FinishExchange finish) {
    const std::lock_guard lock(mutex_);
    if (failure_) co_return *failure_;
    Finished finished;
    auto* record = record_of(finish.imsi);
    if (record == nullptr || !record->exchange ||
        record->exchange->pending.terms.transaction != finish.transaction)
        co_return finished;
    const auto exchange = std::move(record->exchange->pending);
    const auto started = record->exchange->started;
    record->exchange.reset();
    // The Update-Location has had the regular vector that it rests on (spec 4.7, I2), and none that came
    // after it.
    for (auto& slot : record->slots)
        if (slot.node == exchange.node && slot.issued.regular_at <= started) slot.issued.regular_at.reset();
    const bool established = finish.outcome == binding::ExchangeOutcome::established;
    if (established && (exchange.deadline < finish.now || !may_establish(tables_, *record, exchange)))
        co_return finished;
    finished.stored = true;
    if (!established) {
        note_failure(*record, finish);
        co_return finished;
    }
    establish(tables_, *record, exchange, finish.now);
    if (finish.reattach) finished.cancellations = reattach_unproven(finish.imsi, *record, finish.now);
    co_return finished;
}

Awaitable<Done> MemoryStore::abort_exchange(Imsi imsi, std::string host) {
    const std::lock_guard lock(mutex_);
    if (failure_) co_return *failure_;
    auto* record = record_of(imsi);
    if (record != nullptr && record->exchange &&
        (host.empty() || record->exchange->pending.node.host == host))
        record->exchange.reset();
    co_return Done{};
}

Awaitable<bool> MemoryStore::exchange_pending(Imsi imsi, WallTime now) {
    const std::lock_guard lock(mutex_);
    if (failure_) co_return *failure_;
    const auto* record = record_of(imsi);
    co_return record != nullptr&& is_pending(*record, now);
}

Awaitable<bool> MemoryStore::has_come_again(Imsi imsi, ServingNode node, WallTime since) {
    co_return with_record<bool>(imsi, [&](Record& record) -> Result<bool> {
        return std::any_of(record.slots.begin(), record.slots.end(), [&](const memory::Slot& slot) {
            return slot.node == node && slot.issued.pre_processed_at >= since;
        });
    });
}

Awaitable<Done> MemoryStore::keep_session(Imsi imsi, binding::AkaSession session, WallTime until) {
    const std::lock_guard lock(mutex_);
    if (failure_) co_return *failure_;
    auto* record = record_of(imsi);
    if (record != nullptr) record->session = memory::KeptSession{std::move(session), until};
    co_return Done{};
}

Awaitable<std::optional<RestrictedProfile>> MemoryStore::load_restricted(Imsi imsi, std::string profile) {
    using Found = std::optional<RestrictedProfile>;
    co_return with_record<Found>(imsi, [&](Record& record) -> Result<Found> {
        if (!tables_.profiles.contains(profile)) return Found{};
        RestrictedProfile result;
        result.subscription = limited_subscription(tables_, record, profile);
        result.version = version_of(result.subscription);
        return Found(std::move(result));
    });
}

}  // namespace bindhss::store
