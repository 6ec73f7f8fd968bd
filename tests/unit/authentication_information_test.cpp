// SPDX-License-Identifier: Apache-2.0
// Which kind of vector whom is given (TS 29.272 5.2.3.1.3, spec 1.4 and 4.2).
#include <catch2/catch.hpp>

#include "aka/gsm.h"
#include "aka/resync.h"
#include "aka/vectors.h"
#include "vectors/ts35232.h"
#include "world.h"

namespace bindhss {

namespace {

using binding::Policy;
using test::of_hex;
using test::World;
using Answer = s6a::AuthenticationInformationAnswer;
using Asked = s6a::RequestedAuthenticationInfo;

const Asked later{1, false, {}};
const Asked now{1, true, {}};

struct Bench : World {
    const ServingNode sgsn{"sgsn1.example.org", "example.org"};
    AkaKeys keys = AkaKeys::milenage(k, opc);

    Result<Answer> ask(std::optional<Asked> eutran, std::optional<Asked> utran_geran,
                       bool usage_type = false) {
        s6a::AuthenticationInformationRequest request{imsi, sgsn, plmn, std::move(eutran),
                                                      std::move(utran_geran)};
        request.send_ue_usage_type = usage_type;
        auto answer = dispatch(std::move(request));
        if (!answer) return answer.error();
        return std::get<Answer>(*answer);
    }
    void use(AkaKeys these, bool sim_only = false) {
        keys = std::move(these);
        store::PutSubscriber subscriber{imsi, keys};
        subscriber.sim_only = sim_only;
        put(std::move(subscriber));
    }
    std::uint64_t seq() { return store.subscriber(imsi).value().seq; }

