// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/touched.h"

#include "types/limits.h"

namespace bindhss::store::postgres {
namespace {

constexpr const char* make_tables_sql =
    "CREATE TEMPORARY TABLE touched (imsi text COLLATE \"C\" PRIMARY KEY) ON COMMIT DROP;"
    " CREATE TEMPORARY TABLE moved_key (id bigint PRIMARY KEY, new_id bigint NOT NULL) ON COMMIT DROP";

// Is n the generation that took over from o, and was o proven, not one before it? (docs/binding.md, "The
// key")
#define RENEWED                                                                                     \
    "EXISTS (SELECT FROM kme o JOIN kme n ON n.owner = o.owner AND n.generation = o.generation + 1" \
    "   WHERE o.id = w.old_kme_id AND o.state = 'previous' AND n.id = w.kme_id AND NOT EXISTS ("    \
    "     SELECT FROM kme p WHERE p.owner = o.owner AND p.generation < o.generation"                \
    "       AND coalesce(coalesce(p.replaced_at, p.changed_at) >= w.proved_at, true)))"

// What was proven under a key is not proven under another one (I1), but for a renewal. Who has no devices has
// no key. $1: behind whom; $2: rows at most.
constexpr const char* update_sql =
    "WITH page AS MATERIALIZED (SELECT imsi FROM touched WHERE imsi > $1 ORDER BY imsi LIMIT $2),"
    " wanted AS MATERIALIZED (SELECT o.imsi, terms_source(o.imsi) AS terms_from,"
    "   CASE WHEN EXISTS (SELECT FROM binding_device d WHERE d.imsi = o.imsi)"
    "       OR EXISTS (SELECT FROM binding b WHERE b.imsi = o.imsi AND b.group_id IS NOT NULL)"
    "     THEN active_kme(o.imsi,"
    "       coalesce((SELECT m.new_id FROM moved_key m WHERE m.id = o.kme_id), o.kme_id))"
    "     ELSE 0 END AS kme_id,"
    "   o.kme_id AS old_kme_id, o.terms_from AS old_terms_from, o.proved_at"
    "   FROM page t JOIN auc o ON o.imsi = t.imsi),"
    " unproven AS (UPDATE registration g SET verified = false FROM wanted w"
    "   WHERE g.imsi = w.imsi AND g.verified AND w.kme_id <> w.old_kme_id AND NOT " RENEWED
    "),"
    " changed AS (UPDATE auc a SET terms_from = w.terms_from, kme_id = w.kme_id FROM wanted w"
    "   WHERE a.imsi = w.imsi AND (w.terms_from <> w.old_terms_from OR w.kme_id <> w.old_kme_id))"
    " SELECT max(imsi) FROM page";

}  // namespace

void Touched::make_tables() {
    if (made_) return;
    transaction_.exec(make_tables_sql);
    made_ = true;
}

void Touched::move_keys(const std::string& pairs) {
    make_tables();
    transaction_.exec("INSERT INTO moved_key (id, new_id) " + pairs);
}

void Touched::update() {
    if (!made_) return;
    std::string after;
    for (;;) {
        const auto rows =
            transaction_.exec_params(update_sql, after, static_cast<int>(limits::import_chunk_rows));
        if (rows[0][0].is_null()) return;
        after = rows[0][0].c_str();
    }
}

}  // namespace bindhss::store::postgres
