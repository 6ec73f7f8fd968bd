// SPDX-License-Identifier: Apache-2.0
// The HSS between the wire and the procedures: retransmissions, demands, quirks of nodes, and its own
// requests.
#include "crypto/random.h"
#include "diameter/s6a_server.h"
#include "procedure/gate.h"
#include "s6a/node_world.h"
#include "s6a/samples.h"
#include "store/memory/memory_store.h"
#include "vectors/hex.h"
#include "vectors/ts35208.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

/// What became of a request: its answers, as the peer would read them.
struct Mailbox {
    std::vector<Message> answers;
    std::size_t abandoned = 0;
    std::size_t unanswered = 0;  ///< destroyed without an answer
};

class FakeRequest final : public IncomingRequest {
  public:
    FakeRequest(const OctetString& octets, Mailbox& mailbox, Quirks quirks = {},
                std::string peer = "mme.example")
        : message_(*Message::parse(octets)), mailbox_(mailbox), quirks_(quirks), peer_(std::move(peer)) {
        const auto rejection = message_.check(loaded_dictionary());
        if (rejection) throw std::runtime_error(rejection->detail);
    }
    ~FakeRequest() override { mailbox_.unanswered += done_ ? 0 : 1; }
    [[nodiscard]] const Message& message() const override { return message_; }
    [[nodiscard]] const std::string& peer() const override { return peer_; }
    [[nodiscard]] Quirks quirks() const override { return quirks_; }
    [[nodiscard]] bool secured() const override { return false; }
    [[nodiscard]] Message make_answer() override {
        auto answer = Message::answer(loaded_dictionary(), message_.header());
        answer.add(avp_id::session_id, message_.find(avp_id::session_id)->text());
        answer.add(avp_id::auth_session_state, 1U);
        answer.add(avp_id::origin_host, std::string_view("hss.example"));
        answer.add(avp_id::origin_realm, std::string_view("example"));
        return answer;
    }
    void answer(const Message& answer) override {
        auto received = *Message::parse(answer.serialise());
        CHECK_FALSE(received.check(loaded_dictionary()));
        mailbox_.answers.push_back(std::move(received));
        done_ = true;
    }
    void reject(const Rejection& rejection) override {
        auto message = make_answer();
        encode(rejection, message);
        answer(message);
    }
    void abandon() override {
        ++mailbox_.abandoned;
        done_ = true;
    }
    [[nodiscard]] asio::any_io_executor executor() const override { return {}; }

  private:
    Message message_;
    Mailbox& mailbox_;
    Quirks quirks_;
    std::string peer_;
    bool done_ = false;
};

class NoAlarms final : public alarm::Sink {
  public:
    void raise(const alarm::Alarm&) noexcept override {}
};

/// The server and its procedures, which go on only while run() does.
class Hss {
  public:
    Hss()
        : server(io, patient, quiet_log()),
          node(io, loaded_dictionary(), server_settings(), server.handler(), quiet_log()) {
        std::vector<store::Item> items;
        items.push_back({store::PutSubscriber{*Imsi::parse("001010000000001"),
                                              AkaKeys::milenage(of_hex<SubscriberKey>(milenage_sets[0].k),
                                                                of_hex<Opc>(milenage_sets[0].opc))},
                         0});
        if (!store_.apply(items, false).empty()) throw std::runtime_error("no subscriber");
        server.serve(node, live_);
    }
    void receive(const OctetString& octets, Mailbox& mailbox, Quirks quirks = {}) {
        server.handler()(std::make_unique<FakeRequest>(octets, mailbox, quirks));
    }
    void run() {
        do {
            io.restart();
            patient.restart();
        } while (io.run() + patient.run() != 0);
    }
    Mailbox ask(const OctetString& octets, Quirks quirks = {}) {
        Mailbox mailbox;
        receive(octets, mailbox, quirks);
        run();
        return mailbox;
    }

