// SPDX-License-Identifier: Apache-2.0
#include "emu/fields.h"

namespace bindhss::emu {

Fields selected(const Fields& expected, const Fields& came) {
    Fields result;
    for (const auto& [name, value] : expected) {
        const auto found = came.find(name);
        result[name] = found == came.end() ? absent_field : found->second;
    }
    return result;
}

bool fits(const Fields& expected, const Fields& came) {
    return selected(expected, came) == expected;
}

std::string text_of(const Fields& fields) {
    std::string text;
    for (const auto& [name, value] : fields)
        text.append(text.empty() ? "" : ", ").append(name).append(" ").append(value);
    return text;
}

void add_fields(Fields& into, const std::string& prefix, const Fields& from) {
    for (const auto& [name, value] : from) {
        auto whole = prefix;
        into[whole.append(".").append(name)] = value;
    }
}

}  // namespace bindhss::emu
