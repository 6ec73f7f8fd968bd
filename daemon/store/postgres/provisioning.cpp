// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/provisioning.h"

#include <pqxx/pqxx>

#include "store/postgres/array_literal.h"
#include "store/postgres/conninfo.h"
#include "store/postgres/equipment.h"
#include "store/postgres/import.h"
#include "store/postgres/registration_rows.h"
#include "store/postgres/session.h"
#include "store/postgres/subscriber_view.h"
#include "store/postgres/subscriptions.h"

namespace bindhss::store::postgres {
namespace {

// Two imports at once would not see each other's keys and bindings, and a binding would keep a key that is
// gone. The number is "BindHSS2" in ASCII.
constexpr const char* one_at_a_time_sql = "SELECT pg_advisory_xact_lock(4784062463441199922)";

/// How often an import starts again after it lost a deadlock against requests.
constexpr int attempts_max = 5;
/// An import looks every row up by key. Its plans are made while the planner has statistics of the tables as
/// they were before it; a first import would scan them once for every row that it changes.
constexpr const char* look_up_by_key_sql =
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;"
    " SET LOCAL jit = off";
/// From this size on an import refreshes the planner's statistics.
constexpr std::size_t analyze_from_items = 1'000;

const std::string subscriber_sql =
    "SELECT s.imsi, s.msisdn, p.name, a.amf, a.seq, a.policy,"
    " (SELECT string_agg(d.imei_lo || '-' || d.imei_hi, ',' ORDER BY d.position)"
    "   FROM binding_device d WHERE d.imsi = s.imsi), coalesce(g.name, ''), m.kcv, s.override::text"
    " FROM subscriber s JOIN profile p ON p.id = s.profile_id JOIN auc a ON a.imsi = s.imsi"
    " JOIN kme m ON m.id = a.kme_id LEFT JOIN binding b ON b.imsi = s.imsi"
    " LEFT JOIN device_group g ON g.id = b.group_id";

constexpr const char* devices_sql =
    "SELECT v.imei_lo || '-' || v.imei_hi, coalesce(g.name, ''), v.comment, coalesce("
    " (SELECT m.kcv FROM kme m WHERE m.imei = v.imei_lo AND v.imei_lo = v.imei_hi"
    "   ORDER BY m.generation DESC LIMIT 1),"
    " (SELECT m.kcv FROM kme m WHERE m.group_id = v.group_id ORDER BY m.generation DESC LIMIT 1), '')"
    " FROM device v LEFT JOIN device_group g ON g.id = v.group_id ORDER BY v.imei_lo, v.imei_hi LIMIT $1";

constexpr const char* registrations_sql = "SELECT g.imsi, " BINDHSS_REGISTRATION_COLUMNS(
    "g") " FROM registration g ORDER BY g.imsi, g.domain LIMIT $1";

constexpr const char* order_reset_sql =
    "INSERT INTO node_request (kind, host, realm, user_ids)"
    " SELECT DISTINCT 'reset', host, realm, $1::text[] FROM registration WHERE NOT purged RETURNING host, "
    "realm";
constexpr const char* order_insert_sql =
    "INSERT INTO node_request (kind, imsi, host, realm, domain, idr_flags)"
    " SELECT 'insert', imsi, host, realm, domain, $2 FROM registration WHERE imsi = $1 AND NOT purged"
    " RETURNING host, realm";
constexpr const char* order_cancel_sql =
    "WITH gone AS (UPDATE registration SET purged = true, telling_at = NULL, telling_attempts = 0"
    "   WHERE imsi = $1 AND NOT purged RETURNING imsi, host, realm, domain)"
    " INSERT INTO node_request (kind, imsi, host, realm, domain, cancellation_type, reattach_required)"
    " SELECT 'cancel_location', imsi, host, realm, domain, 2, $2 FROM gone RETURNING host, realm";

constexpr const char* alarms_sql =
    "SELECT name, severity, imsi, imei, peer, detail, (extract(epoch FROM first_at) * 1000)::bigint,"
    " (extract(epoch FROM last_at) * 1000)::bigint, count FROM alarm ORDER BY last_at DESC, id DESC LIMIT $1";

std::int64_t rows_of(std::size_t limit) {
    return static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX));
}

