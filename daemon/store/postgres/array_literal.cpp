// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/array_literal.h"

namespace bindhss::store::postgres {

void ArrayLiteral::add_text(std::string_view text) {
    separate();
    text_.push_back('"');
    for (const char c : text) {
        if (c == '"' || c == '\\') text_.push_back('\\');
        text_.push_back(c);
    }
    text_.push_back('"');
}

void ArrayLiteral::add_octets(OctetView octets) {
    separate();
    text_.append(R"("\\x)").append(to_hex(octets)).push_back('"');
}

namespace {

constexpr std::uint8_t no_digit = 0xff;

constexpr auto digit_table = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(no_digit);
    for (int i = 0; i < 10; ++i) table['0' + i] = static_cast<std::uint8_t>(i);
    for (int i = 0; i < 6; ++i) table['a' + i] = table['A' + i] = static_cast<std::uint8_t>(10 + i);
    return table;
}();

}  // namespace

OctetString octets_of(std::string_view bytea) {
    if (bytea.size() < 2 || bytea.size() % 2 != 0 || bytea.substr(0, 2) != "\\x") return {};
    OctetString octets((bytea.size() - 2) / 2);
    for (std::size_t i = 0; i < octets.size(); ++i) {
        const auto high = digit_table[static_cast<unsigned char>(bytea[2 + 2 * i])];
        const auto low = digit_table[static_cast<unsigned char>(bytea[3 + 2 * i])];
        if (high == no_digit || low == no_digit) return {};
        octets[i] = static_cast<std::uint8_t>(high << 4 | low);
    }
    return octets;
}

std::string bytea_of(OctetView octets) {
    return "\\x" + to_hex(octets);
}

std::string column_text(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet >= 0x20 && octet < 0x7f && c != '\\') {
            result.push_back(c);
        } else {
            result.append("\\x").append(to_hex(OctetView(&octet, 1)));
        }
    }
    return result;
}

}  // namespace bindhss::store::postgres
