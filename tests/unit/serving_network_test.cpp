// SPDX-License-Identifier: Apache-2.0
#include "procedure/serving_network.h"

#include <catch2/catch.hpp>

using namespace bindhss;
using namespace bindhss::procedure;

namespace {

const std::string lab = "epc.mnc001.mcc001.3gppnetwork.org";

Plmn plmn(std::string_view text) {
    return *Plmn::parse(text);
}

}  // namespace

TEST_CASE("a realm named after a PLMN may ask for that PLMN alone, with an MNC of two digits or three") {
    const ServingNetworks networks;
    CHECK_FALSE(networks.check(lab, plmn("00101")));
    CHECK_FALSE(networks.check(lab, plmn("001001")));
    CHECK_FALSE(networks.check("EPC.MNC001.mcc001.3GPPnetwork.org", plmn("00101")));
    CHECK_FALSE(networks.check("epc.mnc410.mcc310.3gppnetwork.org", plmn("310410")));
    for (const auto* other : {"00102", "00201", "001010", "001011"}) {
        const auto failure = networks.check(lab, plmn(other));
        REQUIRE(failure);
        CHECK(failure->cause == Cause::authorization_rejected);
    }
    CHECK(networks.check("epc.mnc410.mcc310.3gppnetwork.org", plmn("31041")));
    CHECK(networks.check("epc.mnc410.mcc310.3gppnetwork.org", plmn("31010")));
    const auto detail = networks.check(lab, plmn("26201"))->detail;
    CHECK(detail.find("roaming.realms: {realm: \"" + lab + "\", plmns: [\"262/01\"]}") != std::string::npos);
}

TEST_CASE("a realm of any other name may ask for every PLMN") {
    const ServingNetworks networks;
    for (const auto* realm : {"localdomain", "epc.example", "", "epc.mnc01.mcc001.3gppnetwork.org",
                              "epc.mncabc.mcc001.3gppnetwork.org", "epc.mnc001.mcc001.3gppnetwork.com",
                              "ims.mnc001.mcc001.3gppnetwork.org", "epc.mnc001-mcc001.3gppnetwork.org",
                              "x.epc.mnc001.mcc001.3gppnetwork.org"}) {
        CHECK_FALSE(networks.check(realm, plmn("26201")));
    }
}

TEST_CASE("a listed realm has the PLMNs of its list, without regard to its name") {
    const ServingNetworks networks(
        {{lab, {plmn("00101"), plmn("99970")}}, {"hub.example", {}}, {"Mme.Example", {plmn("00102")}}},
        UnlistedRealms::reject);
    CHECK_FALSE(networks.check(lab, plmn("99970")));
    CHECK_FALSE(networks.check("hub.example", plmn("26201")));
    CHECK_FALSE(networks.check("mmE.example", plmn("00102")));
    const auto failure = networks.check(lab, plmn("001001"));
    REQUIRE(failure);
    CHECK(failure->cause == Cause::authorization_rejected);
    CHECK(failure->detail.find("under roaming.realms") != std::string::npos);
}

TEST_CASE("realms that are not listed are allowed or rejected as configured") {
    CHECK_FALSE(ServingNetworks({}, UnlistedRealms::allow).check(lab, plmn("26201")));
    const auto failure = ServingNetworks({}, UnlistedRealms::reject).check(lab, plmn("00101"));
    REQUIRE(failure);
    CHECK(failure->detail.find("roaming.unlisted_realms is reject") != std::string::npos);
}
