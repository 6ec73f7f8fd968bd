// SPDX-License-Identifier: Apache-2.0
// A connection of its own for what operators do.
#pragma once

#include <exception>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <string_view>

#include "store/postgres/conninfo.h"
#include "store/postgres/session.h"
#include "store/provisioning.h"

namespace bindhss::store::postgres {

/// Opened at the first call, and again after it broke. Blocking; one thread at a time. Every failure of the
/// database becomes Unavailable.
class OwnConnection {
  public:
    OwnConnection(const std::string& url, std::string_view application)
        : conninfo_(complete_conninfo(url, application)) {}

    /// Runs `work` on the connection.
    template <class Work>
    auto with_connection(Work work) {
        try {
            if (!lives()) connection_ = std::make_unique<pqxx::connection>(conninfo_);
            return work(*connection_);
        } catch (const std::exception& error) {
            connection_.reset();
            throw Unavailable("the database cannot be used: " + describe(error));
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
        } catch (const Unavailable&) {
            if (thrown) std::rethrow_exception(thrown);
            throw;
        }
    }

  private:
    /// A server that was started again, or another one by now, is noticed by asking; is_open() tells what was
    /// true when the connection was used last. Nothing of the work is lost then: it has not begun.
    [[nodiscard]] bool lives() noexcept {
        if (!connection_) return false;
        try {
            pqxx::nontransaction(*connection_).exec("SELECT 1");
            return true;
        } catch (const std::exception&) {
            return false;
        }
    }

    const std::string conninfo_;
    std::unique_ptr<pqxx::connection> connection_;
};

}  // namespace bindhss::store::postgres
