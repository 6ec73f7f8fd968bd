// SPDX-License-Identifier: Apache-2.0
// Device keys in memory: generations, retirement, import and export.
#include "store/memory/memory_import.h"
#include "store/memory/memory_store.h"
#include "store/positions.h"
#include "types/limits.h"

namespace bindhss::store {
namespace memory {
namespace {

using State = StoredKme::State;

constexpr std::string_view of_device = "imei:";
constexpr std::string_view of_group = "group:";

/// nullptr: the owner has none.
StoredKme* newest_of(Tables& tables, const std::string& owner) {
    StoredKme* newest = nullptr;
    for (auto& [key, stored] : tables.kmes)
        if (key.first == owner) newest = &stored;
    return newest;
}

/// What owner_name() wrote.
std::variant<Imei, std::string> owner_of(const std::string& name) {
    if (name.starts_with(of_device)) return *Imei::parse(std::string_view(name).substr(of_device.size()));
    return name.substr(of_group.size());
}

std::string_view name_of(State state) {
    return state == State::active ? "active" : state == State::previous ? "previous" : "retired";
}

/// A generation higher than the newest one takes over.
void replace(StoredKme& newest, WallTime now) {
    if (newest.state != State::active) return;
    newest.state = State::previous;
    newest.replaced_at = newest.changed = now;
}

void set_key(Tables& tables, StoredKme& stored, const SecretString& key, WallTime now) {
    stored.kme.id = ++tables.last_kme_id;
    stored.kme.key = key;
    stored.kme.not_after.reset();
    stored.kcv = kcv_of(&stored.kme);
    stored.changed = now;
}

}  // namespace

KmeOutcome store_kme(Tables& tables, const KmeRecord& record, WallTime now, std::vector<LineError>& errors) {
    const std::pair place(owner_name(record.owner), record.generation);
    auto found = tables.kmes.find(place);
    const bool is_new = found == tables.kmes.end();
    auto* newest = newest_of(tables, place.first);
    const bool unchanged =
        !is_new && found->second.state != State::retired && found->second.kme.key == record.key;
    const bool older = newest != nullptr && record.generation < newest->kme.generation;
    if (!is_new && found->second.state == State::retired) {
        errors.push_back(retired_generation(record.line, place.first, record.generation));
    } else if (older && !unchanged) {
        errors.push_back(
            replaced_generation(record.line, place.first, record.generation, newest->kme.generation));
    }
    if (unchanged || older || (!is_new && found->second.state == State::retired))
        return KmeOutcome::unchanged;
    if (const auto* imei = std::get_if<Imei>(&record.owner)) tables.devices.try_emplace(ImeiRange::of(*imei));
    if (is_new) {
        if (newest != nullptr) replace(*newest, now);
        found = tables.kmes.emplace(place, StoredKme{}).first;
        found->second.kme.generation = record.generation;
    }
    set_key(tables, found->second, record.key, now);
    return is_new ? KmeOutcome::added : KmeOutcome::replaced;
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
            stored.kme.key = SecretString();
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
    // By owner and generation; of two keys of one generation the last counts.
    std::map<std::pair<std::string, std::uint32_t>, KmeRecord> records;
    while (result.errors.size() < limits::import_chunk_rows) {
        auto record = source.next();
        if (!record) break;
        if (auto problem = wrong(*record)) {
            result.errors.push_back({record->line, std::move(*problem)});
        } else {
            records.insert_or_assign({owner_name(record->owner), record->generation}, std::move(*record));
        }
    }
    for (const auto& [place, record] : records) {
        const auto outcome = memory::store_kme(next, record, now(), result.errors);
        ++(outcome == KmeOutcome::added      ? result.added
           : outcome == KmeOutcome::replaced ? result.replaced
                                             : result.unchanged);
    }
    if (!result.errors.empty()) return {0, 0, 0, std::move(result.errors)};
    if (dry_run) return result;
    replace_tables(std::move(next));
    tell_audit("import KMEs",
               what + ": " + std::to_string(result.added) + " added, " + std::to_string(result.replaced) +
                   " replaced, " + std::to_string(result.unchanged) + " unchanged",
               request_);
    return result;
}

std::uint64_t MemoryStore::export_kmes(const std::optional<ImeiRange>& range, const std::string& what,
                                       const std::function<void(const KmeRecord&)>& visit) {
    const std::lock_guard lock(mutex_);
    // Before the first key is out.
    tell_audit("export KMEs", what + ": " + (range ? "devices in " + range->str() : "all devices and groups"),
               request_);
    std::uint64_t count = 0;
    for (const auto& [key, stored] : tables_.kmes) {
        if (stored.state != memory::StoredKme::State::active) continue;
        const auto owner = memory::owner_of(key.first);
        const auto* imei = std::get_if<Imei>(&owner);
        if (range && (imei == nullptr || !range->contains(*imei))) continue;
        visit({owner, key.second, stored.kme.key, 0});
        ++count;
    }
    return count;
}

std::vector<KmeRow> MemoryStore::kmes(const std::optional<std::variant<Imei, std::string>>& owner,
                                      const Page& page) {
    const std::lock_guard lock(mutex_);
    std::vector<KmeRow> rows;
    const auto after = numbered_position(page);
    for (const auto& [key, stored] : tables_.kmes) {
        if (rows.size() == page.limit || !after) break;
        if (std::pair(key.first, std::int64_t{key.second}) <= *after) continue;
        if (owner && owner_name(*owner) != key.first) continue;
        rows.push_back({memory::owner_of(key.first), key.second, stored.kcv,
                        std::string(memory::name_of(stored.state)), stored.changed});
    }
    return rows;
}

}  // namespace bindhss::store
