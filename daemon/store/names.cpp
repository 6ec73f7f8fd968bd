// SPDX-License-Identifier: Apache-2.0
#include "store/names.h"

#include <algorithm>

#include "types/limits.h"

namespace bindhss::store {
namespace {

bool printable(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// Well-formed as far as a database in UTF-8 asks: lead octets followed by as many continuation octets as
/// they say.
bool utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80                   ? 1
                                   : lead >= 0xc2 && lead < 0xe0 ? 2
                                   : (lead & 0xf0) == 0xe0       ? 3
                                   : lead >= 0xf0 && lead < 0xf5 ? 4
                                                                 : 0;
        if (length == 0 || i + length > text.size()) return false;
        const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0x80U;
        if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
            (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f))
            return false;
        for (std::size_t k = 1; k < length; ++k)
            if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
        i += length;
    }
    return true;
}

std::size_t longest_hex_run(std::string_view text) {
    std::size_t longest = 0;
    std::size_t run = 0;
    for (const char c : text) {
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        run = hex ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    return longest;
}

std::string text_problem(std::string_view text, std::size_t octets_max) {
    if (!good_text(text, octets_max)) return "is too long or not printable";
    if (looks_like_key(text)) return "looks like a key";
    return {};
}

}  // namespace

bool may_hold_key(std::string_view text) {
    constexpr std::size_t half_a_key = 16;
    return longest_hex_run(text) >= half_a_key;
}

bool looks_like_key(std::string_view text) {
    constexpr std::size_t digits_of_a_key = 32;
    return longest_hex_run(text) >= digits_of_a_key;
}

bool good_text(std::string_view text, std::size_t octets_max) {
    return text.size() <= octets_max && printable(text) && utf8(text);
}

std::string comment_problem(std::string_view comment) {
    return text_problem(comment, limits::comment_octets_max);
}

std::string name_problem(std::string_view name) {
    if (auto problem = text_problem(name, limits::name_octets_max); !problem.empty()) return problem;
    if (name.starts_with(' ') || name.ends_with(' ')) return "begins or ends with a blank";
    return {};
}

std::string quoted(std::string_view name) {
    if (may_hold_key(name)) return "(" + std::to_string(name.size()) + " characters, not shown)";
    return good_text(name, limits::name_octets_max) ? "'" + std::string(name) + "'"
                                                    : "(not printable or too long)";
}

}  // namespace bindhss::store
