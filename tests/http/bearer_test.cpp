// SPDX-License-Identifier: Apache-2.0
#include "http/bearer.h"

#include "crypto/hash.h"
#include "http_world.h"

namespace bindhss::test {

namespace {

std::string entry(const std::string& name, const std::string& token) {
    return name + " " + to_hex(crypto::sha256(as_octets(token))) + "\n";
}

}  // namespace

TEST_CASE("Whoever shows a token of the file is known by its name") {
    const auto tokens = http::BearerTokens::parse(
        "# who may come\n\n" + entry("lwm2m", "first-token") + "  " + entry("tr069", "second-token"), "t");
    CHECK(tokens.size() == 2);
    CHECK(tokens.holder("Bearer first-token") == "lwm2m");
    CHECK(tokens.holder("bearer  second-token ") == "tr069");
    for (const auto* nobody : {"", "Bearer", "Bearer ", "Bearer first-token2", "Basic first-token",
                               "first-token", "Bearer FIRST-TOKEN"}) {
        CAPTURE(nobody);
        CHECK_FALSE(tokens.holder(nobody));
    }
}

TEST_CASE("A token file that is wrong is refused with its line, and nothing of it is repeated") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"lwm2m\n", "token file t:1: is not a name"},
        {"# x\nlwm2m a-token-in-clear\n", "token file t:2: is not a name"},
        {entry("a", "x") + "b 00ff\n", "token file t:2: is not a name"},
        {"", "token file t: names nobody"},
        {"# nobody", "token file t: names nobody"},
    };
    for (const auto& [text, problem] : cases) {
        CAPTURE(text);
        CHECK_THROWS_WITH(http::BearerTokens::parse(text, "t"), Catch::StartsWith(problem));
        CHECK_THROWS_WITH(http::BearerTokens::parse(text, "t"), !Catch::Contains("a-token-in-clear"));
    }
    std::string many;
    for (std::size_t i = 0; i <= limits::bearer_tokens_max; ++i) many += entry("n" + std::to_string(i), "x");
    CHECK_THROWS_WITH(http::BearerTokens::parse(many, "t"), Catch::Contains("is the entry after the 64"));
    CHECK_THROWS_WITH(http::BearerTokens::load("/no/such/file"),
                      Catch::StartsWith("token file /no/such/file"));
}

}  // namespace bindhss::test
