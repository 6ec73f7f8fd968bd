// SPDX-License-Identifier: Apache-2.0
#include "procedure/unfit_nodes.h"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

#include "types/limits.h"

using namespace bindhss;
using procedure::UnfitNodes;

TEST_CASE("a node that was found unfit is known as such, and no other", "[kme]") {
    UnfitNodes nodes;
    CHECK_FALSE(nodes.contains("mme.example"));
    nodes.add("mme.example");
    nodes.add("mme.example");
    CHECK(nodes.contains("mme.example"));
    CHECK_FALSE(nodes.contains("mme2.example"));
    CHECK_FALSE(nodes.contains(""));
}

TEST_CASE("unfit nodes are limited: of too many those are known that came first", "[kme]") {
    UnfitNodes nodes;
    for (std::size_t i = 0; i < limits::unfit_nodes_max + 10; ++i) nodes.add("mme" + std::to_string(i));
    CHECK(nodes.contains("mme0"));
    CHECK(nodes.contains("mme" + std::to_string(limits::unfit_nodes_max - 1)));
    CHECK_FALSE(nodes.contains("mme" + std::to_string(limits::unfit_nodes_max)));
}

TEST_CASE("unfit nodes may be asked for and told of by many threads", "[kme]") {
    UnfitNodes nodes;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t) {
            threads.emplace_back([&nodes, t] {
                for (int i = 0; i < 500; ++i) {
                    nodes.add("mme" + std::to_string(t) + "-" + std::to_string(i));
                    (void)nodes.contains("mme0-" + std::to_string(i));
                }
            });
        }
    }
    for (int t = 0; t < 4; ++t) CHECK(nodes.contains("mme" + std::to_string(t) + "-499"));
}
