// SPDX-License-Identifier: Apache-2.0
// One thing to store as its input gives it: named texts that nobody has looked at yet. CSV, JSON and the
// command line all end here, so that one place (convert.h) says what is wrong with them.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/provisioning.h"

namespace bindhss::records {

enum class Kind : std::uint8_t {
    subscriber,
    device,
    kme,
    binding,
    equipment,
    profile,
    terms,
    group,   ///< a subscription group
    member,  ///< of one
    rule,
    model,  ///< of devices
};

/// The word above.
[[nodiscard]] std::string_view name_of(Kind kind);
[[nodiscard]] std::optional<Kind> parse_kind(std::string_view name);
/// As a list of them is called in JSON: with an s, where the language has a plural.
[[nodiscard]] std::optional<Kind> parse_plural_kind(std::string_view name);
/// "subscriber, device, ...": all of them.
[[nodiscard]] std::string kind_names();

struct Field {
    std::vector<std::string> values;  ///< more than one only for devices of a binding
    std::size_t line = 0;
};

struct Record {
    Kind kind{};
    std::size_t line = 0;
    std::map<std::string, Field, std::less<>>
        fields;  ///< absent fields are not there; an empty text is a field without values
};

/// What a reader found in a text, in the order of its lines.
struct Reading {
    std::vector<store::Item> items;
    std::vector<store::LineError> errors;
    std::vector<store::LineError> warnings;
};

/// A value for an error message: cut, without control characters, and withheld when it may be a key that
/// stands in the wrong place.
[[nodiscard]] std::string shown(std::string_view value);

}  // namespace bindhss::records
