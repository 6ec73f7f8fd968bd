// SPDX-License-Identifier: Apache-2.0
// One connection of the service, its statements prepared.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <vector>

namespace bindhss::store::postgres {

/// Parameters of one statement, in text format; absent is NULL. A plain value.
class Parameters {
  public:
    Parameters& add(std::string value) {
        values_.emplace_back(std::move(value));
        return *this;
    }
    Parameters& add(std::optional<std::string> value) {
        values_.push_back(std::move(value));
        return *this;
    }
    [[nodiscard]] std::vector<const char*> pointers() const {
        std::vector<const char*> result;
        result.reserve(values_.size());
        for (const auto& value : values_) result.push_back(value ? value->c_str() : nullptr);
        return result;
    }

  private:
    std::vector<std::optional<std::string>> values_;
};

/// Owns the connection. One thread at a time, apart from the descriptor, which another thread may shut down
/// to wake this one. Throws what libpqxx throws.
class Session {
  public:
    /// Connects; `deadline` bounds every statement on the server's side.
    Session(const std::string& conninfo, std::chrono::milliseconds deadline);

    /// A statement of statements.h as a transaction of its own: one round trip.
    pqxx::result run(const char* statement, const Parameters& parameters);
    /// The same within a transaction.
    static pqxx::result run(pqxx::transaction_base& transaction, const char* statement,
                            const Parameters& parameters);

    [[nodiscard]] pqxx::connection& connection() { return *connection_; }
    [[nodiscard]] int descriptor() const { return connection_->sock(); }
    /// false: the server has closed the connection while nobody used it.
    [[nodiscard]] bool alive() const;
    [[nodiscard]] bool open() const { return connection_->is_open(); }

  private:
    std::unique_ptr<pqxx::connection> connection_;
};

/// What may be logged of a failed statement: libpqxx's text without the statement and without its parameters.
[[nodiscard]] std::string describe(const std::exception& error);

/// The statement lost against another transaction (deadlock, serialisation, a row locked for longer than
/// limits::store_lock_wait_ms): nothing was stored, and it may be tried again.
[[nodiscard]] bool worth_another_try(const std::exception& error);

/// Somebody else had locked for longer than lock_timeout what the statement needs.
[[nodiscard]] bool waited_for_lock(const std::exception& error);

/// libpqxx would reconnect behind our back, in the middle of what must be told apart as "in doubt", and
/// without what was set before.
void forbid_reconnecting(pqxx::connection& connection);

/// The connection is of no more use although it is open: the server shuts down, or became read-only after a
/// failover.
[[nodiscard]] bool wants_another_server(const pqxx::sql_error& error);

}  // namespace bindhss::store::postgres
