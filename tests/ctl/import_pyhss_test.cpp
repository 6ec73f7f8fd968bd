// SPDX-License-Identifier: Apache-2.0
#include "ctl/import_pyhss.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "ctl/import_samples.h"

using namespace bindhss;
using test::data_of;
using test::sample;
using test::subscriber;
using test::text_of;

namespace {

namespace json = boost::json;

json::object tables() {
    return json::parse(sample("pyhss.json")).as_object();
}

json::object& row(json::object& set, json::string_view table, std::size_t number) {
    return set[table].as_array()[number].as_object();
}

template <class Change>
std::string errors_after(Change change) {
    auto set = tables();
    change(set);
    return text_of(ctl::read_pyhss(json::serialize(set)).errors);
}

}  // namespace

TEST_CASE("PyHSS's tables become subscribers with what it would send of them") {
    const auto reading = ctl::read_pyhss(sample("pyhss.json"));
    CHECK(text_of(reading.errors).empty());
    const auto& first = subscriber(reading, "001010000000201");
    CHECK(to_hex(first.keys->k.view()) == "465b5ce8b199b49faa5f0a2ee238a6bc");
    CHECK(to_hex(first.keys->opc.view()) == "cd63cb71954a9f4e48a5994e37a02baf");
    CHECK(first.seq == 3400U / 32);
    CHECK(first.msisdn == "491700000201");
    const auto data = data_of(reading, "001010000000201");
    CHECK(data.ambr == Ambr{50'000'000, 100'000'000});
    CHECK(data.subscribed_rau_tau_timer_s == 300U);
    REQUIRE(data.apn_configuration_profile->apns.size() == 2);
    const auto& internet = data.apn_configuration_profile->apns[0];
    CHECK(internet.context_identifier == 1);
    CHECK(internet.service_selection == "internet");
    CHECK(internet.pdn_type == PdnType::ipv4v6);
    CHECK(internet.arp == AllocationRetentionPriority{4, false, true});
    CHECK(internet.charging_characteristics == "0800");
    const auto& ims = data.apn_configuration_profile->apns[1];
    CHECK(ims.service_selection == "ims");
    CHECK(ims.qci == 5);
    CHECK(ims.arp == AllocationRetentionPriority{1, true, false});
    CHECK(ims.static_ipv4 == "10.45.1.201");
    REQUIRE(ims.gateway);
    CHECK(ims.gateway->addresses == std::vector<std::string>{"10.0.0.4"});

    const auto disabled = data_of(reading, "001010000000202");
    CHECK(disabled.barred() == operator_determined_barring::all_packet_services);
    CHECK(disabled.apn_configuration_profile->apns[0].service_selection == "ims");
    CHECK(disabled.apn_configuration_profile->apns.size() == 2);
    CHECK(disabled.network_access_mode == NetworkAccessMode::only_packet);
    CHECK(subscriber(reading, "001010000000202").seq == 0U);
}

TEST_CASE("PyHSS's equipment register is taken over where it names a device") {
    const auto reading = ctl::read_pyhss(sample("pyhss.json"));
    std::size_t count = 0;
    for (const auto& item : reading.items) {
        const auto* put = std::get_if<store::PutEquipment>(&item.put);
        if (put == nullptr) continue;
        ++count;
        CHECK(put->range == *ImeiRange::parse("35824005111111"));
        CHECK(put->svn == "01");
        CHECK(put->status == s6a::EquipmentStatus::prohibited);
    }
    CHECK(count == 1);
}

TEST_CASE("What is not taken over of PyHSS is told, without a value") {
    const auto warnings = text_of(ctl::read_pyhss(sample("pyhss.json")).warnings);
    for (const auto* text :
         {"auc 1: pin1, puk1, adm1: not taken over, keep a copy",
          "auc 2: algo 1 is not taken over: triplets are made with Milenage",
          "auc 3 is of no subscriber: not taken over", "apn 2: sgw_address is not of an HSS: not taken over",
          "apn 2: charging_rule_list is not of an HSS: not taken over",
          "IMSI 001010000000202: is disabled: all packet services are barred",
          "IMSI 001010000000202: its roaming rules are not taken over",
          "an EIR entry by regular expression is not taken over",
          "an EIR entry with an IMSI is not taken over"})
        CHECK_THAT(warnings, Catch::Contains(text));
    CHECK_THAT(warnings, !Catch::Contains("not known here"));
    for (const auto* secret : {"1234", "87654321", "465b5ce8"})
        CHECK_THAT(warnings, !Catch::Contains(secret));
}

TEST_CASE("The lists of PyHSS's API, one after the other, are read as their combination is") {
    auto set = tables();
    std::string text;
    for (const auto* table : {"subscribers", "apns", "aucs", "subscriber_routings", "eirs"})
        text += json::serialize(set[table]) + "\n";
    const auto lists = ctl::read_pyhss(text);
    CHECK(text_of(lists.errors).empty());
    CHECK(lists.items.size() == ctl::read_pyhss(sample("pyhss.json")).items.size());
    CHECK(data_of(lists, "001010000000201") ==
          data_of(ctl::read_pyhss(sample("pyhss.json")), "001010000000201"));
}

TEST_CASE("Keys that PyHSS's API has left out are told, and where they are") {
    const auto errors = errors_after([](json::object& set) {
        row(set, "aucs", 0).erase("ki");
        row(set, "aucs", 0).erase("opc");
    });
    CHECK_THAT(errors, Catch::Contains("auc 1: ki or opc is missing: PyHSS's API leaves them out unless"));
}

TEST_CASE("Faulty rows of PyHSS are refused with their place") {
    CHECK_THAT(errors_after([](json::object& set) { row(set, "subscribers", 0)["auc_id"] = 9; }),
               Catch::Contains("IMSI 001010000000201: its auc_id is that of no auc"));
    CHECK_THAT(errors_after([](json::object& set) { row(set, "subscribers", 0)["apn_list"] = "1,7"; }),
               Catch::Contains("IMSI 001010000000201: there is no apn 7"));
    CHECK_THAT(errors_after([](json::object& set) { row(set, "subscribers", 0)["apn_list"] = "one"; }),
               Catch::Contains("apn_list is not a list of numbers"));
    CHECK_THAT(errors_after([](json::object& set) { row(set, "apns", 0)["ip_version"] = 5; }),
               Catch::Contains("apn 1: ip_version is not a whole number from 0 to 4"));
    CHECK_THAT(errors_after([](json::object& set) { row(set, "apns", 1)["apn_id"] = 1; }),
               Catch::Contains("apn_id is there twice"));
    CHECK_THAT(errors_after([](json::object& set) { row(set, "aucs", 1)["auc_id"] = 1; }),
               Catch::Contains("auc_id is there twice"));
    CHECK_THAT(
        errors_after([](json::object& set) { row(set, "subscribers", 1)["imsi"] = "001010000000201"; }),
        Catch::Contains("is there twice"));
    CHECK_THAT(errors_after([](json::object& set) { row(set, "aucs", 0)["sqn"] = -100; }),
               Catch::Contains("sqn is not a whole number"));
    CHECK_THAT(errors_after([](json::object& set) { set["apns"].as_array()[0] = 7; }),
               Catch::Contains("apns has a row that is not an object"));
    CHECK_THAT(text_of(ctl::read_pyhss("{}").errors), Catch::Contains("holds no subscribers"));
    CHECK_THAT(text_of(ctl::read_pyhss("[").errors), Catch::Contains("ends too early"));
}
