// SPDX-License-Identifier: Apache-2.0
// Device keys in memory: generations, retirement, import and export.
#include "store/memory/memory_import.h"
#include "store/memory/memory_store.h"
#include "types/limits.h"

namespace bindhss::store {
namespace memory {
namespace {

using State = StoredKme::State;

constexpr std::string_view of_device = "imei:";
constexpr std::string_view of_group = "group:";

StoredKme* active_of(Tables& tables, const std::string& owner) {
    for (auto& [key, stored] : tables.kmes)
        if (key.first == owner && stored.state == State::active) return &stored;
    return nullptr;
}

/// What owner_name() wrote.
std::variant<Imei, std::string> owner_of(const std::string& name) {
    if (name.starts_with(of_device)) return *Imei::parse(std::string_view(name).substr(of_device.size()));
    return name.substr(of_group.size());
}

std::string_view name_of(State state) {
    return state == State::active ? "active" : state == State::previous ? "previous" : "retired";
}

/// A generation higher than the active one takes over; a lower one is not used.
StoredKme new_kme(Tables& tables, const std::string& owner, std::uint32_t generation, WallTime now) {
    StoredKme stored;
    auto* active = active_of(tables, owner);
    if (active != nullptr && active->kme.generation > generation) {
        stored.state = State::previous;
    } else if (active != nullptr) {
        active->state = State::previous;
        active->replaced_at = now;
    }
    stored.kme.generation = generation;
    return stored;
}

}  // namespace

KmeOutcome store_kme(Tables& tables, const std::variant<Imei, std::string>& owner, const SecretString& key,
                     std::uint32_t generation, WallTime now) {
    if (const auto* imei = std::get_if<Imei>(&owner)) tables.devices.try_emplace(ImeiRange::of(*imei));
    const std::pair place(owner_name(owner), generation);
    auto found = tables.kmes.find(place);
    auto outcome = KmeOutcome::replaced;
    if (found == tables.kmes.end()) {
        found = tables.kmes.emplace(place, new_kme(tables, place.first, generation, now)).first;
        outcome = KmeOutcome::added;
    }
    auto& stored = found->second;
    if (stored.state == State::retired) return KmeOutcome::retired;
    if (outcome == KmeOutcome::replaced && stored.kme.key == key) return KmeOutcome::unchanged;
    stored.kme.id = ++tables.last_kme_id;
    stored.kme.key = key;
    stored.changed = now;
    return outcome;
}

void retire_kmes(Tables& tables, const ImportPlan& plan, WallTime now, std::vector<LineError>& errors) {
    for (const auto& planned : plan.retired_kmes) {
        const auto owner = owner_name(planned.put->owner);
        bool any = false;
        for (auto& [key, stored] : tables.kmes) {
            const bool meant = key.first == owner && stored.state != State::retired &&
                               planned.put->generation.value_or(key.second) == key.second;
            if (!meant) continue;
            any = true;
            stored.state = State::retired;
            stored.changed = now;
        }
        if (!any) errors.push_back(unknown_kme(planned));
    }
}

}  // namespace memory

KmeImport MemoryStore::import_kmes(KmeSource& source, bool dry_run, const std::string& what) {
    using memory::KmeOutcome;
    const std::lock_guard lock(mutex_);
    auto next = tables_;
    KmeImport result;
    const auto wrong = [&](const KmeRecord& record) -> std::optional<std::string> {
        if (auto problem = kme_problem(record.key.size(), record.generation)) return problem;
        const auto* group = std::get_if<std::string>(&record.owner);
        if (group != nullptr && !next.groups.contains(*group)) return no_group_for_kme(*group);
        return std::nullopt;
    };
    while (result.errors.size() < limits::import_errors_shown_max) {
        const auto record = source.next();
        if (!record) break;
        if (auto problem = wrong(*record)) {
            result.errors.push_back({record->line, std::move(*problem)});
            continue;
        }
        switch (memory::store_kme(next, record->owner, record->key, record->generation, now())) {
            case KmeOutcome::added:
                ++result.added;
                break;
            case KmeOutcome::replaced:
                ++result.replaced;
                break;
            case KmeOutcome::unchanged:
                ++result.unchanged;
                break;
            case KmeOutcome::retired:
                result.errors.push_back(
                    retired_generation(record->line, owner_name(record->owner), record->generation));
        }
    }
    if (!result.errors.empty() || dry_run) return result;
    replace_tables(std::move(next));
    tell_audit("import KMEs", what);
    return result;
}

std::uint64_t MemoryStore::export_kmes(const std::optional<ImeiRange>& range, const std::string& what,
                                       const std::function<void(const KmeRecord&)>& visit) {
    const std::lock_guard lock(mutex_);
    std::uint64_t count = 0;
    for (const auto& [key, stored] : tables_.kmes) {
        if (stored.state != memory::StoredKme::State::active) continue;
        const auto owner = memory::owner_of(key.first);
        const auto* imei = std::get_if<Imei>(&owner);
        if (range && (imei == nullptr || !range->contains(*imei))) continue;
        visit({owner, key.second, stored.kme.key, 0});
        ++count;
    }
    tell_audit("export KMEs", what);
    return count;
}

std::vector<KmeRow> MemoryStore::kmes(const std::optional<std::variant<Imei, std::string>>& owner,
                                      std::size_t limit) {
    const std::lock_guard lock(mutex_);
    std::vector<KmeRow> rows;
    for (const auto& [key, stored] : tables_.kmes) {
        if (rows.size() == limit) break;
        if (owner && owner_name(*owner) != key.first) continue;
        rows.push_back({memory::owner_of(key.first), key.second, memory::kcv_of(&stored.kme),
                        std::string(memory::name_of(stored.state)), stored.changed});
    }
    return rows;
}

}  // namespace bindhss::store
