// SPDX-License-Identifier: Apache-2.0
#include "ctl/import_open5gs.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <random>

#include "ctl/bson.h"
#include "ctl/documents.h"
#include "ctl/foreign.h"
#include "ctl/import_samples.h"
#include "types/octets.h"

using namespace bindhss;
using test::data_of;
using test::profiles_of;
using test::sample;
using test::subscriber;
using test::text_of;

namespace {

namespace json = boost::json;

const std::string k = "465b5ce8b199b49faa5f0a2ee238a6bc";
const std::string opc = "cd63cb71954a9f4e48a5994e37a02baf";  // TS 35.208 set 1, of the OP in the samples

/// The samples as mongodump writes them.
std::string samples_as_bson() {
    std::string dump;
    auto broken = ctl::each_document(
        sample("open5gs_relaxed.json"),
        [&](const json::value& document, std::size_t) { dump += test::bson_of(document); });
    REQUIRE(broken.empty());
    return dump;
}

json::object first_sample() {
    const auto text = sample("open5gs_relaxed.json");
    return json::parse(text.substr(0, text.find('\n'))).as_object();
}

ctl::Reading read(const json::value& document) {
    return ctl::read_open5gs(json::serialize(document));
}

/// Reads the first sample after a change; says what is wrong with it.
template <class Change>
std::string errors_after(Change change) {
    auto document = first_sample();
    change(document);
    const auto reading = read(document);
    const auto text = text_of(reading.errors);
    CHECK(text.find(k.substr(4, 12)) == std::string::npos);
    return text;
}
template <class Change>
std::string warnings_after(Change change) {
    auto document = first_sample();
    change(document);
    const auto reading = read(document);
    CHECK(text_of(reading.errors).empty());
    return text_of(reading.warnings);
}

json::object& session(json::object& document, std::size_t number) {
    return document["slice"].as_array()[0].as_object()["session"].as_array()[number].as_object();
}

void check_samples(const ctl::Reading& reading) {
    CHECK(text_of(reading.errors).empty());
    REQUIRE(reading.items.size() == 5);
    CHECK(profiles_of(reading) == 2);
    const auto& first = subscriber(reading, "001010000000101");
    CHECK(to_hex(first.keys->k.view()) == k);
    CHECK(to_hex(first.keys->opc.view()) == opc);
    CHECK(to_hex(first.amf->view()) == "8000");
    CHECK(first.seq == 3297U / 32);
    CHECK(first.msisdn == "491700000101");
    CHECK(to_hex(subscriber(reading, "001010000000102").keys->opc.view()) == opc);
    CHECK(subscriber(reading, "001010000000102").seq == 4294967329U / 32);
}

}  // namespace

TEST_CASE("Open5GS's subscribers are read alike as JSON lines, canonical list and BSON") {
    check_samples(ctl::read_open5gs(sample("open5gs_relaxed.json")));
    check_samples(ctl::read_open5gs(sample("open5gs_canonical_array.json")));
    check_samples(ctl::read_open5gs(samples_as_bson()));
}