    /// The Result-Code; by the connection of `peer`.
    std::uint32_t ask_by(const std::string& peer, const OctetString& octets) {
        Mailbox mailbox;
        server.handler()(std::make_unique<FakeRequest>(octets, mailbox, Quirks{}, peer));
        run();
        const auto code = mailbox.answers.at(0).find(avp_id::result_code);
        if (code) return code->u32();
        return mailbox.answers[0]
            .find(avp_id::experimental_result)
            ->find(avp_id::experimental_result_code)
            ->u32();
    }
    void limit(const RequestLimits& limits) {
        gate_.emplace(limits, random_, alarms_, clock_);
        ports_.gate = &*gate_;
        live_.replace(ports_);
    }

    asio::io_context io;
    asio::io_context patient;
    S6aServer server;
    Node node;

  private:
    store::MemoryStore store_;
    NoAlarms alarms_;
    crypto::SystemRandom random_;
    SystemClock clock_;
    procedure::Settings settings_;
    procedure::Ports ports_{store_, alarms_, server, random_, clock_, settings_};
    procedure::LivePorts live_{ports_};
    std::optional<procedure::Gate> gate_;
};

/// What node `name` asks, eleven letters.
OctetString air_of_node(std::string_view name) {
    auto octets = air(1);
    const std::string_view origin = "mme.example";
    const auto session = std::search(octets.begin(), octets.end(), origin.begin(), origin.end());
    const auto host = std::search(session + 1, octets.end(), origin.begin(), origin.end());
    std::copy(name.begin(), name.end(), host);
    return octets;
}

OctetString air_with_end_to_end(std::uint32_t id) {
    auto octets = air(1);
    const auto number = number_octets(id);
    std::copy(number.begin(), number.end(), octets.begin() + 16);
    return octets;
}

/// The same as it would come another way: retransmitted, with another Hop-by-Hop id and what a relay adds.
OctetString retransmitted(OctetString octets, std::uint32_t hop_by_hop) {
    octets[4] |= Header::flag_retransmitted;
    const auto record = make_avp(avp_id::route_record, "dra.example");
    octets.insert(octets.end(), record.begin(), record.end());
    octets[2] = static_cast<std::uint8_t>(octets.size() >> 8);
    octets[3] = static_cast<std::uint8_t>(octets.size());
    set_hop_by_hop(octets, hop_by_hop);
    return octets;
}

OctetView autn_of(const Message& answer) {
    return answer.find(avp_id::authentication_info)
        ->find(avp_id::eutran_vector)
        ->find(avp_id::autn)
        ->octets();
}

OctetString ulr_of(std::string_view imsi) {
    return ulr_frame(concat({request_head(), make_avp(avp_id::user_name, imsi), ulr_tail()}));
}

}  // namespace

TEST_CASE("A retransmission joins the request that is being answered, and gets the same answer") {
    Hss hss;
    Mailbox first;
    Mailbox second;
    const auto request = air_with_end_to_end(7);
    hss.receive(request, first);
    hss.receive(retransmitted(request, 0x99), second);
    hss.run();
    REQUIRE(first.answers.size() == 1);
    REQUIRE(second.answers.size() == 1);
    CHECK(to_hex(autn_of(first.answers[0])) == to_hex(autn_of(second.answers[0])));
    CHECK(second.answers[0].header().hop_by_hop == 0x99);
    CHECK(second.answers[0].header().end_to_end == 7);
}

TEST_CASE("A retransmission after the answer is served anew") {
    Hss hss;
    const auto request = air_with_end_to_end(7);
    const auto first = hss.ask(request);
    const auto second = hss.ask(retransmitted(request, 0x99));
    REQUIRE(second.answers.size() == 1);
    CHECK(to_hex(autn_of(first.answers.at(0))) != to_hex(autn_of(second.answers[0])));
}

TEST_CASE("Requests that merely share an End-to-End id do not join") {
    Hss hss;
    Mailbox known;
    Mailbox unknown;
    Mailbox other_session;
    hss.receive(ulr_of("001010000000001"), known);
    hss.receive(ulr_of("001010000000002"), unknown);
    auto other = ulr_of("001010000000001");
    const std::string session = "mme.example;1;2";
    const auto at = std::search(other.begin(), other.end(), session.begin(), session.end());
    at[session.size() - 1] = '3';
    hss.receive(other, other_session);
    hss.run();
    CHECK(known.answers.at(0).find(avp_id::session_id)->text() == session);
    CHECK(other_session.answers.at(0).find(avp_id::session_id)->text() == "mme.example;1;3");
    CHECK(unknown.answers.at(0).find(avp_id::experimental_result));
}

