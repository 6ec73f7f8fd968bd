// SPDX-License-Identifier: Apache-2.0
// A connection of its own for what operators do.
#pragma once

#include <exception>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <string_view>

#include "store/postgres/bounds.h"

namespace bindhss::store::postgres {

/// Opened at the first call, and again after it broke. Blocking; one thread at a time. Every failure of the
/// database becomes Unavailable, and Overdue where it met its bounds.
class OwnConnection {
  public:
    OwnConnection(const std::string& url, std::string_view application, Bounds bounds = {});

    /// Runs `work` on the connection.
    template <class Work>
    auto with_connection(Work work) {
        try {
            if (!lives()) connect();
            const Breaker::Watch watch(bounds_.breaker.get(), descriptor_.number());
            return work(*connection_);
        } catch (const std::exception& error) {
            give_up(error);
        }
    }

    /// The same in a transaction that only reads.
    template <class Work>
    auto reading(Work work) {
        return with_connection([&](pqxx::connection& open) {
            pqxx::nontransaction transaction(open);
            return work(transaction);
        });
    }

    /// The same for work that calls back: what `work` throws through `guarded` is thrown on as it is.
    template <class Work>
    auto with_callbacks(Work work) {
        std::exception_ptr thrown;
        const auto guarded = [&thrown](auto call) {
            try {
                return call();
            } catch (...) {
                thrown = std::current_exception();
                throw;
            }
        };
        try {
            return with_connection([&](pqxx::connection& open) { return work(open, guarded); });
        } catch (const std::exception&) {
            if (thrown) std::rethrow_exception(thrown);
            throw;
        }
    }

    /// What follows a commit, and is as well done by whoever comes next: it may meet the bounds.
    template <class Work>
    static void if_in_time(Work work) {
        try {
            work();
        } catch (const pqxx::sql_error& error) {
            if (!met_bounds(error)) throw;
        }
    }

  private:
    [[nodiscard]] static bool met_bounds(const pqxx::sql_error& error);
    /// A server that was started again, or another one by now, is noticed by asking; is_open() tells what was
    /// true when the connection was used last. Nothing of the work is lost then: it has not begun.
    [[nodiscard]] bool lives() noexcept;
    void connect();
    /// What the connection is to keep to.
    void set_up();
    /// Throws what becomes of the error.
    [[noreturn]] void give_up(const std::exception& error);

    const std::string conninfo_;
    const Bounds bounds_;
    std::unique_ptr<pqxx::connection> connection_;
    SecondDescriptor descriptor_;
};

}  // namespace bindhss::store::postgres
