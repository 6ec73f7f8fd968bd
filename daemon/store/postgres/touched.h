// SPDX-License-Identifier: Apache-2.0
// The subscriptions whose terms or active key an import may have changed: collected in the database, so that
// a million of them need no memory here, and brought up to date at its end.
#pragma once

#include <pqxx/pqxx>
#include <string>

namespace bindhss::store::postgres {

/// In the caller's transaction. Throws what libpqxx throws.
class Touched {
  public:
    explicit Touched(pqxx::transaction_base& transaction) : transaction_(transaction) {}

    /// `imsis`: a statement that selects one column, and its parameters.
    template <class... Arguments>
    void add(const std::string& imsis, const Arguments&... arguments) {
        make_tables();
        transaction_.exec_params("INSERT INTO touched (imsi) " + imsis + " ON CONFLICT DO NOTHING",
                                 arguments...);
    }
    /// `pairs`: a statement that selects the ids of keys that were replaced, and the new ids of their rows.
    void move_keys(const std::string& pairs);
    /// Policy and key at once: one version of the row that requests may be waiting for. Rows are locked in
    /// ascending order of IMSI.
    void update();

  private:
    void make_tables();

    pqxx::transaction_base& transaction_;
    bool made_ = false;
};

}  // namespace bindhss::store::postgres
