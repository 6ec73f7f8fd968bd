// SPDX-License-Identifier: Apache-2.0
#include <boost/json/parse.hpp>

#include "ctl_session.h"
#include "subscription/document.h"

using namespace bindhss;
using namespace bindhss::test;

namespace {

const std::string imsi = "001010000000001";
const std::string gold =
    R"({"ambr": {"uplink": "1G", "downlink": "2G"}, "apns": {"1": {"apn": "internet"}, "2": {"apn": "ims", "qci": 5}}})";

std::string field(Session& s, const std::string& name) {
    REQUIRE(s.run({"subscriber", "show", imsi, "--json"}) == 0);
    return boost::json::parse(s.out).at(name).as_string().c_str();
}

/// What subscriber and profile make together.
boost::json::object effective(Session& s) {
    REQUIRE(s.run({"subscriber", "subscription", imsi, "--json"}) == 0);
    return boost::json::parse(s.out).as_object();
}

}  // namespace

TEST_CASE("bindhssctl: IMSI, K and OPc alone make a subscriber with which a UE attaches") {
    Session s;
    CHECK(s.run({"subscriber", "add", imsi, k, opc}) == 0);
    CHECK(s.out.empty());
    CHECK(field(s, "profile") == "default");
    CHECK(field(s, "amf") == "8000");
    const auto document = effective(s).at("document").as_object();
    CHECK(document.at("apns").at("1").at("apn") == "internet");
    CHECK(document.at("apns").at("1").at("pdn_type") == "ipv4v6");
    CHECK(document.at("ambr").at("uplink").to_number<std::int64_t>() == 50'000'000);
    // Keys may be asked for as well.
    CHECK(s.run({"subscriber", "add", "001010000000002", "-", "-"}, k + "\n" + opc + "\n") == 0);
    CHECK(s.store.subscribers(10).size() == 2);
    CHECK(s.run({"subscriber", "add", "001010000000003"}) == 1);
    CHECK(s.err ==
          "bindhssctl: there is no subscriber 001010000000003 yet: a new one needs k and opc (or op)\n");
    CHECK(s.run({"subscriber", "add", "001010000000003", k}) == 1);
    CHECK(s.run({"subscriber", "add", "001010000000003", k, opc, "and more"}) == 2);
}

TEST_CASE("bindhssctl: adding again without number and profile leaves both, and the SQN") {
    Session s;
    REQUIRE(s.run({"profile", "set", "gold", gold}) == 0);
    REQUIRE(s.run({"subscriber", "add", imsi, k, opc, "--msisdn", "4917", "--profile", "gold", "--seq",
                   "99"}) == 0);
    REQUIRE(s.run({"subscriber", "add", imsi, k, opc, "--seq", "5"}) == 0);
    CHECK(field(s, "msisdn") == "4917");
    CHECK(field(s, "profile") == "gold");
    CHECK(field(s, "seq") == "99");
}

TEST_CASE("bindhssctl: subscriber set changes what is given and nothing else") {
    Session s;
    REQUIRE(s.run({"profile", "set", "gold", gold}) == 0);
    REQUIRE(s.run({"subscriber", "add", imsi, k, opc, "--msisdn", "4917", "--seq", "99"}) == 0);
    CHECK(s.run({"subscriber", "set", imsi, "--profile", "gold"}) == 0);
    CHECK(field(s, "msisdn") == "4917");
    CHECK(s.run({"subscriber", "set", imsi, "--amf", "b9b9", "apns.2.qci=6",
                 "apns.1.static_ipv4=10.0.0.7"}) == 0);
    CHECK(field(s, "profile") == "gold");
    CHECK(field(s, "amf") == "b9b9");
    CHECK(s.run({"subscriber", "set", imsi, "--odb", "roamer_access_vplmn_ap,outgoing_calls"}) == 0);
    auto document = effective(s).at("document").as_object();
    CHECK(document.at("apns").at("2").at("qci").to_number<int>() == 6);
    CHECK(document.at("apns").at("1").at("static_ipv4") == "10.0.0.7");
    CHECK(document.at("operator_determined_barring").as_array().size() == 2);
    CHECK(s.run({"subscriber", "set", imsi, "--odb", "none", "--msisdn", "", "apns.2="}) == 0);
    CHECK(field(s, "msisdn").empty());
    document = effective(s).at("document").as_object();
    CHECK(document.at("apns").at("2").at("qci").to_number<int>() == 5);
    CHECK(document.at("operator_determined_barring").as_array().empty());
    CHECK(s.run({"subscriber", "set", imsi, "--override", R"({"ics": true})"}) == 0);
    CHECK(effective(s).at("override").at("ics").as_bool());
    const TemporaryFile file("override.json", R"({"ics": false})");
    CHECK(s.run({"subscriber", "set", imsi, "--override", file.path}) == 0);
    CHECK_FALSE(effective(s).at("document").at("ics").as_bool());
    CHECK(s.run({"subscriber", "set", imsi, "--override", ""}) == 0);
    CHECK(effective(s).at("override").as_object().empty());
    CHECK(field(s, "seq") == "99");
}

