// SPDX-License-Identifier: Apache-2.0
// An MME with the KME AVPs, a device with a key pair behind it, and an HSS that provisions them (spec 4.4).
#include <catch2/catch.hpp>

#include "emu/core_node.h"
#include "fake_exchange.h"

using namespace bindhss;
using namespace bindhss::emu;
namespace feature = s6a::feature_kme;

namespace {

constexpr const char* digits = "001010123456789";
constexpr auto all_features = feature::provisioning | feature::provisioning_only;

CoreNodeSettings node_settings(std::uint32_t features) {
    CoreNodeSettings settings{"mme1", {"mme1.test", "test"}, test::plmn("00101")};
    settings.kme_features = features;
    return settings;
}

struct Bench {
    explicit Bench(std::uint32_t features = all_features, ExchangeConduct conduct = ExchangeConduct::right,
                   bool requires_home_mac = false, crypto::KeyType type = crypto::KeyType::x25519,
                   DeviceNasSettings nas_settings = {})
        : settings(node_settings(features)),
          nas(me, SecureElement(crypto::DevicePrivateKey::generate(type), conduct, requires_home_mac),
              nas_settings) {
        hss.hss.subscribers[digits] = {test::set1_k, test::set1_opc, 100};
        hss.hss.data.ambr = Ambr{100, 200};
        hss.hss.data.apn_configuration_profile.emplace().apns.push_back({1, "internet"});
        hss.public_keys.emplace(me.imei().str(), nas.element().public_key());
        hss.node = [this](const HssRequest& request) { return mme.serve(request); };
    }
    AttachResult attach(AttachOptions options = usual_attach(NodeType::mme, s6a::Domain::mme)) {
        return test::run(mme.attach(Ue{me, usim, &nas}, options));
    }
    void relay(const char* script) { mme.relay().set({*parse_scripted_relay(script)}); }

    test::ProvisioningHss hss;
    test::Collected trace;
    CoreNodeSettings settings;
    CoreNode mme{settings, hss, trace};
    Usim usim{test::imsi(digits), test::set1_keys};
    Me me{*Imei::parse("35824005111111")};
    DeviceNas nas;
};

std::string field(const AttachResult& result, const std::string& name) {
    const auto found = result.fields.find(name);
    return found == result.fields.end() ? "absent" : found->second;
}

}  // namespace

TEST_CASE("KME MME: a device is provisioned in its first attach, without a bearer, and bound in its second",
          "[emu][kme][R24][R28][R29][R31][R32]") {
    const auto type = GENERATE(crypto::KeyType::x25519, crypto::KeyType::p256, crypto::KeyType::rsa);
    Bench bench(all_features, ExchangeConduct::right, true, type);
    const auto first = bench.attach();
    CHECK(first.str() == "provisioned");
    CHECK_FALSE(first.encrypted_rand);
    CHECK(field(first, "bearer") == "false");
    CHECK(field(first, "kme.air") == "provisioning_only");
    CHECK(field(first, "kme.ula") == "provisioning_only,binding_established,reattach_expected");
    CHECK(field(first, "kme.delivery") == "0");
    CHECK(field(first, "kme.status") == "0");
    CHECK(field(first, "kme.generation") == "1");
    CHECK(bench.hss.outcome == "established");
    CHECK(bench.mme.visitors().find(test::imsi(digits)) == nullptr);

    const auto second = bench.attach();
    CHECK(second.str() == "attached");
    CHECK(second.encrypted_rand);
    CHECK(field(second, "bearer") == "true");
    CHECK(field(second, "apns") == "internet");
    CHECK(field(second, "kme.vector") == "av_pre_processed");
    CHECK(field(second, "kme.delivery") == "absent");
}

