// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/rules.h"

#include <map>

#include "store/positions.h"
#include "store/postgres/array_literal.h"
#include "store/postgres/import_chunks.h"
#include "store/postgres/subscriber_view.h"

namespace bindhss::store::postgres {
namespace {

constexpr std::uint64_t imei_number_max = 99'999'999'999'999;

#define RULE_ARRAYS                                                                                        \
    "unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bigint[], $7::text[]," \
    "   $8::text[], $9::boolean[], $10::integer[], $11::bigint[], $12::bigint[], $13::text[])"             \
    "   WITH ORDINALITY r (id, subscription_low, subscription_high, subscription_group, device_low,"       \
    "   device_high, device_group, svns, allow, priority, from_ms, until_ms, comment, position)"           \
    " LEFT JOIN subscription_group s ON s.name = r.subscription_group"                                     \
    " LEFT JOIN device_group d ON d.name = r.device_group"
#define AT_MS(column) "to_timestamp(" column "::float8 / 1000)"

// The lowest rule that says the same as r, s, d of the arrays (says_the_same(), import_plan.h): by the
// R-tree.
#define RULE_LIKE                                                                                         \
    "SELECT min(x.id) FROM rule x"                                                                        \
    "   WHERE x.area ~= box("                                                                             \
    "       point(coalesce(-s.id, r.subscription_low)::float8, coalesce(-d.id, r.device_low)::float8),"   \
    "       point(coalesce(-s.id, r.subscription_high)::float8, coalesce(-d.id, r.device_high)::float8))" \
    "     AND x.svns = r.svns AND x.allow = r.allow AND x.priority = r.priority"                          \
    "     AND x.valid_from IS NOT DISTINCT FROM " AT_MS(                                                  \
        "r.from_ms") "     AND x.valid_until IS NOT DISTINCT FROM " AT_MS("r.until_ms")

// In the order of the input, in which rules of the same weight decide. What is there already gets the
// comment.
constexpr const char* add_rules_sql =
    "WITH given AS MATERIALIZED (SELECT r.*, s.id AS subscriptions_id, d.id AS devices_id, (" RULE_LIKE ") AS old_id"
    "   FROM " RULE_ARRAYS " WHERE r.id = 0),"
    " commented AS (UPDATE rule u SET comment = g.comment, changed_at = now() FROM given g"
    "   WHERE u.id = g.old_id AND u.comment <> g.comment)"
    " INSERT INTO rule (subscription_low, subscription_high, subscription_group_id, device_low, device_high,"
    "   device_group_id, svns, allow, priority, valid_from, valid_until, comment)"
    " SELECT r.subscription_low, r.subscription_high, r.subscriptions_id, r.device_low, r.device_high, r.devices_id,"
    "   r.svns, r.allow, r.priority, " AT_MS("r.from_ms") ", " AT_MS("r.until_ms") ", r.comment"
    " FROM given r WHERE r.old_id IS NULL ORDER BY r.position";
constexpr const char* rule_like_sql = "SELECT (" RULE_LIKE ") FROM " RULE_ARRAYS;
constexpr const char* change_rules_sql =
    "UPDATE rule u SET subscription_low = r.subscription_low, subscription_high = r.subscription_high,"
    "   subscription_group_id = s.id, device_low = r.device_low, device_high = r.device_high,"
    "   device_group_id = d.id, svns = r.svns, allow = r.allow, priority = r.priority,"
    "   valid_from = " AT_MS("r.from_ms") ", valid_until = " AT_MS("r.until_ms") ", comment = r.comment,"
    "   changed_at = now()"
    " FROM " RULE_ARRAYS " WHERE u.id = r.id RETURNING u.id";
constexpr const char* remove_rules_sql = "DELETE FROM rule WHERE id = ANY($1::bigint[]) RETURNING id";

constexpr const char* put_models_sql =
    "INSERT INTO device_model AS m (tac, name, imei_secure, key_secure)"
    " SELECT r.tac, coalesce(r.name, o.name, ''),"
    "   CASE WHEN r.forget THEN r.imei_secure ELSE coalesce(r.imei_secure, o.imei_secure) END,"
    "   CASE WHEN r.forget THEN r.key_secure ELSE coalesce(r.key_secure, o.key_secure) END"
    " FROM unnest($1::integer[], $2::text[], $3::boolean[], $4::boolean[], $5::boolean[])"
    "   r (tac, name, imei_secure, key_secure, forget)"
    " LEFT JOIN device_model o ON o.tac = r.tac"
    " ON CONFLICT (tac) DO UPDATE SET name = excluded.name, imei_secure = excluded.imei_secure,"
    "   key_secure = excluded.key_secure";
constexpr const char* list_models_sql =
    "SELECT tac, name, imei_secure, key_secure FROM device_model WHERE tac > $1::bigint ORDER BY tac LIMIT "
    "$2::bigint";

#define LIST_RULES \
    "SELECT " BINDHSS_RULE_COLUMNS("r", "s", "d") " FROM rule r"                           \
                                                  " LEFT JOIN subscription_group s ON s.id = r.subscription_group_id" \
                                                  " LEFT JOIN device_group d ON d.id = r.device_group_id"
constexpr const char* list_rules_sql = LIST_RULES " WHERE r.id > $2::bigint ORDER BY r.id LIMIT $1::bigint";
// All devices, groups of them (below zero) included, over the subscriber and over its groups.
#define COLUMN_OF(number) "box(point(" number ", -1e15), point(" number ", 1e15))"
constexpr const char* list_rules_of_sql =
    LIST_RULES
    " WHERE r.id > $2::bigint AND (r.area && " COLUMN_OF("$3::float8")
    "   AND r.subscription_group_id IS NULL"
    "   OR r.subscription_group_id IN (SELECT m.group_id FROM subscription_member m WHERE m.imsi = $4))"
    " ORDER BY r.id LIMIT $1::bigint";

std::optional<WallTime> optional_time(const pqxx::field& field) {
    if (field.is_null()) return std::nullopt;
    return time_of(field.as<std::int64_t>());
}

std::optional<std::int64_t> milliseconds(const std::optional<WallTime>& time) {
    if (!time) return std::nullopt;
    return time->time_since_epoch().count();
}

/// The columns of some rules, as RULE_ARRAYS takes them.
struct Columns {
    std::array<ArrayLiteral, 13> arrays;

