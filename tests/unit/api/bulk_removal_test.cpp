// SPDX-License-Identifier: Apache-2.0
// Imports of more than one transaction that take things away.
#include <fmt/format.h>

#include <algorithm>

#include "ctl/import_survey.h"
#include "lossy_api.h"

namespace bindhss {

using test::Fate;

namespace {

constexpr std::size_t fleet = 5'200;  // two chunks

std::string imsi_of(std::size_t i) {
    return fmt::format("00101{:010}", i);
}

/// A folder for the files, and for what an import remembers.
struct Place {
    std::string path =
        (std::filesystem::temp_directory_path() / fmt::format("bindhss-removal-{}", ::getpid())).string();
    Place() {
        std::filesystem::remove_all(path);
        std::filesystem::create_directories(path);
        ::setenv("XDG_STATE_HOME", (path + "/state").c_str(), 1);
    }
    ~Place() { std::filesystem::remove_all(path); }
};

int import_of(test::LossyWorld& world, const Place& place, const std::string& text, std::string* said) {
    std::ofstream(place.path + "/changes.json") << text;
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    const auto code =
        ctl::run({"import", place.path + "/changes.json"}, {in, out, err}, test::lend_lossy(world));
    *said = err.str();
    return code;
}

std::string member_line(std::size_t i, bool member) {
    return fmt::format(R"({{"type": "member", "imsi": "{}", "group": "old", "member": {}}})", imsi_of(i),
                       member) +
           "\n";
}

/// The number of the chunk that a request is.
std::uint64_t chunk_of(const http::Request& request) {
    const std::string key(request.field("idempotency-key"));
    return key.empty() ? UINT64_MAX : std::stoull(key.substr(key.rfind('-') + 1));
}

}  // namespace

TEST_CASE("import: what is taken away goes behind all that still has need of it, one chunk after the other") {
    const Place place;
    test::LossyWorld world;
    std::vector<store::Item> items{{store::PutSubscriptionGroup{"old", {}, {}}, 0}};
    for (std::size_t i = 0; i < fleet; ++i) {
        Octets<16> k{};
        k.fill(1);
        items.push_back(
            {store::PutSubscriber{
                 *Imsi::parse(imsi_of(i)), AkaKeys::milenage(Secret<16>(k), Secret<16>(k)), {}, {}, {}, {}},
             0});
        items.push_back({store::PutMember{*Imsi::parse(imsi_of(i)), "old"}, 0});
    }
    REQUIRE(world.store.apply(items, false).empty());

    // The file begins with the group, which is not empty before the file's end.
    std::string leaving = R"({"type": "group", "name": "old", "change": "remove"})"
                          "\n";
    for (std::size_t i = 0; i < fleet; ++i) leaving += member_line(i, false);
    std::vector<std::uint64_t> asked;
    world.fate = [&asked](std::uint64_t number, const http::Request& request) {
        asked.push_back(chunk_of(request));
        return number % 2 == 0 ? Fate::answer_lost : Fate::answered;
    };
    std::string said;
    const auto code = import_of(world, place, leaving, &said);
    INFO(said);
    CHECK(code == 0);
    CHECK(asked.size() > 3);
    CHECK(std::is_sorted(asked.begin(), asked.end()));
    CHECK(world.store.subscription_groups(store::Page(10)).empty());
}

TEST_CASE("import: what takes something away is told from what does not") {
    const auto imsi = *Imsi::parse("001010000000001");
    CHECK_FALSE(ctl::removes({store::PutMember{imsi, "a"}, 1}));
    CHECK_FALSE(ctl::removes({store::SetDefaultTerms{"a"}, 1}));
    CHECK(ctl::removes({store::PutMember{imsi, "a", false}, 1}));
    CHECK(ctl::removes({store::RetireKme{std::string("a"), {}}, 1}));
    const store::Item subscriber{store::RemoveSubscriber{imsi}, 1};
    const store::Item rule{store::RemoveRule{7}, 1};
    const store::Item group{store::RemoveSubscriptionGroup{"a"}, 1};
    const store::Item terms{store::RemoveTerms{"a"}, 1};
    const store::Item profile{store::RemoveProfile{"a"}, 1};
    for (const auto& item : {subscriber, rule, group, terms, profile}) CHECK(ctl::removes(item));
    // Rules name groups, groups name terms, terms and subscribers name profiles.
    CHECK(ctl::Phase::rest < ctl::phase_of(subscriber));
    CHECK(ctl::phase_of(rule) < ctl::phase_of(group));
    CHECK(ctl::phase_of(group) < ctl::phase_of(terms));
    CHECK(ctl::phase_of(terms) < ctl::phase_of(profile));
    CHECK(ctl::phase_of(subscriber) < ctl::phase_of(profile));
}

}  // namespace bindhss
