// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/conditions.h"

#include "store/postgres/array_literal.h"
#include "store/postgres/reports.h"
#include "store/postgres/terms_rows.h"

namespace bindhss::store::postgres {
namespace {

// A row that is not there cannot be locked, its name can. The first number is "BHS3" in ASCII: it keeps these
// apart from other pairs of numbers.
constexpr const char* lock_name_sql = "SELECT pg_advisory_xact_lock(1112036147, hashtext($1))";

constexpr const char* lock_subscriber_sql = "SELECT FROM subscriber WHERE imsi = $1 FOR NO KEY UPDATE";
constexpr const char* lock_profile_sql = "SELECT FROM profile WHERE name = $1 FOR NO KEY UPDATE";
constexpr const char* lock_terms_sql = "SELECT FROM terms WHERE name = $1 FOR NO KEY UPDATE";
constexpr const char* lock_device_sql =
    "SELECT FROM device WHERE imei_lo = $1 AND imei_hi = $2 FOR NO KEY UPDATE";

constexpr const char* begin_sql =
    "INSERT INTO operator_request (key, fingerprint) VALUES ($1, $2::bytea) ON CONFLICT (key) DO NOTHING";
constexpr const char* before_sql = "SELECT fingerprint = $2::bytea FROM operator_request WHERE key = $1";

/// Locks, and then reads and asks: what another one stored meanwhile is seen.
class Asking {
  public:
    explicit Asking(pqxx::transaction_base& transaction) : transaction_(transaction) {}

    bool operator()(const Guard::Subscriber& guard) {
        lock("subscriber", guard.imsi.str(), lock_subscriber_sql, guard.imsi.str());
        return guard.unchanged(subscriber_row(transaction_, guard.imsi));
    }
    bool operator()(const Guard::Profile& guard) {
        lock("profile", guard.name, lock_profile_sql, guard.name);
        return guard.unchanged(profile_row(transaction_, guard.name));
    }
    bool operator()(const Guard::Terms& guard) {
        lock("terms", guard.name, lock_terms_sql, guard.name);
        const auto rows = list_terms(transaction_, guard.name);
        return guard.unchanged(rows.empty() ? std::nullopt : std::optional(rows.front()));
    }
    bool operator()(const Guard::Device& guard) {
        lock("device", guard.range.str(), lock_device_sql,
             static_cast<std::int64_t>(guard.range.low.number()),
             static_cast<std::int64_t>(guard.range.high.number()));
        return guard.unchanged(device_row(transaction_, guard.range));
    }

  private:
    template <class... Parameters>
    void lock(const std::string& kind, const std::string& name, const char* sql,
              const Parameters&... parameters) {
        transaction_.exec_params(lock_name_sql, kind + " " + name);
        transaction_.exec_params(sql, parameters...);
    }

    pqxx::transaction_base& transaction_;
};

}  // namespace

bool holds(pqxx::transaction_base& transaction, const Guard& guard) {
    return std::visit(Asking(transaction), guard.row);
}

std::optional<Applied::Outcome> asked_before(pqxx::transaction_base& transaction, const Once& once) {
    const auto key = column_text(once.key);
    const auto fingerprint = bytea_of(once.fingerprint);
    if (transaction.exec_params(begin_sql, key, fingerprint).affected_rows() == 1) return std::nullopt;
    const auto rows = transaction.exec_params(before_sql, key, fingerprint);
    // Forgotten between the two statements: old enough to have been `before` a moment ago.
    if (rows.empty()) return Applied::Outcome::before;
    return rows[0][0].as<bool>() ? Applied::Outcome::before : Applied::Outcome::another_once;
}

}  // namespace bindhss::store::postgres
