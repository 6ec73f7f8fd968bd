// SPDX-License-Identifier: Apache-2.0
// What nodes read of an HSS that gives devices their keys: those that have the KME AVPs what concerns them,
// all others the same octets as before.
#include "s6a/wire_hss.h"

using namespace bindhss;
using namespace bindhss::diameter;
using namespace bindhss::test;

namespace {

constexpr s6a::Features kme_node{0, 0, 0x7};

/// Devices without a public key, so that each exchange ends before anything is sent.
class NoPublicKeys final : public store::Exchanges {
  public:
    store::Awaitable<std::variant<store::Begun, store::NotBegun>> begin_exchange(
        store::BeginExchange exchange) override {
        begun.push_back(exchange.end_to_end);
        std::variant<store::Begun, store::NotBegun> none = store::NotBegun::no_public_key;
        co_return std::move(none);
    }
    store::Awaitable<std::optional<store::PendingExchange>> load_exchange(binding::TransactionId,
                                                                          WallTime) override {
        co_return std::optional<store::PendingExchange>();
    }
    store::Awaitable<store::Finished> finish_exchange(store::FinishExchange) override {
        co_return store::Finished{};
    }
    store::Awaitable<store::Done> abort_exchange(Imsi, std::string) override { co_return store::Done{}; }
    store::Awaitable<bool> exchange_pending(Imsi, WallTime) override { co_return false; }
    store::Awaitable<bool> has_come_again(Imsi, ServingNode, WallTime) override { co_return false; }
    store::Awaitable<store::Done> keep_session(Imsi, binding::AkaSession, WallTime) override {
        ++sessions;
        co_return store::Done{};
    }
    store::Awaitable<std::optional<store::RestrictedProfile>> load_restricted(Imsi, std::string) override {
        co_return std::optional<store::RestrictedProfile>();
    }

    std::vector<std::uint32_t> begun;  ///< End-to-End Identifiers
    int sessions = 0;
};

/// `bound` needs a key and its device is allowed; whether there is a key already is for the caller.
void bind(WireHss& to) {
    store::PutBinding binding{bound};
    binding.policy = binding::Policy::kme_imei;
    binding.devices = {ImeiRange::of(*Imei::parse("35824005111111"))};
    to.put(std::move(binding));
}
void give_key(WireHss& to) {
    to.put(store::PutKme{*Imei::parse("35824005111111"), SecretString(OctetString(16, 0x42))});
}

Message read(const OctetString& octets) {
    auto message = *Message::parse(octets);
    REQUIRE_FALSE(message.check(loaded_dictionary()));
    return message;
}

/// AVPs of the KME vendor, and lists of it in Supported-Features, wherever they are.
std::size_t count_kme(const AvpView& avp) {
    const auto vendor = loaded_dictionary().kme_vendor();
    std::size_t count = avp.id().vendor == vendor ? 1 : 0;
    if (avp.id() == avp_id::supported_features && avp.find(avp_id::vendor_id)->u32() == vendor) ++count;
    avp.each([&count](const AvpView& child) { count += count_kme(child); });
    return count;
}
std::size_t count_kme(const OctetString& octets) {
    const auto message = read(octets);
    std::size_t count = 0;
    message.each([&count](const AvpView& avp) { count += count_kme(avp); });
    return count;
}

/// Attaches, moves and leaves of both subscriptions at a node that announced `features`.
std::vector<OctetString> a_day(WireHss& to, const std::optional<s6a::Features>& features) {
    to.announced = features;
    std::vector<OctetString> answers;
    for (const auto& imsi : {unbound, bound}) {
        answers.push_back(to.air(imsi, 1));
        answers.push_back(to.ulr(imsi));
        to.clock.advance(std::chrono::minutes(5));
        answers.push_back(to.air(imsi, 3));
        s6a::NotifyRequest nor{imsi, mme};
        nor.supported_features = features;
        nor.terminal_information = TerminalInformation{Imei::parse("35824005111111"), "02", false};
        answers.push_back(to.ask(command_notify, nor));
        s6a::PurgeUeRequest pur{imsi, mme};
        pur.supported_features = features;
        answers.push_back(to.ask(command_purge_ue, pur));
    }
    return answers;
}

}  // namespace

TEST_CASE("A node that announced nothing of the KME list reads the same octets, whether keys are provisioned",
          "[wire][R42][kme]") {
    for (const bool has_key : {false, true}) {
        for (const auto& features : {std::optional<s6a::Features>(), std::optional(s6a::Features{7, 1, 0})}) {
            CAPTURE(has_key, features.has_value());
            NoPublicKeys exchanges;
            WireHss plain;
            WireHss provisions(&exchanges);
            for (auto* each : {&plain, &provisions}) {
                bind(*each);
                if (has_key) give_key(*each);
            }
            const auto expected = a_day(plain, features);
            const auto found = a_day(provisions, features);
            REQUIRE(found.size() == expected.size());
            for (std::size_t i = 0; i < found.size(); ++i) {
                CAPTURE(i);
                CHECK(to_hex(found[i]) == to_hex(expected[i]));
                CHECK(count_kme(found[i]) == 0);
            }
            CHECK(exchanges.begun.empty());
            CHECK(exchanges.sessions == 0);
        }
    }
}

TEST_CASE("A node that announced the KME list is told the features that both have, and of the access",
          "[R22][R24][kme]") {
    NoPublicKeys exchanges;
    WireHss hss(&exchanges);
    bind(hss);
    hss.announced = s6a::Features{0, 0, 0xf};
    const auto aia = decode_authentication_information_answer(read(hss.air(bound)));
    REQUIRE(aia.has_value());
    CHECK(aia->supported_features->vendor == 0x7);
    REQUIRE(aia->kme_access_info);
    CHECK(aia->kme_access_info->flags == s6a::kme_access::provisioning_only);
    REQUIRE(aia->eutran_vectors.size() == 1);
    CHECK(aia->eutran_vectors[0].kme_access_flags == s6a::kme_access::provisioning_only);
}

TEST_CASE("Only over TLS a node is told of keys", "[R27][kme]") {
    NoPublicKeys exchanges;
    WireHss hss(&exchanges);
    bind(hss);
    hss.announced = kme_node;
    hss.secured = false;
    CHECK(decode_authentication_information_answer(read(hss.air(bound))).has_error());
    hss.secured = true;
    CHECK(decode_authentication_information_answer(read(hss.air(bound)))->kme_access_info);
}

TEST_CASE("An exchange belongs to the End-to-End Identifier of its Update-Location", "[R31][kme]") {
    NoPublicKeys exchanges;
    WireHss hss(&exchanges);
    bind(hss);
    hss.announced = kme_node;
    CHECK(decode_authentication_information_answer(read(hss.air(bound))).has_value());
    const auto ula = decode_update_location_answer(read(hss.ulr(bound)));
    CHECK(exchanges.begun == std::vector<std::uint32_t>{hss.last_end_to_end()});
    // And how it ended is told with the error.
    REQUIRE(ula.has_error());
    REQUIRE(ula.error().kme_access_info);
    CHECK(ula.error().kme_access_info->cause == s6a::KmeCause::no_public_key);
}
