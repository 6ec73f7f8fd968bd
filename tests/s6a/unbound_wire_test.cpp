// SPDX-License-Identifier: Apache-2.0
// What a node reads: of a subscription without a binding the same octets whatever else the HSS knows of
// bindings, and of a bound one a message of the same form.
#include "s6a/wire_hss.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

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
