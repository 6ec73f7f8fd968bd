// SPDX-License-Identifier: Apache-2.0
#include "records/csv_cells.h"

namespace bindhss::records {

std::string trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return std::string(text.substr(begin, text.find_last_not_of(" \t") - begin + 1));
}

CsvScanner::CsvScanner(std::string_view text, std::size_t first_line) : text_(text), line_(first_line) {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
}

std::optional<CsvCells> CsvScanner::next() {
    if (at_ >= text_.size()) return std::nullopt;
    CsvCells cells{{}, line_, {}};
    do {
        cells.texts.push_back(peek() == '"' ? quoted_cell(cells) : bare_cell(cells));
    } while (cells.error.empty() && take(','));
    if (!cells.error.empty()) skip_line();
    take('\r');
    take('\n');
    ++line_;
    return cells;
}

bool CsvScanner::take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
}

bool CsvScanner::at_end_of_line() const {
    return peek() == '\n' || (peek() == '\r' && (at_ + 1 >= text_.size() || text_[at_ + 1] == '\n'));
}

void CsvScanner::skip_line() {
    while (!at_end_of_line()) ++at_;
}

std::string CsvScanner::bare_cell(CsvCells& cells) {
    const auto begin = at_;
    while (peek() != ',' && !at_end_of_line()) {
        if (peek() == '"') cells.error = "a quotation mark inside a cell that does not begin with one";
        ++at_;
    }
    return trimmed(text_.substr(begin, at_ - begin));
}

std::string CsvScanner::quoted_cell(CsvCells& cells) {
    std::string cell;
    ++at_;
    while (at_ < text_.size()) {
        const char c = text_[at_++];
        if (c == '\n') ++line_;
        if (c != '"') {
            cell += c;
        } else if (!take('"')) {
            if (peek() != ',' && !at_end_of_line()) cells.error = "text behind the closing quotation mark";
            return cell;
        } else {
            cell += '"';
        }
    }
    cells.error = "a quotation mark that is never closed";
    cells.open = true;
    return cell;
}

}  // namespace bindhss::records
