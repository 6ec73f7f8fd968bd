// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/kme_stage.h"

#include <array>
#include <map>

#include "crypto/aes.h"
#include "store/postgres/array_literal.h"
#include "store/postgres/import_chunks.h"
#include "store/postgres/reservation.h"
#include "types/limits.h"

namespace bindhss::store::postgres {
namespace {

// key is NULL where the stored one is the same. old_state is that of the row of this owner and generation.
constexpr const char* make_table_sql =
    "CREATE TEMPORARY TABLE kme_stage (n bigint NOT NULL, line bigint NOT NULL, owner text COLLATE \"C\" NOT "
    "NULL, imei bigint, name text, generation bigint NOT NULL, algorithm smallint NOT NULL, key bytea, kcv "
    "text,"
    " old_state text, old_id bigint, UNIQUE (owner, generation, n)) ON COMMIT DROP";
const std::array stage_columns{"n",         "line", "owner", "imei",      "name",  "generation",
                               "algorithm", "key",  "kcv",   "old_state", "old_id"};

constexpr const char* known_sql =
    "SELECT r.position, k.key, k.state, k.id FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY"
    "   r (owner, generation, position)"
    " JOIN kme k ON k.owner = r.owner AND k.generation = r.generation";

constexpr const char* keep_last_sql =
    "DELETE FROM kme_stage s WHERE EXISTS (SELECT FROM kme_stage t"
    "   WHERE t.owner = s.owner AND t.generation = s.generation AND t.n > s.n)";

// What the stored keys do not allow: kind 0, a group that is not there; 1, a retired generation; 2, one that
// is older than the newest.
constexpr const char* errors_sql =
    "SELECT s.line, s.owner, s.generation, CASE WHEN g.missing THEN 0"
    "   WHEN s.old_state = 'retired' THEN 1 ELSE 2 END, newest.generation, s.name"
    " FROM kme_stage s"
    " LEFT JOIN LATERAL (SELECT NOT EXISTS (SELECT FROM device_group g WHERE g.name = s.name) AS missing"
    "   WHERE s.name IS NOT NULL) g ON true"
    " LEFT JOIN LATERAL (SELECT k.generation, k.state FROM kme k WHERE k.owner = s.owner"
    "   ORDER BY k.generation DESC LIMIT 1) newest ON true"
    " WHERE g.missing OR s.old_state = 'retired'"
    "   OR s.key IS NOT NULL AND s.generation < newest.generation"
    "   OR s.key IS NOT NULL AND s.old_state = 'previous'"
    " ORDER BY s.line, s.n LIMIT $1";

// An exchange may have stored a key since the stage was filled.
constexpr const char* look_again_sql =
    "UPDATE kme_stage s SET old_id = k.id, old_state = k.state FROM kme k"
    " WHERE k.owner = s.owner AND k.generation = s.generation AND s.old_id IS DISTINCT FROM k.id";

constexpr const char* count_sql =
    "SELECT count(*) FILTER (WHERE old_state IS NULL), count(*) FILTER (WHERE old_state IS NOT NULL AND key "
    "IS "
    "NOT NULL), count(*) FILTER (WHERE key IS NULL) FROM kme_stage";

constexpr const char* put_devices_sql =
    "INSERT INTO device (imei_lo, imei_hi) SELECT DISTINCT imei, imei FROM kme_stage WHERE imei IS NOT NULL"
    " ON CONFLICT DO NOTHING";

// The rows that take part are looked up one by one first: before statistics tell otherwise the planner takes
// the table to have hardly an active key, and would aggregate the stage once for each that there is.
constexpr const char* replace_active_sql =
    "WITH old AS MATERIALIZED (SELECT s.owner, s.generation FROM (SELECT owner, max(generation) AS generation"
    "     FROM kme_stage WHERE key IS NOT NULL GROUP BY owner) s"
    "   CROSS JOIN LATERAL (SELECT FROM kme c WHERE c.owner = s.owner AND c.state = 'active'"
    "     AND c.generation < s.generation OFFSET 0) replaced)"
    " UPDATE kme k SET state = 'previous', replaced_at = now(), changed_at = now() FROM old s"
    " WHERE k.owner = s.owner AND k.state = 'active' AND k.generation < s.generation";

// A key in the place of another one gets a new id: to the ledger it is another key.
constexpr const char* put_kmes_sql =
    "INSERT INTO kme (owner, imei, group_id, generation, algorithm, key, kcv, state, replaced_at)"
    " SELECT s.owner, s.imei, g.id, s.generation, s.algorithm, s.key, s.kcv,"
    "   CASE WHEN newer.exist THEN 'previous' ELSE 'active' END, CASE WHEN newer.exist THEN now() END"
    " FROM kme_stage s LEFT JOIN device_group g ON g.name = s.name"
    " CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM kme_stage t"
    "   WHERE t.owner = s.owner AND t.generation > s.generation AND t.key IS NOT NULL) AS exist) newer"
    " WHERE s.key IS NOT NULL"
    " ON CONFLICT (owner, generation) DO UPDATE SET id = excluded.id, algorithm = excluded.algorithm,"
    "   key = excluded.key, kcv = excluded.kcv, state = excluded.state, replaced_at = excluded.replaced_at,"
    "   not_after = excluded.not_after, changed_at = now()";

// Whose active key may be another one: bindings to these groups, and bindings of devices that have the key.
// Those are looked up one by one, whatever statistics say: of a chunk among many they are about the chunks
// before.
const std::string touched_by_devices_sql =
    "SELECT DISTINCT d.imsi FROM kme_stage s CROSS JOIN LATERAL (SELECT b.imsi FROM binding_device b"
    "   WHERE b.imei_lo = s.imei AND b.imei_hi = s.imei OFFSET 0) d"
    " WHERE s.key IS NOT NULL";
const std::string touched_by_groups_sql =
    "SELECT b.imsi FROM kme_stage s JOIN device_group g ON g.name = s.name JOIN binding b ON b.group_id = "
    "g.id"
    " WHERE s.key IS NOT NULL"
    " UNION SELECT d.imsi FROM kme_stage s JOIN device_group g ON g.name = s.name"
    "   JOIN device v ON v.group_id = g.id"
    "   JOIN binding_device d ON d.imei_lo BETWEEN v.imei_lo AND v.imei_hi AND d.imei_hi <= v.imei_hi"
    " WHERE s.key IS NOT NULL";

const std::string moved_keys_sql =
    "SELECT s.old_id, k.id FROM kme_stage s JOIN kme k ON k.owner = s.owner AND k.generation = s.generation"
    " WHERE s.old_id IS NOT NULL AND s.key IS NOT NULL";

// The key itself goes: a row without it tells that it never comes back.
constexpr const char* retire_sql =
    "UPDATE kme SET state = 'retired', key = '', changed_at = now() WHERE owner = $1 AND state <> 'retired'"
    "   AND ($2::bigint IS NULL OR generation = $2) RETURNING imei, group_id";
const std::string bound_to_device_sql = "SELECT imsi FROM binding_device WHERE imei_lo = $1 AND imei_hi = $1";
const std::string bound_to_group_sql =
    "SELECT imsi FROM binding WHERE group_id = $1 UNION SELECT d.imsi FROM device v"
    " JOIN binding_device d ON d.imei_lo BETWEEN v.imei_lo AND v.imei_hi AND d.imei_hi <= v.imei_hi"
    " WHERE v.group_id = $1";

// Of bindings to the owner ($1): who proved a generation that is retired now, and none since ($2: the owner's
// name, $3: the generation, NULL: all).
std::string unproven_sql(const std::string& bound) {
    return "UPDATE registration g SET verified = false FROM (" + bound +
           ") b JOIN auc a ON a.imsi = b.imsi JOIN kme m ON m.id = a.kme_id"
           " WHERE g.imsi = b.imsi AND g.verified AND m.owner = $2 AND EXISTS (SELECT FROM kme r"
           "   WHERE r.owner = $2 AND r.state = 'retired' AND ($3::bigint IS NULL OR r.generation = $3)"
           "     AND r.generation < m.generation AND coalesce(a.proved_at <= r.replaced_at, true))";
}

struct Known {
    OctetString sealed;
    std::string state;
    std::string id;
};

std::map<std::size_t, Known> known_among(pqxx::transaction_base& transaction,
                                         std::span<const KmeRecord> records) {
    ArrayLiteral owners, generations;
    for (const auto& record : records) {
        owners.add_text(owner_name(record.owner));
        generations.add(record.generation);
    }
    std::map<std::size_t, Known> known;
    for (const auto& row : exec_arrays(transaction, known_sql, owners, generations)) {
        known.emplace(row[0].as<std::size_t>() - 1,
                      Known{octets_of({row[1].c_str(), row[1].size()}), row[2].c_str(), row[3].c_str()});
    }
    return known;
}

bool same_key(const crypto::KeyRing& keys, const Known& known, const crypto::SealContext& context,
              const SecretString& key) {
    const auto opened = keys.open(known.sealed, context);
    return opened && *opened == key;
}

LineError error_of(const pqxx::row& row) {
    const auto line = row[0].as<std::size_t>();
    const std::string owner = row[1].c_str();
    const auto generation = row[2].as<std::uint32_t>();
    switch (row[3].as<int>()) {
        case 0:
            return {line, no_group_for_kme(row[5].c_str())};
        case 1:
            return retired_generation(line, owner, generation);
        default:
            return replaced_generation(line, owner, generation, row[4].as<std::uint32_t>());
    }
}

}  // namespace

void KmeStage::add(std::span<const KmeRecord> records) {
    if (records.empty()) return;
    if (rows_ == 0) transaction_.exec(make_table_sql);
    const auto known = known_among(transaction_, records);
    pqxx::stream_to stream(transaction_, "kme_stage", stage_columns);
    for (std::size_t i = 0; i < records.size(); ++i) {
        const auto& record = records[i];
        const auto owner = owner_name(record.owner);
        const auto seal_row = kme_row(owner, record.generation);
        const crypto::SealContext context{"kme", "key", seal_row};
        const auto* imei = std::get_if<Imei>(&record.owner);
        const auto old = known.find(i);
        const bool same = old != known.end() && same_key(keys_, old->second, context, record.key);
        const std::array<std::optional<std::string>, 11> texts{
            std::to_string(++rows_),
            std::to_string(record.line),
            owner,
            imei != nullptr ? std::optional(std::to_string(imei->number())) : std::nullopt,
            imei != nullptr ? std::nullopt : std::optional(std::get<std::string>(record.owner)),
            std::to_string(record.generation),
            record.key.size() == 16 ? "1" : "2",
            same ? std::nullopt : std::optional(bytea_of(keys_.seal(record.key.view(), context, random_))),
            same ? std::nullopt : std::optional(to_hex(crypto::key_check_value(record.key.view()))),
            old != known.end() ? std::optional(old->second.state) : std::nullopt,
            old != known.end() ? std::optional(old->second.id) : std::nullopt};
        std::array<const char*, texts.size()> fields{};
        for (std::size_t k = 0; k < texts.size(); ++k) fields[k] = texts[k] ? texts[k]->c_str() : nullptr;
        stream << fields;
    }
    stream.complete();
}

namespace {

std::vector<LineError> errors(pqxx::transaction_base& transaction) {
    std::vector<LineError> errors;
    for (const auto& row : transaction.exec_params(errors_sql, static_cast<int>(limits::import_chunk_rows)))
        errors.push_back(error_of(row));
    return errors;
}

}  // namespace

/// As one: what fails in it leaves the rest of the import as it was.
std::vector<LineError> KmeStage::put() {
    pqxx::subtransaction attempt(transaction_);
    attempt.exec(look_again_sql);
    if (auto found = errors(attempt); !found.empty()) return found;
    const auto row = attempt.exec(count_sql)[0];
    counts_ = {row[0].as<std::uint64_t>(), row[1].as<std::uint64_t>(), row[2].as<std::uint64_t>()};
    attempt.exec(put_devices_sql);
    attempt.exec(replace_active_sql);
    attempt.exec(put_kmes_sql);
    attempt.commit();
    return {};
}

std::vector<LineError> KmeStage::store(Touched& touched) {
    if (rows_ == 0) return {};
    transaction_.exec("ANALYZE kme_stage");
    transaction_.exec(keep_last_sql);
    for (int attempt = 1;; ++attempt) {
        try {
            if (auto found = put(); !found.empty()) return found;
            break;
        } catch (const pqxx::unique_violation&) {
            // A device was given a key over the network between two of the statements; the next try sees it.
            if (attempt == limits::transaction_tries_max) throw;
        }
    }
    touched.move_keys(moved_keys_sql);
    touched.add(touched_by_devices_sql);
    touched.add(touched_by_groups_sql);
    return {};
}

void retire_kmes(pqxx::transaction_base& transaction, std::span<const Planned<RetireKme>> retirements,
                 Touched& touched, std::vector<LineError>& errors) {
    for (const auto& planned : retirements) {
        const auto owner = owner_name(planned.put->owner);
        const auto generation =
            planned.put->generation ? std::optional(std::to_string(*planned.put->generation)) : std::nullopt;
        const auto rows = transaction.exec_params(retire_sql, owner, generation);
        if (rows.empty()) {
            errors.push_back(unknown_kme(planned));
            continue;
        }
        const bool shared = !rows[0][1].is_null();
        const auto& bound = shared ? bound_to_group_sql : bound_to_device_sql;
        const auto id = rows[0][shared ? 1 : 0].as<std::int64_t>();
        transaction.exec_params(unproven_sql(bound), id, owner, generation);
        touched.add(bound, id);
    }
}

}  // namespace bindhss::store::postgres