TEST_CASE("bindhssctl: what is wrong with a document or an edit is one clear line") {
    Session s;
    REQUIRE(s.run({"subscriber", "add", imsi, k, opc}) == 0);
    CHECK(s.run({"profile", "set", "bad", R"({"apns": {"2": {"apn": "ims", "qci": 1}}})"}) == 1);
    CHECK(s.err ==
          "bindhssctl: profile 'bad': apns.2.qci: 1 is a GBR class; 5 to 9 are for default bearers "
          "(TS 29.272 7.3.37)\n");
    CHECK(s.run({"subscriber", "set", imsi, "apns.1.qci=two"}) == 1);
    CHECK(s.err == "bindhssctl: 'apns.1.qci=two' is not 5 to 9, 69, 70, 79, 80\n");
    CHECK(s.run({"subscriber", "set", imsi, "apns.1=null"}) == 0);
    CHECK(s.run({"subscriber", "set", imsi, "--profile", "lead"}) == 1);
    CHECK(s.err == "bindhssctl: there is no profile 'lead'\n");
    CHECK(s.run({"subscriber", "set", "001010000000009", "--msisdn", "1"}) == 1);
    CHECK(s.err == "bindhssctl: there is no subscriber 001010000000009\n");
    CHECK(s.run({"subscriber", "set", imsi, "--odb", "everything"}) == 1);
    CHECK(s.err.find("operator_determined_barring: 'everything' is none of") != std::string::npos);
    CHECK(s.run({"profile", "set", "bad", "/nowhere/file"}) == 1);
    CHECK(s.err.find("cannot be read") != std::string::npos);
}

