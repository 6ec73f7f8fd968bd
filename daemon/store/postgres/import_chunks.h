// SPDX-License-Identifier: Apache-2.0
// What the parts of an import share: rows in chunks, as few parameters of a statement.
#pragma once

#include <algorithm>
#include <optional>
#include <pqxx/pqxx>
#include <set>
#include <span>
#include <string>

#include "store/import_plan.h"
#include "store/postgres/array_literal.h"
#include "types/limits.h"

namespace bindhss::store::postgres {

/// Calls `visit` with spans of at most limits::import_chunk_rows.
template <class Rows, class Visit>
void in_chunks(const Rows& rows, Visit visit) {
    for (std::size_t begin = 0; begin < rows.size(); begin += limits::import_chunk_rows) {
        const auto count = std::min(limits::import_chunk_rows, rows.size() - begin);
        visit(std::span(rows).subspan(begin, count));
    }
}

/// Arrays as the parameters of a statement; they are not to be used again.
template <class... Arrays>
pqxx::result exec_arrays(pqxx::transaction_base& transaction, const char* sql, Arrays&... arrays) {
    return transaction.exec_params(sql, arrays.str()...);
}

/// NULL when absent.
inline void add_optional(ArrayLiteral& array, const std::optional<std::string>& text) {
    if (text) {
        array.add_text(*text);
    } else {
        array.add_bare("NULL");
    }
}
inline void add_optional(ArrayLiteral& array, const std::optional<bool>& flag) {
    array.add_bare(!flag ? "NULL" : *flag ? "t" : "f");
}

/// Those of `imsis` that are subscribers.
[[nodiscard]] std::set<std::string, std::less<>> known_subscribers(pqxx::transaction_base& transaction,
                                                                   const std::string& imsis);

}  // namespace bindhss::store::postgres