TEST_CASE("KME MME: the container goes to the UE as it came, and its answer to the HSS", "[emu][kme][R28]") {
    Bench bench;
    REQUIRE(bench.attach().str() == "provisioned");
    const auto octets = std::to_string(bench.hss.last_idr->kme_provisioning_request->container.size());
    CHECK(bench.trace.text.find("DOWNLINK GENERIC NAS TRANSPORT container type=75 octets=" + octets) !=
          std::string::npos);
    CHECK(bench.trace.text.find("UPLINK GENERIC NAS TRANSPORT") != std::string::npos);
    const auto received = bench.mme.take(HssCommand::idr, test::imsi(digits));
    REQUIRE(received);
    CHECK(received->fields.at("kme.octets") == octets);
    CHECK(received->fields.at("kme.response_timer") == "300");
    CHECK(received->fields.at("kme.delivery") == "0");
    CHECK(bench.trace.text.find(to_hex(bench.me.kme(1).view())) == std::string::npos);
}

TEST_CASE("KME MME: the features of the list are announced in AIR and ULR, beside those of 3GPP",
          "[emu][kme]") {
    Bench bench;
    bench.settings.features = s6a::Features{0x1ff, 0, 0};
    CoreNode mme(bench.settings, bench.hss, bench.trace);
    bench.hss.node = [&mme](const HssRequest& request) { return mme.serve(request); };
    REQUIRE(test::run(mme.attach(Ue{bench.me, bench.usim, &bench.nas})).str() == "provisioned");
    CHECK(bench.hss.hss.last_air->supported_features == s6a::Features{0x1ff, 0, all_features});
    CHECK(bench.hss.hss.last_ulr->supported_features == s6a::Features{0x1ff, 0, all_features});
}

TEST_CASE("KME MME: without PROVISIONING-ONLY the attach ends with 5012, and the UE comes again",
          "[emu][kme][R24]") {
    Bench bench(feature::provisioning);
    auto options = usual_attach(NodeType::mme, s6a::Domain::mme);
    SECTION("by hand") {
        const auto first = bench.attach();
        CHECK(first.str() == "rejected 5012");
        CHECK(first.reattach);
        CHECK(field(first, "kme.ula") == "binding_established,reattach_expected");
        CHECK(bench.attach().encrypted_rand);
    }
    SECTION("by itself") {
        options.again = true;
        const auto both = bench.attach(options);
        CHECK(both.str() == "attached");
        CHECK(both.encrypted_rand);
        CHECK(field(both, "attaches") == "2");
        CHECK(field(both, "kme.status") == "0");
    }
}

TEST_CASE("KME MME: each conduct of a device comes to its end", "[emu][kme][R30]") {
    struct Case {
        const char* conduct;
        const char* outcome;
        const char* attach;
        const char* cause;
        const char* status;
    };
    const auto one = GENERATE(values<Case>({{"silent", "unanswered", "rejected 5012", "8", "0"},
                                            {"slow", "unanswered", "rejected 5012", "8", "0"},
                                            {"lying", "rsp", "rejected 5003", "6", "0"},
                                            {"garbage", "rsp", "rejected 5003", "6", "absent"},
                                            {"refusing", "refused", "rejected 5003", "7", "6"},
                                            {"wrong_key", "refused", "rejected 5003", "7", "3"},
                                            {"no_key", "refused", "rejected 5003", "7", "2"}}));
    INFO(one.conduct);
    const auto conduct = *parse_exchange_conduct(one.conduct);
    DeviceNasSettings nas;
    if (conduct == ExchangeConduct::slow) nas.answers_after = DeviceNas::slow_answer;
    Bench bench(all_features, conduct, false, crypto::KeyType::x25519, nas);
    const auto result = bench.attach();
    CHECK(result.str() == one.attach);
    CHECK(bench.hss.outcome == one.outcome);
    CHECK(field(result, "kme.cause") == one.cause);
    CHECK(field(result, "kme.status") == one.status);
    CHECK(field(result, "bearer") == "false");
}