TEST_CASE("bindhssctl: profiles are set, shown, edited, listed and removed") {
    Session s;
    const TemporaryFile file("profile.json", gold);
    CHECK(s.run({"profile", "set", "gold", file.path}) == 0);
    CHECK(s.run({"profile", "set", "tin", "-"}, gold) == 0);
    CHECK(s.run({"profile", "edit", "gold", "rau_tau_timer_s=600", "apns.2=", "ambr.uplink=5M"}) == 0);
    CHECK(s.run({"profile", "show", "gold"}) == 0);
    CHECK(s.out.find("  \"rau_tau_timer_s\": 600") != std::string::npos);
    const auto shown = subscription::read_document(s.out).value();
    CHECK(shown.data.apn_configuration_profile.value().apns.size() == 1);
    CHECK(shown.data.ambr == Ambr{5'000'000, 2'000'000'000});
    CHECK(s.run({"profile", "edit", "gold", "rau_tau_timer_s="}) == 0);
    REQUIRE(s.run({"subscriber", "add", imsi, k, opc, "--profile", "gold"}) == 0);
    CHECK(s.run({"profile", "list", "--json"}) == 0);
    const auto list = boost::json::parse(s.out).as_array();
    REQUIRE(list.size() == 3);
    CHECK(list[1].at("name") == "gold");
    CHECK(list[1].at("subscribers") == "1");
    CHECK(s.run({"profile", "show", "gold", "--json"}) == 0);
    CHECK(boost::json::parse(s.out).at("document").at("apns").at("1").at("qci").to_number<int>() == 9);
    CHECK(s.run({"profile", "remove", "gold"}) == 1);
    CHECK(s.err == "bindhssctl: the profile 'gold' is that of 1 subscriber\n");
    CHECK(s.run({"profile", "remove", "tin"}) == 0);
    CHECK(s.run({"profile", "show", "tin"}) == 1);
    CHECK(s.run({"subscriber", "remove", imsi}) == 0);
    CHECK(s.run({"subscriber", "remove", imsi}) == 1);
    CHECK(s.run({"profile", "remove", "gold"}) == 0);
}

TEST_CASE("bindhssctl: the reference of documents needs no database") {
    std::istringstream in;
    std::ostringstream out, err;
    const auto no_store = [](const ctl::Target&) -> ctl::Stores {
        throw store::Unavailable("there is no database");
    };
    CHECK(ctl::run({"profile", "fields"}, {in, out, err}, no_store) == ctl::done);
    CHECK(out.str().find("apns.N.qci") != std::string::npos);
    CHECK(ctl::run({"profile", "list"}, {in, out, err}, no_store) == ctl::unavailable);
}

TEST_CASE("bindhssctl: the reference of documents lists every field with clause and type") {
    Session s;
    CHECK(s.run({"profile", "fields"}) == 0);
    CHECK(s.out.find("apns.N.qci") != std::string::npos);
    CHECK(s.out.find("7.3.37") != std::string::npos);
    CHECK(s.run({"profile", "fields", "--json"}) == 0);
    CHECK(boost::json::parse(s.out).as_array().size() == subscription::document_fields().size());
}

TEST_CASE(
    "bindhssctl: profiles and overrides are imported from JSON and CSV, before the subscribers that have "
    "them") {
    Session s;
    const TemporaryFile json("import.json", R"({"subscribers": [{"imsi": ")" + imsi + R"(", "k": ")" + k +
                                                R"(", "opc": ")" + opc + R"(", "profile": "gold",
        "override": {"apns": {"1": {"static_ipv4": "10.0.0.9", "qci": 8}, "2": null}, "ics": true,
                     "zone_codes": ["0001", "0002"]}}],
        "profiles": [{"name": "gold", "document": )" +
                                                gold + "}]}");
    CHECK(s.run({"import", json.path}) == 0);
    CHECK(s.err.empty());
    CHECK(s.out == "imported 1 subscribers, 0 devices, 0 keys, 0 bindings, 1 profiles\n");
    const auto document = effective(s).at("document").as_object();
    CHECK(document.at("apns").as_object().size() == 1);
    CHECK(document.at("apns").at("1").at("static_ipv4") == "10.0.0.9");
    CHECK(document.at("zone_codes").as_array().size() == 2);

    const TemporaryFile lines("lines.json",
                              R"({"type": "profile", "name": "tin", "document": {"ambr": {"uplink": 1,
        "downlink": 1.0}}})");
    CHECK(s.run({"import", lines.path}) == 1);
    CHECK(s.err.find("ambr.downlink: is not a whole number") != std::string::npos);

    const TemporaryFile csv("import.csv",
                            "imsi,profile,override\n" + imsi + R"(,default,"{""ics"": false}")" + "\n");
    CHECK(s.run({"import", csv.path}) == 0);
    CHECK(field(s, "profile") == "default");
    CHECK_FALSE(effective(s).at("document").at("ics").as_bool());
    const TemporaryFile profiles("profiles.csv", "name,document\nlead,\"{}\"\n");
    CHECK(s.run({"import", profiles.path}) == 0);
    CHECK(s.store.profile("lead"));
    const TemporaryFile bad("bad.csv", "name,document\nlead,\"{\"\n");
    CHECK(s.run({"import", bad.path}) == 1);
    CHECK(s.err.find(":2: profile 'lead': the document is not JSON") != std::string::npos);
}
