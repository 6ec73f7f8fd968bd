// SPDX-License-Identifier: Apache-2.0
// An import file that comes in pieces, so that memory is needed for a piece alone.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "records/record.h"

namespace bindhss::records {

/// One thread. What it reads may be keys: its own buffers are wiped.
class RecordStream {
  public:
    virtual ~RecordStream() = default;
    /// The next octets of the file, cut anywhere.
    virtual void feed(std::string_view octets) = 0;
    /// The file has ended.
    virtual void finish() = 0;
    /// What was read since it was called last.
    [[nodiscard]] virtual Reading take() = 0;
};

// As read_csv() and read_json() of readers.h read a whole file; a line of CSV that is longer than
// limits::import_line_octets_max ends the reading with an error.
[[nodiscard]] std::unique_ptr<RecordStream> csv_stream();
[[nodiscard]] std::unique_ptr<RecordStream> json_stream();
/// As read_import().
[[nodiscard]] std::unique_ptr<RecordStream> import_stream();

}  // namespace bindhss::records