Imsi imsi_of(const pqxx::field& field) {
    const auto imsi = Imsi::parse(field.c_str());
    if (!imsi) throw std::runtime_error("the database holds an IMSI that is none");
    return *imsi;
}

SubscriberRow subscriber_of(const pqxx::row& row) {
    const auto amf = Amf::from(octets_of({row[3].c_str(), row[3].size()}));
    return {imsi_of(row[0]),
            row[1].c_str(),
            row[2].c_str(),
            amf.value_or(Amf{}),
            row[4].as<std::uint64_t>(),
            static_cast<binding::Policy>(row[5].as<int>()),
            ranges_of({row[6].c_str(), row[6].size()}),
            row[7].c_str(),
            row[8].c_str(),
            row[9].c_str()};
}

AlarmRow alarm_of(const pqxx::row& row) {
    return {row[0].c_str(),
            row[1].c_str(),
            row[2].c_str(),
            row[3].c_str(),
            row[4].c_str(),
            row[5].c_str(),
            time_of(row[6].as<std::int64_t>()),
            time_of(row[7].as<std::int64_t>()),
            row[8].as<std::uint64_t>()};
}

}  // namespace

struct PostgresProvisioning::Impl {
    Impl(const std::string& url, const crypto::KeyRing& ring, Random& source)
        : conninfo(complete_conninfo(url, "bindhss-provisioning")), keys(ring), random(source) {}

    /// Runs `work` on the connection, opened when there is none; every failure of the database becomes
    /// Unavailable.
    template <class Work>
    auto with_connection(Work work) {
        try {
            if (!connection || !connection->is_open())
                connection = std::make_unique<pqxx::connection>(conninfo);
            return work(*connection);
        } catch (const std::exception& error) {
            connection.reset();
            throw Unavailable("the database cannot be used: " + describe(error));
        }
    }

    template <class Row, class Decode>
    std::vector<Row> list(const std::string& sql, std::size_t limit, Decode decode) {
        return with_connection([&](pqxx::connection& open) {
            pqxx::nontransaction transaction(open);
            std::vector<Row> result;
            for (const auto& row : transaction.exec_params(sql, rows_of(limit)))
                result.push_back(decode(row));
            return result;
        });
    }

    std::vector<LineError> import(pqxx::connection& open, const std::vector<Item>& items, bool dry_run) {
        pqxx::work transaction(open);
        transaction.exec(look_up_by_key_sql);
        transaction.exec(one_at_a_time_sql);
        auto plan = plan_import(items, known_names(transaction));
        // What only the database can tell is told with the rest, as long as nothing else stands in the way.
        if (plan.errors.empty()) store_plan(transaction, plan, keys, random);
        if (plan.errors.empty() && !dry_run) transaction.commit();
        return std::move(plan.errors);
    }

    std::vector<LineError> import_with_retry(pqxx::connection& open, const std::vector<Item>& items,
                                             bool dry_run) {
        for (int attempt = 1;; ++attempt) {
            try {
                return import(open, items, dry_run);
            } catch (const pqxx::sql_error& error) {
                if (!worth_another_try(error) || attempt == attempts_max) throw;
            }
        }
    }

    const std::string conninfo;
    const crypto::KeyRing& keys;
    Random& random;
    std::unique_ptr<pqxx::connection> connection;
};

PostgresProvisioning::PostgresProvisioning(const std::string& url, const crypto::KeyRing& keys,
                                           Random& random)
    : impl_(std::make_unique<Impl>(url, keys, random)) {}

PostgresProvisioning::~PostgresProvisioning() = default;

std::vector<LineError> PostgresProvisioning::apply(const std::vector<Item>& items, bool dry_run) {
    return impl_->with_connection([&](pqxx::connection& open) {
        auto errors = impl_->import_with_retry(open, items, dry_run);
        if (errors.empty() && !dry_run && items.size() >= analyze_from_items)
            pqxx::nontransaction(open).exec("ANALYZE subscriber, auc, kme, device, binding, binding_device");
        return errors;
    });
}

