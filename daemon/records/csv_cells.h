// SPDX-License-Identifier: Apache-2.0
// CSV (RFC 4180) as cells.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bindhss::records {

/// Without the blanks around it.
[[nodiscard]] std::string trimmed(std::string_view text);

/// One line of CSV.
struct CsvCells {
    std::vector<std::string> texts;
    std::size_t line = 0;  ///< where it begins; a quoted cell may go over several
    std::string error;     ///< not empty: this line is not CSV
    bool open = false;     ///< the error is that the text ends within a quoted cell
    [[nodiscard]] bool blank() const { return texts.size() == 1 && texts[0].empty() && error.empty(); }
};

/// Splits a text into lines of cells. REQUIRES: the text outlives it.
class CsvScanner {
  public:
    /// `first_line` is the number of the text's first line.
    explicit CsvScanner(std::string_view text, std::size_t first_line = 1);

    /// Nothing: the text has ended.
    std::optional<CsvCells> next();
    /// Octets that are behind it, and the line that it has come to.
    [[nodiscard]] std::size_t position() const { return at_; }
    [[nodiscard]] std::size_t line() const { return line_; }

  private:
    [[nodiscard]] char peek() const { return at_ < text_.size() ? text_[at_] : '\n'; }
    bool take(char c);
    [[nodiscard]] bool at_end_of_line() const;
    void skip_line();
    std::string bare_cell(CsvCells& cells);
    std::string quoted_cell(CsvCells& cells);

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_;
};

}  // namespace bindhss::records
