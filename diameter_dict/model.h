// SPDX-License-Identifier: Apache-2.0
// The dictionary as the message layer reads it at run time: flat tables compiled once from freeDiameter's
// objects. Plain read-only data, any thread may read it; it belongs to the Dictionary that made it.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

struct dict_object;

namespace bindhss::diameter_dict {

/// The basic formats of RFC 6733 4.2 in freeDiameter's order. Enumerated is integer32; derived types are
/// octet_string.
enum class AvpType : std::uint8_t {
    grouped,
    octet_string,
    integer32,
    integer64,
    unsigned32,
    unsigned64,
    float32,
    float64
};

/// Octets of a value of the type, 0: any.
[[nodiscard]] constexpr std::uint32_t fixed_size(AvpType type) {
    switch (type) {
        case AvpType::grouped:
        case AvpType::octet_string:
            return 0;
        case AvpType::integer32:
        case AvpType::unsigned32:
        case AvpType::float32:
            return 4;
        case AvpType::integer64:
        case AvpType::unsigned64:
        case AvpType::float64:
            return 8;
    }
    return 0;
}

struct AvpModel;

/// One line of an ABNF (RFC 6733 3.2).
struct Rule {
    static constexpr std::uint32_t unbounded = std::numeric_limits<std::uint32_t>::max();
    const AvpModel* avp;
    std::uint32_t min;
    std::uint32_t max;
};

struct AvpModel {
    std::uint32_t code;
    std::uint32_t vendor;
    AvpType type;
    std::uint8_t flags;  ///< as we send it: V and M
    std::string_view name;
    std::vector<Rule> rules;  ///< of a grouped AVP
    dict_object* object;
};

struct CommandModel {
    std::uint32_t code;
    std::uint32_t application;
    bool request;
    bool proxiable;
    std::string_view name;
    std::vector<Rule> rules;
};

}  // namespace bindhss::diameter_dict