    /// What the card finds in a challenge: the SQN when MAC-A is right.
    std::optional<Sqn> accept(const Rand& rand, const Autn& autn) const {
        const auto algorithms = aka::make_algorithm_set(keys);
        const auto view = autn.view();
        auto octets = algorithms->f2345(rand).ak.octets();
        for (std::size_t i = 0; i < octets.size(); ++i) octets[i] ^= view[i];
        const auto sqn = Sqn::from_octets(octets);
        const auto mac = algorithms->f1(rand, sqn, *Amf::from(view.subspan(6, 2)));
        if (mac != *aka::MacA::from(view.subspan(8))) return std::nullopt;
        return sqn;
    }
    bool fits(const s6a::UtranVector& vector, const Rand& plain) const {
        const auto challenge = aka::make_algorithm_set(keys)->f2345(plain);
        return accept(plain, vector.autn) && challenge.res == vector.xres &&
               challenge.ck == vector.confidentiality_key && challenge.ik == vector.integrity_key;
    }
};

Asked asked(std::uint32_t number, bool immediate = false) {
    return {number, immediate, {}};
}

ResultCode code_of(const auto& result) {
    REQUIRE_FALSE(result);
    return result_code(result.error().cause);
}

}  // namespace

TEST_CASE("An SGSN gets quintuplets with the separation bit clear, numbered in the order of SQN",
          "[air][utran]") {
    Bench bench;
    const auto answer = bench.ask({}, asked(9));
    REQUIRE(answer);
    CHECK(answer->eutran_vectors.empty());
    CHECK(answer->geran_vectors.empty());
    REQUIRE(answer->utran_vectors.size() == 5);
    std::uint64_t before = 0;
    for (std::size_t i = 0; i < 5; ++i) {
        const auto& vector = answer->utran_vectors[i];
        CHECK(vector.item_number == i + 1);
        CHECK((vector.autn.octets[6] & 0x80) == 0);
        CHECK(bench.fits(vector, vector.rand));
        const auto seq = bench.accept(vector.rand, vector.autn)->seq();
        CHECK(seq > before);
        before = seq;
    }
    CHECK(bench.seq() == 5);
}

TEST_CASE("A bound subscription gets one quintuplet, which fits only the RAND that its device decrypts",
          "[air][utran][binding][R11][R34]") {
    Bench bench;
    bench.bind(Policy::kme);
    const auto answer = bench.ask({}, asked(5));
    REQUIRE(answer);
    REQUIRE(answer->utran_vectors.size() == 1);
    CHECK(answer->geran_vectors.empty());
    const auto& vector = answer->utran_vectors[0];
    CHECK_FALSE(bench.fits(vector, vector.rand));
    CHECK(bench.fits(vector, aka::decrypt_rand(bench.kme.view(), vector.rand)));
    CHECK((vector.autn.octets[6] & 0x80) == 0);
    CHECK((vector.autn.octets[7] & 0x80) != 0);
}

TEST_CASE("A bound subscription gets one vector whatever kinds are asked for", "[air][utran][binding]") {
    Bench bench;
    bench.bind(Policy::kme);
    const auto both = bench.ask(asked(5), asked(5));
    REQUIRE(both);
    CHECK(both->eutran_vectors.size() == 1);
    CHECK(both->utran_vectors.empty());
    CHECK(bench.seq() == 1);
    const auto utran_first = bench.ask(asked(5), asked(5, true));
    REQUIRE(utran_first);
    CHECK(utran_first->eutran_vectors.empty());
    CHECK(utran_first->utran_vectors.size() == 1);
}

TEST_CASE("Immediate-Response-Preferred chooses the kind when both are asked for", "[air][utran]") {
    Bench bench;
    const auto sizes = [&](const Asked& eutran, const Asked& utran_geran) {
        const auto answer = bench.ask(eutran, utran_geran);
        REQUIRE(answer);
        return std::pair(answer->eutran_vectors.size(), answer->utran_vectors.size());
    };
    CHECK(sizes(asked(2, true), asked(3)) == std::pair<std::size_t, std::size_t>(2, 0));
    CHECK(sizes(asked(2), asked(3, true)) == std::pair<std::size_t, std::size_t>(0, 3));
    CHECK(sizes(asked(2, true), asked(3, true)) == std::pair<std::size_t, std::size_t>(2, 3));
    CHECK(sizes(asked(2), asked(3)) == std::pair<std::size_t, std::size_t>(2, 3));
    CHECK(bench.seq() == 15);
}

TEST_CASE("With both kinds in one answer no SQN occurs twice, and those for E-UTRAN come first",
          "[air][utran][I7]") {
    Bench bench;
    const auto answer = bench.ask(asked(2), asked(2));
    REQUIRE(answer);
    std::vector<std::uint64_t> seqs;
    for (const auto& vector : answer->eutran_vectors)
        seqs.push_back(bench.accept(vector.rand, vector.autn).value().seq());
    for (const auto& vector : answer->utran_vectors)
        seqs.push_back(bench.accept(vector.rand, vector.autn).value().seq());
    CHECK(seqs == std::vector<std::uint64_t>{1, 2, 3, 4});
}

TEST_CASE("A SIM gets triplets by c2 and c3, and no SQN is used up", "[air][geran]") {
    Bench bench;
    bench.use(bench.keys, true);
    const auto answer = bench.ask({}, asked(3));
    REQUIRE(answer);
    CHECK(answer->utran_vectors.empty());
    REQUIRE(answer->geran_vectors.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        const auto& vector = answer->geran_vectors[i];
        CHECK(vector.item_number == i + 1);
        const auto challenge = aka::make_algorithm_set(bench.keys)->f2345(vector.rand);
        CHECK(vector.sres == aka::convert_res(challenge.res));
        CHECK(vector.kc == aka::convert_keys(challenge.ck, challenge.ik));
    }
    CHECK_FALSE(answer->geran_vectors[0].rand == answer->geran_vectors[1].rand);
    CHECK(bench.seq() == 0);
}

TEST_CASE("A SIM that is bound by a key gets no triplets but AUTHORIZATION_REJECTED",
          "[air][geran][binding]") {
    Bench bench;
    bench.use(bench.keys, true);
    bench.bind(Policy::kme);
    const auto code = code_of(bench.ask({}, asked(1)));
    CHECK(code.number == 5003);
    CHECK_FALSE(code.experimental);
    CHECK(bench.seq() == 0);
}

TEST_CASE("A SIM gets no E-UTRAN vectors", "[air][geran]") {
    Bench bench;
    bench.use(bench.keys, true);
    CHECK(code_of(bench.ask(asked(1), {})).number == 5003);
    const auto both = bench.ask(asked(1), asked(1));
    REQUIRE(both);
    CHECK(both->eutran_vectors.empty());
    CHECK(both->geran_vectors.size() == 1);
}

TEST_CASE("Each algorithm's vectors are accepted by a card of that algorithm, for E-UTRAN and UTRAN",
          "[air][utran]") {
    const auto& tuak = test::tuak_sets[1];
    const AkaKeys tuak_keys{AkaAlgorithm::tuak, SecretString(from_hex(tuak.k).value()),
                            SecretString(from_hex(tuak.topc).value()), 3, 16};
    AkaKeys xor_keys;
    xor_keys.algorithm = AkaAlgorithm::xor_test;
    xor_keys.k = SecretString(tuak_keys.k.view().first(16));
    xor_keys.res_octets = 4;
    Bench bench;
    for (const auto& keys : {tuak_keys, xor_keys}) {
        bench.use(keys);
        const auto answer = bench.ask(asked(1), asked(1));
        REQUIRE(answer);
        const auto& eutran = answer->eutran_vectors.at(0);
        CHECK(eutran.xres.size() == keys.res_octets);
        CHECK(bench.accept(eutran.rand, eutran.autn));
        CHECK(bench.fits(answer->utran_vectors.at(0), answer->utran_vectors.at(0).rand));
    }
}

TEST_CASE("Re-synchronisation by an SGSN lifts SEQ, over a plain and over an encrypted RAND",
          "[air][utran][resync][R34]") {
    for (const auto policy : {Policy::off, Policy::kme}) {
        Bench bench;
        bench.bind(policy);
        const auto first = bench.ask({}, asked(1));
        REQUIRE(first);
        const auto sent = first->utran_vectors.at(0).rand;
        const auto plain = policy == Policy::kme ? aka::decrypt_rand(bench.kme.view(), sent) : sent;
        const auto algorithms = aka::make_algorithm_set(bench.keys);
        auto request = asked(1);
        request.re_synchronization_info =
            ReSynchronizationInfo{sent, aka::make_auts(*algorithms, plain, Sqn(9'000, 0))};
        REQUIRE(bench.ask({}, request));
        CHECK(bench.seq() == 9'001);
        CHECK(bench.alarms.raised.empty());
    }
}

TEST_CASE("Both kinds of Re-Synchronization-Info at once: UNABLE_TO_COMPLY and no SQN is used",
          "[air][resync]") {
    Bench bench;
    auto request = asked(1);
    request.re_synchronization_info = ReSynchronizationInfo{};
    CHECK(code_of(bench.ask(request, request)).number == 5012);
    CHECK(bench.seq() == 0);
}

TEST_CASE("A realm that may not speak for the PLMN gets no vectors, and no SQN is used", "[air][realm]") {
    Bench bench;
    bench.settings.serving_networks = procedure::ServingNetworks({{"example.org", {*Plmn::parse("262/01")}}});
    const auto code = code_of(bench.ask(asked(1), {}));
    CHECK(code.number == 5003);
    CHECK_FALSE(code.experimental);
    CHECK(bench.seq() == 0);
    const s6a::AuthenticationInformationRequest stranger{*Imsi::parse("999990000000000"), bench.sgsn,
                                                         bench.plmn, now, std::nullopt};
    CHECK(code_of(bench.dispatch(stranger)).number == 5001);
}

TEST_CASE("A request that asks for nothing is answered UNABLE_TO_COMPLY", "[air]") {
    Bench bench;
    CHECK(code_of(bench.ask({}, {})).number == 5012);
}

TEST_CASE("A subscription without EPS and GPRS part is told as such, with Error-Diagnostic", "[air]") {
    Bench bench;
    bench.store.put_profile("default", {});
    for (const bool usage_type : {false, true}) {
        const auto answer = usage_type ? bench.ask({}, {}, true) : bench.ask(asked(1), {});
        CHECK(code_of(answer).number == 5420);
        CHECK(code_of(answer).experimental);
        CHECK(answer.error().diagnostic == ErrorDiagnostic::no_gprs_data_subscribed);
    }
    CHECK(bench.seq() == 0);
}

TEST_CASE("UE-Usage-Type is given when AIR-Flags ask for it, alone or with vectors", "[air][dcn]") {
    Bench bench;
    SubscriptionData data;
    data.apn_configuration_profile = ApnConfigurationProfile{};
    data.apn_configuration_profile->apns.emplace_back();
    data.ue_usage_type = 42;
    bench.store.put_profile("default", data);
    const auto alone = bench.ask({}, {}, true);
    REQUIRE(alone);
    CHECK(alone->ue_usage_type == 42U);
    CHECK(alone->eutran_vectors.empty());
    CHECK(bench.seq() == 0);
    const auto with_vectors = bench.ask(now, {}, true);
    REQUIRE(with_vectors);
    CHECK(with_vectors->ue_usage_type == 42U);
    CHECK(with_vectors->eutran_vectors.size() == 1);
    CHECK_FALSE(bench.ask(now, {})->ue_usage_type);
    bench.settings.features.list_2 = 0;
    CHECK_FALSE(bench.ask({}, {}, true)->ue_usage_type);
}

TEST_CASE("Features are announced to a node that announced any", "[air][features]") {
    Bench bench;
    s6a::AuthenticationInformationRequest request{bench.imsi, bench.sgsn, bench.plmn, later, std::nullopt};
    CHECK_FALSE(std::get<Answer>(*bench.dispatch(request)).supported_features);
    request.supported_features = s6a::Features{1, 0, 0};
    CHECK(std::get<Answer>(*bench.dispatch(request)).supported_features == bench.settings.features);
}

TEST_CASE("An edit of a subscriber's keys, algorithm or card never touches SQN", "[air][I7]") {
    Bench bench;
    REQUIRE(bench.ask(asked(4), {}));
    REQUIRE(bench.seq() == 4);
    const auto& tuak = test::tuak_sets[0];
    bench.use({AkaAlgorithm::tuak, SecretString(from_hex(tuak.k).value()),
               SecretString(from_hex(tuak.topc).value()), 1, 4});
    CHECK(bench.seq() == 4);
    bench.use(bench.keys, true);
    CHECK(bench.seq() == 4);
    bench.use(AkaKeys::milenage(bench.k, bench.opc));
    CHECK(bench.seq() == 4);
    REQUIRE(bench.ask(asked(1), {}));
    CHECK(bench.seq() == 5);
}

}  // namespace bindhss
