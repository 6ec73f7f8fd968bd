// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/bindings.h"

#include <map>

#include "store/postgres/array_literal.h"
#include "store/postgres/import_chunks.h"

namespace bindhss::store::postgres {
namespace {

constexpr const char* known_sql = "SELECT imsi FROM auc WHERE imsi = ANY($1::text[])";

constexpr const char* put_bindings_sql =
    "INSERT INTO binding AS b (imsi, group_id, terms_id) SELECT r.imsi, g.id, t.id"
    " FROM unnest($1::text[], $2::text[], $3::text[]) r (imsi, name, terms)"
    " LEFT JOIN device_group g ON g.name = r.name LEFT JOIN terms t ON t.name = r.terms"
    " ON CONFLICT (imsi) DO UPDATE SET group_id = excluded.group_id, terms_id = excluded.terms_id,"
    "   changed_at = now()";
constexpr const char* clear_devices_sql = "DELETE FROM binding_device WHERE imsi = ANY($1::text[])";
constexpr const char* put_devices_sql =
    "INSERT INTO binding_device (imsi, position, imei_lo, imei_hi)"
    " SELECT * FROM unnest($1::text[], $2::smallint[], $3::bigint[], $4::bigint[])";

constexpr const char* clear_groups_sql =
    "UPDATE binding SET group_id = NULL, changed_at = now() WHERE imsi = ANY($1::text[])";
constexpr const char* have_binding_sql =
    "INSERT INTO binding (imsi) SELECT DISTINCT unnest($1::text[]) ON CONFLICT DO NOTHING";
// A device within a range of the list is on it already.
constexpr const char* add_devices_sql =
    "INSERT INTO binding_device (imsi, position, imei_lo, imei_hi)"
    " SELECT r.imsi, coalesce((SELECT max(d.position) FROM binding_device d WHERE d.imsi = r.imsi), -1)"
    "   + row_number() OVER (PARTITION BY r.imsi ORDER BY r.position), r.imei, r.imei"
    " FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY r (imsi, imei, position)"
    " WHERE NOT EXISTS (SELECT FROM binding_device d WHERE d.imsi = r.imsi"
    "   AND r.imei BETWEEN d.imei_lo AND d.imei_hi)";
constexpr const char* too_many_sql =
    "SELECT r.imsi FROM unnest($1::text[]) r (imsi)"
    " WHERE (SELECT count(*) FROM binding_device d WHERE d.imsi = r.imsi) > $2";
constexpr const char* answer_sql =
    "DELETE FROM approval a USING unnest($1::text[], $2::bigint[]) r (imsi, imei)"
    " WHERE a.imsi = r.imsi AND a.imei = r.imei";

#define POINT_OF_PAIR "box(point(r.number, r.imei), point(r.number, r.imei))"
// What deny just this device to just this subscriber (stands_against(), import_plan.h).
#define DENIES_PAIR            \
    "x.area ~= " POINT_OF_PAIR \
    " AND NOT x.allow AND x.subscription_group_id IS NULL AND x.device_group_id IS NULL AND x.svns = ''"
constexpr const char* lift_denials_sql =
    "DELETE FROM rule WHERE id IN (SELECT x.id FROM unnest($1::bigint[], $2::bigint[]) r (number, imei)"
    " JOIN rule x ON " DENIES_PAIR ")";
// denial_of(), import_plan.h.
constexpr const char* deny_sql =
    "INSERT INTO rule (subscription_low, subscription_high, device_low, device_high, allow, priority, "
    "comment)"
    " SELECT r.number, r.number, r.imei, r.imei, false, r.priority, r.comment"
    " FROM unnest($1::bigint[], $2::bigint[], $3::integer[], $4::text[]) r (number, imei, priority, comment)"
    " WHERE NOT EXISTS (SELECT FROM rule x WHERE " DENIES_PAIR
    "   AND x.priority = r.priority AND x.valid_from IS NULL AND x.valid_until IS NULL)";

// The full profile differs from what the node was told: the hint has it told at once.
constexpr const char* lift_limits_sql =
    "WITH lifted AS (UPDATE registration g SET limited_profile_id = NULL"
    "   FROM unnest($1::text[], $2::bigint[]) r (imsi, imei)"
    "   WHERE g.imsi = r.imsi AND g.imei = r.imei AND g.limited_profile_id IS NOT NULL RETURNING g.imsi)"
    " INSERT INTO subscription_changed (imsi) SELECT DISTINCT imsi FROM lifted ON CONFLICT DO NOTHING";

constexpr const char* lock_sql = "UPDATE auc SET state = 2 WHERE imsi = ANY($1::text[]) AND state <> 2";
// What spoke against the binding is forgotten; how often it was provisioned again is not (R43).
constexpr const char* unlock_sql =
    "UPDATE auc SET state = 0, strong = 0, weak = 0, turns = 0, open_at = NULL, open_node = NULL,"
    "   unanswered = false, refuse_until = NULL"
    " WHERE imsi = ANY($1::text[])";

const std::string these_sql = "SELECT DISTINCT unnest($1::text[])";

template <class T>
ArrayLiteral imsis_of(std::span<const Planned<T>> chunk) {
    ArrayLiteral imsis;
    for (const auto& [put, line] : chunk) imsis.add_bare(put->imsi.digits());
    return imsis;
}

/// The subscriptions and devices of a chunk, the former as texts and as numbers of rules.
struct Pairs {
    std::string imsis, numbers, imeis;
};
template <class T>
Pairs pairs_of(std::span<const Planned<T>> chunk) {
    ArrayLiteral imsis, numbers, imeis;
    for (const auto& [put, line] : chunk) {
        imsis.add_bare(put->imsi.digits());
        numbers.add(binding::SubscriptionSet::number_of(put->imsi));
        imeis.add(put->imei.number());
    }
    return {imsis.str(), numbers.str(), imeis.str()};
}

}  // namespace

std::set<std::string, std::less<>> known_subscribers(pqxx::transaction_base& transaction,
                                                     const std::string& imsis) {
    std::set<std::string, std::less<>> known;
    for (const auto& row : transaction.exec_params(known_sql, imsis)) known.emplace(row[0].c_str());
    return known;
}

/// false: some are of no subscriber, which is now among the errors.
template <class T>
bool Bindings::all_known(std::span<const Planned<T>> chunk) {
    const auto known = known_subscribers(transaction_, imsis_of(chunk).str());
    const auto errors = errors_.size();
    for (const auto& planned : chunk) {
        if (known.contains(planned.put->imsi.digits())) continue;
        if constexpr (std::is_same_v<T, PutBinding>) {
            errors_.push_back(unknown_subscriber(planned));
        } else {
            errors_.push_back(unknown_subscriber(planned.line, planned.put->imsi));
        }
    }
    return errors_.size() == errors;
}

void Bindings::put(std::span<const Planned<PutBinding>> chunk) {
    if (!all_known(chunk)) return;
    ArrayLiteral groups, terms, owners, positions, los, his;
    for (const auto& [put, line] : chunk) {
        groups.add_text(put->group);
        const auto named = terms_named_by(*put);
        add_optional(terms, named.empty() ? std::nullopt : std::optional(named));
        int position = 0;
        for (const auto& range : put->devices) {
            owners.add_bare(put->imsi.digits());
            positions.add(position++);
            los.add(range.low.number());
            his.add(range.high.number());
        }
    }
    const auto imsis = imsis_of(chunk).str();
    transaction_.exec_params(put_bindings_sql, imsis, groups.str(), terms.str());
    transaction_.exec_params(clear_devices_sql, imsis);
    exec_arrays(transaction_, put_devices_sql, owners, positions, los, his);
    touched_.add(these_sql, imsis);
}

void Bindings::authorise(std::span<const Planned<AuthoriseDevice>> chunk) {
    if (chunk.empty() || !all_known(chunk)) return;
    const auto pairs = pairs_of(chunk);
    ArrayLiteral replaced;
    for (const auto& [put, line] : chunk)
        if (put->replace) replaced.add_bare(put->imsi.digits());
    transaction_.exec_params(have_binding_sql, pairs.imsis);
    const auto alone = replaced.str();
    transaction_.exec_params(clear_devices_sql, alone);
    transaction_.exec_params(clear_groups_sql, alone);
    transaction_.exec_params(add_devices_sql, pairs.imsis, pairs.imeis);
    check_device_count(chunk);
    transaction_.exec_params(answer_sql, pairs.imsis, pairs.imeis);
    transaction_.exec_params(lift_denials_sql, pairs.numbers, pairs.imeis);
    transaction_.exec_params(lift_limits_sql, pairs.imsis, pairs.imeis);
    touched_.add(these_sql, pairs.imsis);
}

void Bindings::check_device_count(std::span<const Planned<AuthoriseDevice>> chunk) {
    std::set<std::string> crowded;
    for (const auto& row : transaction_.exec_params(too_many_sql, imsis_of(chunk).str(),
                                                    static_cast<int>(limits::binding_devices_max)))
        crowded.emplace(row[0].c_str());
    for (const auto& [put, line] : chunk)
        if (crowded.contains(put->imsi.str())) errors_.push_back(too_many_devices(line, put->imsi));
}

void Bindings::refuse(std::span<const Planned<RefuseDevice>> chunk) {
    if (chunk.empty() || !all_known(chunk)) return;
    const auto pairs = pairs_of(chunk);
    ArrayLiteral priorities, comments;
    for (const auto& [put, line] : chunk) {
        const auto rule = denial_of(*put);
        priorities.add(rule.priority);
        comments.add_text(rule.comment);
    }
    transaction_.exec_params(answer_sql, pairs.imsis, pairs.imeis);
    transaction_.exec_params(deny_sql, pairs.numbers, pairs.imeis, priorities.str(), comments.str());
}

void Bindings::lock(std::span<const Planned<SetLock>> chunk) {
    if (chunk.empty() || !all_known(chunk)) return;
    ArrayLiteral locked, unlocked;
    for (const auto& [put, line] : chunk) (put->locked ? locked : unlocked).add_bare(put->imsi.digits());
    exec_arrays(transaction_, lock_sql, locked);
    exec_arrays(transaction_, unlock_sql, unlocked);
}

}  // namespace bindhss::store::postgres
