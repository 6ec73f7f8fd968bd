// SPDX-License-Identifier: Apache-2.0
// Rows for people (aligned columns), for programs (JSON) and for spreadsheets (CSV).
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace bindhss::ctl {

struct Table {
    std::vector<std::string> columns;  ///< names of the fields in JSON, in capitals the heading for people
    std::vector<std::vector<std::string>> rows;
};

/// Control characters of values, which may come from a peer, are shown as '?'.
void print_table(std::ostream& out, const Table& table);
/// "name  value" a line, for one row.
void print_card(std::ostream& out, const Table& table);
/// RFC 4180 with a line of names, which import files have too; control characters are shown as '?'.
void print_csv(std::ostream& out, const Table& table);
/// A list of objects, or with `single` one object. All values are texts.
void print_json(std::ostream& out, const Table& table, bool single);

}  // namespace bindhss::ctl
