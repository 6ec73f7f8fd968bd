// SPDX-License-Identifier: Apache-2.0
#include "ctl/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace bindhss::ctl {

namespace {

/// What may not act on a terminal: C0, DEL, and C1 as UTF-8 writes it.
std::string printable(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto octet = static_cast<unsigned char>(text[i]);
        const bool c1 =
            octet == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
        if (c1) ++i;
        result += c1 || octet < 0x20 || octet == 0x7f ? '?' : text[i];
    }
    return result;
}

/// Code points: what a terminal needs columns for, in the scripts that names of groups are written in.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
    return text;
}

std::string csv_cell(const std::string& text) {
    auto shown = printable(text);
    const bool plain =
        shown.find_first_of(",\"") == std::string::npos && !shown.starts_with(' ') && !shown.ends_with(' ');
    if (plain) return shown;
    std::string cell = "\"";
    for (const char c : shown) cell += c == '"' ? std::string("\"\"") : std::string(1, c);
    return cell + "\"";
}

void print_csv_line(std::ostream& out, const std::vector<std::string>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) out << (i == 0 ? "" : ",") << csv_cell(cells[i]);
    out << '\n';
}

void print_row(std::ostream& out, const std::vector<std::string>& row,
               const std::vector<std::size_t>& widths) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (i > 0) line += "  ";
        line += row[i];
        line.append(widths[i] - std::min(widths[i], width(row[i])), ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
}

}  // namespace

void print_table(std::ostream& out, const Table& table) {
    std::vector<std::vector<std::string>> rows{{}};
    for (const auto& column : table.columns) rows[0].push_back(upper(column));
    for (const auto& row : table.rows) {
        auto& cells = rows.emplace_back();
        for (const auto& value : row) cells.push_back(value.empty() ? "-" : printable(value));
    }
    std::vector<std::size_t> widths(table.columns.size());
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
    for (const auto& row : rows) print_row(out, row, widths);
}

void print_card(std::ostream& out, const Table& table) {
    for (const auto& row : table.rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            out << fmt::format("{:<10} {}\n", table.columns[i], row[i].empty() ? "-" : printable(row[i]));
    }
}

void print_csv(std::ostream& out, const Table& table) {
    print_csv_line(out, table.columns);
    for (const auto& row : table.rows) print_csv_line(out, row);
}

void print_json(std::ostream& out, const Table& table, bool single) {
    boost::json::array list;
    for (const auto& row : table.rows) {
        boost::json::object object;
        for (std::size_t i = 0; i < row.size(); ++i) object[table.columns[i]] = row[i];
        list.push_back(std::move(object));
    }
    out << (single && !list.empty() ? boost::json::serialize(list[0]) : boost::json::serialize(list)) << '\n';
}

}  // namespace bindhss::ctl
