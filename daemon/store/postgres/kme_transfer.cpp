// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/kme_transfer.h"

#include "store/postgres/array_literal.h"
#include "store/postgres/import.h"
#include "store/postgres/kme_stage.h"
#include "store/postgres/reservation.h"
#include "store/postgres/subscriber_view.h"
#include "types/limits.h"

namespace bindhss::store::postgres {
namespace {

// The transaction of its own that reads them is one snapshot, however long it takes.
const std::string open_cursor_sql =
    "DECLARE exported NO SCROLL CURSOR FOR SELECT k.imei, coalesce(g.name, ''), k.owner, k.generation, k.key"
    " FROM kme k LEFT JOIN device_group g ON g.id = k.group_id WHERE k.state = 'active'";

/// The next records that can be stored; those that cannot are among the errors.
std::vector<KmeRecord> next_chunk(KmeSource& source, std::vector<LineError>& errors) {
    std::vector<KmeRecord> chunk;
    while (chunk.size() < limits::import_chunk_rows && errors.size() < limits::import_chunk_rows) {
        auto record = source.next();
        if (!record) break;
        if (auto problem = kme_problem(record->key.size(), record->generation)) {
            errors.push_back({record->line, std::move(*problem)});
        } else {
            chunk.push_back(std::move(*record));
        }
    }
    return chunk;
}

std::string counts_of(const KmeImport& result) {
    return std::to_string(result.added) + " added, " + std::to_string(result.replaced) + " replaced, " +
           std::to_string(result.unchanged) + " unchanged";
}

std::string owners_in(const std::optional<ImeiRange>& range) {
    return range ? "devices in " + range->str() : "all devices and groups";
}

}  // namespace

KmeImport import_kmes(pqxx::dbtransaction& transaction, KmeSource& source, const crypto::KeyRing& keys,
                      Random& random, const Deed& deed) {
    KmeImport result;
    Touched touched(transaction);
    KmeStage stage(transaction, keys, random);
    for (;;) {
        const auto chunk = next_chunk(source, result.errors);
        if (chunk.empty()) break;
        stage.add(chunk);
    }
    if (result.errors.empty()) result.errors = stage.store(touched);
    if (!result.errors.empty()) return result;
    touched.update();
    const auto& counts = stage.counts();
    result.added = counts.added;
    result.replaced = counts.replaced;
    result.unchanged = counts.unchanged;
    write_audit(transaction, deed.who, {{"import KMEs", deed.what + ": " + counts_of(result)}}, deed.request);
    return result;
}

void announce_export(pqxx::transaction_base& transaction, const std::optional<ImeiRange>& range,
                     const Deed& deed) {
    write_audit(transaction, deed.who, {{"export KMEs", deed.what + ": " + owners_in(range)}}, deed.request);
}

std::uint64_t export_kmes(pqxx::transaction_base& transaction, const std::optional<ImeiRange>& range,
                          const crypto::KeyRing& keys, const std::function<void(const KmeRecord&)>& visit) {
    auto sql = open_cursor_sql;
    if (range) {
        sql += " AND k.imei BETWEEN " + std::to_string(range->low.number()) + " AND " +
               std::to_string(range->high.number());
    }
    transaction.exec(sql + " ORDER BY k.owner");
    std::uint64_t count = 0;
    const auto fetch_sql = "FETCH " + std::to_string(limits::import_chunk_rows) + " FROM exported";
    for (auto rows = transaction.exec(fetch_sql); !rows.empty(); rows = transaction.exec(fetch_sql)) {
        for (const auto& row : rows) {
            KmeRecord record{std::string(row[1].c_str())};
            if (!row[0].is_null()) record.owner = imei_of(row[0].as<std::uint64_t>());
            record.generation = row[3].as<std::uint32_t>();
            const auto place = kme_row(row[2].c_str(), record.generation);
            auto key = keys.open(octets_of({row[4].c_str(), row[4].size()}), {"kme", "key", place});
            if (!key)
                throw std::runtime_error("the key of " + std::string(row[2].c_str()) + " does not open");
            record.key = std::move(*key);
            visit(record);
            ++count;
        }
    }
    return count;
}

}  // namespace bindhss::store::postgres
