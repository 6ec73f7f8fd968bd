// SPDX-License-Identifier: Apache-2.0
// What is sent in a provisioning exchange, what its answer is worth, and what follows (spec 4.4, 4.5).
#include <catch2/catch.hpp>
#include <random>

#include "binding/provisioning.h"
#include "emu/secure_element.h"

namespace bindhss {

namespace {

using binding::ExchangeOutcome;
using crypto::DevicePrivateKey;
using crypto::KeyType;
using s6a::KmeDeliveryResult;

class Draws final : public Random {
  public:
    void fill(std::span<std::uint8_t> octets) override {
        for (auto& octet : octets) octet = static_cast<std::uint8_t>(engine_());
    }

  private:
    std::mt19937_64 engine_{7};
};

/// A device with its key, and an exchange of the HSS with it.
struct Parties {
    explicit Parties(KeyType type = KeyType::x25519) : key(DevicePrivateKey::generate(type)) {
        terms.transaction = {1, 2, 3, 4, 5, 6, 7, 8};
        random.fill(terms.nonce);
        terms.generation = 3;
        terms.not_after = WallTime(std::chrono::seconds(2'000'000'000));
    }

    [[nodiscard]] binding::KmeProvision provision() {
        auto made = binding::make_provision(holder, terms, key.public_key(), kme.view(), session, random);
        REQUIRE(made);
        return *made;
    }
    /// The device's answer to what was sent.
    [[nodiscard]] OctetString answer(emu::ExchangeConduct conduct = emu::ExchangeConduct::right,
                                     bool requires_home_mac = false) {
        emu::SecureElement element(key, conduct, requires_home_mac);
        std::optional<emu::AkaSession> of_device;
        if (session) of_device = emu::AkaSession{session->ck, session->ik, session->autn};
        const auto octets = element.answer(binding::encode(provision()), imsi, of_device, me);
        REQUIRE(octets);
        return *octets;
    }
    [[nodiscard]] binding::Judged judge(OctetView container) const {
        return binding::judge_response(holder, terms, kme.view(), container);
    }

    const Imsi imsi = Imsi::parse("001010123456789").value();
    const Imei imei = Imei::parse("35824005111111").value();
    const binding::Holder holder{imsi, imei};
    DevicePrivateKey key;
    binding::ExchangeTerms terms;
    const SecretString kme{OctetString(16, 0x5a)};
    std::optional<binding::AkaSession> session;
    Draws random;
    emu::Me me{imei};
};

s6a::KmeProvisioningResponse delivered(const Parties& parties, OctetString container) {
    return {parties.terms.transaction, KmeDeliveryResult::answered, std::move(container)};
}

}  // namespace

TEST_CASE("What is sent opens in the device that it was sealed to, and its answer proves the key",
          "[provisioning][R26][R27][R29][R30]") {
    for (const auto type : {KeyType::x25519, KeyType::p256, KeyType::rsa}) {
        Parties parties(type);
        CHECK(parties.judge(parties.answer()).outcome == ExchangeOutcome::established);
    }
}

TEST_CASE("A container names generation, algorithm, time and transaction as they were laid down",
          "[provisioning][R27]") {
    Parties parties;
    const auto provision = parties.provision();
    CHECK(provision.transaction == parties.terms.transaction);
    CHECK(provision.nonce == parties.terms.nonce);
    CHECK(provision.generation == 3);
    CHECK(provision.not_after == 2'000'000'000);
    CHECK(provision.rand_algorithm == binding::RandAlgorithm::aes128);
    CHECK_FALSE(provision.home_mac);
    CHECK(provision.ciphertext != OctetString(parties.kme.view().begin(), parties.kme.view().end()));
}

TEST_CASE("HOME-MAC goes with a container when the session is at hand, and a device may ask for it",
          "[provisioning][R27]") {
    Parties parties;
    CHECK(parties.judge(parties.answer(emu::ExchangeConduct::right, true)).outcome ==
          ExchangeOutcome::refused);
    parties.session = binding::AkaSession{Secret<16>(Octets<16>{1}), Secret<16>(Octets<16>{2}), Autn{}};
    CHECK(parties.provision().home_mac);
    CHECK(parties.judge(parties.answer(emu::ExchangeConduct::right, true)).outcome ==
          ExchangeOutcome::established);
}

TEST_CASE("An Rsp with any bit changed, of another transaction, or left out proves nothing",
          "[provisioning][R29][I4]") {
    Parties parties;
    const auto right = parties.answer();
    const auto parsed = std::get<binding::Container>(binding::parse_container(right));
    const auto response = std::get<binding::KmeResponse>(parsed);
    for (std::size_t bit = 0; bit < 256; ++bit) {
        auto changed = response;
        (*changed.rsp)[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
        CHECK(parties.judge(binding::encode(changed)).outcome == ExchangeOutcome::rsp_invalid);
    }
    auto other = response;
    other.transaction[0] ^= 1;
    CHECK(parties.judge(binding::encode(other)).outcome == ExchangeOutcome::rsp_invalid);
    auto none = response;
    none.rsp.reset();
    CHECK(parties.judge(binding::encode(none)).outcome != ExchangeOutcome::established);
}

TEST_CASE("An answer counts for its nonce, generation, subscription, device and key alone",
          "[provisioning][R29][I4]") {
    Parties parties;
    const auto right = parties.answer();
    auto nonce = parties.terms;
    nonce.nonce[31] ^= 1;
    CHECK(binding::judge_response(parties.holder, nonce, parties.kme.view(), right).outcome ==
          ExchangeOutcome::rsp_invalid);
    auto generation = parties.terms;
    ++generation.generation;
    CHECK(binding::judge_response(parties.holder, generation, parties.kme.view(), right).outcome ==
          ExchangeOutcome::rsp_invalid);
    const auto neighbour = Imsi::parse("001010123456780").value();
    CHECK(binding::judge_response({neighbour, parties.imei}, parties.terms, parties.kme.view(), right)
              .outcome == ExchangeOutcome::rsp_invalid);
    CHECK(binding::judge_response({parties.imsi, Imei::parse("35824005111112").value()}, parties.terms,
                                  parties.kme.view(), right)
              .outcome == ExchangeOutcome::rsp_invalid);
    CHECK(binding::judge_response(parties.holder, parties.terms, OctetString(16, 0x5b), right).outcome ==
          ExchangeOutcome::rsp_invalid);
}

TEST_CASE("A device that says why it did not take the key is believed", "[provisioning][R29]") {
    Parties parties;
    const auto judged = parties.judge(parties.answer(emu::ExchangeConduct::refusing));
    CHECK(judged.outcome == ExchangeOutcome::refused);
    CHECK(judged.detail == "the device says: cannot be stored");
}

TEST_CASE("What is no container, or none of a device, is no answer", "[provisioning][R28]") {
    Parties parties;
    CHECK(parties.judge({}).outcome == ExchangeOutcome::not_answered);
    CHECK(parties.judge(OctetString(40, 0xff)).outcome == ExchangeOutcome::not_answered);
    CHECK(parties.judge(binding::encode(parties.provision())).outcome == ExchangeOutcome::not_answered);
}

TEST_CASE("What a node says of the delivery decides before the device's answer does", "[provisioning][R28]") {
    Parties parties;
    const auto right = delivered(parties, parties.answer());
    const auto judge = [&](const std::optional<s6a::KmeProvisioningResponse>& response) {
        return binding::judge_delivery(parties.holder, parties.terms, parties.kme.view(), response).outcome;
    };
    CHECK(judge(right) == ExchangeOutcome::established);
    CHECK(judge(std::nullopt) == ExchangeOutcome::not_understood);
    for (const auto result : {KmeDeliveryResult::not_answered, KmeDeliveryResult::not_reachable,
                              KmeDeliveryResult::nas_security_not_active, KmeDeliveryResult::garbage,
                              KmeDeliveryResult::mme_error, static_cast<KmeDeliveryResult>(99)}) {
        auto undelivered = right;
        undelivered.result = result;
        CHECK(judge(undelivered) == ExchangeOutcome::not_answered);
    }
    auto other = right;
    other.transaction[7] ^= 1;
    CHECK(judge(other) == ExchangeOutcome::rsp_invalid);
}

TEST_CASE("What follows from an outcome is the table of spec 4.4", "[provisioning][R24][R30][R31]") {
    const auto with = [](ExchangeOutcome outcome, std::uint32_t features) {
        return binding::conclude(outcome, features, Cause::authorization_rejected, Cause::unable_to_comply);
    };
    const auto both = s6a::feature_kme::provisioning | s6a::feature_kme::provisioning_only;

    const auto established = with(ExchangeOutcome::established, both);
    CHECK_FALSE(established.failure);
    CHECK(established.access.flags ==
          (s6a::kme_access::provisioning_only | s6a::kme_access::binding_established |
           s6a::kme_access::reattach_expected));
    CHECK(established.alarm == alarm::Id::kme_established);
    CHECK_FALSE(established.pause);
    CHECK(with(ExchangeOutcome::established, s6a::feature_kme::provisioning).failure ==
          Cause::unable_to_comply);

    const auto invalid = with(ExchangeOutcome::rsp_invalid, both);
    CHECK(invalid.failure == Cause::authorization_rejected);
    CHECK(invalid.access.cause == s6a::KmeCause::rsp_invalid);
    CHECK(alarm::describe(*invalid.alarm).severity == alarm::Severity::critical);

    const auto refused = with(ExchangeOutcome::refused, both);
    CHECK(refused.failure == Cause::authorization_rejected);
    CHECK(refused.access.cause == s6a::KmeCause::ue_refused);
    CHECK(alarm::describe(*refused.alarm).severity == alarm::Severity::major);

    const auto silent = with(ExchangeOutcome::not_answered, both);
    CHECK(silent.failure == Cause::unable_to_comply);
    CHECK(silent.access.cause == s6a::KmeCause::timeout);
    CHECK(silent.pause);
    CHECK(alarm::describe(*silent.alarm).severity == alarm::Severity::minor);

    const auto forgetful = with(ExchangeOutcome::not_understood, both);
    CHECK(forgetful.failure == Cause::authorization_rejected);
    CHECK(forgetful.feature_off);

    const auto superseded = with(ExchangeOutcome::superseded, both);
    CHECK(superseded.failure == Cause::unable_to_comply);
    CHECK_FALSE(superseded.alarm);
    CHECK_FALSE(superseded.pause);
}

TEST_CASE("No outcome but an established key is ever answered with SUCCESS", "[provisioning][R24][I1]") {
    for (int outcome = 0; outcome <= static_cast<int>(ExchangeOutcome::superseded); ++outcome)
        for (std::uint32_t features = 0; features < 8; ++features) {
            const auto made = binding::conclude(static_cast<ExchangeOutcome>(outcome), features,
                                                Cause::authorization_rejected, Cause::unable_to_comply);
            if (!made.failure) CHECK(static_cast<ExchangeOutcome>(outcome) == ExchangeOutcome::established);
            CHECK((made.access.flags & s6a::kme_access::provisioning_only) != 0);
        }
}

}  // namespace bindhss
