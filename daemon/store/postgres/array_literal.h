// SPDX-License-Identifier: Apache-2.0
// Arrays in PostgreSQL's text format: how a statement takes the rows of a batch as a few parameters.
#pragma once

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "types/octets.h"

namespace bindhss::store::postgres {

/// Builds one array parameter. A plain value; not to be used after str().
class ArrayLiteral {
  public:
    /// REQUIRES: the text needs no quotes (digits of an IMSI).
    void add_bare(std::string_view text) {
        separate();
        text_.append(text);
    }
    template <class Number, class = std::enable_if_t<std::is_integral_v<Number>>>
    void add(Number number) {
        char digits[24];
        const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
        add_bare({digits, static_cast<std::size_t>(end - digits)});
    }
    template <class Number>
    void add(const std::optional<Number>& number) {
        if (number) {
            add(*number);
        } else {
            add_bare("NULL");
        }
    }
    /// Any text; REQUIRES: no NUL octet.
    void add_text(std::string_view text);
    /// For a bytea array.
    void add_octets(OctetView octets);
    [[nodiscard]] const std::string& str() {
        text_.push_back('}');
        return text_;
    }

  private:
    void separate() {
        if (text_.size() > 1) text_.push_back(',');
    }
    std::string text_ = "{";
};

/// A bytea as PostgreSQL prints it ("\x" and hexadecimal); empty when it is not one.
[[nodiscard]] OctetString octets_of(std::string_view bytea);

/// A bytea parameter in the same form.
[[nodiscard]] std::string bytea_of(OctetView octets);

/// Text from a peer as a column can hold it: octets other than printable ASCII become \xNN, so that neither
/// NUL nor broken UTF-8 makes a statement fail, and no two different texts become one.
[[nodiscard]] std::string column_text(std::string_view text);

}  // namespace bindhss::store::postgres
