// SPDX-License-Identifier: Apache-2.0
#include "crypto/keccak.h"

#include <string.h>  // explicit_bzero

#include <bit>

namespace bindhss::crypto {

namespace {

using Lanes = std::array<std::uint64_t, 25>;  // lane (x, y) at x + 5 y (FIPS 202 3.1.2)
using Plane = std::array<std::uint64_t, 5>;

constexpr unsigned rounds = 24;

/// FIPS 202 3.2.5: the round constants come from a linear feedback shift register.
constexpr std::array<std::uint64_t, rounds> make_round_constants() {
    std::array<std::uint64_t, rounds> constants{};
    unsigned shift_register = 1;
    for (auto& constant : constants) {
        for (unsigned j = 0; j < 7; ++j) {
            if ((shift_register & 1U) != 0) constant |= 1ULL << ((1U << j) - 1);
            shift_register <<= 1;
            if ((shift_register & 0x100U) != 0) shift_register ^= 0x171U;
        }
    }
    return constants;
}

/// Where rho and pi (3.2.2, 3.2.3) take a lane, and how far they turn it, along the path that starts at (1,
/// 0).
struct Step {
    std::uint8_t lane;
    std::uint8_t rotation;
};
constexpr std::array<Step, 24> make_path() {
    std::array<Step, 24> path{};
    unsigned x = 1;
    unsigned y = 0;
    for (unsigned t = 0; t < path.size(); ++t) {
        const unsigned next_y = (2 * x + 3 * y) % 5;
        x = y;
        y = next_y;
        path[t] = {static_cast<std::uint8_t>(x + 5 * y),
                   static_cast<std::uint8_t>((t + 1) * (t + 2) / 2 % 64)};
    }
    return path;
}

constexpr auto round_constants = make_round_constants();
constexpr auto path = make_path();

void theta(Lanes& a) {
    Plane c;
    for (unsigned x = 0; x < 5; ++x) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
    for (unsigned x = 0; x < 5; ++x) {
        const auto d = c[(x + 4) % 5] ^ std::rotl(c[(x + 1) % 5], 1);
        for (unsigned y = 0; y < 25; y += 5) a[x + y] ^= d;
    }
}

void rho_and_pi(Lanes& a) {
    auto carried = a[1];
    for (const auto& step : path) {
        const auto next = a[step.lane];
        a[step.lane] = std::rotl(carried, step.rotation);
        carried = next;
    }
}

void chi(Lanes& a) {
    for (unsigned y = 0; y < 25; y += 5) {
        const Plane row{a[y], a[y + 1], a[y + 2], a[y + 3], a[y + 4]};
        for (unsigned x = 0; x < 5; ++x) a[y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
    }
}

}  // namespace

void keccak_f1600(KeccakState& state) {
    Lanes lanes{};
    for (std::size_t i = 0; i < state.size(); ++i) lanes[i / 8] |= std::uint64_t{state[i]} << (i % 8 * 8);
    for (const auto constant : round_constants) {
        theta(lanes);
        rho_and_pi(lanes);
        chi(lanes);
        lanes[0] ^= constant;
    }
    for (std::size_t i = 0; i < state.size(); ++i)
        state[i] = static_cast<std::uint8_t>(lanes[i / 8] >> (i % 8 * 8));
    explicit_bzero(lanes.data(), sizeof lanes);
}

}  // namespace bindhss::crypto
