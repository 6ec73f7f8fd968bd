// SPDX-License-Identifier: Apache-2.0
#include "types/aka.h"

#include <array>

namespace bindhss {

namespace {

constexpr std::array<std::string_view, 3> algorithm_names{"milenage", "tuak", "xor"};

std::string has(std::string_view what, std::size_t octets, std::string_view needed) {
    return std::string(what) + " has " + std::to_string(octets) + " octets, it needs " + std::string(needed);
}

std::optional<std::string> fault_of_milenage(const AkaKeys& keys) {
    if (keys.k.size() != 16) return has("K of Milenage", keys.k.size(), "16");
    if (keys.opc.size() != 16) return has("OPc", keys.opc.size(), "16");
    if (keys.res_octets != 8) return "RES of Milenage has 8 octets, no other number";
    return std::nullopt;
}

std::optional<std::string> fault_of_tuak(const AkaKeys& keys) {
    if (keys.k.size() != 16 && keys.k.size() != 32) return has("K of TUAK", keys.k.size(), "16 or 32");
    if (keys.opc.size() != 32) return has("TOPc", keys.opc.size(), "32");
    if (keys.tuak_iterations < 1 || keys.tuak_iterations > AkaKeys::tuak_iterations_max) {
        return "TUAK has 1 to " + std::to_string(AkaKeys::tuak_iterations_max) + " iterations, not " +
               std::to_string(keys.tuak_iterations);
    }
    if (keys.res_octets != 4 && keys.res_octets != 8 && keys.res_octets != 16)
        return "RES of TUAK has 4, 8 or 16 octets, not " + std::to_string(keys.res_octets);
    return std::nullopt;
}

std::optional<std::string> fault_of_xor(const AkaKeys& keys) {
    if (keys.k.size() != 16) return has("K of the XOR test algorithm", keys.k.size(), "16");
    if (!keys.opc.empty()) return "the XOR test algorithm has neither OPc nor TOPc";
    if (keys.res_octets < Res::size_min || keys.res_octets > Res::size_max)
        return "RES has 4 to 16 octets, not " + std::to_string(keys.res_octets);
    return std::nullopt;
}

}  // namespace

std::optional<std::string> fault_of(const AkaKeys& keys) {
    switch (keys.algorithm) {
        case AkaAlgorithm::milenage:
        case AkaAlgorithm::xor_test:
            if (keys.tuak_iterations != 1) return "iterations belong to TUAK alone";
            return keys.algorithm == AkaAlgorithm::milenage ? fault_of_milenage(keys) : fault_of_xor(keys);
        case AkaAlgorithm::tuak:
            return fault_of_tuak(keys);
    }
    return "the algorithm is not known";
}

std::optional<AkaAlgorithm> parse_algorithm(std::string_view text) {
    for (std::size_t i = 0; i < algorithm_names.size(); ++i)
        if (algorithm_names[i] == text) return static_cast<AkaAlgorithm>(i);
    return std::nullopt;
}

std::string_view name_of(AkaAlgorithm algorithm) {
    const auto index = static_cast<std::size_t>(algorithm);
    return index < algorithm_names.size() ? algorithm_names[index] : "unknown";
}

}  // namespace bindhss
