// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/reports.h"

#include "store/import_plan.h"
#include "store/positions.h"
#include "store/postgres/array_literal.h"
#include "store/postgres/binding_rows.h"
#include "store/postgres/equipment.h"
#include "store/postgres/registration_rows.h"
#include "store/postgres/subscriber_view.h"
#include "store/postgres/subscriptions.h"

namespace bindhss::store::postgres {
namespace {

#define EPOCH_MS(column) "(extract(epoch FROM " column ") * 1000)::bigint"

// The page comes first: of more than eight tables the planner joins the first ones first.
#define SUBSCRIBER_ROWS(from)                                                                            \
    "SELECT s.imsi, s.msisdn, p.name, a.amf, a.seq, t.policy,"                                           \
    " (SELECT string_agg(d.imei_lo || '-' || d.imei_hi, ',' ORDER BY d.position)"                        \
    "   FROM binding_device d WHERE d.imsi = s.imsi), coalesce(g.name, ''), m.kcv, s.override::text, "   \
    "t.name,"                                                                                            \
    " CASE WHEN a.terms_from = 0 THEN 'default' WHEN a.terms_from > 0 THEN 'binding'"                    \
    "   ELSE 'group:' || (SELECT o.name FROM subscription_group o WHERE o.id = -a.terms_from) END,"      \
    " ARRAY(SELECT o.name FROM subscription_member n JOIN subscription_group o ON o.id = n.group_id"     \
    "   WHERE n.imsi = s.imsi ORDER BY o.name), " EPOCH_MS("a.proved_at") ", " BINDHSS_STANDING_COLUMNS( \
        "a") " FROM " from                                                                               \
             " JOIN profile p ON p.id = s.profile_id JOIN auc a ON a.imsi = s.imsi"                      \
             " JOIN terms_in_force f ON f.source = a.terms_from JOIN terms t ON t.id = f.terms_id"       \
             " JOIN kme m ON m.id = a.kme_id LEFT JOIN binding b ON b.imsi = s.imsi"                     \
             " LEFT JOIN device_group g ON g.id = b.group_id"
constexpr const char* subscriber_sql = SUBSCRIBER_ROWS("subscriber s") " WHERE s.imsi = $1";

// A page is found first, by what finds it fastest, and then read. What is empty or NULL is no condition, and
// the planner sees none. $1: behind whom; $2: rows; $3: the first digits; $4: MSISDN; $5: profile; $6: group;
// $7: sources of terms (auc.terms_from).
#define FITS_SUBSCRIBER                                                                       \
    " s.imsi > $1::text AND ($3::text = '' OR s.imsi BETWEEN $3 AND $3 || '999999999999999')" \
    " AND ($4::text = '' OR s.msisdn = $4) AND ($5::integer IS NULL OR s.profile_id = $5)"    \
    " AND ($7::integer[] IS NULL"                                                             \
    "   OR EXISTS (SELECT FROM auc o WHERE o.imsi = s.imsi AND o.terms_from = ANY ($7)))"
#define OF_PAGE(page) \
    SUBSCRIBER_ROWS("(" page ") page JOIN subscriber s ON s.imsi = page.imsi") " ORDER BY s.imsi"
constexpr const char* subscribers_sql =
    OF_PAGE("SELECT s.imsi FROM subscriber s WHERE" FITS_SUBSCRIBER
            " AND ($6::integer IS NULL"
            "   OR EXISTS (SELECT FROM subscription_member n WHERE n.imsi = s.imsi AND n.group_id = $6))"
            " ORDER BY s.imsi LIMIT $2::bigint");
// Member by member: who guesses how many of them have a profile, guesses wrong, and sorts all of them.
constexpr const char* members_sql = OF_PAGE(
    "SELECT n.imsi FROM subscription_member n"
    " CROSS JOIN LATERAL (SELECT * FROM subscriber o WHERE o.imsi = n.imsi OFFSET 0) s"
    " WHERE n.group_id = $6::integer AND n.imsi > $1"
    "   AND ($3::text = '' OR n.imsi BETWEEN $3 AND $3 || '999999999999999') AND" FITS_SUBSCRIBER
    " ORDER BY n.imsi LIMIT $2::bigint");
// A page of each source, of which the first ones make the page. Both columns are compared, so that no index
// but the one on both will do.
constexpr const char* under_policy_sql = OF_PAGE(
    "SELECT f.imsi FROM unnest($7::integer[]) x (source) CROSS JOIN LATERAL ("
    "   SELECT o.imsi FROM auc o"
    "   WHERE (o.terms_from, o.imsi) >= (x.source, greatest($1::text, $3::text))"
    "     AND (o.terms_from, o.imsi) <= (x.source, $3::text || '999999999999999')"
    "     AND o.imsi > $1 AND $4::text = '' AND $5::integer IS NULL AND $6::integer IS NULL"
    "   ORDER BY o.terms_from, o.imsi LIMIT $2::bigint) f"
    " ORDER BY f.imsi LIMIT $2");
constexpr const char* profile_id_sql = "SELECT id FROM profile WHERE name = $1";
constexpr const char* group_id_sql = "SELECT id FROM subscription_group WHERE name = $1";
constexpr const char* device_group_id_sql = "SELECT id FROM device_group WHERE name = $1";
constexpr const char* sources_sql = "SELECT source FROM terms_in_force WHERE policy = $1";

#define DEVICE_ROWS(devices)                                                                                \
    "SELECT v.imei_lo || '-' || v.imei_hi, coalesce(g.name, ''), v.comment, coalesce("                      \
    " (SELECT m.kcv FROM kme m WHERE m.imei = v.imei_lo AND v.imei_lo = v.imei_hi AND m.state = 'active')," \
    " (SELECT m.kcv FROM kme m WHERE m.group_id = v.group_id AND m.state = 'active'), ''),"                 \
    " coalesce(v.uiccs_max, 0)"                                                                             \
    " FROM (" devices ") v LEFT JOIN device_group g ON g.id = v.group_id ORDER BY v.imei_lo, v.imei_hi"
constexpr const char* device_sql =
    DEVICE_ROWS("SELECT * FROM device WHERE imei_lo = $1::bigint AND imei_hi = $2::bigint");
#define DEVICE_PAGE(of)                                              \
    DEVICE_ROWS(                                                     \
        "SELECT d.* FROM " of                                        \
        " d WHERE (d.imei_lo, d.imei_hi) > ($1::bigint, $2::bigint)" \
        " AND ($4::integer IS NULL OR d.group_id = $4) ORDER BY d.imei_lo, d.imei_hi LIMIT $3::bigint")
constexpr const char* devices_sql = DEVICE_PAGE("device");
constexpr const char* devices_holding_sql = DEVICE_PAGE("devices_holding($5::bigint)");

// A row without a version has the empty one, which comes first.
#define EQUIPMENT_PAGE(columns, of)                       \
    "(SELECT " columns " FROM " of                        \
    " AND (imei_lo, imei_hi) >= ($1::bigint, $2::bigint)" \
    " ORDER BY imei_lo, imei_hi, svn LIMIT $4::bigint)"
constexpr const char* equipment_sql =
    "SELECT e.imei_lo || '-' || e.imei_hi, nullif(e.svn, ''), e.status, e.comment FROM ("
    EQUIPMENT_PAGE("imei_lo, imei_hi, '' AS svn, status, comment", "device WHERE status IS NOT NULL"
        " AND (imei_lo, imei_hi) <> ($1::bigint, $2::bigint)")
    " UNION ALL "
    EQUIPMENT_PAGE("imei_lo, imei_hi, svn, status, comment", "device_version"
        " WHERE (imei_lo, imei_hi, svn) > ($1::bigint, $2::bigint, $3::text)")
    ") e ORDER BY e.imei_lo, e.imei_hi, e.svn LIMIT $4";

constexpr const char* registrations_sql = "SELECT g.imsi, " BINDHSS_REGISTRATION_COLUMNS(
    "g") " FROM registration g WHERE (g.imsi, g.domain) > ($1::text, $2::text)"
         "   AND ($4::text = '' OR g.imsi = $4) AND ($5::text = '' OR g.host = $5)"
         "   AND ($6::boolean OR NOT g.purged)"
         " ORDER BY g.imsi, g.domain LIMIT $3::bigint";

constexpr const char* profiles_sql =
    "SELECT p.name, p.version,"
    " (SELECT coalesce(sum(t.change), 0)::bigint FROM tally t WHERE t.what = 0 AND t.of = p.id), p.data::text"
    " FROM profile p WHERE p.name > $1::text AND ($3::text IS NULL OR p.name = $3)"
    " ORDER BY p.name LIMIT $2::bigint";

constexpr const char* kmes_sql =
    "SELECT k.imei, coalesce(g.name, ''), k.generation, k.kcv, k.state, " EPOCH_MS("k.changed_at")
    " FROM kme k LEFT JOIN device_group g ON g.id = k.group_id"
    " WHERE k.id <> 0 AND (k.owner, k.generation) > ($1::text, $2::bigint)"
    "   AND ($4::text IS NULL OR k.owner = $4) ORDER BY k.owner, k.generation LIMIT $3::bigint";

constexpr const char* approvals_sql =
    "SELECT imsi, imei, svn, host, " EPOCH_MS("first_at") ", " EPOCH_MS("last_at") ", count"
    " FROM approval WHERE (imsi, imei) > ($1::text, $2::bigint) ORDER BY imsi, imei LIMIT $3::bigint";

std::optional<WallTime> optional_time(const pqxx::field& field) {
    if (field.is_null()) return std::nullopt;
    return time_of(field.as<std::int64_t>());
}

SubscriberRow subscriber_of(const pqxx::row& row) {
    const auto amf = Amf::from(octets_of({row[3].c_str(), row[3].size()}));
    SubscriberRow result{imsi_of(row[0]), row[1].c_str(), row[2].c_str(), amf.value_or(Amf{})};
    result.seq = row[4].as<std::uint64_t>();
    result.policy = static_cast<binding::Policy>(row[5].as<int>());
    result.devices = ranges_of({row[6].c_str(), row[6].size()});
    result.group = row[7].c_str();
    result.kcv = row[8].c_str();
    result.override_document = row[9].c_str();
    result.terms = row[10].c_str();
    result.terms_from = row[11].c_str();
    result.groups = texts_of(row[12]);
    result.proved_at = optional_time(row[13]);
    result.standing = standing_of(row, 14);
    return result;
}

KmeRow kme_of(const pqxx::row& row) {
    KmeRow result{std::string(row[1].c_str())};
    if (!row[0].is_null()) result.owner = imei_of(row[0].as<std::uint64_t>());
    result.generation = row[2].as<std::uint32_t>();
    result.kcv = row[3].c_str();
    result.state = row[4].c_str();
    result.changed = time_of(row[5].as<std::int64_t>());
    return result;
}

ApprovalRow approval_of(const pqxx::row& row) {
    return {imsi_of(row[0]),
            imei_of(row[1].as<std::uint64_t>()),
            row[2].c_str(),
            row[3].c_str(),
            time_of(row[4].as<std::int64_t>()),
            time_of(row[5].as<std::int64_t>()),
            row[6].as<std::uint64_t>()};
}

template <class Row, class Decode>
std::vector<Row> decoded(const pqxx::result& rows, Decode decode) {
    std::vector<Row> result;
    result.reserve(rows.size());
    for (const auto& row : rows) result.push_back(decode(row));
    return result;
}

/// Of a name that filters; false: there is no such thing, and so no row.
bool find_id(pqxx::transaction_base& transaction, const char* sql, const std::string& name,
             std::optional<int>& id) {
    if (name.empty()) return true;
    if (!is_storable(name)) return false;
    for (const auto& row : transaction.exec_params(sql, name)) id = row[0].as<int>();
    return id.has_value();
}

DeviceRow device_of(const pqxx::row& row) {
    DeviceRow result{ranges_of(row[0].c_str()).at(0), row[1].c_str(), row[2].c_str(), row[3].c_str()};
    result.uiccs_max = row[4].as<std::uint32_t>();
    return result;
}

std::string array_of(const pqxx::result& numbers) {
    ArrayLiteral array;
    for (const auto& row : numbers) array.add(row[0].as<int>());
    return array.str();
}

}  // namespace

Imsi imsi_of(const pqxx::field& field) {
    const auto imsi = Imsi::parse(field.c_str());
    if (!imsi) throw std::runtime_error("the database holds an IMSI that is none");
    return *imsi;
}

std::optional<SubscriberRow> subscriber_row(pqxx::transaction_base& transaction, const Imsi& imsi) {
    const auto rows = transaction.exec_params(subscriber_sql, imsi.str());
    return rows.empty() ? std::optional<SubscriberRow>() : subscriber_of(rows[0]);
}

std::vector<SubscriberRow> subscriber_rows(pqxx::transaction_base& transaction,
                                           const SubscriberFilter& filter, const Page& page) {
    std::optional<int> profile, group;
    std::optional<std::string> sources;
    const auto after = text_position(page);
    if (!after || !is_storable(filter.imsi_prefix) || !is_storable(filter.msisdn) ||
        !find_id(transaction, profile_id_sql, filter.profile, profile) ||
        !find_id(transaction, group_id_sql, filter.group, group))
        return {};
    if (filter.policy)
        sources = array_of(transaction.exec_params(sources_sql, static_cast<int>(*filter.policy)));
    const bool one = !filter.msisdn.empty();
    const auto* const sql = group && !one                           ? members_sql
                            : sources && !one && !profile && !group ? under_policy_sql
                                                                    : subscribers_sql;
    return decoded<SubscriberRow>(transaction.exec_params(sql, *after, rows_of(page), filter.imsi_prefix,
                                                          filter.msisdn, profile, group, sources),
                                  subscriber_of);
}

std::optional<DeviceRow> device_row(pqxx::transaction_base& transaction, const ImeiRange& range) {
    const auto rows = transaction.exec_params(device_sql, static_cast<std::int64_t>(range.low.number()),
                                              static_cast<std::int64_t>(range.high.number()));
    return rows.empty() ? std::optional<DeviceRow>() : device_of(rows[0]);
}

std::vector<DeviceRow> device_rows(pqxx::transaction_base& transaction, const DeviceFilter& filter,
                                   const Page& page) {
    std::optional<int> group;
    const auto after = range_position(page);
    if (!after || !find_id(transaction, device_group_id_sql, filter.group, group)) return {};
    const auto rows =
        filter.imei ? transaction.exec_params(devices_holding_sql, after->low, after->high, rows_of(page),
                                              group, static_cast<std::int64_t>(filter.imei->number()))
                    : transaction.exec_params(devices_sql, after->low, after->high, rows_of(page), group);
    return decoded<DeviceRow>(rows, device_of);
}

std::vector<EquipmentEntry> equipment_rows(pqxx::transaction_base& transaction, const Page& page) {
    const auto after = range_position(page);
    if (!after) return {};
    return decoded<EquipmentEntry>(
        transaction.exec_params(equipment_sql, after->low, after->high, after->rest, rows_of(page)),
        [](const pqxx::row& row) { return equipment_of(row); });
}

std::vector<RegistrationRow> registration_rows(pqxx::transaction_base& transaction,
                                               const RegistrationFilter& filter, const Page& page) {
    const auto after = pair_position(page);
    if (!after || !is_storable(filter.node)) return {};
    const auto imsi = filter.imsi ? filter.imsi->str() : std::string();
    return decoded<RegistrationRow>(
        transaction.exec_params(registrations_sql, after->first, after->second, rows_of(page), imsi,
                                filter.node, filter.purged),
        [](const pqxx::row& row) {
            auto registration = registration_of(row, 1);
            return RegistrationRow{imsi_of(row[0]), std::move(registration.value())};
        });
}

std::optional<ProfileRow> profile_row(pqxx::transaction_base& transaction, const std::string& name) {
    if (!is_storable(name)) return std::nullopt;
    const auto rows = transaction.exec_params(profiles_sql, std::string(), 1, name);
    return rows.empty() ? std::optional<ProfileRow>() : profile_of(rows[0]);
}

std::vector<ProfileRow> profile_rows(pqxx::transaction_base& transaction, const Page& page) {
    const auto after = text_position(page);
    if (!after) return {};
    const std::optional<std::string> any;
    return decoded<ProfileRow>(transaction.exec_params(profiles_sql, *after, rows_of(page), any), profile_of);
}

std::vector<KmeRow> kme_rows(pqxx::transaction_base& transaction,
                             const std::optional<std::variant<Imei, std::string>>& owner, const Page& page) {
    const auto after = numbered_position(page);
    const auto name = owner ? std::optional(owner_name(*owner)) : std::nullopt;
    if (!after || (name && !is_storable(*name))) return {};
    return decoded<KmeRow>(
        transaction.exec_params(kmes_sql, after->first, after->second, rows_of(page), name), kme_of);
}

std::vector<ApprovalRow> approval_rows(pqxx::transaction_base& transaction, const Page& page) {
    const auto after = pair_position(page);
    const auto imei = after ? Imei::parse(after->second) : std::nullopt;
    if (!after || (!imei && !page.after.empty())) return {};
    return decoded<ApprovalRow>(
        transaction.exec_params(approvals_sql, after->first,
                                static_cast<std::int64_t>(imei ? imei->number() : 0), rows_of(page)),
        approval_of);
}

}  // namespace bindhss::store::postgres