std::optional<SubscriberRow> PostgresProvisioning::subscriber(const Imsi& imsi) {
    return impl_->with_connection([&](pqxx::connection& open) {
        pqxx::nontransaction transaction(open);
        const auto rows = transaction.exec_params(subscriber_sql + " WHERE s.imsi = $1", imsi.str());
        return rows.empty() ? std::optional<SubscriberRow>() : subscriber_of(rows[0]);
    });
}

std::vector<SubscriberRow> PostgresProvisioning::subscribers(std::size_t limit) {
    return impl_->list<SubscriberRow>(subscriber_sql + " ORDER BY s.imsi LIMIT $1", limit, subscriber_of);
}

std::optional<ProfileRow> PostgresProvisioning::profile(const std::string& name) {
    return impl_->with_connection([&](pqxx::connection& open) {
        pqxx::nontransaction transaction(open);
        const auto rows = transaction.exec_params(list_profiles_sql, name, 1);
        return rows.empty() ? std::optional<ProfileRow>() : profile_of(rows[0]);
    });
}

std::vector<ProfileRow> PostgresProvisioning::profiles(std::size_t limit) {
    return impl_->with_connection([&](pqxx::connection& open) {
        pqxx::nontransaction transaction(open);
        std::vector<ProfileRow> result;
        const std::optional<std::string> any;
        for (const auto& row : transaction.exec_params(list_profiles_sql, any, rows_of(limit)))
            result.push_back(profile_of(row));
        return result;
    });
}

std::vector<DeviceRow> PostgresProvisioning::devices(std::size_t limit) {
    return impl_->list<DeviceRow>(devices_sql, limit, [](const pqxx::row& row) {
        return DeviceRow{ranges_of(row[0].c_str()).at(0), row[1].c_str(), row[2].c_str(), row[3].c_str()};
    });
}

std::vector<EquipmentEntry> PostgresProvisioning::equipment(std::size_t limit) {
    return impl_->list<EquipmentEntry>(list_equipment_sql, limit, postgres::equipment_of);
}

std::optional<EquipmentEntry> PostgresProvisioning::equipment_of(Imei imei,
                                                                 const std::optional<std::string>& svn) {
    return impl_->with_connection([&](pqxx::connection& open) {
        pqxx::nontransaction transaction(open);
        const auto rows =
            transaction.exec_params(load_equipment_sql, static_cast<std::int64_t>(imei.number()), svn);
        return rows.empty() ? std::optional<EquipmentEntry>() : postgres::equipment_of(rows[0]);
    });
}

std::vector<ServingNode> PostgresProvisioning::order(const NodeOrder& order) {
    ArrayLiteral user_ids;
    for (const auto& user_id : order.user_ids) user_ids.add_text(column_text(user_id));
    const auto imsi = order.imsi ? order.imsi->str() : std::string();
    return impl_->with_connection([&](pqxx::connection& open) {
        pqxx::work transaction(open);
        const auto rows =
            order.kind == NodeRequest::Kind::reset ? transaction.exec_params(order_reset_sql, user_ids.str())
            : order.kind == NodeRequest::Kind::insert
                ? transaction.exec_params(order_insert_sql, imsi, static_cast<std::int64_t>(order.idr_flags))
                : transaction.exec_params(order_cancel_sql, imsi, order.reattach_required);
        transaction.commit();
        std::vector<ServingNode> nodes;
        for (const auto& row : rows) nodes.push_back({row[0].c_str(), row[1].c_str()});
        return nodes;
    });
}

std::vector<RegistrationRow> PostgresProvisioning::registrations(std::size_t limit) {
    return impl_->list<RegistrationRow>(registrations_sql, limit, [](const pqxx::row& row) {
        auto registration = registration_of(row, 1);
        return RegistrationRow{imsi_of(row[0]), std::move(registration.value())};
    });
}

std::vector<AlarmRow> PostgresProvisioning::alarms(std::size_t limit) {
    return impl_->list<AlarmRow>(alarms_sql, limit, alarm_of);
}

}  // namespace bindhss::store::postgres
