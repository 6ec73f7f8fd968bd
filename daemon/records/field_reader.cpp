// SPDX-License-Identifier: Apache-2.0
#include "records/field_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace bindhss::records {

void FieldReader::error(std::size_t line, std::string text) {
    reading_.errors.push_back({line, std::move(text)});
    good_ = false;
}

void FieldReader::warn(std::size_t line, std::string text) {
    reading_.warnings.push_back({line, std::move(text)});
}

const Field* FieldReader::find(std::string_view name) const {
    const auto found = record_.fields.find(name);
    return found == record_.fields.end() || found->second.values.empty() ? nullptr : &found->second;
}

std::string FieldReader::text(std::string_view name, std::string_view fallback) const {
    const auto* field = find(name);
    return field == nullptr ? std::string(fallback) : field->values.front();
}

std::optional<std::string> FieldReader::given(std::string_view name) const {
    if (!record_.fields.contains(name)) return std::nullopt;
    return text(name);
}

std::optional<OctetString> FieldReader::hex(std::string_view name,
                                            std::initializer_list<std::size_t> digit_counts) {
    const auto* field = find(name);
    if (field == nullptr) return std::nullopt;
    const auto& digits = field->values.front();
    const auto wrong = std::find_if(digits.begin(), digits.end(), [](char c) {
        return !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'));
    });
    if (wrong != digits.end()) {
        error(field->line, fmt::format("{}: character {} of {} is not a hexadecimal digit", name,
                                       wrong - digits.begin() + 1, digits.size()));
        return std::nullopt;
    }
    if (std::find(digit_counts.begin(), digit_counts.end(), digits.size()) == digit_counts.end()) {
        error(field->line, fmt::format("{} has {} hexadecimal digits, it needs {}", name, digits.size(),
                                       fmt::join(digit_counts, " or ")));
        return std::nullopt;
    }
    return from_hex(digits);
}

std::optional<std::uint64_t> FieldReader::number(std::string_view name) {
    const auto* field = find(name);
    if (field == nullptr) return std::nullopt;
    const auto& digits = field->values.front();
    std::uint64_t value = 0;
    const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (problem == std::errc() && end == digits.data() + digits.size()) return value;
    error(field->line, std::string(name) + " is not a whole number");
    return std::nullopt;
}

void FieldReader::one_of(std::string_view a, std::string_view b) {
    if ((find(a) == nullptr) != (find(b) == nullptr)) return;
    error(record_.line, find(b) == nullptr ? fmt::format("{} or {} is missing", a, b)
                                           : fmt::format("{} and {} are both given", a, b));
}

}  // namespace bindhss::records
