// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <catch2/catch.hpp>

#include "binding/judge.h"

namespace bindhss::binding {

namespace {

using namespace std::chrono_literals;

const Imei own = *Imei::parse("35824005111111");
const Imei stranger = *Imei::parse("86543503053961");
const WallTime now{std::chrono::milliseconds{1'000'000'000}};

Binding bound(Policy policy) {
    return {policy, {ImeiRange::of(own)}, needs_kme(policy)};
}

Access access_from(std::optional<Imei> imei) {
    Access access;
    access.now = now;
    if (imei) access.terminal_information = TerminalInformation{imei, "01", false};
    return access;
}

Access proven(std::optional<Imei> imei) {
    auto access = access_from(imei);
    access.pre_processed_at = now - 2s;
    access.under_active_kme = true;
    return access;
}

std::vector<alarm::Id> ids(const Verdict& verdict) {
    std::vector<alarm::Id> result;
    for (const auto& finding : verdict.findings) result.push_back(finding.id);
    std::sort(result.begin(), result.end());
    return result;
}

using Ids = std::vector<alarm::Id>;

}  // namespace

TEST_CASE("A subscription that is not managed is admitted without a finding", "[judge]") {
    const auto verdict = judge(bound(Policy::off), access_from(stranger), {});
    CHECK(verdict.admitted);
    CHECK_FALSE(verdict.verified);
    CHECK(verdict.findings.empty());
}

TEST_CASE("Monitoring reports an unauthorised pair and admits it; enforcing rejects it", "[judge]") {
    const auto monitored = judge(bound(Policy::imei_monitor), access_from(stranger), {});
    CHECK(monitored.admitted);
    CHECK(ids(monitored) == Ids{alarm::Id::association_first_seen, alarm::Id::pair_unauthorised});
    const auto enforced = judge(bound(Policy::imei_enforce), access_from(stranger), {});
    CHECK_FALSE(enforced.admitted);
    CHECK(ids(enforced) == Ids{alarm::Id::association_first_seen, alarm::Id::pair_unauthorised});
    CHECK(judge(bound(Policy::imei_enforce), access_from(own), {}).admitted);
}

TEST_CASE("Enforcing without any authorised device rejects every device", "[judge]") {
    CHECK_FALSE(judge({Policy::imei_enforce, {}, false}, access_from(own), {}).admitted);
    CHECK(judge({Policy::imei_monitor, {}, false}, access_from(own), {}).admitted);
}

TEST_CASE("A missing or invalid IMEI is admitted when monitoring, rejected when enforcing, by default",
          "[judge]") {
    CHECK(judge(bound(Policy::imei_monitor), access_from(std::nullopt), {}).admitted);
    const auto missing = judge(bound(Policy::imei_enforce), access_from(std::nullopt), {});
    CHECK_FALSE(missing.admitted);
    CHECK(ids(missing) == Ids{alarm::Id::imei_missing});
    auto access = access_from(std::nullopt);
    access.terminal_information = TerminalInformation::normalise("not digits", std::nullopt);
    const auto invalid = judge(bound(Policy::imei_enforce), access, {});
    CHECK_FALSE(invalid.admitted);
    CHECK(ids(invalid) == Ids{alarm::Id::imei_invalid});
    CHECK(judge(bound(Policy::imei_enforce), access_from(std::nullopt), {.imei_absent_allowed_enforce = true})
              .admitted);
}

TEST_CASE("A changed device is reported with the one before it", "[judge]") {
    auto access = access_from(own);
    access.last_seen_imei = stranger;
    const auto verdict = judge(bound(Policy::imei_enforce), access, {});
    CHECK(verdict.admitted);
    REQUIRE(ids(verdict) == Ids{alarm::Id::association_changed});
    CHECK_THAT(verdict.findings[0].detail, Catch::Contains(stranger.str()));
    access.last_seen_imei = own;
    CHECK(judge(bound(Policy::imei_enforce), access, {}).findings.empty());
}

TEST_CASE("A KME policy admits a ULR soon after a vector under the device's key", "[judge][I1]") {
    const auto verdict = judge(bound(Policy::kme), proven(own), {});
    CHECK(verdict.admitted);
    CHECK(verdict.verified);
}

TEST_CASE("A KME policy refuses a ULR that nothing proves", "[judge][I1]") {
    CHECK_FALSE(judge(bound(Policy::kme), access_from(own), {}).admitted);
    auto late = proven(own);
    late.pre_processed_at = now - 121s;
    CHECK_FALSE(judge(bound(Policy::kme), late, {}).admitted);
    auto other_key = proven(own);
    other_key.under_active_kme = false;
    const auto verdict = judge(bound(Policy::kme), other_key, {});
    CHECK_FALSE(verdict.admitted);
    CHECK(ids(verdict) == Ids{alarm::Id::association_first_seen, alarm::Id::binding_unverified});
}

TEST_CASE("A ULR counts as regular while a regular vector is open at the node", "[judge][I2]") {
    auto access = proven(own);
    access.regular_at = now - 599s;
    access.previously_verified = true;
    CHECK_FALSE(judge(bound(Policy::kme), access, {}).admitted);
    access.regular_at = now - 601s;
    CHECK(judge(bound(Policy::kme), access, {}).admitted);
}

TEST_CASE("A context that moves between MMEs inherits the proof", "[judge][I1]") {
    auto access = access_from(own);
    access.previously_verified = true;
    const auto verdict = judge(bound(Policy::kme), access, {});
    CHECK(verdict.admitted);
    CHECK(verdict.verified);
}

TEST_CASE("A vector under a key that was replaced meanwhile inherits nothing", "[judge][I1]") {
    auto access = proven(own);
    access.under_active_kme = false;
    access.previously_verified = true;
    CHECK_FALSE(judge(bound(Policy::kme), access, {}).admitted);
    access.pre_processed_at = now - 121s;
    CHECK(judge(bound(Policy::kme), access, {}).admitted);
}

TEST_CASE("With the right key and another IMEI, kme alarms and kme+imei rejects", "[judge][I6]") {
    const auto key_only = judge(bound(Policy::kme), proven(stranger), {});
    CHECK(key_only.admitted);
    CHECK(ids(key_only) == Ids{alarm::Id::association_first_seen, alarm::Id::imei_mismatch});
    const auto both = judge(bound(Policy::kme_imei), proven(stranger), {});
    CHECK_FALSE(both.admitted);
    CHECK(judge(bound(Policy::kme_imei), proven(own), {}).admitted);
    CHECK_FALSE(judge(bound(Policy::kme_imei), access_from(own), {}).admitted);
}

}  // namespace bindhss::binding
