// SPDX-License-Identifier: Apache-2.0
// What a node reads: of a subscription without a binding the same octets whatever else the HSS knows of
// bindings, and of a bound one a message of the same form.
#include "diameter/s6a_server.h"
#include "s6a/node_world.h"
#include "s6a/samples.h"
#include "store/memory/memory_store.h"
#include "unit/world.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

const Imsi unbound = *Imsi::parse("001010123456789");
const Imsi bound = *Imsi::parse("001010123456780");
const ServingNode mme{"mme.example", "example"};
const ServingNode hss{"hss.example", "example"};

/// One request and where its answer goes.
class WireRequest final : public IncomingRequest {
  public:
    WireRequest(Message message, std::vector<OctetString>& answers)
        : message_(std::move(message)), answers_(answers) {}
    [[nodiscard]] const Message& message() const override { return message_; }
    [[nodiscard]] const std::string& peer() const override { return mme.host; }
    [[nodiscard]] Quirks quirks() const override { return {}; }
    [[nodiscard]] Message make_answer() override {
        auto answer = Message::answer(loaded_dictionary(), message_.header());
        answer.add(avp_id::session_id, message_.find(avp_id::session_id)->text());
        answer.add(avp_id::auth_session_state, 1U);
        answer.add(avp_id::origin_host, hss.host);
        answer.add(avp_id::origin_realm, hss.realm);
        return answer;
    }
    void answer(const Message& answer) override { answers_.push_back(answer.serialise()); }
    void reject(const Rejection& rejection) override {
        auto message = make_answer();
        encode(rejection, message);
        answer(message);
    }
    void abandon() override {}
    [[nodiscard]] asio::any_io_executor executor() const override { return {}; }

  private:
    Message message_;
    std::vector<OctetString>& answers_;
};

/// An HSS whose time and randomness are the same in every run.
class WireHss {
  public:
    WireHss()
        : server_(io_, quiet_log()),
          node_(io_, loaded_dictionary(), server_settings(), server_.handler(), quiet_log()) {
        server_.serve(node_, ports_);
        for (const auto& imsi : {unbound, bound}) {
            put(store::PutSubscriber{imsi, AkaKeys::milenage(of_hex<SubscriberKey>(milenage_sets[0].k),
                                                             of_hex<Opc>(milenage_sets[0].opc))});
        }
    }

    template <class Put>
    void put(Put item) {
        std::vector<store::Item> items;
        items.push_back({std::move(item), 0});
        const auto errors = store_.apply(items, false);
        if (!errors.empty()) throw std::runtime_error(errors.front().text);
    }

    template <class Request>
    OctetString ask(std::uint32_t command, const Request& request) {
        auto message = request_of(command, mme, hss);
        message.set_hop_by_hop(0x01020304);
        message.set_end_to_end(++end_to_end_);
        encode(request, message);
        auto received = *Message::parse(message.serialise());
        if (const auto rejection = received.check(loaded_dictionary()))
            throw std::runtime_error(rejection->detail);
        answers_.clear();
        server_.handler()(std::make_unique<WireRequest>(std::move(received), answers_));
        io_.restart();
        io_.run();
        REQUIRE(answers_.size() == 1);
        return answers_[0];
    }

    OctetString air(const Imsi& imsi, std::uint32_t vectors = 3,
                    std::optional<ReSynchronizationInfo> resync = {}) {
        s6a::AuthenticationInformationRequest request{
            imsi, mme, *Plmn::parse("001/01"), s6a::RequestedAuthenticationInfo{}, {}};
        request.eutran->number_of_requested_vectors = vectors;
        request.eutran->re_synchronization_info = std::move(resync);
        return ask(command_authentication_information, request);
    }
    OctetString ulr(const Imsi& imsi) {
        s6a::UpdateLocationRequest request{imsi, mme, *Plmn::parse("001/01")};
        request.terminal_information = TerminalInformation{Imei::parse("35824005111111"), "01", false};
        return ask(command_update_location, request);
    }

    ManualClock clock;

  private:
    asio::io_context io_;
    S6aServer server_;
    Node node_;
    store::MemoryStore store_{&clock};
    RecordingAlarms alarms_;
    SeededRandom random_{7};
    procedure::Settings settings_;
    procedure::Ports ports_{store_, alarms_, server_, random_, clock, settings_};
    std::vector<OctetString> answers_;
    std::uint32_t end_to_end_ = 0;
};