TEST_CASE("KME MME: a replayed answer is worth nothing the second time", "[emu][kme][R29]") {
    Bench bench(all_features, ExchangeConduct::replaying);
    REQUIRE(bench.attach().str() == "provisioned");
    bench.hss.hss.subscribers[digits].kme = SecretString();  // the HSS begins anew
    bench.hss.hss.subscribers[digits].generation = 1;
    CHECK(bench.attach().str() == "rejected 5003");
    CHECK(bench.hss.outcome == "rsp");
}

TEST_CASE("KME MME: each fault of the relay has its delivery result", "[emu][kme][R25][R28]") {
    struct Case {
        const char* script;
        const char* outcome;
        const char* delivery;
        bool stored;
    };
    const auto one = GENERATE(values<Case>({{"unreachable", "unanswered", "2", false},
                                            {"not_answering", "unanswered", "1", false},
                                            {"lost", "unanswered", "1", true},
                                            {"no_security", "unanswered", "3", false},
                                            {"garbage", "unanswered", "4", true},
                                            {"mme_error", "unanswered", "5", false},
                                            {"forgetful", "not understood", "none", false},
                                            {"wrong_transaction", "rsp", "0", true},
                                            {"corrupted", "rsp", "0", true},
                                            {"delay 5s", "unanswered", "0", true},
                                            {"delay 20ms", "established", "0", true}}));
    INFO(one.script);
    Bench bench;
    bench.relay(one.script);
    const auto result = bench.attach();
    CHECK(bench.hss.outcome == one.outcome);
    CHECK(field(result, "kme.delivery") == one.delivery);
    CHECK(bench.me.kme(1).empty() != one.stored);
    CHECK((result.str() == "provisioned") == (bench.hss.outcome == "established"));
    bench.relay("right");
    if (bench.hss.outcome != "established") CHECK(bench.attach().str() == "provisioned");
    const auto bound = bench.attach();
    CHECK(bound.str() == "attached");
    CHECK(bound.encrypted_rand);
}

