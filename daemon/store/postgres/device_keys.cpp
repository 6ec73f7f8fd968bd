// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/device_keys.h"

#include <array>
#include <pqxx/pqxx>
#include <span>

#include "store/device_key_rules.h"
#include "store/positions.h"
#include "store/postgres/array_literal.h"
#include "store/postgres/import.h"
#include "store/postgres/own_connection.h"
#include "store/postgres/reports.h"
#include "store/postgres/subscriber_view.h"
#include "types/limits.h"

namespace bindhss::store::postgres {
namespace {

// Two imports that hold the same keys in another order would wait for each other. The number is "BindHSSK" in
// ASCII.
constexpr const char* one_at_a_time_sql = "SELECT pg_advisory_xact_lock(4785477456047067979)";

#define EPOCH_MS(column) "(extract(epoch FROM " column ") * 1000)::bigint"
#define AT_MS(column) "to_timestamp(" column "::float8 / 1000)"

// SQL has a layout of its own.
// clang-format off

constexpr const char* make_table_sql =
    "CREATE TEMPORARY TABLE device_key_stage (n bigint NOT NULL, line bigint NOT NULL, imei bigint NOT NULL,"
    " fingerprint bytea NOT NULL, type smallint NOT NULL, der bytea NOT NULL, origin text NOT NULL,"
    " valid_from bigint, valid_until bigint, secure boolean) ON COMMIT DROP";
const std::array stage_columns{"n", "line", "imei", "fingerprint", "type", "der", "origin", "valid_from",
                               "valid_until", "secure"};

constexpr const char* revoked_lines_sql =
    "SELECT s.line FROM device_key_stage s JOIN device_key k USING (imei, fingerprint)"
    " WHERE k.revoked_at IS NOT NULL ORDER BY s.n LIMIT $1";
constexpr const char* leave_out_revoked_sql =
    "DELETE FROM device_key_stage s USING device_key k"
    " WHERE k.imei = s.imei AND k.fingerprint = s.fingerprint AND k.revoked_at IS NOT NULL";

// In the order of the file: of two keys of one device the later one is the newer.
constexpr const char* put_keys_sql =
    "INSERT INTO device_key (imei, fingerprint, type, der, origin, valid_from, valid_until, secure)"
    " SELECT imei, fingerprint, type, der, origin, " AT_MS("valid_from") ", " AT_MS("valid_until") ", secure"
    " FROM device_key_stage ORDER BY n ON CONFLICT (imei, fingerprint) DO NOTHING";

constexpr const char* revoke_others_sql =
    "UPDATE device_key k SET revoked_at = now() WHERE k.revoked_at IS NULL"
    " AND k.imei IN (SELECT s.imei FROM device_key_stage s)"
    " AND NOT EXISTS (SELECT FROM device_key_stage s WHERE s.imei = k.imei AND s.fingerprint = k.fingerprint)";

constexpr const char* revoke_sql =
    "UPDATE device_key SET revoked_at = now() WHERE imei = $1 AND revoked_at IS NULL"
    " AND ($2::bytea IS NULL OR fingerprint = $2)";

constexpr const char* list_sql =
    "SELECT imei, type, fingerprint, der, origin, " EPOCH_MS("valid_from") ", " EPOCH_MS("valid_until") ","
    "   " EPOCH_MS("revoked_at") ", secure, " EPOCH_MS("added_at")
    " FROM device_key WHERE ($1::bigint IS NULL OR imei = $1) AND ($2::bigint IS NULL OR imei > $2)"
    " ORDER BY imei, added_at DESC, id DESC LIMIT $3";

constexpr const char* renew_sql = "UPDATE kme SET not_after = now() WHERE owner = $1 AND state = 'active'";

constexpr const char* exchanges_sql =
    "SELECT imsi, imei, generation, way, host, " EPOCH_MS("started_at") ", " EPOCH_MS("deadline")
    " FROM kme_exchange WHERE imsi > $1::text AND deadline >= now() ORDER BY imsi LIMIT $2::bigint";

// clang-format on

#undef EPOCH_MS
#undef AT_MS

/// From this size on an import refreshes the planner's statistics.
constexpr std::uint64_t analyze_from_rows = 1'000;

std::optional<std::string> milliseconds(const std::optional<WallTime>& time) {
    if (!time) return std::nullopt;
    return std::to_string(time->time_since_epoch().count());
}

/// One import's keys on their way, in the caller's transaction: a million of them need no memory here.
class Stage {
  public:
    explicit Stage(pqxx::transaction_base& transaction) : transaction_(transaction) {
        transaction_.exec(make_table_sql);
    }

