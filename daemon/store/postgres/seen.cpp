// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/seen.h"

#include <algorithm>

#include "store/postgres/array_literal.h"
#include "store/postgres/binding_rows.h"
#include "store/postgres/registration_rows.h"
#include "store/postgres/reports.h"
#include "store/postgres/rules.h"
#include "store/postgres/subscriber_view.h"
#include "store/postgres/terms_rows.h"
#include "types/limits.h"

namespace bindhss::store::postgres {
namespace {

#define EPOCH_MS(column) "(extract(epoch FROM " column ") * 1000)::bigint"

// $1 to $8 of both searches. The texts bound the IMSIs, so that the primary key is of use: a number of 15
// digits is the IMSI with zeros behind it.
#define IN_FILTER(x, seen_at)                                                                       \
    "($1::text IS NULL OR " x ".imsi = $1) AND ($2::bigint IS NULL OR " x                           \
    ".imei = $2)"                                                                                   \
    " AND " x ".imsi >= $3 AND " x ".imsi <= $4 AND imsi_number(" x                                 \
    ".imsi) BETWEEN $5 AND $6"                                                                      \
    " AND ($7::text IS NULL OR EXISTS (SELECT FROM subscription_member m JOIN subscription_group n" \
    "   ON n.id = m.group_id WHERE m.imsi = " x                                                     \
    ".imsi AND n.name = $7))"                                                                       \
    " AND ($8::bigint IS NULL OR " seen_at " >= to_timestamp($8::float8 / 1000))"

constexpr const char* history_sql =
    "SELECT t.imsi, t.imei, t.svn, t.host, t.provenance, " EPOCH_MS("t.first_seen") ", " EPOCH_MS(
        "t.last_seen") " FROM association t WHERE " IN_FILTER("t", "t.last_seen")
    " AND (t.imsi, t.imei, t.svn) > ($9, $10::bigint, $11)"
    " ORDER BY t.imsi, t.imei, t.svn LIMIT $12";
constexpr const char* registered_sql =
    "SELECT g.imsi, " EPOCH_MS("coalesce(t.first_seen, g.registered_at)") ", " EPOCH_MS(
        "coalesce(t.last_seen, g.registered_at)") ", " BINDHSS_REGISTRATION_COLUMNS("g")
    " FROM registration g LEFT JOIN association t"
    "   ON t.imsi = g.imsi AND t.imei = g.imei AND t.svn = coalesce(g.svn, '')"
    " WHERE NOT g.purged AND " IN_FILTER("g", "coalesce(t.last_seen, g.registered_at)")
    " AND (g.imsi, g.domain) > ($9, $10) ORDER BY g.imsi, g.domain LIMIT $11";

// In the order of the primary key, whatever the planner expects of the filter: so all pages together read
// what is there once. A device has an index of its own.
constexpr const char* in_order_sql =
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off";
constexpr const char* as_planned_sql = "SET LOCAL enable_bitmapscan = on; SET LOCAL enable_sort = on";

constexpr const char* seen_before_sql =
    "SELECT host, provenance, " EPOCH_MS("first_seen") ", " EPOCH_MS("last_seen")
    " FROM association WHERE imsi = $1 AND imei = $2::bigint"
    " ORDER BY svn = coalesce($3, '') DESC, last_seen DESC LIMIT 1";

// One row for each rule that may decide, and one where there is none.
constexpr const char* judge_sql =
    "SELECT u.position - 1, a.state = 2, a.kme_id <> 0, has_list(u.imsi),"
    " ARRAY(SELECT n.name FROM subscription_member m JOIN subscription_group n ON n.id = m.group_id"
    "   WHERE m.imsi = u.imsi ORDER BY n.name LIMIT $5), " BINDHSS_TERMS_COLUMNS(
        "t", "l") ", " BINDHSS_FACTS_COLUMNS("f") ", " BINDHSS_ACCESS_RULE_COLUMNS("r")
    " FROM unnest($1::text[], $2::bigint[], $3::text[]) WITH ORDINALITY u (imsi, imei, svn, position)"
    " JOIN auc a ON a.imsi = u.imsi JOIN terms_in_force e ON e.source = a.terms_from"
    " JOIN terms t ON t.id = e.terms_id LEFT JOIN profile l ON l.id = t.limited_profile_id"
    " CROSS JOIN LATERAL device_facts(u.imsi, u.imei) f"
    " LEFT JOIN LATERAL access_rules(u.imsi, u.imei, u.svn, f.group_ids, $4) r ON true"
    " ORDER BY u.position";
constexpr int terms_column = 5;
constexpr int facts_column = terms_column + terms_columns;
constexpr int rule_column = facts_column + facts_columns;

/// Reads everything but `registration` and what was seen; pairs of subscribers that are gone by now go too.
void judge(pqxx::transaction_base& transaction, std::vector<SeenPair>& pairs) {
    ArrayLiteral imsis, imeis, svns;
    for (const auto& pair : pairs) {
        imsis.add_bare(pair.imsi.digits());
        imeis.add(pair.device.imei ? std::optional(pair.device.imei->number()) : std::nullopt);
        if (pair.device.svn) {
            svns.add_text(column_text(*pair.device.svn));
        } else {
            svns.add_bare("NULL");
        }
    }
    std::vector<bool> known(pairs.size());
    for (const auto& row :
         transaction.exec_params(judge_sql, imsis.str(), imeis.str(), svns.str(),
                                 static_cast<std::int64_t>(limits::rules_per_access_max),
                                 static_cast<std::int64_t>(limits::subscription_groups_max))) {
        const auto at = row[0].as<std::size_t>();
        auto& binding = pairs.at(at).binding;
        if (!known[at]) {
            known[at] = true;
            binding.locked = row[1].as<bool>();
            binding.has_kme = row[2].as<bool>();
            binding.has_list = row[3].as<bool>();
            binding.groups = texts_of(row[4]);
            binding.terms = terms_of(row, terms_column);
            pairs[at].facts = facts_of(row, facts_column);
        }
        if (!row[rule_column].is_null()) binding.rules.push_back(rule_of(row, rule_column));
    }
    std::vector<SeenPair> kept;
    kept.reserve(pairs.size());
    for (std::size_t i = 0; i < pairs.size(); ++i)
        if (known[i]) kept.push_back(std::move(pairs[i]));
    pairs = std::move(kept);
}

/// Parameters of IN_FILTER.
struct Bounds {
    std::optional<std::string> imsi, imei, group, since;
    std::string low, high;
    std::int64_t low_number = 0;
    std::int64_t high_number = 0;
};

std::string padded(std::uint64_t number) {
    const auto digits = std::to_string(number);
    return std::string(Imsi::digits_max - std::min(digits.size(), Imsi::digits_max), '0') + digits;
}

Bounds bounds_of(const SeenFilter& filter) {
    Bounds bounds;
    auto set = filter.subscriptions;
    if (!set.group.empty()) {
        bounds.group = set.group;
        set = {};
    }
    if (filter.imsi) bounds.imsi = filter.imsi->str();
    if (filter.imei) bounds.imei = std::to_string(filter.imei->number());
    if (filter.since) bounds.since = milliseconds_of(*filter.since);
    const auto high = std::min(set.high, binding::SubscriptionSet::last_number);
    bounds.low = padded(std::min(set.low, binding::SubscriptionSet::last_number));
    bounds.low.erase(bounds.low.find_last_not_of('0') + 1);
    bounds.high = padded(high);
    bounds.low_number = static_cast<std::int64_t>(set.low);
    bounds.high_number = static_cast<std::int64_t>(high);
    return bounds;
}

SeenPair pair_of_history(const pqxx::row& row) {
    SeenPair pair{imsi_of(row[0]), {}, {}, {}, row[3].c_str()};
    pair.device.imei = imei_of(row[1].as<std::uint64_t>());
    if (row[2].size() != 0) pair.device.svn = row[2].c_str();
    pair.provenance = static_cast<binding::Provenance>(row[4].as<int>());
    pair.first = time_of(row[5].as<std::int64_t>());
    pair.last = time_of(row[6].as<std::int64_t>());
    return pair;
}

SeenPair pair_of_registration(const pqxx::row& row) {
    SeenPair pair{imsi_of(row[0])};
    pair.first = time_of(row[1].as<std::int64_t>());
    pair.last = time_of(row[2].as<std::int64_t>());
    pair.registration = registration_of(row, 3);
    if (pair.registration->terminal_information) pair.device = *pair.registration->terminal_information;
    pair.node = pair.registration->node.host;
    pair.provenance = pair.registration->provenance;
    return pair;
}

}  // namespace

SeenPage seen_page(pqxx::transaction_base& transaction, const SeenFilter& filter,
                   const std::optional<SeenPosition>& after, std::size_t limit) {
    const auto b = bounds_of(filter);
    const auto start = after.value_or(SeenPosition{});
    const auto most = std::clamp<std::size_t>(limit, 1, limits::seen_page_rows_max);
    if (!filter.imei) transaction.exec(in_order_sql);
    const auto rows =
        filter.registered
            ? transaction.exec_params(registered_sql, b.imsi, b.imei, b.low, b.high, b.low_number,
                                      b.high_number, b.group, b.since, start.imsi,
                                      start.imsi.empty() ? std::string() : name_of(start.domain), most + 1)
            : transaction.exec_params(history_sql, b.imsi, b.imei, b.low, b.high, b.low_number, b.high_number,
                                      b.group, b.since, start.imsi, start.imei, start.svn, most + 1);
    SeenPage page;
    for (const auto& row : rows) {
        if (page.pairs.size() == most) break;
        page.pairs.push_back(filter.registered ? pair_of_registration(row) : pair_of_history(row));
    }
    if (rows.size() > most) {
        const auto& last = page.pairs.back();
        page.next = SeenPosition{last.imsi.str()};
        if (filter.registered) {
            page.next->domain = last.registration->domain;
        } else {
            page.next->imei = last.device.imei->number();
            page.next->svn = last.device.svn.value_or("");
        }
    }
    if (!filter.imei) transaction.exec(as_planned_sql);
    judge(transaction, page.pairs);
    return page;
}

std::optional<SeenPair> seen_pair(pqxx::transaction_base& transaction, const Imsi& imsi,
                                  const TerminalInformation& device) {
    std::vector<SeenPair> pairs{SeenPair{imsi, device}};
    judge(transaction, pairs);
    if (pairs.empty()) return std::nullopt;
    auto& pair = pairs.front();
    if (!device.imei) return pair;
    const auto svn = device.svn ? std::optional(column_text(*device.svn)) : std::nullopt;
    const auto rows = transaction.exec_params(seen_before_sql, imsi.str(),
                                              static_cast<std::int64_t>(device.imei->number()), svn);
    if (rows.empty()) return pair;
    pair.node = rows[0][0].c_str();
    pair.provenance = static_cast<binding::Provenance>(rows[0][1].as<int>());
    pair.first = time_of(rows[0][2].as<std::int64_t>());
    pair.last = time_of(rows[0][3].as<std::int64_t>());
    return pair;
}

}  // namespace bindhss::store::postgres
