// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "config/config.h"
#include "config_problems.h"

using namespace bindhss;
using config::Endpoint;
using test::problems_of;

TEST_CASE("metrics are for this machine alone unless the file says otherwise") {
    CHECK(config::parse("", "f").metrics.listen == std::vector<Endpoint>{{"127.0.0.1", 9464}});
    CHECK(config::parse("metrics: {listen: []}", "f").metrics.listen.empty());
    CHECK(config::parse("metrics: {listen: [\"10.0.0.1\", \"[::1]:9000\"]}", "f").metrics.listen ==
          std::vector<Endpoint>{{"10.0.0.1", 9464}, {"::1", 9000}});
}

TEST_CASE("an address for metrics that is none is refused") {
    CHECK_THAT(problems_of("metrics: {listen: [\"127.0.0.1:x\"]}"), Catch::Contains("metrics.listen"));
    CHECK_THAT(problems_of("metrics: {listen: 127.0.0.1}"), Catch::Contains("metrics.listen: is not a list"));
}

TEST_CASE("where metrics listen is shown, and a change of it needs a restart") {
    const auto before = config::parse("", "f");
    auto after = before;
    after.metrics.listen = {{"127.0.0.1", 9465}};
    const auto changes = config::differences(before, after);
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].key == "metrics.listen");
    CHECK(!changes[0].reloadable);
    CHECK_THAT(config::render(after), Catch::Contains("127.0.0.1:9465"));
}
