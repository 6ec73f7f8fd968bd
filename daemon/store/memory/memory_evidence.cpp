// SPDX-License-Identifier: Apache-2.0
// What events say of a binding, and what a refusal leaves behind.
#include <algorithm>

#include "store/memory/memory_store.h"
#include "store/memory/with_record.h"

namespace bindhss::store {

using memory::Record;
using memory::Tables;

namespace {

void choose_next(const Tables& tables, Record& record) {
    const auto* active = active_kme(tables, record);
    const auto owners = different_candidates(tables, record);
    const auto now = std::find_if(owners.begin(), owners.end(), [&](const std::string& owner) {
        return active_key_of(tables, owner)->kme.key == active->key;
    });
    record.chosen = now + 1 == owners.end() ? owners.front() : *(now + 1);
}

/// Of several candidate keys the one that was proven is the active one.
void choose_proven(const Tables& tables, Record& record, std::optional<std::int64_t> kme_id) {
    if (!kme_id) return;
    const auto owner = candidate_with(tables, record, *kme_id);
    if (!owner.empty()) record.chosen = owner;
}

/// Whose key a listed device has; empty: the binding does not list it, or there is none.
std::string owner_for(const Tables& tables, const Record& record, Imei imei) {
    const ImeiRange* listed = nullptr;
    for (const auto& range : record.devices) {
        if (!range.contains(imei)) continue;
        const auto width = [](const ImeiRange& of) { return of.high.number() - of.low.number(); };
        if (listed == nullptr || width(range) < width(*listed)) listed = &range;
    }
    if (listed != nullptr) return owner_of_key(tables, *listed);
    if (record.group.empty()) return {};
    const bool member = std::any_of(tables.devices.begin(), tables.devices.end(), [&](const auto& entry) {
        return entry.second.group == record.group && entry.first.contains(imei);
    });
    return member ? owner_name(record.group) : std::string();
}

}  // namespace

Awaitable<binding::Change> MemoryStore::record_sign(Imsi imsi, SignReport report) {
    co_return with_record<binding::Change>(imsi, [&](Record& record) -> Result<binding::Change> {
        const auto& terms = terms_of(tables_, record);
        if (!binding::needs_kme(terms.policy)) return binding::Change{record.standing};
        const auto count = static_cast<std::uint32_t>(different_candidates(tables_, record).size());
        auto change =
            binding::after(record.standing, report.sign, terms.on_suspicion, count, report.settings);
        record.standing = change.standing;
        if (change.next_key) choose_next(tables_, record);
        if (report.sign != binding::Sign::proof) return change;
        record.open.reset();
        record.proved_at = report.now;
        choose_proven(tables_, record, report.kme_id);
        return change;
    });
}

Awaitable<std::optional<std::int64_t>> MemoryStore::find_kme(Imsi imsi, Imei imei) {
    using Found = std::optional<std::int64_t>;
    co_return with_record<Found>(imsi, [&](Record& record) -> Result<Found> {
        const auto owners = candidates(tables_, record);
        const auto owner = owner_for(tables_, record, imei);
        if (std::find(owners.begin(), owners.end(), owner) == owners.end()) return Found{};
        return Found{active_key_of(tables_, owner)->kme.id};
    });
}

Awaitable<Done> MemoryStore::record_refusal(Imsi imsi, Refusal refusal) {
    co_return with_record<Done>(imsi, [&](Record& record) -> Result<Done> {
        remember_device(record, refusal.terminal_information, refusal.node.host, refusal.provenance,
                        refusal.now);
        if (refusal.lock) record.standing.state = binding::State::locked;
        if (refusal.refuse_until) record.refuse_until = refusal.refuse_until;
        if (refusal.ask)
            ask_about(record, *refusal.ask, refusal.terminal_information, refusal.node.host, refusal.now);
        return Done{};
    });
}

void MemoryStore::store_proof(Record& record, const RegisterNode& request) {
    const auto& now = request.registration;
    record.refuse_until.reset();
    if (request.acquire && record.devices.empty() && record.group.empty()) {
        record.devices = {ImeiRange::of(*request.acquire)};
        record.approvals.erase(*request.acquire);
        record.chosen = owner_of_active_kme(tables_, record);
    }
    if (request.ask) ask_about(record, *request.ask, now.terminal_information, now.node.host, now.time);
    const auto& terms = terms_of(tables_, record);
    if (!request.proof || !binding::needs_kme(terms.policy)) return;
    record.standing =
        binding::after(record.standing, binding::Sign::proof, terms.on_suspicion, 0, {}).standing;
    record.open.reset();
    record.proved_at = now.time;
    choose_proven(tables_, record, request.proven_kme);
}

}  // namespace bindhss::store
