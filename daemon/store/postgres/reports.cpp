// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/reports.h"

#include "store/import_plan.h"

#include "store/postgres/array_literal.h"
#include "store/postgres/binding_rows.h"
#include "store/postgres/registration_rows.h"
#include "store/postgres/subscriber_view.h"

namespace bindhss::store::postgres {
namespace {

#define EPOCH_MS(column) "(extract(epoch FROM " column ") * 1000)::bigint"

#define SUBSCRIBER_ROWS \
    "SELECT s.imsi, s.msisdn, p.name, a.amf, a.seq, t.policy,"                                                 \
    " (SELECT string_agg(d.imei_lo || '-' || d.imei_hi, ',' ORDER BY d.position)"                              \
    "   FROM binding_device d WHERE d.imsi = s.imsi), coalesce(g.name, ''), m.kcv, s.override::text, t.name,"  \
    " CASE WHEN a.terms_from = 0 THEN 'default' WHEN a.terms_from > 0 THEN 'binding'"                          \
    "   ELSE 'group:' || (SELECT o.name FROM subscription_group o WHERE o.id = -a.terms_from) END,"            \
    " ARRAY(SELECT o.name FROM subscription_member n JOIN subscription_group o ON o.id = n.group_id"           \
    "   WHERE n.imsi = s.imsi ORDER BY o.name), " EPOCH_MS("a.proved_at") ", " BINDHSS_STANDING_COLUMNS("a")   \
    " FROM subscriber s JOIN profile p ON p.id = s.profile_id JOIN auc a ON a.imsi = s.imsi"                   \
    " JOIN terms_in_force f ON f.source = a.terms_from JOIN terms t ON t.id = f.terms_id"                      \
    " JOIN kme m ON m.id = a.kme_id LEFT JOIN binding b ON b.imsi = s.imsi"                                    \
    " LEFT JOIN device_group g ON g.id = b.group_id"
constexpr const char* subscriber_sql = SUBSCRIBER_ROWS " WHERE s.imsi = $1";
constexpr const char* subscribers_sql = SUBSCRIBER_ROWS " ORDER BY s.imsi LIMIT $1";

constexpr const char* devices_sql =
    "SELECT v.imei_lo || '-' || v.imei_hi, coalesce(g.name, ''), v.comment, coalesce("
    " (SELECT m.kcv FROM kme m WHERE m.imei = v.imei_lo AND v.imei_lo = v.imei_hi AND m.state = 'active'),"
    " (SELECT m.kcv FROM kme m WHERE m.group_id = v.group_id AND m.state = 'active'), ''),"
    " coalesce(v.uiccs_max, 0)"
    " FROM device v LEFT JOIN device_group g ON g.id = v.group_id ORDER BY v.imei_lo, v.imei_hi LIMIT $1";

constexpr const char* registrations_sql = "SELECT g.imsi, " BINDHSS_REGISTRATION_COLUMNS(
    "g") " FROM registration g ORDER BY g.imsi, g.domain LIMIT $1";

#define KME_ROWS                                                                    \
    "SELECT k.imei, coalesce(g.name, ''), k.generation, k.kcv, k.state, " EPOCH_MS( \
        "k.changed_at") " FROM kme k LEFT JOIN device_group g ON g.id = k.group_id WHERE k.id <> 0"
constexpr const char* kmes_sql = KME_ROWS " ORDER BY k.owner, k.generation LIMIT $1";
constexpr const char* kmes_of_sql = KME_ROWS " AND k.owner = $2 ORDER BY k.generation LIMIT $1";

constexpr const char* approvals_sql =
    "SELECT imsi, imei, svn, host, " EPOCH_MS("first_at") ", " EPOCH_MS("last_at") ", count"
    " FROM approval ORDER BY first_at, imsi, imei LIMIT $1";

constexpr const char* audit_sql =
    "SELECT id, " EPOCH_MS("at") ", who, what, detail FROM audit ORDER BY id DESC LIMIT $1";

constexpr const char* alarms_sql =
    "SELECT name, severity, imsi, imei, peer, detail, " EPOCH_MS("first_at") ", " EPOCH_MS("last_at") ", count,"
    " id, acknowledged_by, " EPOCH_MS("cleared_at") ", cleared_by"
    " FROM alarm WHERE $2 OR cleared_at IS NULL ORDER BY last_at DESC, id DESC LIMIT $1";
#define SELECTED_ALARMS                                                                                 \
    " WHERE cleared_at IS NULL AND ($1::bigint IS NULL OR id = $1) AND ($2::text IS NULL OR name = $2)" \
    "   AND ($3::text IS NULL OR imsi = $3)"
// Acts are numbered in the order of their commits: who reads them passes none over.
constexpr const char* lock_acts_sql = "SELECT pg_advisory_xact_lock(4784062463441199923)";
#define CHANGED_ALARMS(change, is_end)                          \
    "WITH changed AS (UPDATE alarm SET " change SELECTED_ALARMS \
    " RETURNING id)"                                            \
    " INSERT INTO alarm_act (alarm_id, cleared, who) SELECT id, " is_end ", $4 FROM changed ORDER BY id"
constexpr const char* acknowledge_sql =
    CHANGED_ALARMS("acknowledged_by = $4, acknowledged_at = now()", "false");
constexpr const char* clear_sql = CHANGED_ALARMS("cleared_by = $4, cleared_at = now()", "true");

// Of the names, subscriptions and devices (empty: any) that are given: by the index on what is open.
constexpr const char* clear_settled_sql =
    "WITH changed AS (UPDATE alarm a SET cleared_by = $4, cleared_at = now()"
    "   FROM unnest($1::text[], $2::text[], $3::text[]) r (name, imsi, imei)"
    "   WHERE a.cleared_at IS NULL AND a.name = r.name AND a.imsi = r.imsi AND (r.imei = '' OR a.imei = "
    "r.imei)"
    "   RETURNING a.id)"
    " INSERT INTO alarm_act (alarm_id, cleared, who) SELECT id, true, $4 FROM changed ORDER BY id";

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

AlarmRow alarm_of(const pqxx::row& row) {
    AlarmRow result;
    result.name = row[0].c_str();
    result.severity = row[1].c_str();
    result.imsi = row[2].c_str();
    result.imei = row[3].c_str();
    result.peer = row[4].c_str();
    result.detail = row[5].c_str();
    result.first = time_of(row[6].as<std::int64_t>());
    result.last = time_of(row[7].as<std::int64_t>());
    result.count = row[8].as<std::uint64_t>();
    result.id = row[9].as<std::int64_t>();
    result.acknowledged_by = row[10].c_str();
    result.cleared = optional_time(row[11]);
    result.cleared_by = row[12].c_str();
    return result;
}

template <class Row, class Decode>
std::vector<Row> decoded(const pqxx::result& rows, Decode decode) {
    std::vector<Row> result;
    result.reserve(rows.size());
    for (const auto& row : rows) result.push_back(decode(row));
    return result;
}

std::uint64_t change_alarms(pqxx::transaction_base& transaction, const char* sql, const AlarmSelection& which,
                            const std::string& who) {
    const auto id = which.id ? std::optional(std::to_string(*which.id)) : std::nullopt;
    const auto imsi = which.imsi ? std::optional(which.imsi->str()) : std::nullopt;
    transaction.exec(lock_acts_sql);
    return transaction.exec_params(sql, id, which.name, imsi, who).affected_rows();
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

std::vector<SubscriberRow> subscriber_rows(pqxx::transaction_base& transaction, std::int64_t limit) {
    return decoded<SubscriberRow>(transaction.exec_params(subscribers_sql, limit), subscriber_of);
}

std::vector<DeviceRow> device_rows(pqxx::transaction_base& transaction, std::int64_t limit) {
    return decoded<DeviceRow>(transaction.exec_params(devices_sql, limit), [](const pqxx::row& row) {
        DeviceRow result{ranges_of(row[0].c_str()).at(0), row[1].c_str(), row[2].c_str(), row[3].c_str()};
        result.uiccs_max = row[4].as<std::uint32_t>();
        return result;
    });
}

std::vector<RegistrationRow> registration_rows(pqxx::transaction_base& transaction, std::int64_t limit) {
    return decoded<RegistrationRow>(
        transaction.exec_params(registrations_sql, limit), [](const pqxx::row& row) {
            auto registration = registration_of(row, 1);
            return RegistrationRow{imsi_of(row[0]), std::move(registration.value())};
        });
}

std::vector<KmeRow> kme_rows(pqxx::transaction_base& transaction,
                             const std::optional<std::variant<Imei, std::string>>& owner,
                             std::int64_t limit) {
    return decoded<KmeRow>(owner ? transaction.exec_params(kmes_of_sql, limit, owner_name(*owner))
                                 : transaction.exec_params(kmes_sql, limit),
                           kme_of);
}

std::vector<ApprovalRow> approval_rows(pqxx::transaction_base& transaction, std::int64_t limit) {
    return decoded<ApprovalRow>(transaction.exec_params(approvals_sql, limit), approval_of);
}

std::vector<AuditRow> audit_rows(pqxx::transaction_base& transaction, std::int64_t limit) {
    return decoded<AuditRow>(transaction.exec_params(audit_sql, limit), [](const pqxx::row& row) {
        return AuditRow{row[0].as<std::int64_t>(),
                        time_of(row[1].as<std::int64_t>()),
                        row[2].c_str(),
                        row[3].c_str(),
                        row[4].c_str(),
                        {}};
    });
}

std::vector<AlarmRow> alarm_rows(pqxx::transaction_base& transaction, std::int64_t limit, bool cleared) {
    return decoded<AlarmRow>(transaction.exec_params(alarms_sql, limit, cleared), alarm_of);
}

std::uint64_t acknowledge_alarms(pqxx::transaction_base& transaction, const AlarmSelection& which,
                                 const std::string& who) {
    return change_alarms(transaction, acknowledge_sql, which, who);
}

std::uint64_t clear_alarms(pqxx::transaction_base& transaction, const AlarmSelection& which,
                           const std::string& who) {
    return change_alarms(transaction, clear_sql, which, who);
}

void clear_settled_alarms(pqxx::transaction_base& transaction, const std::vector<SettledAlarm>& settled,
                          const std::string& who) {
    if (settled.empty()) return;
    ArrayLiteral names, imsis, imeis;
    for (const auto& [name, imsi, imei] : settled) {
        names.add_text(std::string(name));
        imsis.add_text(imsi.str());
        imeis.add_text(imei ? imei->str() : std::string());
    }
    transaction.exec(lock_acts_sql);
    transaction.exec_params(clear_settled_sql, names.str(), imsis.str(), imeis.str(), who);
}

}  // namespace bindhss::store::postgres