/// Rules, terms, groups, keys and locks, none of which is about the subscription `unbound`.
void fill_with_bindings(WireHss& hss_with) {
    const auto imei = *Imei::parse("35824005111111");
    binding::Terms terms;
    terms.name = "strict";
    terms.policy = binding::Policy::kme_imei;
    terms.on_unauthorised = binding::Reaction::lock;
    terms.on_unproven = binding::Reaction::reject;
    terms.refuse_next = std::chrono::seconds(60);
    hss_with.put(store::PutTerms{terms});
    hss_with.put(store::PutSubscriptionGroup{"meters", "strict", 5});
    hss_with.put(store::PutMember{bound, "meters"});
    hss_with.put(store::PutKme{imei, SecretString(OctetString(16, 0x42))});
    store::PutBinding binding{bound};
    binding.devices = {ImeiRange::of(imei)};
    binding.terms = "inherit";
    hss_with.put(std::move(binding));
    binding::Rule denied;
    denied.subscriptions = *binding::SubscriptionSet::parse("*");
    denied.devices = *binding::DeviceSet::parse("35824005");
    denied.allow = false;
    hss_with.put(store::PutRule{denied});
    store::PutDevice device{ImeiRange::of(imei)};
    device.uiccs_max = 1;
    hss_with.put(std::move(device));
}

/// A day in the life of a UE, as its node reads it.
std::vector<OctetString> answers_to_a_day(WireHss& to) {
    std::vector<OctetString> answers;
    answers.push_back(to.air(unbound));
    answers.push_back(to.air(unbound, 5));
    to.clock.advance(std::chrono::minutes(5));  // nobody answered: no sign of anything without a key
    answers.push_back(to.air(unbound, 1));
    answers.push_back(to.ulr(unbound));
    answers.push_back(to.ulr(unbound));
    s6a::NotifyRequest nor{unbound, mme};
    nor.terminal_information = TerminalInformation{Imei::parse("86543503053961"), "02", false};
    answers.push_back(to.ask(command_notify, nor));
    ReSynchronizationInfo wrong;
    answers.push_back(to.air(unbound, 1, wrong));
    answers.push_back(to.ask(command_purge_ue, s6a::PurgeUeRequest{unbound, mme}));
    answers.push_back(to.air(unbound, 2));
    return answers;
}

/// Every AVP with its place, flags and length, and its octets unless they are those of a vector.
void outline(const AvpView& avp, std::vector<std::string>& lines, const std::string& place) {
    const auto id = avp.id();
    const auto name = place + "/" + std::to_string(id.code) + ":" + std::to_string(id.vendor);
    const auto octets = avp.octets();
    const bool of_vector =
        id == avp_id::rand || id == avp_id::xres || id == avp_id::autn || id == avp_id::kasme;
    lines.push_back(name + " " + std::to_string(avp.flags()) + " " + std::to_string(octets.size()) + " " +
                    (of_vector ? "" : to_hex(octets)) + (avp.is_number() ? std::to_string(avp.u32()) : ""));
    avp.each([&](const AvpView& child) { outline(child, lines, name); });
}

std::vector<std::string> outline(const OctetString& frame) {
    auto message = *Message::parse(frame);
    REQUIRE_FALSE(message.check(loaded_dictionary()));
    std::vector<std::string> lines;
    message.each([&](const AvpView& avp) { outline(avp, lines, ""); });
    return lines;
}

}  // namespace

TEST_CASE("A subscription without a binding is answered with the same octets, whatever the HSS binds",
          "[wire][R42]") {
    WireHss plain;
    WireHss with_bindings;
    fill_with_bindings(with_bindings);
    const auto expected = answers_to_a_day(plain);
    const auto found = answers_to_a_day(with_bindings);
    REQUIRE(expected.size() == found.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        CAPTURE(i);
        CHECK(to_hex(found[i]) == to_hex(expected[i]));
    }
    // It was no day of errors.
    const auto result = [](const OctetString& frame) {
        auto message = *Message::parse(frame);
        REQUIRE_FALSE(message.check(loaded_dictionary()));
        const auto code = message.find(avp_id::result_code);
        return code ? code->u32() : 0;
    };
    CHECK(result(found[0]) == 2001);
    CHECK(result(found[3]) == 2001);
    CHECK(result(found[5]) == 2001);
    CHECK(result(found[8]) == 2001);
}

TEST_CASE("A node reads nothing new of a bound subscription: only the contents of its vectors differ",
          "[wire][R5][R42]") {
    WireHss world;
    const auto imei = *Imei::parse("35824005111111");
    world.put(store::PutKme{imei, SecretString(OctetString(16, 0x42))});
    store::PutBinding binding{bound};
    binding.policy = binding::Policy::kme;
    binding.devices = {ImeiRange::of(imei)};
    world.put(std::move(binding));
    const auto regular = world.air(unbound, 1);
    const auto pre_processed = world.air(bound, 1);
    CHECK(outline(pre_processed) == outline(regular));
    CHECK(to_hex(pre_processed) != to_hex(regular));
    CHECK(outline(world.ulr(bound)) == outline(world.ulr(unbound)));
}
