// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/terms_rows.h"

#include <map>

#include "store/positions.h"
#include "store/postgres/array_literal.h"
#include "store/postgres/import_chunks.h"

namespace bindhss::store::postgres {
namespace {

constexpr const char* put_terms_sql =
    "INSERT INTO terms (name, policy, acquisition, on_unauthorised, on_mismatch, on_unproven, on_shared,"
    "   on_insecure, on_suspicion, imei_absent_allowed, detach_on_notify, require_secure, limited_profile_id,"
    "   refuse_next_s)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, (SELECT id FROM profile WHERE name = $13), "
    "$14)"
    " ON CONFLICT (name) DO UPDATE SET policy = excluded.policy, acquisition = excluded.acquisition,"
    "   on_unauthorised = excluded.on_unauthorised, on_mismatch = excluded.on_mismatch,"
    "   on_unproven = excluded.on_unproven, on_shared = excluded.on_shared,"
    "   on_insecure = excluded.on_insecure, on_suspicion = excluded.on_suspicion,"
    "   imei_absent_allowed = excluded.imei_absent_allowed, detach_on_notify = excluded.detach_on_notify,"
    "   require_secure = excluded.require_secure, limited_profile_id = excluded.limited_profile_id,"
    "   refuse_next_s = excluded.refuse_next_s";

constexpr const char* no_default_sql = "UPDATE terms SET standard = false WHERE standard";
constexpr const char* set_default_sql = "UPDATE terms SET standard = true WHERE name = $1";

// NULL terms: as stored; '': none. Members' terms are looked up again when another group may count now.
constexpr const char* put_groups_sql =
    "WITH wanted AS (SELECT r.name, o.id, o.terms_id AS old_terms_id, o.rank AS old_rank,"
    "     CASE WHEN r.terms IS NULL THEN o.terms_id ELSE t.id END AS terms_id,"
    "     coalesce(r.rank, o.rank, 0) AS rank"
    "   FROM unnest($1::text[], $2::text[], $3::integer[]) r (name, terms, rank)"
    "   LEFT JOIN subscription_group o ON o.name = r.name LEFT JOIN terms t ON t.name = r.terms),"
    " stored AS (INSERT INTO subscription_group (name, terms_id, rank) SELECT name, terms_id, rank FROM "
    "wanted"
    "   ON CONFLICT (name) DO UPDATE SET terms_id = excluded.terms_id, rank = excluded.rank)"
    " SELECT id FROM wanted WHERE id IS NOT NULL"
    "   AND ((old_terms_id IS NULL) <> (terms_id IS NULL) OR old_rank <> rank)";
const std::string members_sql = "SELECT imsi FROM subscription_member WHERE group_id = $1";

constexpr const char* add_members_sql =
    "INSERT INTO subscription_member (imsi, group_id) SELECT r.imsi, g.id"
    " FROM unnest($1::text[], $2::text[]) r (imsi, name) JOIN subscription_group g ON g.name = r.name"
    " ON CONFLICT DO NOTHING";
constexpr const char* remove_members_sql =
    "DELETE FROM subscription_member m USING unnest($1::text[], $2::text[]) r (imsi, name), "
    "subscription_group "
    "g"
    " WHERE g.name = r.name AND m.imsi = r.imsi AND m.group_id = g.id";
constexpr const char* too_many_groups_sql =
    "SELECT r.imsi FROM unnest($1::text[]) r (imsi)"
    " WHERE (SELECT count(*) FROM subscription_member m WHERE m.imsi = r.imsi) > $2";
// A group without terms has no say in them.
const std::string members_of_groups_with_terms_sql =
    "SELECT DISTINCT r.imsi FROM unnest($1::text[], $2::text[]) r (imsi, name)"
    " JOIN subscription_group g ON g.name = r.name WHERE g.terms_id IS NOT NULL";

constexpr const char* group_use_sql =
    "SELECT g.id, (SELECT count(*) FROM subscription_member m WHERE m.group_id = g.id),"
    " (SELECT count(*) FROM rule r WHERE r.subscription_group_id = g.id)"
    " FROM subscription_group g WHERE g.name = $1";
constexpr const char* remove_group_sql = "DELETE FROM subscription_group WHERE id = $1";

constexpr const char* terms_use_sql =
    "SELECT t.id, t.standard, (SELECT count(*) FROM binding b WHERE b.terms_id = t.id),"
    " (SELECT count(*) FROM subscription_group g WHERE g.terms_id = t.id) FROM terms t WHERE t.name = $1";
constexpr const char* remove_terms_in_force_sql = "DELETE FROM terms_in_force WHERE terms_id = $1";
constexpr const char* remove_terms_sql = "DELETE FROM terms WHERE id = $1";

const std::string list_terms_sql = "SELECT " BINDHSS_TERMS_COLUMNS(
    "t", "p") ", t.fixed, t.standard, "
    " (SELECT coalesce(sum(n.change), 0)::bigint FROM tally n WHERE n.what = 1 AND n.of = t.id),"
    " (SELECT count(*) FROM subscription_group g WHERE g.terms_id = t.id)"
    " FROM terms t LEFT JOIN profile p ON p.id = t.limited_profile_id"
    " WHERE $1::text IS NULL OR t.name = $1"
    " ORDER BY NOT t.fixed, CASE WHEN t.fixed THEN t.id END, t.name";

constexpr const char* list_groups_sql =
    "SELECT g.name, coalesce(t.name, ''), g.rank,"
    " (SELECT coalesce(sum(n.change), 0)::bigint FROM tally n WHERE n.what = 2 AND n.of = g.id)"
    " FROM subscription_group g LEFT JOIN terms t ON t.id = g.terms_id"
    " WHERE g.name > $1::text ORDER BY g.name LIMIT $2::bigint";

template <class Enum>
Enum enum_of(const pqxx::field& field) {
    return static_cast<Enum>(field.as<int>());
}

template <class Enum>
int number_of(Enum value) {
    return static_cast<int>(value);
}

}  // namespace

binding::Terms terms_of(const pqxx::row& row, int first) {
    binding::Terms terms;
    terms.name = row[first].c_str();
    terms.policy = enum_of<binding::Policy>(row[first + 1]);
    terms.acquisition = enum_of<binding::Acquisition>(row[first + 2]);
    terms.on_unauthorised = enum_of<binding::Reaction>(row[first + 3]);
    terms.on_mismatch = enum_of<binding::Reaction>(row[first + 4]);
    terms.on_unproven = enum_of<binding::Reaction>(row[first + 5]);
    terms.on_shared = enum_of<binding::Reaction>(row[first + 6]);
    terms.on_insecure = enum_of<binding::Reaction>(row[first + 7]);
    terms.on_suspicion = enum_of<binding::OnSuspicion>(row[first + 8]);
    if (!row[first + 9].is_null()) terms.imei_absent_allowed = row[first + 9].as<bool>();
    terms.detach_on_notify = row[first + 10].as<bool>();
    terms.require_secure = row[first + 11].as<bool>();
    terms.limited_profile = row[first + 12].c_str();
    terms.refuse_next = std::chrono::seconds(row[first + 13].as<std::int64_t>());
    return terms;
}

std::vector<TermsRow> list_terms(pqxx::transaction_base& transaction,
                                 const std::optional<std::string>& name) {
    std::vector<TermsRow> result;
    for (const auto& row : transaction.exec_params(list_terms_sql, name)) {
        result.push_back({terms_of(row, 0), row[terms_columns].as<bool>(), row[terms_columns + 1].as<bool>(),
                          row[terms_columns + 2].as<std::uint64_t>(),
                          row[terms_columns + 3].as<std::uint64_t>()});
    }
    return result;
}

std::vector<SubscriptionGroupRow> list_subscription_groups(pqxx::transaction_base& transaction,
                                                           const Page& page) {
    std::vector<SubscriptionGroupRow> result;
    const auto after = text_position(page);
    if (!after) return result;
    for (const auto& row : transaction.exec_params(list_groups_sql, *after, rows_of(page))) {
        result.push_back(
            {row[0].c_str(), row[1].c_str(), row[2].as<std::int32_t>(), row[3].as<std::uint64_t>()});
    }
    return result;
}

void TermsImport::put(std::span<const Planned<PutTerms>> terms) {
    for (const auto& [put, line] : terms) {
        const auto& t = put->terms;
        const auto absent_allowed = t.imei_absent_allowed
                                        ? std::optional<std::string>(*t.imei_absent_allowed ? "t" : "f")
                                        : std::nullopt;
        transaction_.exec_params(put_terms_sql, t.name, number_of(t.policy), number_of(t.acquisition),
                                 number_of(t.on_unauthorised), number_of(t.on_mismatch),
                                 number_of(t.on_unproven), number_of(t.on_shared), number_of(t.on_insecure),
                                 number_of(t.on_suspicion), absent_allowed, t.detach_on_notify,
                                 t.require_secure, t.limited_profile,
                                 static_cast<std::int64_t>(t.refuse_next.count()));
    }
}

void TermsImport::set_default(std::span<const Planned<SetDefaultTerms>> terms) {
    for (const auto& [put, line] : terms) {
        transaction_.exec(no_default_sql);
        transaction_.exec_params(set_default_sql, put->name);
    }
}

void TermsImport::put_groups(std::span<const Planned<PutSubscriptionGroup>> chunk) {
    ArrayLiteral names, terms, ranks;
    for (const auto& [put, line] : chunk) {
        names.add_text(put->name);
        add_optional(terms, put->terms);
        ranks.add(put->rank);
    }
    for (const auto& row : exec_arrays(transaction_, put_groups_sql, names, terms, ranks))
        touched_.add(members_sql, row[0].as<int>());
}

void TermsImport::put_members(std::span<const Planned<PutMember>> chunk) {
    ArrayLiteral all, added, added_to, removed, removed_from, names;
    for (const auto& [put, line] : chunk) {
        all.add_bare(put->imsi.digits());
        names.add_text(put->group);
        (put->member ? added : removed).add_bare(put->imsi.digits());
        (put->member ? added_to : removed_from).add_text(put->group);
    }
    const auto imsis = all.str();
    const auto known = known_subscribers(transaction_, imsis);
    const auto errors = errors_.size();
    for (const auto& [put, line] : chunk)
        if (!known.contains(put->imsi.digits())) errors_.push_back(unknown_subscriber(line, put->imsi));
    if (errors_.size() != errors) return;
    exec_arrays(transaction_, remove_members_sql, removed, removed_from);
    exec_arrays(transaction_, add_members_sql, added, added_to);
    touched_.add(members_of_groups_with_terms_sql, imsis, names.str());
    check_group_count(chunk);
}

void TermsImport::check_group_count(std::span<const Planned<PutMember>> chunk) {
    ArrayLiteral imsis;
    std::map<std::string, std::size_t> lines;
    for (const auto& [put, line] : chunk) {
        if (!put->member) continue;
        imsis.add_bare(put->imsi.digits());
        lines[put->imsi.str()] = line;
    }
    for (const auto& row : transaction_.exec_params(too_many_groups_sql, imsis.str(),
                                                    static_cast<int>(limits::subscription_groups_max)))
        errors_.push_back(too_many_groups(lines.at(row[0].c_str()), Imsi::parse(row[0].c_str()).value()));
}

void TermsImport::remove_groups(std::span<const Planned<RemoveSubscriptionGroup>> groups) {
    for (const auto& planned : groups) {
        const auto rows = transaction_.exec_params(group_use_sql, planned.put->name);
        if (rows.empty()) continue;
        const auto members = rows[0][1].as<std::uint64_t>();
        const auto rules = rows[0][2].as<std::uint64_t>();
        if (members > 0 || rules > 0) {
            errors_.push_back(group_in_use(planned, members, rules));
        } else {
            transaction_.exec_params(remove_group_sql, rows[0][0].as<int>());
        }
    }
}

void TermsImport::remove(std::span<const Planned<RemoveTerms>> terms) {
    for (const auto& planned : terms) {
        const auto rows = transaction_.exec_params(terms_use_sql, planned.put->name);
        if (rows.empty()) continue;
        const auto standard = rows[0][1].as<bool>();
        const auto bindings = rows[0][2].as<std::uint64_t>();
        const auto groups = rows[0][3].as<std::uint64_t>();
        if (standard || bindings > 0 || groups > 0) {
            errors_.push_back(terms_in_use(planned, standard, bindings, groups));
            continue;
        }
        transaction_.exec_params(remove_terms_in_force_sql, rows[0][0].as<int>());
        transaction_.exec_params(remove_terms_sql, rows[0][0].as<int>());
    }
}

}  // namespace bindhss::store::postgres
