// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/key_check.h"

#include <algorithm>
#include <pqxx/pqxx>

#include "store/postgres/array_literal.h"
#include "store/postgres/conninfo.h"
#include "store/postgres/reservation.h"
#include "store/postgres/session.h"
#include "store/provisioning.h"

namespace bindhss::store::postgres {
namespace {

using Numbers = std::vector<std::uint8_t>;

constexpr std::string_view constant = "BindHSS key check";

constexpr const char* known_sql = "SELECT number, sealed FROM key_check ORDER BY number";
constexpr const char* add_sql =
    "INSERT INTO key_check (number, sealed) VALUES ($1, $2::bytea) ON CONFLICT (number) DO NOTHING";
// Whoever adds keys does it alone; reading goes on.
constexpr const char* lock_sql = "LOCK TABLE key_check IN SHARE ROW EXCLUSIVE MODE";

// The number of the key is the second octet of what is sealed (key_ring.h); K and OPc are sealed together.
// Nothing is sealed in the row "no key" and in those of retired keys; the octets behind keep get_byte() from
// an error there.
constexpr const char* sealed_under_other_sql =
    "(SELECT get_byte(k || '\\x0000', 1) FROM auc WHERE get_byte(k || '\\x0000', 1) <> ALL ($1::integer[]) "
    "LIMIT 1)"
    " UNION ALL"
    " (SELECT get_byte(key || '\\x0000', 1) FROM kme"
    "  WHERE key <> '' AND get_byte(key || '\\x0000', 1) <> ALL ($1::integer[]) LIMIT 1)";
constexpr const char* sample_sql =
    "(SELECT 'auc', 'k', imsi, k FROM auc WHERE get_byte(k || '\\x0000', 1) = $1::integer LIMIT 1)"
    " UNION ALL"
    " (SELECT 'kme', 'key', owner || ':' || generation, key FROM kme"
    "  WHERE key <> '' AND get_byte(key || '\\x0000', 1) = $1::integer LIMIT 1)";
constexpr const char* anything_sealed_sql =
    "SELECT EXISTS (SELECT FROM auc) OR EXISTS (SELECT FROM kme WHERE key <> '')";

std::string_view text_of(const pqxx::field& field) {
    return {field.c_str(), field.size()};
}

class Check {
  public:
    Check(pqxx::transaction_base& transaction, const crypto::KeyRing& keys, const std::string& file)
        : transaction_(transaction), keys_(keys), file_(file), numbers_(keys.numbers()) {}

    /// The keys that the database does not know yet and that fit. Throws KeyMismatch.
    Numbers unknown() {
        const auto known = known_numbers();
        Numbers shared, unknown, lacking;
        std::set_intersection(known.begin(), known.end(), numbers_.begin(), numbers_.end(),
                              std::back_inserter(shared));
        std::set_difference(numbers_.begin(), numbers_.end(), known.begin(), known.end(),
                            std::back_inserter(unknown));
        std::set_difference(known.begin(), known.end(), numbers_.begin(), numbers_.end(),
                            std::back_inserter(lacking));
        if (!known.empty() && shared.empty())
            refuse("key " + std::to_string(known.back()) + " is missing in it");
        // These read whole tables: only when the keys differ from those of the last start.
        if (known.empty() || !lacking.empty()) refuse_sealed_under_other();
        for (const auto number : unknown) expect_samples_open(number);
        return unknown;
    }

    void add(std::uint8_t number, Random& random) {
        const auto row = std::to_string(number);
        const auto sealed =
            keys_.seal_under(number, as_octets(constant), {"key_check", "sealed", row}, random);
        transaction_.exec_params(add_sql, static_cast<int>(number), bytea_of(sealed));
    }

  private:
    [[noreturn]] void refuse(const std::string& what) const {
        throw KeyMismatch("key file " + file_ +
                          ": is not the one that this database was sealed with: " + what);
    }

    void expect_opens(std::uint8_t number, const pqxx::field& sealed,
                      const crypto::SealContext& context) const {
        if (!keys_.open(octets_of(text_of(sealed)), context))
            refuse("its key " + std::to_string(number) + " is another one");
    }

    Numbers known_numbers() {
        Numbers known;
        for (const auto& row : transaction_.exec(known_sql)) {
            known.push_back(static_cast<std::uint8_t>(row[0].as<int>()));
            if (!std::binary_search(numbers_.begin(), numbers_.end(), known.back())) continue;
            expect_opens(known.back(), row[1], {"key_check", "sealed", row[0].c_str()});
        }
        return known;
    }

    void refuse_sealed_under_other() {
        std::string array = "{";
        for (const auto number : numbers_) array += (array.size() > 1 ? "," : "") + std::to_string(number);
        const auto rows = transaction_.exec_params(sealed_under_other_sql, array + "}");
        if (!rows.empty()) refuse("key " + std::string(rows[0][0].c_str()) + " is missing in it");
    }

    void expect_samples_open(std::uint8_t number) {
        for (const auto& row : transaction_.exec_params(sample_sql, static_cast<int>(number)))
            expect_opens(number, row[3], {row[0].c_str(), row[1].c_str(), row[2].c_str()});
    }

    pqxx::transaction_base& transaction_;
    const crypto::KeyRing& keys_;
    const std::string& file_;
    const Numbers numbers_;
};

/// Runs `work` in a transaction of its own and turns what libpqxx throws into what callers know.
template <class Work>
auto in_transaction(const std::string& url, Work work) {
    try {
        pqxx::connection connection(complete_conninfo(url, "bindhss-keys"));
        pqxx::work transaction(connection);
        transaction.exec("SET LOCAL bytea_output = hex");
        const auto result = work(transaction);
        transaction.commit();
        return result;
    } catch (const KeyMismatch&) {
        throw;
    } catch (const std::exception& error) {
        throw Unavailable("the database cannot be used: " + describe(error));
    }
}

}  // namespace

void check_keys(const std::string& url, const crypto::KeyRing& keys, Random& random,
                const std::string& file) {
    in_transaction(url, [&](pqxx::transaction_base& transaction) {
        Check check(transaction, keys, file);
        if (check.unknown().empty()) return false;
        transaction.exec(lock_sql);
        // Again: another program may have added its own meanwhile.
        const auto unknown = check.unknown();
        for (const auto number : unknown) check.add(number, random);
        return !unknown.empty();
    });
}

bool forget_unused_keys(const std::string& url) {
    return in_transaction(url, [](pqxx::transaction_base& transaction) {
        transaction.exec(lock_sql);
        if (transaction.exec(anything_sealed_sql)[0][0].as<bool>()) return false;
        transaction.exec("DELETE FROM key_check");
        return true;
    });
}

}  // namespace bindhss::store::postgres