    void add(const binding::Rule& rule) {
        const auto& subscriptions = rule.subscriptions;
        const auto& devices = rule.devices;
        const bool grouped = !subscriptions.group.empty();
        arrays[0].add(rule.id);
        arrays[1].add(grouped ? 0 : subscriptions.low);
        arrays[2].add(grouped ? binding::SubscriptionSet::last_number : subscriptions.high);
        arrays[3].add_text(subscriptions.group);
        arrays[4].add(devices.range ? devices.range->low.number() : 0);
        arrays[5].add(devices.range ? devices.range->high.number() : imei_number_max);
        arrays[6].add_text(devices.group);
        arrays[7].add_text(devices.svns.str());
        arrays[8].add_bare(rule.allow ? "t" : "f");
        arrays[9].add(rule.priority);
        arrays[10].add(milliseconds(rule.from));
        arrays[11].add(milliseconds(rule.until));
        arrays[12].add_text(rule.comment);
    }

    pqxx::result exec(pqxx::transaction_base& transaction, const char* sql) {
        return std::apply([&](auto&... array) { return exec_arrays(transaction, sql, array...); }, arrays);
    }
};

std::optional<bool> optional_flag(const pqxx::field& field) {
    return field.is_null() ? std::nullopt : std::optional(field.as<bool>());
}

}  // namespace

binding::Rule rule_of(const pqxx::row& row, int first) {
    binding::Rule rule;
    rule.id = row[first].as<std::int64_t>();
    rule.subscriptions.group = row[first + 3].c_str();
    if (rule.subscriptions.group.empty()) {
        rule.subscriptions.low = row[first + 1].as<std::uint64_t>();
        rule.subscriptions.high = row[first + 2].as<std::uint64_t>();
    }
    rule.devices.group = row[first + 6].c_str();
    // From 0 on it is every device: no IMEI is 0.
    if (const auto low = row[first + 4].as<std::uint64_t>(); low != 0 && rule.devices.group.empty())
        rule.devices.range = ImeiRange{imei_of(low), imei_of(row[first + 5].as<std::uint64_t>())};
    if (const std::string_view svns = row[first + 7].c_str(); !svns.empty()) {
        const auto parsed = binding::SvnSet::parse(svns);
        if (!parsed) throw std::runtime_error("the database holds software versions that are none");
        rule.devices.svns = *parsed;
    }
    rule.allow = row[first + 8].as<bool>();
    rule.priority = row[first + 9].as<std::int32_t>();
    rule.from = optional_time(row[first + 10]);
    rule.until = optional_time(row[first + 11]);
    rule.comment = row[first + 12].c_str();
    return rule;
}

std::vector<binding::Rule> list_rules(pqxx::transaction_base& transaction, const std::optional<Imsi>& imsi,
                                      const Page& page) {
    std::vector<binding::Rule> rules;
    const auto after = number_position(page);
    if (!after) return rules;
    const auto rows =
        imsi ? transaction.exec_params(list_rules_of_sql, rows_of(page), *after,
                                       static_cast<std::int64_t>(binding::SubscriptionSet::number_of(*imsi)),
                                       imsi->str())
             : transaction.exec_params(list_rules_sql, rows_of(page), *after);
    for (const auto& row : rows) rules.push_back(rule_of(row, 0));
    return rules;
}

std::optional<std::int64_t> rule_like(pqxx::transaction_base& transaction, const binding::Rule& rule) {
    Columns columns;
    columns.add(rule);
    const auto id = columns.exec(transaction, rule_like_sql).at(0)[0];
    return id.is_null() ? std::nullopt : std::optional(id.as<std::int64_t>());
}

std::vector<DeviceModelRow> list_device_models(pqxx::transaction_base& transaction, const Page& page) {
    std::vector<DeviceModelRow> models;
    const auto after = page.after.empty() ? Position<std::int64_t>(-1) : number_position(page);
    if (!after) return models;
    for (const auto& row : transaction.exec_params(list_models_sql, *after, rows_of(page))) {
        models.push_back(
            {row[0].as<std::uint32_t>(), row[1].c_str(), optional_flag(row[2]), optional_flag(row[3])});
    }
    return models;
}

void put_rules(pqxx::transaction_base& transaction, std::span<const Planned<PutRule>> chunk,
               std::vector<LineError>& errors) {
    Columns added, changed;
    std::map<std::int64_t, std::size_t> wanted;
    for (const auto& [put, line] : chunk) {
        (put->rule.id == 0 ? added : changed).add(put->rule);
        if (put->rule.id != 0) wanted.emplace(put->rule.id, line);
    }
    added.exec(transaction, add_rules_sql);
    if (wanted.empty()) return;
    for (const auto& row : changed.exec(transaction, change_rules_sql))
        wanted.erase(row[0].as<std::int64_t>());
    for (const auto& [id, line] : wanted) errors.push_back(unknown_rule(line, id));
}

void remove_rules(pqxx::transaction_base& transaction, std::span<const Planned<RemoveRule>> chunk,
                  std::vector<LineError>& errors) {
    ArrayLiteral ids;
    std::map<std::int64_t, std::size_t> wanted;
    for (const auto& [removal, line] : chunk) {
        ids.add(removal->id);
        wanted.emplace(removal->id, line);
    }
    for (const auto& row : exec_arrays(transaction, remove_rules_sql, ids))
        wanted.erase(row[0].as<std::int64_t>());
    for (const auto& [id, line] : wanted) errors.push_back(unknown_rule(line, id));
}

void put_device_models(pqxx::transaction_base& transaction, std::span<const Planned<PutDeviceModel>> chunk) {
    ArrayLiteral tacs, names, imeis, keys, forgotten;
    for (const auto& [put, line] : chunk) {
        tacs.add(put->tac);
        add_optional(names, put->name);
        add_optional(imeis, put->imei_secure);
        add_optional(keys, put->key_secure);
        forgotten.add_bare(put->forget ? "t" : "f");
    }
    exec_arrays(transaction, put_models_sql, tacs, names, imeis, keys, forgotten);
}

}  // namespace bindhss::store::postgres
