// SPDX-License-Identifier: Apache-2.0
// Storing a planned import in the tables; errors are added to the plan's.
#pragma once

#include "store/import_plan.h"
#include "store/memory/memory_tables.h"

namespace bindhss::store::memory {

/// All of the plan. With errors the tables are good for nothing but more errors.
void store(Tables& tables, const ImportPlan& plan, WallTime now, std::vector<LineError>& errors);

// Its parts, each in a file of its own.
void store_equipment(Tables& tables, const ImportPlan& plan);
void store_policies(Tables& tables, const ImportPlan& plan);
void store_decisions(Tables& tables, const ImportPlan& plan, std::vector<LineError>& errors);
/// nullptr: none says the same (says_the_same(), import_plan.h).
[[nodiscard]] binding::Rule* rule_like(Tables& tables, const binding::Rule& rule);
void remove(Tables& tables, const ImportPlan& plan, std::vector<LineError>& errors);

void store_profile(Tables& tables, const std::string& name, std::string document, Subscription subscription);

enum class KmeOutcome : std::uint8_t { added, replaced, unchanged };
/// With an error nothing has changed. A device that is not there comes into being.
KmeOutcome store_kme(Tables& tables, const KmeRecord& record, WallTime now, std::vector<LineError>& errors);
void retire_kmes(Tables& tables, const ImportPlan& plan, WallTime now, std::vector<LineError>& errors);

/// Each subscription keeps its active key while it is one of its candidates. What was proven under a key is
/// not proven under another one (I1), unless it is the next generation of the same one.
void settle_keys(const Tables& before, Tables& after);

[[nodiscard]] std::uint64_t subscribers_of(const Tables& tables, const std::string& profile);
/// How many name these terms, by themselves or as a group.
[[nodiscard]] std::uint64_t bindings_of(const Tables& tables, const std::string& terms);
[[nodiscard]] std::uint64_t groups_of(const Tables& tables, const std::string& terms);
[[nodiscard]] std::uint64_t members_of(const Tables& tables, const std::string& group);

}  // namespace bindhss::store::memory
