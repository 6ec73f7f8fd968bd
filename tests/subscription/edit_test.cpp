// SPDX-License-Identifier: Apache-2.0
#include "subscription/edit.h"

#include "samples.h"

using namespace bindhss;
using subscription::edited;

TEST_CASE("edit: fields are set by name, as text, number, list or JSON, and taken out") {
    const auto document = edited(
        R"({"ics":true,"apns":{"1":{"apn":"internet"}}})",
        {"apns.1.qci=8", "apns.2.apn=ims", "ics=", "charging_characteristics=0800", "stn_sr=49171",
         "operator_determined_barring=outgoing_calls,outgoing_interzonal", "ambr.uplink=100M",
         "ambr.downlink=5", "vsrvcc=true", "zone_codes=[\"0001\"]", "apns.3={\"apn\":\"x\"}", "edrx=null"});
    REQUIRE(document.has_value());
    CHECK(*document ==
          R"({"apns":{"1":{"apn":"internet","qci":8},"2":{"apn":"ims"},"3":{"apn":"x"}},)"
          R"("charging_characteristics":"0800","stn_sr":"49171",)"
          R"("operator_determined_barring":["outgoing_calls","outgoing_interzonal"],)"
          R"("ambr":{"uplink":"100M","downlink":5},"vsrvcc":true,"zone_codes":["0001"],"edrx":null})");
    CHECK(*edited(*document, {"apns.3=", "apns.9.qci=", "edrx="}) ==
          *edited(*document, {"edrx=", "apns.3="}));
}

TEST_CASE("edit: what is no field, and what is no value of it, is refused") {
    const auto refusal = [](const std::string& assignment) {
        const auto result = edited("{}", {assignment});
        REQUIRE_FALSE(result.has_value());
        return result.error().detail;
    };
    CHECK(refusal("apns.1.qcl=8") == "'apns.1.qcl=8' is no field (see bindhssctl profile fields)");
    CHECK(refusal("apns.1.qci=nine") == "'apns.1.qci=nine' is not 5 to 9, 69, 70, 79, 80");
    CHECK(refusal("ics") == "'ics' is not KEY=VALUE");
    CHECK(refusal("=1") == "'=1' is not KEY=VALUE");
    CHECK(refusal("vsrvcc=yes") == "'vsrvcc=yes' is not true or false");
}
