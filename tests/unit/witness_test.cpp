// SPDX-License-Identifier: Apache-2.0
// What procedures tell of their decisions.
#include "procedure/witness.h"

#include <map>

#include "world.h"

using namespace bindhss;
using namespace std::chrono_literals;
using procedure::Decision;
using test::World;

namespace {

struct Told {
    Decision::Kind kind;
    std::string imsi;
    std::string session;
    std::string node;
    std::string outcome;
    bool ordinary;
    std::map<std::string, std::string> notes;
};

class RecordingWitness final : public procedure::Witness {
  public:
    void decided(const Decision& decision) noexcept override {
        Told told{decision.kind,
                  decision.imsi ? decision.imsi->str() : "",
                  std::string(decision.session),
                  std::string(decision.node),
                  std::string(decision.outcome),
                  decision.ordinary,
                  {}};
        for (const auto& note : decision.notes) {
            std::string value;
            if (const auto* text = std::get_if<std::string_view>(&note.value)) value = *text;
            if (const auto* number = std::get_if<std::int64_t>(&note.value)) value = std::to_string(*number);
            if (const auto* flag = std::get_if<bool>(&note.value)) value = *flag ? "yes" : "no";
            told.notes[std::string(note.key)] = value;
        }
        all.push_back(std::move(told));
    }
    void sequence_reserved(std::uint64_t seq) noexcept override { highest = std::max(highest, seq); }
    [[nodiscard]] std::vector<Told> of(Decision::Kind kind) const {
        std::vector<Told> result;
        for (const auto& told : all)
            if (told.kind == kind) result.push_back(told);
        return result;
    }
    std::vector<Told> all;
    std::uint64_t highest = 0;
};

struct WatchedWorld : World {
    WatchedWorld() { ports.witness = &witness; }
    RecordingWitness witness;

    auto ask(const ServingNode& node, std::string session) {
        s6a::AuthenticationInformationRequest request{
            imsi, node, plmn, s6a::RequestedAuthenticationInfo{}, {}};
        request.arrival.session = std::move(session);
        return dispatch(std::move(request));
    }
    auto locate(const ServingNode& node, Imei imei, std::string session) {
        s6a::UpdateLocationRequest request{imsi, node, plmn};
        request.terminal_information = TerminalInformation{imei, "01", false};
        request.arrival.session = std::move(session);
        return dispatch(std::move(request));
    }
};

}  // namespace

TEST_CASE("which vectors were issued is told, with the session of the request, and nothing of the vectors") {
    WatchedWorld world;
    world.bind(binding::Policy::kme);
    REQUIRE(world.ask(world.mme1, "mme1;1;1").has_value());
    const auto told = world.witness.of(Decision::Kind::vectors);
    REQUIRE(told.size() == 1);
    CHECK(told[0].imsi == world.imsi.str());
    CHECK(told[0].session == "mme1;1;1");
    CHECK(told[0].node == world.mme1.host);
    CHECK(told[0].ordinary);
    CHECK(told[0].notes.at("policy") == "kme");
    CHECK(told[0].notes.at("kind") == "pre_processed");
    CHECK(told[0].notes.at("eutran") == "1");
    CHECK(world.witness.highest == world.store.subscriber(world.imsi).value().seq + 1);
}

TEST_CASE("a verdict is told with its reasons, and its alarm has the same session") {
    WatchedWorld world;
    world.bind(binding::Policy::imei_enforce);
    REQUIRE(world.ask(world.mme1, "mme1;1;1").has_value());
    REQUIRE(world.locate(world.mme1, world.stranger, "mme1;1;2").has_error());
    const auto told = world.witness.of(Decision::Kind::access);
    REQUIRE(told.size() == 1);
    CHECK(told[0].outcome == "refused");
    CHECK(told[0].session == "mme1;1;2");
    CHECK(!told[0].ordinary);
    CHECK(told[0].notes.at("policy") == "imei_enforce");
    CHECK(told[0].notes.at("imei") == world.stranger.str());
    CHECK(told[0].notes.at("authorised") == "no");
    CHECK_THAT(told[0].notes.at("reasons"), Catch::Contains("pair_unauthorised"));
    REQUIRE(!world.alarms.raised.empty());
    for (const auto& alarm : world.alarms.raised) CHECK(alarm.session == "mme1;1;2");
}

TEST_CASE("an access that is as it should be is ordinary, and the proof of the key is told of") {
    WatchedWorld world;
    world.bind(binding::Policy::kme_imei);
    for (int i = 0; i < 2; ++i) {
        REQUIRE(world.ask(world.mme1, "mme1;1;1").has_value());
        REQUIRE(world.locate(world.mme1, world.own, "mme1;1;2").has_value());
    }
    const auto told = world.witness.of(Decision::Kind::access);
    REQUIRE(told.size() == 2);
    CHECK(told[1].outcome == "admitted");
    CHECK(told[1].ordinary);
    CHECK(told[1].notes.at("proof") == "yes");
    CHECK(told[1].notes.at("reasons").empty());
}

TEST_CASE("an AUTS that does not verify is told of as refused") {
    WatchedWorld world;
    ReSynchronizationInfo info;
    const auto refused = world.air(world.mme1, 1, info);
    REQUIRE(refused.has_error());
    const auto told = world.witness.of(Decision::Kind::resync);
    REQUIRE(told.size() == 1);
    CHECK(told[0].outcome == "refused");
    CHECK(world.witness.of(Decision::Kind::vectors).empty());
}

TEST_CASE("vectors that nobody answered are told of as evidence, and what they make of the binding") {
    WatchedWorld world;
    world.bind(binding::Policy::kme);
    for (int i = 0; i < 8; ++i) {
        (void)world.ask(world.mme1, "mme1;1;1");
        world.clock.advance(60s);
    }
    const auto told = world.witness.of(Decision::Kind::evidence);
    REQUIRE(!told.empty());
    CHECK(told[0].notes.at("sign") == "weak_against");
    CHECK(told[0].session == "mme1;1;1");
    CHECK(std::any_of(told.begin(), told.end(), [](const Told& one) { return one.outcome == "suspect"; }));
}