TEST_CASE("Retransmissions that wait are limited") {
    Hss hss;
    Mailbox mailbox;
    const auto request = air_with_end_to_end(7);
    for (std::size_t i = 0; i < limits::duplicates_joined_max + 3; ++i) hss.receive(request, mailbox);
    CHECK(mailbox.answers.size() == 2);
    CHECK(mailbox.answers[0].find(avp_id::result_code)->u32() == result_code(Cause::too_busy).number);
    hss.run();
    CHECK(mailbox.answers.size() == limits::duplicates_joined_max + 3);
    CHECK(mailbox.unanswered == 0);
}

TEST_CASE("An Authentication-Information waits for no Update-Location") {
    Hss hss;
    Mailbox ulrs;
    Mailbox airs;
    hss.receive(ulr_of("001010000000001"), ulrs);
    hss.receive(air(1), airs);
    hss.io.run();
    CHECK(airs.answers.size() == 1);
    CHECK(ulrs.answers.empty());
    hss.run();
    CHECK(ulrs.answers.size() == 1);
}

TEST_CASE("Features that are demanded and missing are refused with those that there are") {
    Hss hss;
    const auto features = make_avp(
        avp_id::supported_features,
        OctetView(concat({make_avp(avp_id::vendor_id, vendor_3gpp), make_avp(avp_id::feature_list_id, 2U),
                          make_avp(avp_id::feature_list, 0xffff'ffffU)})));
    const auto refused = hss.ask(ulr_with(features));
    const auto& answer = refused.answers.at(0);
    CHECK(answer.find(avp_id::experimental_result)->find(avp_id::experimental_result_code)->u32() == 5011);
    const auto list = answer.find(avp_id::supported_features);
    REQUIRE(list);
    CHECK(list->find(avp_id::feature_list)->u32() == features::implemented.list_1);
    Quirks quirks;
    quirks.features_optional = true;
    const auto served = hss.ask(ulr_with(features), quirks);
    const auto result = served.answers.at(0).find(avp_id::experimental_result);
    CHECK((!result || result->find(avp_id::experimental_result_code)->u32() != 5011));
}

TEST_CASE("An error ULA has the stub for a node with that quirk, and for no other") {
    Hss hss;
    Quirks quirks;
    quirks.ula_error_stub = true;
    const auto stubbed = hss.ask(ulr_of("001010000000002"), quirks);
    CHECK(stubbed.answers.at(0).find(avp_id::subscription_data));
    CHECK(stubbed.answers.at(0).find(avp_id::experimental_result));
    CHECK_FALSE(hss.ask(ulr_of("001010000000002")).answers.at(0).find(avp_id::subscription_data));
    auto unknown_air =
        air_frame(concat({request_head(), make_avp(avp_id::user_name, "001010000000002"),
                          make_avp(avp_id::visited_plmn_id, OctetView(OctetString{0x00, 0xf1, 0x10}))}));
    CHECK_FALSE(hss.ask(unknown_air, quirks).answers.at(0).find(avp_id::subscription_data));
}

TEST_CASE("Every request of a node finds a procedure") {
    Hss hss;
    for (const auto& sample : golden_samples()) {
        const auto header = *Header::read(sample.octets);
        const auto code = header.command_code;
        if (!header.is_request() || code == 317 || code == 319 || code == 320 || code == 322) continue;
        CAPTURE(sample.name);
        const auto mailbox = hss.ask(sample.octets);
        REQUIRE(mailbox.answers.size() == 1);
        CHECK(mailbox.answers[0].header().command_code == code);
        CHECK_FALSE(mailbox.answers[0].header().is_error());
    }
}

TEST_CASE("The HSS asks a node by name, and hears what the node says") {
    Threads threads;
    S6aServer asking(threads.io, threads.io, quiet_log());
    NodeRequest seen = s6a::ResetRequest{};
    S6aClient node_side({"example", "", ""},
                        [&seen](std::unique_ptr<IncomingRequest> request, NodeRequest decoded) {
                            const bool reset = std::holds_alternative<s6a::ResetRequest>(decoded);
                            const bool cancel = std::holds_alternative<s6a::CancelLocationRequest>(decoded);
                            seen = std::move(decoded);
                            if (cancel) return S6aClient::refuse(*request, 5012, false);
                            if (reset) return request->abandon();
                            if (std::holds_alternative<s6a::InsertSubscriberDataRequest>(seen)) {
                                s6a::InsertSubscriberDataAnswer ida;
                                ida.mme_user_state = s6a::UserState::detached;
                                return S6aClient::answer(*request, ida);
                            }
                            S6aClient::answer(*request, s6a::DeleteSubscriberDataAnswer{{}, 1});
                        });
    auto hss_settings = server_settings();
    hss_settings.request_timeout = 300ms;
    Server hss(threads, asking.handler(), hss_settings);
    Node mme(threads.io, loaded_dictionary(), client_settings(hss.port()), node_side.handler(), quiet_log());
    node_side.attach(mme);
    store::MemoryStore store;
    NoAlarms alarms;
    crypto::SystemRandom random;
    SystemClock clock;
    procedure::Settings procedures;
    const procedure::Ports ports{store, alarms, asking, random, clock, procedures};
    asking.serve(hss.node, ports);
    mme.start();
    REQUIRE(eventually([&] { return is_open(hss.node, "mme.example"); }));

    const ServingNode target{"mme.example", "example"};
    const auto imsi = *Imsi::parse("001010000000001");
    s6a::InsertSubscriberDataRequest idr{imsi, target};
    idr.subscription_data.ambr = Ambr{1, 2};
    const auto ida = threads.run(asking.insert_subscriber_data(idr));
    REQUIRE(ida.has_value());
    CHECK(ida->mme_user_state == s6a::UserState::detached);
    CHECK(std::get<s6a::InsertSubscriberDataRequest>(seen).subscription_data.ambr == Ambr{1, 2});

    const auto dsa = threads.run(asking.delete_subscriber_data({imsi, target, 1, {}, {}}));
    REQUIRE(dsa.has_value());
    CHECK(dsa->dsa_flags == 1);

    const auto cla = threads.run(asking.cancel_location({imsi, target}));
    REQUIRE(cla.has_error());
    CHECK(cla.error().cause == Cause::unable_to_comply);

    const auto rsa = threads.run(asking.reset({target, {"00101"}, {}}));
    REQUIRE(rsa.has_error());
    CHECK(rsa.error().cause == Cause::unable_to_deliver);
    CHECK(std::get<s6a::ResetRequest>(seen).user_ids.at(0) == "00101");

    const auto nobody = threads.run(asking.reset({{"mme9.example", "example"}, {}, {}}));
    CHECK(nobody.error().cause == Cause::unable_to_deliver);
    threads.run(mme.stop(DisconnectCause::rebooting, 200ms));
}

TEST_CASE("A peer that has S13 alone is let in, and one that has neither application is not") {
    Threads threads;
    Server server(threads);
    RawPeer eir_user(server.port());
    CHECK(result_of(eir_user.open({"mme.example", "example", application_s13})) == diameter_success);
    eir_user.close();
    RawPeer other(server.port());
    CHECK(result_of(other.open({"mme.example", "example", 16'777'216})) == 5010);
}

TEST_CASE(
    "A limit of a connection is that of the peer that is connected, whoever its requests say they are of",
    "[R43]") {
    Hss hss;
    RequestLimits limits;
    limits.connection.air = {2, 1h};
    hss.limit(limits);
    CHECK(hss.ask_by("dra.example", air_of_node("mm1.example")) == 2001);
    CHECK(hss.ask_by("dra.example", air_of_node("mm2.example")) == 2001);
    CHECK(hss.ask_by("dra.example", air_of_node("mm3.example")) == 4181);
    CHECK(hss.ask_by("mm1.example", air_of_node("mm1.example")) == 2001);
}