    void add(std::span<const DeviceKeyRecord> records) {
        pqxx::stream_to stream(transaction_, "device_key_stage", stage_columns);
        for (const auto& record : records) add(stream, record);
        stream.complete();
    }

    /// Keys that were revoked stay out, and are among the refused from now on.
    void leave_out_revoked(DeviceKeyImport& import) {
        transaction_.exec("ANALYZE device_key_stage");
        const auto lines =
            transaction_.exec_params(revoked_lines_sql, static_cast<int>(limits::import_errors_shown_max));
        if (lines.empty()) return;
        for (const auto& row : lines)
            import.errors.push_back({row[0].as<std::size_t>(), revoked_device_key()});
        keep_first(import.errors);
        const auto count =
            static_cast<std::uint64_t>(transaction_.exec(leave_out_revoked_sql).affected_rows());
        import.refused += count;
        rows_ -= count;
    }

    void store(DeviceKeyImport& import, bool revoke_others) {
        if (revoke_others)
            import.revoked = static_cast<std::uint64_t>(transaction_.exec(revoke_others_sql).affected_rows());
        import.added = static_cast<std::uint64_t>(transaction_.exec(put_keys_sql).affected_rows());
        import.unchanged = rows_ - import.added;
    }

  private:
    void add(pqxx::stream_to& stream, const DeviceKeyRecord& record) {
        const auto& key = key_of(record);
        const std::array<std::optional<std::string>, 10> texts{
            std::to_string(++rows_),
            std::to_string(record.line),
            std::to_string(key.imei.number()),
            bytea_of(key.fingerprint),
            std::to_string(static_cast<int>(key.type)),
            bytea_of(key.der),
            key.origin,
            milliseconds(key.valid_from),
            milliseconds(key.valid_until),
            key.secure ? std::optional<std::string>(*key.secure ? "t" : "f") : std::nullopt};
        std::array<const char*, texts.size()> fields{};
        for (std::size_t i = 0; i < texts.size(); ++i) fields[i] = texts[i] ? texts[i]->c_str() : nullptr;
        stream << fields;
    }

    pqxx::transaction_base& transaction_;
    std::uint64_t rows_ = 0;
};

std::optional<WallTime> time_in(const pqxx::field& field) {
    if (field.is_null()) return std::nullopt;
    return time_of(field.as<std::int64_t>());
}

DeviceKey device_key_of(const pqxx::row& row) {
    const auto fingerprint = octets_of({row[2].c_str(), row[2].size()});
    const auto type = row[1].as<int>();
    if (fingerprint.size() != Octets<32>().size() || type < 0 ||
        type > static_cast<int>(crypto::KeyType::rsa))
        throw std::runtime_error("the database holds a public key that is none");
    DeviceKey key{imei_of(row[0].as<std::uint64_t>())};
    key.type = static_cast<crypto::KeyType>(type);
    std::copy(fingerprint.begin(), fingerprint.end(), key.fingerprint.begin());
    key.der = octets_of({row[3].c_str(), row[3].size()});
    key.origin = row[4].c_str();
    key.valid_from = time_in(row[5]);
    key.valid_until = time_in(row[6]);
    key.revoked_at = time_in(row[7]);
    if (!row[8].is_null()) key.secure = row[8].as<bool>();
    key.added = time_of(row[9].as<std::int64_t>());
    return key;
}

ExchangeRow exchange_of(const pqxx::row& row) {
    ExchangeRow exchange{imsi_of(row[0]), imei_of(row[1].as<std::uint64_t>())};
    exchange.generation = row[2].as<std::uint32_t>();
    exchange.way = row[3].as<int>() == 0 ? ExchangeWay::s6a : ExchangeWay::https;
    exchange.node = row[4].c_str();
    exchange.started = time_of(row[5].as<std::int64_t>());
    exchange.deadline = time_of(row[6].as<std::int64_t>());
    return exchange;
}

std::optional<std::int64_t> number_of(const std::optional<Imei>& imei) {
    if (!imei) return std::nullopt;
    return static_cast<std::int64_t>(imei->number());
}

}  // namespace

struct PostgresDeviceKeys::Impl : OwnConnection {
    Impl(const std::string& url, Bounds bounds)
        : OwnConnection(url, "bindhss-device-keys", std::move(bounds)) {}