TEST_CASE("KME MME: a script of relay faults is played one after the other, and the last one stays",
          "[emu][kme]") {
    Bench bench;
    bench.mme.relay().set({*parse_scripted_relay("mme_error"), *parse_scripted_relay("unreachable")});
    CHECK(field(bench.attach(), "kme.delivery") == "5");
    CHECK(field(bench.attach(), "kme.delivery") == "2");
    CHECK(field(bench.attach(), "kme.delivery") == "2");
    CHECK_FALSE(parse_scripted_relay("sometimes"));
    CHECK_FALSE(parse_scripted_relay("delay soon"));
    CHECK(parse_scripted_relay("delay 3s lost") ==
          ScriptedRelay{RelayFault::lost, std::chrono::milliseconds(3'000)});
}

TEST_CASE("KME MME: a stock node gets no KME AVP, and takes a container for nothing", "[emu][kme][R36]") {
    Bench bench(0);
    const auto rejected = bench.attach();
    CHECK(rejected.str() == "rejected 5003");
    CHECK(field(rejected, "kme.air") == "absent");
    CHECK(field(rejected, "kme.ula") == "absent");
    CHECK_FALSE(bench.hss.hss.last_air->supported_features);
    CHECK_FALSE(bench.hss.last_idr);

    bench.hss.force_features = true;
    SECTION("one without a record of the UE yet: 5001") {
        const auto result = bench.attach();
        CHECK(bench.hss.outcome == "unanswered");
        CHECK(result.str() == "rejected 5012");
    }
    SECTION("Open5GS: SUCCESS, and not a word of the exchange") {
        bench.settings.behaves_like_open5gs = true;
        CoreNode mme(bench.settings, bench.hss, bench.trace);
        bench.hss.node = [&mme](const HssRequest& request) { return mme.serve(request); };
        const auto result = test::run(mme.attach(Ue{bench.me, bench.usim, &bench.nas}));
        CHECK(bench.hss.outcome == "not understood");
        CHECK(field(result, "kme.delivery") == "absent");
    }
    CHECK(bench.me.kme(1).empty());
}

TEST_CASE("KME MME: a UE that is registered is sent its next key, and one that left is not",
          "[emu][kme][R19]") {
    Bench bench;
    REQUIRE(bench.attach().str() == "provisioned");
    REQUIRE(bench.attach().str() == "attached");
    const test::Sealed next(bench.nas.element().public_key(), test::imsi(digits), bench.me.imei(), 2);
    s6a::InsertSubscriberDataRequest idr{test::imsi(digits), {"mme1.test", "test"}};
    idr.subscription_data.subscriber_status = SubscriberStatus::service_granted;
    auto& asked = idr.kme_provisioning_request.emplace();
    asked.transaction = next.provision.transaction;
    asked.container = next.octets();
    const auto delivered = [&]() -> std::optional<s6a::KmeProvisioningResponse> {
        const auto reply = bench.mme.serve(HssRequest(idr));
        const auto* answer = std::get_if<NodeAnswer>(&reply.answer);
        if (answer == nullptr) return std::nullopt;
        return std::get<s6a::InsertSubscriberDataAnswer>(*answer).kme_provisioning_response;
    };
    const auto response = delivered();
    REQUIRE(response);
    CHECK(response->transaction == next.provision.transaction);
    CHECK(response->result == s6a::KmeDeliveryResult::answered);
    CHECK(bench.me.kme(2) == next.kme);
    CHECK_FALSE(bench.me.kme(1).empty());  // the old one is good until the new one is proven
    CHECK(bench.mme.visitors().find(test::imsi(digits))->data.ambr == Ambr{100, 200});

    const s6a::CancelLocationRequest clr{test::imsi(digits), {"mme1.test", "test"}};
    (void)bench.mme.serve(HssRequest(clr));
    CHECK_FALSE(delivered());  // 5001
}

TEST_CASE("KME MME: a container of another type than the device's, or of none that NAS has, is not answered",
          "[emu][kme]") {
    Bench bench;
    bench.hss.container_type = GENERATE(76U, 300U);
    const auto result = bench.attach();
    CHECK(field(result, "kme.delivery") == (bench.hss.container_type == 76 ? "1" : "5"));
    CHECK(bench.me.kme(1).empty());
}

TEST_CASE("KME MME: a container for another card does not open in the device", "[emu][kme]") {
    Bench bench;
    Usim other(test::imsi("001010123456780"), test::set1_keys);
    bench.hss.hss.subscribers["001010123456780"] = {test::set1_k, test::set1_opc, 100};
    REQUIRE(bench.attach().str() == "provisioned");
    // The device takes the card's IMSI from itself: what was sealed for the first card is refused for this
    // one.
    const auto result = test::run(bench.mme.attach(Ue{bench.me, other, &bench.nas}));
    CHECK(result.str() == "provisioned");
    auto replayed = *bench.hss.last_idr;
    bench.hss.last_idr->imsi = test::imsi(digits);
    const test::Sealed foreign(bench.nas.element().public_key(), test::imsi(digits), bench.me.imei(), 3);
    const GenericNasTransport message{GenericNasTransport::Direction::downlink, 75, foreign.octets()};
    REQUIRE(bench.nas.take(encode(message)));
    CHECK(bench.nas.element().last_status() == binding::DeviceStatus::decryption);
    CHECK_FALSE(bench.nas.take(*from_hex("07694b0000")));
}

TEST_CASE("KME MME: what a UE answers to its challenge is reported when it fails", "[emu][kme][R33]") {
    namespace cause = s6a::kme_emm_cause;
    Bench bench(all_features | feature::auth_failure_report);
    auto options = usual_attach(NodeType::mme, s6a::Domain::mme);
    const auto reported = [&](const AttachResult& result) {
        CHECK(field(result, "report") == "2001");
        CHECK(field(result, "bearer") == "false");
        REQUIRE(bench.hss.hss.last_notify);
        const auto& report = *bench.hss.hss.last_notify->auth_failure_report;
        CHECK(report.rand);
        CHECK(report.autn);
        return report.emm_cause;
    };
    SECTION("MAC failure: the device has no key for this RAND") {
        bench.hss.hss.subscribers[digits].kme = test::kme128;
        CHECK(reported(bench.attach()) == cause::mac_failure);
    }
    SECTION("a second synch failure; of the first S6a has a message") {
        bench.usim.sequence().advance(5'000);
        bench.hss.hss.subscribers[digits].repeat_sqn = true;
        CHECK(reported(bench.attach()) == cause::synch_failure);
    }
    SECTION("a synch failure that a re-synchronisation mends is not reported") {
        bench.usim.sequence().advance(5'000);
        const auto result = bench.attach();
        CHECK(result.str() == "provisioned");
        CHECK(field(result, "report") == "absent");
    }
    SECTION("wrong RES") {
        options.ue = UeConduct::wrong_res;
        const auto result = bench.attach(options);
        CHECK(result.str() == "res_mismatch");
        CHECK(reported(result) == cause::res_mismatch);
    }
    SECTION("no answer") {
        options.ue = UeConduct::silent;
        const auto result = bench.attach(options);
        CHECK(result.str() == "no_answer");
        CHECK(reported(result) == cause::no_answer);
    }
}

TEST_CASE("KME MME: a node without AUTH-FAILURE-REPORT reports nothing", "[emu][kme]") {
    Bench bench;
    bench.hss.hss.subscribers[digits].kme = test::kme128;
    const auto result = bench.attach();
    CHECK(result.str() == "mac_failure");
    CHECK(field(result, "report") == "absent");
    CHECK_FALSE(bench.hss.hss.last_notify);
}

TEST_CASE("KME MME: an access for provisioning alone gets no bearer, whatever the ULA offers",
          "[emu][kme][R24]") {
    // An HSS that marks the vector, and then registers as if nothing were.
    struct Careless final : HssPort {
        boost::asio::awaitable<Result<s6a::AuthenticationInformationAnswer>> authentication_information(
            s6a::AuthenticationInformationRequest request) override {
            auto result = co_await hss.authentication_information(request);
            result->kme_access_info = s6a::KmeAccessInfo{s6a::kme_access::provisioning_only, std::nullopt};
            co_return result;
        }
        boost::asio::awaitable<Result<s6a::UpdateLocationAnswer>> update_location(
            s6a::UpdateLocationRequest request, std::optional<TerminalReport> terminal) override {
            co_return co_await hss.update_location(request, terminal);
        }
        boost::asio::awaitable<Result<s6a::PurgeUeAnswer>> purge_ue(s6a::PurgeUeRequest request) override {
            co_return co_await hss.purge_ue(request);
        }
        boost::asio::awaitable<Result<s6a::NotifyAnswer>> notify(
            s6a::NotifyRequest request, std::optional<TerminalReport> terminal) override {
            co_return co_await hss.notify(request, terminal);
        }
        boost::asio::awaitable<Result<s6a::MeIdentityCheckAnswer>> check_me_identity(
            s6a::MeIdentityCheckRequest request, TerminalReport terminal) override {
            co_return co_await hss.check_me_identity(request, terminal);
        }
        boost::asio::awaitable<bool> connect() override { co_return true; }
        boost::asio::awaitable<void> disconnect() override { co_return; }
        test::FakeHss hss;
    } careless;
    careless.hss.subscribers[digits] = {test::set1_k, test::set1_opc, 100};
    careless.hss.data.apn_configuration_profile.emplace().apns.push_back({1, "internet"});
    test::Collected trace;
    Me me(*Imei::parse("35824005111111"));
    Usim usim(test::imsi(digits), test::set1_keys);
    CoreNode enforcing(node_settings(all_features), careless, trace);
    const auto result = test::run(enforcing.attach(Ue{me, usim}));
    CHECK(result.str() == "no_bearer");
    CHECK(field(result, "apns") == "internet");  // seen, and not used
    CHECK(field(result, "bearer") == "false");
    CHECK(enforcing.visitors().find(test::imsi(digits)) == nullptr);
}
