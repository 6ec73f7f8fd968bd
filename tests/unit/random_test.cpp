// SPDX-License-Identifier: Apache-2.0
#include "crypto/random.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <vector>

using bindhss::crypto::SystemRandom;

TEST_CASE("every octet that is asked for is drawn, and nothing beside them", "[crypto]") {
    SystemRandom random;
    for (const std::size_t size : {0U, 1U, 16U, 257U, 100'000U}) {
        // An octet that is never written keeps its value in every draw: a chance of 2^-800 for each
        // otherwise.
        std::vector<std::uint8_t> changed(size + 2);
        for (int draw = 0; draw < 100; ++draw) {
            std::vector<std::uint8_t> octets(size + 2, 0xA5);
            random.fill(std::span(octets).subspan(1, size));
            for (std::size_t i = 0; i < octets.size(); ++i)
                if (octets[i] != 0xA5) changed[i] = 1;
        }
        CHECK(changed.front() == 0);
        CHECK(changed.back() == 0);
        CHECK(std::count(changed.begin(), changed.end(), 1) == static_cast<std::ptrdiff_t>(size));
    }
}

TEST_CASE("no challenge is drawn twice", "[crypto]") {
    SystemRandom random;
    std::set<std::vector<std::uint8_t>> drawn;
    for (int i = 0; i < 10'000; ++i) {
        std::vector<std::uint8_t> challenge(16);
        random.fill(challenge);
        drawn.insert(std::move(challenge));
    }
    CHECK(drawn.size() == 10'000);
}
