// SPDX-License-Identifier: Apache-2.0
// Octet strings of fixed length, tagged so that a RAND cannot be passed for an AUTN; hexadecimal in and out.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bindhss {

template <std::size_t N>
using Octets = std::array<std::uint8_t, N>;
using OctetView = std::span<const std::uint8_t>;
using OctetString = std::vector<std::uint8_t>;

/// A value of exactly N octets whose tag makes it a type of its own. Thread-safe as any plain value is.
/// For what may be seen by everybody (RAND, AUTN); secrets are Secret<N>.
template <class Tag, std::size_t N>
struct Value {
    static constexpr std::size_t size = N;
    Octets<N> octets{};

    auto operator<=>(const Value&) const = default;

    /// From a view; nothing when its length is not N.
    static std::optional<Value> from(OctetView view) {
        if (view.size() != N) return std::nullopt;
        Value value;
        std::copy(view.begin(), view.end(), value.octets.begin());
        return value;
    }
    [[nodiscard]] OctetView view() const { return octets; }
};

/// Lower-case hexadecimal, two digits an octet.
[[nodiscard]] std::string to_hex(OctetView octets);

/// Reads hexadecimal of either case; nothing when a digit is wrong or the count is odd.
[[nodiscard]] std::optional<OctetString> from_hex(std::string_view hex);

/// from_hex() for a known length; nothing when the length differs.
template <std::size_t N>
[[nodiscard]] std::optional<Octets<N>> octets_from_hex(std::string_view hex) {
    const auto octets = from_hex(hex);
    if (!octets || octets->size() != N) return std::nullopt;
    Octets<N> result;
    std::copy(octets->begin(), octets->end(), result.begin());
    return result;
}

inline OctetView as_octets(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace bindhss
