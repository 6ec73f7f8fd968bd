// SPDX-License-Identifier: Apache-2.0
// The verdict on an access: who reports it, the first device, locks, emergency, and the key (spec 4.7).
#include <catch2/catch.hpp>

#include "judge_cases.h"

namespace bindhss::binding {

using namespace test;

TEST_CASE("The first device of an empty list is acquired when the terms say so", "[judge][R14]") {
    auto binding = empty(Policy::imei_enforce);
    binding.terms.acquisition = Acquisition::first_use;
    const auto first = judged(binding, access_from(own));
    CHECK(admitted(first));
    CHECK(first.acquire == own);
    CHECK(ids(first).empty());
    CHECK_FALSE(judged_device(binding, access_from(own)).acquire);
    CHECK(admitted(judged_device(binding, access_from(own))));

    auto listed = bound(Policy::imei_enforce);
    listed.terms.acquisition = Acquisition::first_use;
    CHECK(judged(listed, access_from(stranger)).refused());
    CHECK_FALSE(judged(listed, access_from(own)).acquire);
}

TEST_CASE("A first device is acquired neither when a rule decides on it nor when it is not admitted in full",
          "[judge][R14]") {
    auto binding = empty(Policy::imei_enforce);
    binding.terms.acquisition = Acquisition::first_use;
    binding.rules = {rule(3, false, "35824005")};
    CHECK(judged(binding, access_from(own)).refused());
    CHECK_FALSE(judged(binding, access_from(own)).acquire);
    binding.rules.clear();
    binding.terms.on_shared = Reaction::limit;
    binding.terms.limited_profile = "quarantine";
    auto shared = access_from(own);
    shared.device.uiccs = 1;
    shared.device.uiccs_max = 1;
    CHECK_FALSE(judged(binding, shared).acquire);
}

TEST_CASE("The UICCs in a device are counted again where more than an alarm follows from too many",
          "[judge][R55]") {
    auto binding = bound(Policy::imei_enforce);
    auto roomy = access_from(own);
    roomy.device.uiccs = 1;
    roomy.device.uiccs_max = 2;
    CHECK_FALSE(judged(binding, roomy).count_again);
    for (const auto reaction : {Reaction::limit, Reaction::reject, Reaction::lock}) {
        binding.terms.on_shared = reaction;
        CHECK(judged(binding, roomy).count_again);
    }
    auto emergency = roomy;
    emergency.emergency = true;
    CHECK_FALSE(judged(binding, emergency).count_again);
    auto full = roomy;
    full.device.uiccs = 2;
    CHECK_FALSE(judged(binding, full).count_again);
    auto any = roomy;
    any.device.uiccs_max.reset();
    CHECK_FALSE(judged(binding, any).count_again);
}

TEST_CASE("Only an authenticated access brings the first device", "[judge][R14][I5]") {
    auto binding = empty(Policy::imei_enforce);
    binding.terms.acquisition = Acquisition::first_use;
    const auto unproven = judged(binding, forged(own));
    CHECK(unproven.refused());
    CHECK_FALSE(unproven.acquire);
    auto moved = forged(own);
    moved.registered_elsewhere = true;
    CHECK(admitted(judged(binding, moved)));
    CHECK_FALSE(judged(binding, moved).acquire);
}

TEST_CASE("Under a key policy the first device is one that has proved the key", "[judge][R14][I5]") {
    auto binding = empty(Policy::kme_imei);
    binding.terms.acquisition = Acquisition::first_use;
    CHECK(judged(binding, proven(own)).acquire == own);
    auto inherited = access_from(own);
    inherited.previously_verified = true;
    CHECK(admitted(judged(binding, inherited)));
    CHECK_FALSE(judged(binding, inherited).acquire);
}

TEST_CASE("The operator is asked about another device, and it waits", "[judge][R14]") {
    auto binding = bound(Policy::imei_enforce);
    binding.terms.acquisition = Acquisition::approve;
    const auto asked = judged(binding, access_from(stranger));
    CHECK(asked.refused());
    CHECK(asked.ask == stranger);
    CHECK(ids(asked) == Ids{Id::approval_pending});
    CHECK_FALSE(judged(binding, access_from(own)).ask);
    binding.terms.on_unauthorised = Reaction::limit;
    binding.terms.limited_profile = "quarantine";
    const auto limited = judged(binding, access_from(stranger));
    CHECK(limited.admission == Admission::limited);
    CHECK(limited.ask == stranger);
}

TEST_CASE("Nobody is asked about a device that a rule denies, or that anybody could have made up",
          "[judge][R14][I5]") {
    auto binding = bound(Policy::imei_enforce);
    binding.terms.acquisition = Acquisition::approve;
    const auto unproven = judged(binding, forged(stranger));
    CHECK(unproven.refused());
    CHECK_FALSE(unproven.ask);
    binding.rules.push_back(rule(2, false, stranger.str()));
    const auto denied = judged(binding, access_from(stranger));
    CHECK_FALSE(denied.ask);
    CHECK(ids(denied) == Ids{Id::pair_unauthorised});
}

TEST_CASE("Monitoring asks the operator too, and admits", "[judge][R14]") {
    auto binding = empty(Policy::imei_monitor);
    binding.terms.acquisition = Acquisition::approve;
    const auto asked = judged(binding, access_from(stranger));
    CHECK(admitted(asked));
    CHECK(asked.ask == stranger);
    CHECK(ids(asked) == Ids{Id::approval_pending});
}

TEST_CASE("That the operator is asked makes another IMEI with the right key no less of a mismatch",
          "[judge][I6][R14]") {
    auto binding = bound(Policy::kme);
    binding.terms.acquisition = Acquisition::approve;
    binding.terms.on_mismatch = Reaction::reject;
    const auto asked = judged(binding, proven(stranger));
    CHECK(asked.refused());
    CHECK(asked.ask == stranger);
    CHECK(ids(asked) == Ids{Id::imei_mismatch, Id::approval_pending});
}

TEST_CASE("A node that had a vector, or serves the UE, has authenticated it", "[judge][I5]") {
    const JudgeSettings settings;
    auto access = forged(own);
    CHECK(provenance_of(access, settings) == Provenance::unproven);
    access.pre_processed_at = now - 24h;
    CHECK(provenance_of(access, settings) == Provenance::authenticated);
    access.pre_processed_at = now - 24h - 1ms;
    CHECK(provenance_of(access, settings) == Provenance::unproven);
    access.regular_at = now - 1h;
    CHECK(provenance_of(access, settings) == Provenance::authenticated);
    access = forged(own);
    access.registered_here_at = now - 23h;
    CHECK(provenance_of(access, settings) == Provenance::authenticated);
    access.registered_here_at = now - 48h;
    CHECK(provenance_of(access, settings) == Provenance::unproven);
    access.serves_now = true;
    CHECK(provenance_of(access, settings) == Provenance::authenticated);
    access = forged(own);
    access.registered_elsewhere = true;
    CHECK(provenance_of(access, settings) == Provenance::taken_over);
    CHECK(name_of(Provenance::authenticated) == "authenticated");
    CHECK(name_of(Provenance::taken_over) == "taken_over");
    CHECK(name_of(Provenance::unproven) == "unproven");
}

TEST_CASE("A report that anybody could have written is an event, and no association", "[judge][I5][R48]") {
    auto access = forged(own);
    access.last_seen_imei = stranger;
    auto binding = bound(Policy::imei_monitor);
    const auto told = judged(binding, access);
    CHECK(admitted(told));
    CHECK(told.provenance == Provenance::unproven);
    CHECK(ids(told) == Ids{Id::update_unauthenticated});
    binding.terms.on_unproven = Reaction::reject;
    CHECK(judged(binding, access).refused());
    binding.terms.on_unproven = Reaction::lock;
    CHECK(judged(binding, access).refused());
    CHECK_FALSE(judged(binding, access).lock);
    CHECK(ids(judged_device(binding, access)).empty());
    CHECK(admitted(judged_device(binding, access)));
}

TEST_CASE("A made-up IMEI locks nobody out for good", "[judge][I5]") {
    auto binding = bound(Policy::imei_enforce);
    binding.terms.on_unauthorised = Reaction::lock;
    const auto verdict = judged(binding, forged(stranger));
    CHECK(verdict.refused());
    CHECK_FALSE(verdict.lock);
    CHECK_FALSE(judged_device(binding, forged(stranger)).lock);
    CHECK(judged_device(binding, access_from(stranger)).lock);
}

TEST_CASE("A node that says that a UE has moved to it locks nothing and asks nobody", "[judge][I5]") {
    auto moved = forged(stranger);
    moved.registered_elsewhere = true;
    auto binding = bound(Policy::imei_enforce);
    binding.terms.on_unauthorised = Reaction::lock;
    binding.terms.acquisition = Acquisition::approve;
    const auto verdict = judged(binding, moved);
    CHECK(verdict.provenance == Provenance::taken_over);
    CHECK(verdict.refused());
    CHECK_FALSE(verdict.lock);
    CHECK_FALSE(verdict.ask);
}

TEST_CASE("A proof moves with the device that it was made in, and with no other", "[judge][I1][I5]") {
    auto moved = forged(own);
    moved.registered_elsewhere = true;
    moved.previously_verified = true;
    const auto binding = bound(Policy::kme);
    CHECK(judged(binding, moved).verified);
    moved.terminal_information->imei = stranger;
    CHECK(judged(binding, moved).refused());
    moved.terminal_information.reset();
    CHECK(judged(binding, moved).verified);
    moved.last_seen_imei.reset();
    CHECK(judged(binding, moved).verified);
}

TEST_CASE("A locked binding gets no service, whatever comes", "[judge]") {
    for (const auto policy : {Policy::off, Policy::imei_monitor, Policy::imei_enforce, Policy::kme}) {
        auto binding = bound(policy);
        binding.locked = true;
        binding.terms.acquisition = Acquisition::approve;
        const auto verdict = judged(binding, proven(own));
        CHECK(verdict.refused());
        CHECK_FALSE(verdict.lock);
        CHECK(ids(verdict) == Ids{Id::binding_locked});
        CHECK(judged_device(binding, access_from(own)).refused());
        CHECK_FALSE(judged(binding, proven(stranger)).ask);
    }
}

TEST_CASE("An IMEI check neither refuses, limits nor locks during an emergency service, and still tells",
          "[judge]") {
    auto binding = bound(Policy::imei_enforce);
    binding.terms.on_shared = Reaction::limit;
    binding.terms.limited_profile = "quarantine";
    binding.terms.require_secure = true;
    for (const auto reaction : {Reaction::reject, Reaction::limit, Reaction::lock}) {
        binding.terms.on_unauthorised = binding.terms.on_insecure = reaction;
        auto access = access_from(stranger);
        access.emergency = true;
        access.device.uiccs = 5;
        access.device.uiccs_max = 1;
        for (const auto& verdict : {judged(binding, access), judged_device(binding, access)}) {
            CHECK(admitted(verdict));
            CHECK_FALSE(verdict.lock);
            CHECK(ids(verdict) == Ids{Id::pair_unauthorised, Id::imei_shared, Id::insecure_device});
        }
    }
    auto nobody = access_from(std::nullopt);
    nobody.emergency = true;
    CHECK(admitted(judged(binding, nobody)));
    binding.locked = true;
    CHECK(admitted(judged(binding, nobody)));
}

TEST_CASE("The key is asked for during an emergency service as well: it is no IMEI check", "[judge][I1]") {
    auto access = access_from(own);
    access.emergency = true;
    CHECK(judged(bound(Policy::kme), access).refused());
    auto locked = bound(Policy::kme);
    locked.locked = true;
    auto with_key = proven(own);
    with_key.emergency = true;
    CHECK(judged(locked, with_key).refused());
    CHECK(admitted(judged_device(locked, with_key)));  // a report ends no service
}

TEST_CASE("A KME policy admits a ULR soon after a vector under the device's key",
          "[judge][I1][R8][R13][R17]") {
    for (const auto& device : {std::optional(own), std::optional<Imei>()}) {
        const auto verdict = judged(bound(Policy::kme), proven(device));
        CHECK(admitted(verdict));
        CHECK(verdict.verified);
        CHECK(verdict.proof);
    }
}

TEST_CASE("A KME policy refuses a ULR that nothing proves", "[judge][I1][R8]") {
    const auto nothing = judged(bound(Policy::kme), access_from(own));
    CHECK(nothing.refused());
    CHECK_FALSE(nothing.verified);
    auto late = proven(own);
    late.pre_processed_at = now - 121s;
    CHECK(judged(bound(Policy::kme), late).refused());
    auto other_key = proven(own);
    other_key.under_candidate_kme = false;
    const auto verdict = judged(bound(Policy::kme), other_key);
    CHECK(verdict.refused());
    CHECK_FALSE(verdict.proof);
    CHECK(ids(verdict) == Ids{Id::binding_unverified});
}

TEST_CASE("A ULR counts as regular while a regular vector is open at the node", "[judge][I2]") {
    auto access = proven(own);
    access.regular_at = now - 599s;
    access.previously_verified = true;
    const auto open = judged(bound(Policy::kme), access);
    CHECK(open.refused());
    CHECK_FALSE(open.proof);
    access.regular_at = now - 601s;
    CHECK(admitted(judged(bound(Policy::kme), access)));
}

TEST_CASE("A context that moves between MMEs inherits the proof, and is none", "[judge][I1]") {
    auto access = forged(own);
    access.registered_elsewhere = true;
    access.previously_verified = true;
    const auto verdict = judged(bound(Policy::kme), access);
    CHECK(admitted(verdict));
    CHECK(verdict.verified);
    CHECK_FALSE(verdict.proof);
    CHECK(verdict.provenance == Provenance::taken_over);
}

TEST_CASE("A node that never had the context inherits nothing", "[judge][I1][I5]") {
    auto access = forged(own);
    access.previously_verified = true;
    const auto verdict = judged(bound(Policy::kme), access);
    CHECK(verdict.refused());
    CHECK_FALSE(verdict.verified);
    CHECK(ids(verdict) == Ids{Id::binding_unverified, Id::update_unauthenticated});
    // A vector that it had long ago makes its report believable, but hands it no context.
    access.pre_processed_at = now - 1h;
    access.under_candidate_kme = true;
    CHECK(judged(bound(Policy::kme), access).refused());
    access.registered_here_at = now - 1h;
    CHECK(judged(bound(Policy::kme), access).verified);
}

TEST_CASE("A vector proves nothing of a UE that was registered without a proof since", "[judge][I1][I2]") {
    auto access = proven(own);
    access.unverified_at = now - 1s;
    const auto verdict = judged(bound(Policy::kme), access);
    CHECK(verdict.refused());
    CHECK_FALSE(verdict.proof);
    access.unverified_at = now - 3s;
    CHECK(judged(bound(Policy::kme), access).proof);
}

TEST_CASE("A vector under a key that was replaced meanwhile inherits nothing", "[judge][I1]") {
    auto access = proven(own);
    access.under_candidate_kme = false;
    access.previously_verified = true;
    CHECK(judged(bound(Policy::kme), access).refused());
    access.pre_processed_at = now - 121s;
    CHECK(admitted(judged(bound(Policy::kme), access)));
}

TEST_CASE("With the right key and another IMEI, kme alarms and kme+imei rejects", "[judge][I6][R13]") {
    const auto key_only = judged(bound(Policy::kme), proven(stranger));
    CHECK(admitted(key_only));
    CHECK(ids(key_only) == Ids{Id::imei_mismatch});
    const auto both = judged(bound(Policy::kme_imei), proven(stranger));
    CHECK(both.refused());
    CHECK(ids(both) == Ids{Id::pair_unauthorised});
    CHECK(both.proof);  // of the key
    CHECK(admitted(judged(bound(Policy::kme_imei), proven(own))));
    CHECK(judged(bound(Policy::kme_imei), access_from(own)).refused());
}

TEST_CASE("What follows another IMEI with the right key is as the terms say", "[judge][I6]") {
    auto binding = bound(Policy::kme);
    binding.terms.on_mismatch = Reaction::limit;
    binding.terms.limited_profile = "quarantine";
    CHECK(judged(binding, proven(stranger)).admission == Admission::limited);
    binding.terms.on_mismatch = Reaction::reject;
    CHECK(judged(binding, proven(stranger)).refused());
    binding.terms.on_mismatch = Reaction::lock;
    CHECK(judged(binding, proven(stranger)).lock);
    binding.terms.on_unauthorised = Reaction::reject;
    binding.terms.on_mismatch = Reaction::alarm;
    CHECK(admitted(judged(binding, proven(stranger))));
}

}  // namespace bindhss::binding