    /// An UPDATE that is named in the audit; returns how many rows it changed.
    template <class Entry, class... Parameters>
    std::uint64_t change(const char* sql, Entry entry, const Parameters&... parameters) {
        return with_connection([&](pqxx::connection& open) {
            pqxx::work transaction(open);
            const auto count =
                static_cast<std::uint64_t>(transaction.exec_params(sql, parameters...).affected_rows());
            if (count == 0) return count;
            write_audit(transaction, who, {entry(count)}, request);
            transaction.commit();
            return count;
        });
    }

    std::string who = "unknown";
    std::string request;
};

PostgresDeviceKeys::PostgresDeviceKeys(const std::string& url, Bounds bounds)
    : impl_(std::make_unique<Impl>(url, std::move(bounds))) {}

PostgresDeviceKeys::~PostgresDeviceKeys() = default;

void PostgresDeviceKeys::act_as(std::string who) {
    impl_->who = column_text(who);
}

void PostgresDeviceKeys::by_request(const std::string& name) {
    impl_->request = column_text(name);
}

DeviceKeyImport PostgresDeviceKeys::import_device_keys(DeviceKeySource& source,
                                                       const DeviceKeyImportOptions& options,
                                                       const std::string& what) {
    return impl_->with_callbacks([&](pqxx::connection& open, auto guarded) {
        DeviceKeyImport result;
        pqxx::work transaction(open);
        Stage stage(transaction);
        for (;;) {
            const auto chunk = guarded([&] { return next_chunk(source, options, result); });
            if (chunk.empty()) break;
            stage.add(chunk);
        }
        transaction.exec(one_at_a_time_sql);
        stage.leave_out_revoked(result);
        if (options.strict && result.refused > 0) return result;
        stage.store(result, options.revoke_others);
        if (options.dry_run) return result;
        write_audit(transaction, impl_->who, {audit_of(result, column_text(what))}, impl_->request);
        transaction.commit();
        result.stored = true;
        if (result.added >= analyze_from_rows)
            OwnConnection::if_in_time([&] { pqxx::nontransaction(open).exec("ANALYZE device_key"); });
        return result;
    });
}

std::uint64_t PostgresDeviceKeys::revoke_device_keys(Imei imei,
                                                     const std::optional<Octets<32>>& fingerprint) {
    const auto which = fingerprint ? std::optional(bytea_of(*fingerprint)) : std::nullopt;
    return impl_->change(
        revoke_sql, [&](std::uint64_t count) { return audit_of_revocation(imei, fingerprint, count); },
        static_cast<std::int64_t>(imei.number()), which);
}

std::vector<DeviceKey> PostgresDeviceKeys::device_keys(const std::optional<Imei>& imei,
                                                       const std::optional<Imei>& after, std::size_t limit) {
    return impl_->reading([&](auto& transaction) {
        std::vector<DeviceKey> result;
        for (const auto& row :
             transaction.exec_params(list_sql, number_of(imei), number_of(after), rows_of(Page(limit))))
            result.push_back(device_key_of(row));
        return result;
    });
}

std::uint64_t PostgresDeviceKeys::renew_kmes(const std::variant<Imei, std::string>& owner) {
    return impl_->change(
        renew_sql, [&](std::uint64_t count) { return audit_of_renewal(owner, count); }, owner_name(owner));
}

std::vector<ExchangeRow> PostgresDeviceKeys::exchanges(const Page& page) {
    return impl_->reading([&](auto& transaction) {
        std::vector<ExchangeRow> result;
        const auto after = text_position(page);
        if (!after) return result;
        for (const auto& row : transaction.exec_params(exchanges_sql, *after, rows_of(page)))
            result.push_back(exchange_of(row));
        return result;
    });
}

}  // namespace bindhss::store::postgres