TEST_CASE("What Open5GS's HSS would send of a subscriber is what is subscribed") {
    const auto data = data_of(ctl::read_open5gs(sample("open5gs_relaxed.json")), "001010000000101");
    CHECK(data.ambr == Ambr{500'000'000, 1'000'000'000});
    CHECK(data.a_msisdn == "491700000901");
    CHECK(data.access_restriction_data == 32U);
    CHECK(data.network_access_mode == NetworkAccessMode::packet_and_circuit);
    CHECK(data.subscribed_rau_tau_timer_s == 720U);
    CHECK(data.barred() == 0);
    REQUIRE(data.apn_configuration_profile);
    const auto& profile = *data.apn_configuration_profile;
    CHECK(profile.default_context_identifier == 1);
    REQUIRE(profile.apns.size() == 2);
    const auto& internet = profile.apns[0];
    CHECK(internet.service_selection == "internet");
    CHECK(internet.pdn_type == PdnType::ipv4v6);
    CHECK(internet.qci == 9);
    CHECK(internet.arp == AllocationRetentionPriority{8, false, false});
    CHECK(internet.ambr == Ambr{1'000'000'000, 1'000'000'000});
    CHECK(internet.vplmn_dynamic_address_allowed == true);
    const auto& ims = profile.apns[1];
    CHECK(ims.context_identifier == 2);
    CHECK(ims.pdn_type == PdnType::ipv4);
    CHECK(ims.qci == 5);
    CHECK(ims.arp == AllocationRetentionPriority{1, true, true});
    CHECK(ims.ambr == Ambr{1'530'000, 3'850'000});
    CHECK(ims.static_ipv4 == "10.45.0.77");
    REQUIRE(ims.gateway);
    CHECK(ims.gateway->addresses == std::vector<std::string>{"10.0.0.4", "2001:db8::4"});
}

TEST_CASE("Subscribers with equal data share a profile; their addresses and numbers are overrides") {
    const auto reading = ctl::read_open5gs(sample("open5gs_relaxed.json"));
    const auto& second = subscriber(reading, "001010000000102");
    const auto& third = subscriber(reading, "001010000000103");
    CHECK(second.profile == third.profile);
    CHECK(second.override_document == "");
    CHECK(third.override_document ==
          R"({"apns":{"1":{"static_ipv4":"10.45.0.103","static_ipv6":"2001:db8:45::"}}})");
    CHECK(third.msisdn == "491700000103");
    CHECK_THAT(
        text_of(reading.warnings),
        Catch::Contains("3: IMSI 001010000000103: slice 1, session 1, ue.ipv6: of 2001:db8:45::103 the "
                        "first 64 bits are taken over"));
    CHECK(subscriber(reading, "001010000000101").profile != second.profile);
}

TEST_CASE("A profile has the same name whenever and in whatever order its data are imported") {
    const auto all = ctl::read_open5gs(sample("open5gs_relaxed.json"));
    const auto one = read(first_sample());
    CHECK(subscriber(one, "001010000000101").profile == subscriber(all, "001010000000101").profile);
    CHECK(subscriber(one, "001010000000101").profile->starts_with("open5gs-"));
}

TEST_CASE("The first SEQ issued here is beyond every one that Open5GS can have issued") {
    // It issues what it stores and then stores 32 more; the card may have seen any IND.
    for (const std::uint64_t next : {0ULL, 31ULL, 32ULL, 33ULL, 3297ULL, (1ULL << 40) + 17}) {
        const auto first_of_ours = ctl::seq_to_begin_after(next) + 1;
        CHECK(first_of_ours > next >> Sqn::ind_bits);
        CHECK(first_of_ours - (next >> Sqn::ind_bits) < Sqn::delta);
    }
}

TEST_CASE("A SQN that is out of range is refused, one that is not there counts as 0") {
    const auto with_sqn = [](json::value sqn) {
        return errors_after([&](json::object& d) { d["security"].as_object()["sqn"] = std::move(sqn); });
    };
    const std::string refused =
        "1: IMSI 001010000000101: security.sqn is not a whole number from 0 to 281474976710655";
    CHECK(with_sqn(-1) == refused);
    CHECK(with_sqn(281'474'976'710'656) == refused);
    CHECK(with_sqn(1.5) == refused);
    CHECK(with_sqn(1e300) == refused);
    CHECK(with_sqn("64") == refused);
    CHECK(with_sqn({{"$numberLong", "99999999999999999999"}}) == refused);
    CHECK(with_sqn({{"$numberLong", "12x"}}) == refused);
    CHECK(with_sqn({{"$numberLong", "64"}, {"more", 1}}) == refused);
    CHECK(with_sqn({{"$numberLong", "64"}}).empty());
    auto document = first_sample();
    document["security"].as_object().erase("sqn");
    CHECK(subscriber(read(document), "001010000000101").seq == 0U);
}

TEST_CASE("What is missing or of another type is told with its place, and no key with it") {
    const auto imsi = std::string("1: IMSI 001010000000101: ");
    const auto security = [](json::object& d) -> json::object& { return d["security"].as_object(); };
    CHECK(errors_after([](json::object& d) { d.erase("imsi"); }) == "1: imsi is missing");
    CHECK(errors_after([](json::object& d) { d["imsi"] = "12a"; }) == "1: imsi '12a' is not 6 to 15 digits");
    CHECK(errors_after([](json::object& d) { d["imsi"] = 1010000000101; }) ==
          "1: imsi is not a text\n1: imsi is missing");
    CHECK(errors_after([](json::object& d) { d.erase("security"); }) ==
          imsi + "security is missing: there is no key");
    CHECK(errors_after([](json::object& d) { d["security"] = "none"; }) ==
          imsi + "security is not an object");
    CHECK(errors_after([&](json::object& d) { security(d).erase("k"); }) == imsi + "security.k is missing");
    CHECK(errors_after([&](json::object& d) { security(d)["k"] = k + "00"; }) ==
          imsi + "security.k has 34 characters; it needs 32 hexadecimal digits");
    CHECK(errors_after([&](json::object& d) { security(d)["opc"] = nullptr; }) ==
          imsi + "security.opc or security.op is missing");
    CHECK(errors_after([](json::object& d) { d["slice"] = json::array(); }) ==
          imsi + "slice is missing: there is no APN");
    CHECK(errors_after([](json::object& d) { d["slice"] = 7; }) == imsi + "slice is not a list");
    CHECK(errors_after([](json::object& d) { d["slice"].as_array()[0] = "x"; }) ==
          imsi + "slice 1 is not an object");
    CHECK(errors_after([](json::object& d) { session(d, 1).erase("name"); }) ==
          imsi + "slice 1, session 2, name is missing");
    CHECK(errors_after([](json::object& d) { session(d, 0)["type"] = 9; }) ==
          imsi + "slice 1, session 1, type is not a whole number from 1 to 5");
    CHECK(errors_after([](json::object& d) { session(d, 1)["ue"].as_object()["ipv4"] = "10.45.0.777"; }) ==
          imsi + "slice 1, session 2, ue.ipv4 is not an IPv4 address");
    CHECK(errors_after([](json::object& d) { d["subscribed_rau_tau_timer"] = 71'582'789; }) ==
          imsi + "subscribed_rau_tau_timer is not a whole number from 0 to 71582788");
    CHECK(errors_after([](json::object& d) { d["ambr"].as_object()["uplink"].as_object()["unit"] = 5; }) ==
          imsi + "ambr.uplink.unit is not a whole number from 0 to 4");
    CHECK(errors_after([](json::object& d) { d["msisdn"] = "4917"; }) == imsi + "msisdn is not a list");
}

TEST_CASE("Data that no node could use are refused as the profile's own document would be") {
    CHECK_THAT(errors_after([](json::object& d) { session(d, 1)["name"] = "internet"; }),
               Catch::StartsWith("1: IMSI 001010000000101: "));
    CHECK_THAT(errors_after([](json::object& d) { session(d, 0)["name"] = "two words"; }),
               Catch::StartsWith("1: IMSI 001010000000101: apns.1.apn"));
}

TEST_CASE("What is not taken over is told line by line") {
    const auto imsi = std::string("1: IMSI 001010000000101: ");
    const auto always =
        imsi + "imeisv is not taken over: the device is seen anew with the next Update-Location";
    CHECK(warnings_after([](json::object&) {}) == always);
    CHECK(warnings_after([](json::object& d) {
              d.erase("imeisv");
              session(d, 0)["pcc_rule"] = {{{"flow", json::array()}}};
              session(d, 0)["qos"].as_object()["index"] = 1;
              session(d, 0)["ipv4_framed_routes"] = {"10.0.0.0/8"};
              d["colour"] = "blue";
          }) == imsi + "APN 'internet': QCI 1 is none that a default bearer may have: 9 is set\n" + imsi +
                    "slice 1, session 1, pcc_rule belongs to the PCRF or PCF and is not taken over\n" + imsi +
                    "slice 1, session 1, 'ipv4_framed_routes' is not known here and not taken over\n" + imsi +
                    "'colour' is not known here and not taken over");
    CHECK(warnings_after([](json::object& d) {
              d.erase("imeisv");
              auto& slices = d["slice"].as_array();
              slices.push_back(slices[0]);
              session(d, 1)["type"] = 5;
          }) == imsi + "slice 1, session 2, type 5 is of 5G only: the APN is not taken over\n" + imsi +
                    "slice 2 is of 5G only and not taken over");
    CHECK(warnings_after([](json::object& d) {
              d.erase("imeisv");
              d["ambr"].as_object()["uplink"] = {{"value", 2'000'000'000}, {"unit", 4}};
          }) == imsi + "ambr.uplink is beyond what S6a can say: 4294967295 kbit/s is set");
    CHECK(warnings_after([](json::object& d) {
              d.erase("imeisv");
              d["operator_determined_barring"] = 1;
          }) ==
          imsi + "operator_determined_barring without subscriber_status 1 is not in force: not taken over");
    CHECK(warnings_after([](json::object& d) {
              d.erase("imeisv");
              d.erase("ambr");
          }) == imsi + "has no AMBR: 1 Gbit/s is set");
}

TEST_CASE("Barring is taken over where the subscriber's status says that it is in force") {
    auto document = first_sample();
    document["subscriber_status"] = 1;
    document["operator_determined_barring"] = 1;
    const auto data = data_of(read(document), "001010000000101");
    CHECK(data.barred() == operator_determined_barring::all_packet_services);
    CHECK(data.subscriber_status == SubscriberStatus::operator_determined_barring);
}

TEST_CASE("A subscriber that is there twice is an error with both places") {
    const auto text = sample("open5gs_relaxed.json");
    CHECK(text_of(ctl::read_open5gs(text + text.substr(0, text.find('\n'))).errors) ==
          "4: IMSI 001010000000101: is there twice: first at 1");
}

TEST_CASE("What is neither JSON nor BSON is told with its place") {
    const auto errors = [](std::string_view text) { return text_of(ctl::read_open5gs(text).errors); };
    CHECK(errors("") == "1: is empty");
    CHECK(errors("\n \n") == "3: is empty");
    CHECK(errors("\x1f\x8b\x08") == "1: is compressed: give it to gunzip first");
    CHECK(errors("[1, 2]") ==
          "1: is not an object, as a subscriber is\n1: is not an object, as a subscriber is");
    CHECK(errors("[{\"a\": 1}") == "1: imsi is missing\n1: ends too early to be JSON");
    CHECK(errors("[{} {}]") == "1: imsi is missing\n1: is not JSON: a comma or ] is missing");
    CHECK_THAT(errors("{\"imsi\"\n: tru"), Catch::StartsWith("2: "));
    CHECK(errors("[]").empty());
    CHECK_THAT(errors(std::string(1'000, '[')), Catch::Contains("not an object") || Catch::Contains("JSON"));
    std::string deep = "{\"a\":";
    for (int i = 0; i < 100; ++i) deep += "{\"a\":";
    CHECK_THAT(errors(deep), Catch::StartsWith("1: is not JSON"));
}

TEST_CASE("Every truncation of a dump is refused, or ends at a document") {
    const auto dump = samples_as_bson();
    std::size_t whole = 0;
    for (std::size_t size = 1; size < dump.size(); ++size) {
        const auto reading = ctl::read_open5gs(std::string_view(dump).substr(0, size));
        if (reading.errors.empty()) ++whole;
    }
    CHECK(whole == 2);  // after the first and the second document
}

TEST_CASE("A dump that is altered anywhere is read or refused, and never read beyond its end") {
    const auto dump = samples_as_bson();
    std::mt19937 random(42);
    std::size_t refused = 0;
    for (int round = 0; round < 20'000; ++round) {
        // Of exactly its size, so that a sanitizer sees what is read beyond it.
        std::vector<char> altered(dump.begin(), dump.end());
        for (auto n = 1 + random() % 4; n > 0; --n) {
            const auto at = random() % altered.size();
            switch (random() % 4) {
                case 0:
                    altered[at] = static_cast<char>(random() & 0xff);
                    break;
                case 1:
                    altered[at] = static_cast<char>(altered[at] ^ (1 << random() % 8));
                    break;
                case 2:
                    altered.erase(altered.begin() + static_cast<std::ptrdiff_t>(at));
                    break;
                default:
                    altered.insert(altered.begin() + static_cast<std::ptrdiff_t>(at),
                                   static_cast<char>(random() & 0xff));
            }
        }
        altered.shrink_to_fit();
        if (!ctl::read_open5gs({altered.data(), altered.size()}).errors.empty()) ++refused;
    }
    CHECK(refused > 10'000);
}

TEST_CASE("An export in JSON that is altered anywhere is read or refused") {
    const auto text = sample("open5gs_canonical_array.json");
    std::mt19937 random(43);
    std::size_t refused = 0;
    for (int round = 0; round < 5'000; ++round) {
        std::vector<char> altered(text.begin(), text.end());
        for (auto n = 1 + random() % 3; n > 0; --n) {
            const auto at = random() % altered.size();
            if (random() % 2 == 0) {
                altered[at] = static_cast<char>(random() & 0xff);
            } else {
                altered.resize(at + 1);
            }
        }
        altered.shrink_to_fit();
        if (!ctl::read_open5gs({altered.data(), altered.size()}).errors.empty()) ++refused;
    }
    CHECK(refused > 2'500);
}

TEST_CASE("BSON nested deeper than a subscriber is refused, and every type is passed over") {
    std::string deep = test::bson_of(json::object());
    for (std::size_t i = 0; i < ctl::BsonReader::depth_max + 1; ++i) {
        std::string outer("\x03");
        outer.append("a", 2).append(deep);
        std::string document;
        test::append(document, static_cast<std::int32_t>(outer.size() + 5));
        deep = document + outer + '\0';
    }
    CHECK(text_of(ctl::read_open5gs(deep).errors) == "1: is nested too deep");

    const auto element = [](char type, std::string_view value) {
        return std::string(1, type).append("x", 2).append(value);
    };
    using namespace std::string_view_literals;
    const std::string body = element('\x06', ""sv) + element('\x0b', "a\0b\0"sv) +
                             element('\x0c',
                                     "\2\0\0\0a\0"
                                     "123456789012"sv) +
                             element('\x0f', "\5\0\0\0\0"sv) + element('\x13', "0123456789012345"sv) +
                             element('\x7f', ""sv) + element('\xff', ""sv) +
                             element('\x05', "\2\0\0\0\0ab"sv) + element('\x09', "12345678"sv) +
                             element('\x11', "12345678"sv) + element('\x0d', "\2\0\0\0a\0"sv);
    std::string document;
    test::append(document, static_cast<std::int32_t>(body.size() + 5));
    CHECK(text_of(ctl::read_open5gs(document + body + '\0').errors) == "1: imsi is missing");
    const auto unknown = element('\x14', ""sv);
    document.clear();
    test::append(document, static_cast<std::int32_t>(unknown.size() + 5));
    CHECK(text_of(ctl::read_open5gs(document + unknown + '\0').errors) ==
          "1: has a value of an unknown type");
}
