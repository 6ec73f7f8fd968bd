// SPDX-License-Identifier: Apache-2.0
// How a request finds its operation, and openapi.json, which is to say the same.
#include <algorithm>
#include <sstream>

#include "management/openapi.h"
#include "management/problem.h"
#include "operations_world.h"

namespace bindhss {

using namespace test;

namespace {

http::Response nothing(management::Call&, management::Desk&) {
    return {};
}

std::string problem_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const management::Problem& problem) {
        return std::string(problem.kind().name);
    }
    return "";
}

std::vector<std::string> words(std::string_view text) {
    std::istringstream in{std::string(text)};
    std::vector<std::string> result;
    for (std::string word; in >> word;) result.push_back(word);
    std::sort(result.begin(), result.end());
    return result;
}

/// Names of the query's parameters of an operation.
std::vector<std::string> parameters_in(const json::object& operation) {
    constexpr std::string_view prefix = "#/components/parameters/query_";
    std::vector<std::string> names;
    for (const auto& each : operation.at("parameters").as_array()) {
        const auto* reference = each.as_object().if_contains("$ref");
        if (reference == nullptr) continue;
        const std::string_view text = reference->as_string();
        if (text.starts_with(prefix)) names.emplace_back(text.substr(prefix.size()));
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace

TEST_CASE("a path finds its operation, and its parts are decoded", "[management]") {
    const management::Router router({{"GET", "/v1/a/{x}", Role::read, "one", nothing},
                                     {"PUT", "/v1/a/{x}", Role::provision, "put", nothing},
                                     {"GET", "/v1/a/fixed", Role::read, "fixed", nothing},
                                     {"GET", "/v1/a/{x}/b/{y}", Role::read, "two", nothing}});
    CHECK(router.find("GET", "/v1/a/1").route->id == "one");
    CHECK(router.find("HEAD", "/v1/a/1").route->id == "one");
    CHECK(router.find("PUT", "/v1/a/fixed").route->id == "put");
    CHECK(router.find("GET", "/v1/a/fixed").route->id == "fixed");
    CHECK(router.find("GET", "/v1/a/b%2Fc%20d").parts == std::vector<std::string>{"b/c d"});
    CHECK(router.find("GET", "/v1/a/1/b/2").parts == std::vector<std::string>{"1", "2"});
    for (const auto* const path :
         {"/", "/v1", "/v1/a", "/v1/a/", "/v1/a/1/", "/v1/a/1/b", "//v1/a/1", "/V1/a/1"})
        CHECK(problem_of([&] { (void)router.find("GET", path); }) == "not-found");
    for (const auto* const path : {"/v1/a/%", "/v1/a/%4", "/v1/a/%zz", "/v1/a/%00", "/v1/a/%0a", "/v1/a/%7f"})
        CHECK(problem_of([&] { (void)router.find("GET", path); }) == "bad-request");
    try {
        (void)router.find("DELETE", "/v1/a/1");
        FAIL("the method is known");
    } catch (const management::MethodUnknown& unknown) {
        const auto response = unknown.response();
        CHECK(response.status == 405);
        CHECK(response.fields == http::Fields{{"allow", "GET, HEAD, PUT"}});
    }
    CHECK_THROWS_AS(management::Router({{"GET", "/v1/a", Role::read, "one", nothing},
                                        {"GET", "/v1/a", Role::read, "two", nothing}}),
                    std::logic_error);
}

TEST_CASE("a query has the parameters that the operation knows, each once", "[management]") {
    using management::read_query;
    CHECK(read_query("", "").empty());
    const auto query = read_query("limit=5&name=a%26b+c&flag", "limit name flag");
    CHECK(query ==
          std::map<std::string, std::string, std::less<>>{{"limit", "5"}, {"name", "a&b c"}, {"flag", ""}});
    CHECK(problem_of([] { (void)read_query("limt=5", "limit"); }) == "bad-request");
    CHECK(problem_of([] { (void)read_query("limit=5", ""); }) == "bad-request");
    CHECK(problem_of([] { (void)read_query("=5", "limit"); }) == "bad-request");
    CHECK(problem_of([] { (void)read_query("limit=5&limit=6", "limit"); }) == "bad-request");
    CHECK(problem_of([] { (void)read_query("limit=%0", "limit"); }) == "bad-request");
    CHECK(problem_of([] { (void)read_query("limit=%00", "limit"); }) == "bad-request");
    // A complaint shows no octets that would act on a terminal.
    try {
        (void)read_query("%C2%9B=1", "limit");
        FAIL("it is unknown");
    } catch (const management::Problem& problem) {
        CHECK(std::string(problem.what()).find('?') != std::string::npos);
    }
}

TEST_CASE("openapi.json has every operation, with its role and its parameters, and no other",
          "[management]") {
    const auto document = json::parse(std::string(management::openapi_document())).as_object();
    std::size_t described = 0;
    for (const auto& [path, operations] : document.at("paths").as_object())
        described += operations.as_object().size();
    const auto routes = management::all_routes();
    CHECK(described == routes.size());
    std::set<std::string> ids;
    for (const auto& route : routes) {
        INFO(route.method << " " << route.path);
        std::string method(route.method);
        std::transform(method.begin(), method.end(), method.begin(),
                       [](char c) { return static_cast<char>(c - 'A' + 'a'); });
        const auto* path = document.at("paths").as_object().if_contains(route.path);
        REQUIRE(path != nullptr);
        const auto* operation = path->as_object().if_contains(method);
        REQUIRE(operation != nullptr);
        const auto& object = operation->as_object();
        CHECK(object.at("operationId").as_string() == route.id);
        CHECK(object.at("x-role").as_string() == name_of(route.role));
        CHECK(parameters_in(object) == words(route.query));
        CHECK(ids.insert(std::string(route.id)).second);
    }
}

}  // namespace bindhss
