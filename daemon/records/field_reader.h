// SPDX-License-Identifier: Apache-2.0
// The fields of one record, read one by one; every complaint is noted with its line.
#pragma once

#include <initializer_list>
#include <optional>

#include "records/record.h"

namespace bindhss::records {

/// Borrows record and reading. One thread at a time.
class FieldReader {
  public:
    FieldReader(const Record& record, Reading& reading) : record_(record), reading_(reading) {}

    void error(std::size_t line, std::string text);
    void warn(std::size_t line, std::string text);
    /// Nothing was complained of.
    [[nodiscard]] bool good() const { return good_; }
    [[nodiscard]] const Record& record() const { return record_; }

    /// Nothing when the field is absent or empty.
    [[nodiscard]] const Field* find(std::string_view name) const;
    [[nodiscard]] std::string text(std::string_view name, std::string_view fallback = {}) const;
    /// A text that may be empty; nothing when the input says nothing of it.
    [[nodiscard]] std::optional<std::string> given(std::string_view name) const;
    /// The octets of a secret or of the AMF; what is wrong is told without the value. Nothing when absent.
    std::optional<OctetString> hex(std::string_view name, std::initializer_list<std::size_t> digit_counts);
    /// A whole number. Nothing when absent or wrong.
    std::optional<std::uint64_t> number(std::string_view name);
    /// Of the fields exactly one is to be there; complains otherwise.
    void one_of(std::string_view a, std::string_view b);

  private:
    const Record& record_;
    Reading& reading_;
    bool good_ = true;
};

}  // namespace bindhss::records
