// SPDX-License-Identifier: Apache-2.0
#include "ctl/import_srsepc.h"

#include "ctl/import_samples.h"

using namespace bindhss;
using test::data_of;
using test::sample;
using test::subscriber;
using test::text_of;

namespace {

const std::string line =
    "ue,mil,001010000000302,465b5ce8b199b49faa5f0a2ee238a6bc,opc,cd63cb71954a9f4e48a5994e37a02baf,8000,"
    "0000000014e0,9,dynamic";

std::string errors_with(const std::string& from, const std::string& to) {
    auto text = line;
    text.replace(text.find(from), from.size(), to);
    const auto errors = text_of(ctl::read_srsepc(text, "internet").errors);
    CHECK(errors.find("465b5ce8") == std::string::npos);
    return errors;
}

}  // namespace

TEST_CASE("srsEPC's users are read with both algorithms, and as older versions wrote them") {
    const auto reading = ctl::read_srsepc(sample("srsepc_user_db.csv"), "srsapn");
    CHECK(text_of(reading.errors).empty());
    CHECK(text_of(reading.warnings) ==
          "4: IMSI 001010000000301: has the XOR test algorithm, which protects nothing");
    const auto& test_card = subscriber(reading, "001010000000301");
    CHECK(test_card.keys->algorithm == AkaAlgorithm::xor_test);
    CHECK_FALSE(fault_of(*test_card.keys));
    CHECK(to_hex(test_card.amf->view()) == "9001");
    CHECK(test_card.seq == 0x1234U >> 5);
    CHECK(data_of(reading, "001010000000301").apn_configuration_profile->apns[0].qci == 7);

    const auto& second = subscriber(reading, "001010000000302");
    CHECK(second.keys->algorithm == AkaAlgorithm::milenage);
    CHECK(to_hex(second.keys->opc.view()) == "cd63cb71954a9f4e48a5994e37a02baf");  // of OP
    CHECK(second.seq == 0x14e0U >> 5);
    const auto data = data_of(reading, "001010000000302");
    REQUIRE(data.apn_configuration_profile->apns.size() == 1);
    const auto& apn = data.apn_configuration_profile->apns[0];
    CHECK(apn.service_selection == "srsapn");
    CHECK(apn.pdn_type == PdnType::ipv4);
    CHECK(apn.static_ipv4 == "172.16.0.2");

    const auto& third = subscriber(reading, "001010000000303");
    CHECK(third.profile == second.profile);
    CHECK(third.override_document == "");
}

TEST_CASE("Faulty lines of srsEPC are refused with their number, and no key is repeated") {
    CHECK(errors_with("8000", "80") ==
          "1: IMSI 001010000000302: AMF has 2 characters; it needs 4 hexadecimal digits");
    CHECK(errors_with("465b5ce8", "465b5cex") ==
          "1: IMSI 001010000000302: Key has 32 characters; it needs 32 hexadecimal digits");
    CHECK(errors_with("opc", "x") == "1: IMSI 001010000000302: OP_Type is neither op nor opc");
    CHECK(errors_with("001010000000302", "12") == "1: IMSI '12' is not 6 to 15 digits");
    CHECK(errors_with(",9,", ",many,") == "1: IMSI 001010000000302: QCI is not a number from 1 to 254");
    CHECK(errors_with("dynamic", "172.16.0") ==
          "1: IMSI 001010000000302: IP_alloc is neither dynamic nor an IPv4 address");
    CHECK(errors_with("0000000014e0", "14e0") ==
          "1: IMSI 001010000000302: SQN has 4 characters; it needs 12 hexadecimal digits");
    CHECK_THAT(errors_with(",9,dynamic", ""), Catch::StartsWith("1: has 8 cells: Name,Auth,"));
    CHECK_THAT(errors_with("dynamic", "dynamic,more"), Catch::StartsWith("1: has 11 cells"));
    CHECK(text_of(ctl::read_srsepc(line + "\n" + line, "internet").errors) ==
          "2: IMSI 001010000000302: is there twice: first at 1");
    CHECK(text_of(ctl::read_srsepc("# nothing\n", "internet").errors) == "1: holds no subscriber");
    CHECK_THAT(text_of(ctl::read_srsepc(line, "no apn").errors), Catch::Contains("apns.1.apn"));
}
