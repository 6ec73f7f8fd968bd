// SPDX-License-Identifier: Apache-2.0
// The lines of a stream that need not fit into memory, and need not have an end.
#pragma once

#include <istream>
#include <optional>
#include <stdexcept>
#include <string>

namespace bindhss::records {

/// A file that cannot be read as a whole; the text is one clear line.
class BadFile : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct BoundedLine {
    std::string text;  ///< without its end, LF or CR LF
    std::size_t number = 0;
    bool too_long = false;  ///< the text is cut
};

/// REQUIRES: the stream outlives it; one thread.
class BoundedLines {
  public:
    BoundedLines(std::istream& in, std::size_t octets_max) : in_(in), octets_max_(octets_max) {}

    /// Nothing: the stream has ended. A line that is too long is passed over whole. Throws BadFile when the
    /// stream cannot be read to its end.
    std::optional<BoundedLine> next();
    /// The line comes again.
    void put_back(BoundedLine line) { again_ = std::move(line); }

  private:
    bool fill();

    std::istream& in_;
    std::size_t octets_max_;
    std::string block_;
    std::size_t at_ = 0;
    std::size_t number_ = 0;
    std::optional<BoundedLine> again_;
};

}  // namespace bindhss::records
