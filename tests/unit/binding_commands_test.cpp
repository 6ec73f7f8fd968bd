// SPDX-License-Identifier: Apache-2.0
// bindhssctl terms, group, rule, binding, approval, model.
#include "ctl_session.h"

namespace bindhss {

namespace {

using test::BindingSession;

const std::string imsi = "001010000000001";
const std::string own = "35824005111111";
const std::string foreign = "35824006222222";

}  // namespace

TEST_CASE("bindhssctl: terms are laid down, changed one by one, listed and removed", "[R35][R42]") {
    BindingSession s;
    CHECK(s.run({"terms", "set", "meters"}) == 1);
    CHECK(s.err == "bindhssctl: policy is missing\n");
    CHECK(s.run({"terms", "set", "meters", "--policy", "imei_enforce", "--acquisition", "approve",
                 "--on-unauthorised", "lock", "--imei-absent", "reject", "--refuse-next", "60"}) == 0);
    CHECK(s.run({"terms", "set", "meters", "--on-shared", "reject", "--detach-on-notify", "no",
                 "--require-secure", "yes", "--on-insecure", "alarm", "--on-unproven", "reject",
                 "--on-mismatch", "reject", "--on-suspicion", "reprovision"}) == 0);
    CHECK(s.run({"terms", "show", "meters", "--json"}) == 0);
    CHECK(s.out ==
          R"({"name":"meters","policy":"imei_enforce","acquisition":"approve","on_unauthorised":"lock",)"
          R"("on_mismatch":"reject","on_unproven":"reject","on_shared":"reject","on_insecure":"alarm",)"
          R"("on_suspicion":"reprovision","imei_absent":"reject","detach_on_notify":"no",)"
          R"("require_secure":"yes","limited_profile":"","refuse_next":"60","default":"no","fixed":"no",)"
          R"("bindings":"0","groups":"0"})"
          "\n");
    CHECK(s.run({"terms", "set", "meters", "--imei-absent", "configured"}) == 0);
    CHECK(s.run({"terms", "show", "meters"}) == 0);
    CHECK(s.told("imei_absent configured"));
    CHECK(s.run({"terms", "list"}) == 0);
    CHECK(s.told("imei_monitor"));
    CHECK(s.told("meters"));
    CHECK(s.run({"terms", "default", "meters", "--dry-run"}) == 0);
    CHECK(s.run({"terms", "default", "meters"}) == 0);
    CHECK(s.run({"terms", "show", "meters"}) == 0);
    CHECK(s.told("default    yes"));
    CHECK(s.run({"terms", "remove", "meters"}) == 1);
    CHECK(s.run({"terms", "default", "off"}) == 0);
    CHECK(s.run({"terms", "remove", "meters"}) == 0);
    CHECK(s.run({"terms", "show", "meters"}) == 1);
    CHECK(s.err == "bindhssctl: there are no terms 'meters'\n");
}

TEST_CASE("bindhssctl: wrong terms are refused in one line", "[R35]") {
    BindingSession s;
    const auto refused = [&](const std::string& option, const std::string& value) {
        CHECK(s.run({"terms", "set", "x", "--policy", "kme", option, value}) == 1);
        return s.err;
    };
    CHECK(refused("--on-shared", "kill") ==
          "bindhssctl: on_shared 'kill' is none of alarm, limit, reject, lock\n");
    CHECK(refused("--on-suspicion", "limit") ==
          "bindhssctl: on_suspicion 'limit' is none of alarm, reprovision, lock\n");
    CHECK(refused("--acquisition", "any") ==
          "bindhssctl: acquisition 'any' is none of preauthorised, first_use, approve\n");
    CHECK(refused("--imei-absent", "yes") ==
          "bindhssctl: imei_absent 'yes' is none of allow, reject, configured\n");
    CHECK(refused("--require-secure", "maybe") == "bindhssctl: require_secure 'maybe' is none of yes, no\n");
    CHECK(refused("--refuse-next", "3601") == "bindhssctl: refuse_next is more than 3600 seconds\n");
    CHECK(refused("--on-shared", "limit").find("profile") != std::string::npos);
    CHECK(s.run({"terms", "set", "off", "--on-shared", "alarm"}) == 1);
    CHECK(s.run({"terms", "set", "x", "--policy", "some"}) == 1);
    CHECK(s.run({"terms", "set", "x", "--colour", "red"}) == 2);
}

TEST_CASE("bindhssctl: a group gives its members their terms, the highest first", "[R55]") {
    BindingSession s;
    s.subscriber(imsi);
    REQUIRE(s.run({"group", "set", "meters", "--terms", "imei_monitor"}) == 0);
    REQUIRE(s.run({"group", "set", "gold", "--terms", "imei_enforce", "--rank", "5"}) == 0);
    CHECK(s.run({"group", "set", "none", "--terms", "nothing"}) == 1);
    CHECK(s.run({"group", "add", "meters", imsi}) == 0);
    CHECK(s.run({"binding", "show", imsi}) == 0);
    CHECK(s.told("terms_from group:meters"));
    CHECK(s.run({"group", "add", "gold", imsi}) == 0);
    CHECK(s.run({"binding", "show", imsi, "--json"}) == 0);
    CHECK(s.told(R"("policy":"imei_enforce")"));
    CHECK(s.told(R"("terms_from":"group:gold")"));
    CHECK(s.run({"group", "list"}) == 0);
    CHECK(s.told("NAME    TERMS         RANK  MEMBERS"));
    CHECK(s.told("gold    imei_enforce  5     1"));
    CHECK(s.run({"group", "remove", "gold"}) == 1);
    CHECK(s.run({"group", "take", "gold", imsi}) == 0);
    CHECK(s.run({"group", "remove", "gold"}) == 0);
    CHECK(s.run({"group", "add", "nobody", imsi}) == 1);
    CHECK(s.run({"group", "add", "meters", "00101x"}) == 1);
    CHECK(s.run({"group", "set", "meters", "--rank", "high"}) == 1);
    CHECK(s.err == "bindhssctl: rank is not a whole number\n");
    CHECK(s.run({"binding", "set", imsi, "--policy", "kme"}) == 0);
    CHECK(s.run({"binding", "show", imsi}) == 0);
    CHECK(s.told("terms_from binding"));
    CHECK(s.run({"binding", "set", imsi, "--policy", "inherit"}) == 0);
    CHECK(s.run({"binding", "show", imsi}) == 0);
    CHECK(s.told("terms_from group:meters"));
}

TEST_CASE("bindhssctl: a binding names a policy, or terms, and not both", "[R1]") {
    BindingSession s;
    s.subscriber(imsi);
    REQUIRE(s.run({"terms", "set", "strict", "--policy", "imei_enforce", "--on-unauthorised", "lock"}) == 0);
    CHECK(s.run({"binding", "set", imsi, "--terms", "strict", "--device", own}) == 0);
    CHECK(s.run({"binding", "show", imsi}) == 0);
    CHECK(s.told("terms      strict"));
    CHECK(s.told("policy     imei_enforce"));
    CHECK(s.told("state      bound"));
    CHECK(s.run({"binding", "set", imsi, "--terms", "strict", "--policy", "kme"}) == 2);
    CHECK(s.run({"binding", "set", imsi}) == 1);
    CHECK(s.err == "bindhssctl: policy is missing (or terms)\n");
    CHECK(s.run({"binding", "set", imsi, "--terms", "nothing"}) == 1);
    CHECK(s.run({"binding", "set", imsi, "--policy", "off", "--dry-run"}) == 0);
    CHECK(s.store.subscriber(*Imsi::parse(imsi))->terms == "strict");
}

TEST_CASE("bindhssctl: rules are added, tested by the engine, replaced and removed", "[R1][R35][R38][R55]") {
    BindingSession s;
    s.subscriber(imsi);
    REQUIRE(s.run({"binding", "set", imsi, "--policy", "imei_enforce", "--device", own}) == 0);
    CHECK(s.run({"rule", "test", imsi, own, "--json"}) == 0);
    CHECK(s.told(R"("action":"allow")"));
    CHECK(s.told("the binding's own list"));
    CHECK(s.told(R"("verdict":"admitted")"));
    CHECK(s.run({"rule", "test", imsi, foreign}) == 0);
    CHECK(s.told("none: the policy decides"));
    CHECK(s.told("verdict    refused"));
    CHECK(s.told("pair_unauthorised"));

    REQUIRE(s.run({"rule", "add", "--subscriptions", "00101*", "--devices", "35824006", "--allow",
                   "--comment", "spare units"}) == 0);
    REQUIRE(s.run({"rule", "add", "--subscriptions", "*", "--devices", "35824006:07", "--deny", "--priority",
                   "10", "--until", "2099-01-01"}) == 0);
    CHECK(s.run({"rule", "test", imsi, foreign}) == 0);
    CHECK(s.told("1: 00101* 35824006 allow, priority 0"));
    CHECK(s.told("verdict    admitted"));
    CHECK(s.run({"rule", "test", imsi, foreign + "07"}) == 0);
    CHECK(s.told("2: * 35824006:07 deny, priority 10"));
    CHECK(s.told("verdict    refused"));
    CHECK(s.run({"rule", "test", imsi, foreign, "--svn", "07"}) == 0);
    CHECK(s.told("verdict    refused"));
    CHECK(s.run({"rule", "list"}) == 0);
    CHECK(s.told("2099-01-01T00:00:00Z"));
    CHECK(s.told("spare units"));
    CHECK(s.run({"rule", "list", imsi}) == 0);
    CHECK(s.told("00101*"));
    CHECK(s.run({"rule", "list", "001019999999999"}) == 1);

    CHECK(s.run({"rule", "add", "--id", "1", "--subscriptions", "00101*", "--devices", "*", "--deny"}) == 0);
    CHECK(s.run({"rule", "test", imsi, foreign}) == 0);
    CHECK(s.told("verdict    refused"));
    CHECK(s.run({"rule", "remove", "1", "2", "--dry-run"}) == 0);
    CHECK(s.store.rules({}, 10).size() == 2);
    CHECK(s.run({"rule", "remove", "1", "2"}) == 0);
    CHECK(s.store.rules({}, 10).empty());
    CHECK(s.run({"rule", "remove", "1"}) == 1);
}

TEST_CASE("bindhssctl: rule add tells the rule's number, which is that of the same rule before",
          "[R1][R38]") {
    BindingSession s;
    const auto add = [&](const std::string& devices, std::vector<std::string> more) {
        std::vector<std::string> arguments{"rule",      "add",   "--subscriptions", "*",
                                           "--devices", devices, "--json"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        CHECK(s.run(arguments) == 0);
        return s.out;
    };
    CHECK(add("35824005", {"--allow"}) == "{\"id\":\"1\"}\n");
    CHECK(add("35824006", {"--allow"}) == "{\"id\":\"2\"}\n");
    CHECK(add("35824005", {"--allow", "--comment", "spare"}) == "{\"id\":\"1\"}\n");
    CHECK(s.store.rules({}, 10).size() == 2);
    CHECK(s.store.rules({}, 10)[0].comment == "spare");
    CHECK(add("35824007", {"--deny", "--id", "2"}) == "{\"id\":\"2\"}\n");
    CHECK(add("35824008", {"--deny", "--dry-run"}).empty());
}

TEST_CASE("bindhssctl: a rule says whom and what it means, and when", "[R55]") {
    BindingSession s;
    const auto refused = [&](std::vector<std::string> more) {
        std::vector<std::string> arguments{"rule", "add"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        CHECK(s.run(arguments) != 0);
        return s.err;
    };
    refused({"--subscriptions", "*", "--allow"});
    refused({"--devices", "*", "--allow"});
    CHECK(refused({"--subscriptions", "*", "--devices", "*"}) == "bindhssctl: action is missing\n");
    refused({"--subscriptions", "*", "--devices", "*", "--allow", "--deny"});
    CHECK(refused({"--subscriptions", "1-2", "--devices", "*", "--allow"})
              .find("subscriptions '1-2' is none of") != std::string::npos);
    CHECK(refused({"--subscriptions", "*", "--devices", "12", "--allow"}).find("devices '12' is none of") !=
          std::string::npos);
    CHECK(refused({"--subscriptions", "*", "--devices", "*", "--allow", "--from", "2026-02-30"})
              .find("from '2026-02-30' is no date") != std::string::npos);
    CHECK(refused({"--subscriptions", "*", "--devices", "*", "--allow", "--from", "2026-03-02", "--until",
                   "2026-03-02"}) == "bindhssctl: the rule ends before it begins\n");
    CHECK(refused({"--subscriptions", "group:nobody", "--devices", "*", "--allow"}).find("nobody") !=
          std::string::npos);
    CHECK(refused({"--subscriptions", "*", "--devices", "*", "--allow", "--id", "0"}) ==
          "bindhssctl: id is not the number of a rule\n");
    CHECK(s.run({"rule", "test", imsi, own}) == 1);
    CHECK(s.err == "bindhssctl: there is no subscriber 001010000000001\n");
}

TEST_CASE("bindhssctl: a device change is authorised in advance, or after the fact, by one command",
          "[R14]") {
    BindingSession s;
    s.subscriber(imsi);
    REQUIRE(s.run({"binding", "set", imsi, "--policy", "imei_enforce", "--device", own}) == 0);
    CHECK(s.run({"binding", "authorise", imsi, foreign, "--dry-run"}) == 0);
    CHECK(s.run({"binding", "authorise", imsi, foreign}) == 0);
    CHECK(s.store.subscriber(*Imsi::parse(imsi))->devices.size() == 2);
    CHECK(s.run({"rule", "test", imsi, foreign}) == 0);
    CHECK(s.told("verdict    admitted"));
    CHECK(s.run({"binding", "authorise", imsi, foreign, "--replace"}) == 0);
    CHECK(s.store.subscriber(*Imsi::parse(imsi))->devices.size() == 1);
    CHECK(s.run({"binding", "refuse", imsi, foreign}) == 0);
    CHECK(s.run({"rule", "test", imsi, foreign}) == 0);
    CHECK(s.told("verdict    refused"));
    CHECK(s.run({"binding", "authorise", "001019999999999", foreign}) == 1);
    CHECK(s.run({"binding", "authorise", imsi, "12"}) == 1);
    CHECK(s.err == "bindhssctl: imei '12' is not 14 to 16 digits\n");
}

TEST_CASE("bindhssctl: a device that asked for approval is listed until the operator answers", "[R14]") {
    BindingSession s;
    s.subscriber(imsi);
    REQUIRE(s.run({"terms", "set", "asking", "--policy", "imei_enforce", "--acquisition", "approve"}) == 0);
    REQUIRE(s.run({"binding", "set", imsi, "--terms", "asking"}) == 0);
    store::Refusal refusal;
    refusal.node = {"mme1.example.org", "example.org"};
    refusal.terminal_information = TerminalInformation::normalise(foreign, "01");
    refusal.ask = *Imei::parse(foreign);
    refusal.now = SystemClock().now();
    REQUIRE(s.await(s.store.record_refusal(*Imsi::parse(imsi), refusal)).has_value());
    CHECK(s.run({"approval", "list"}) == 0);
    CHECK(s.told(imsi + "  " + foreign));
    CHECK(s.run({"binding", "authorise", imsi, foreign}) == 0);
    CHECK(s.run({"approval", "list", "--json"}) == 0);
    CHECK(s.out == "[]\n");
}

TEST_CASE("bindhssctl: a binding is locked until it is unlocked, and the audit tells who did it", "[R35]") {
    BindingSession s;
    s.subscriber(imsi);
    REQUIRE(s.run({"binding", "set", imsi, "--policy", "imei_enforce", "--device", own}) == 0);
    CHECK(s.run({"binding", "lock", imsi}) == 0);
    CHECK(s.run({"binding", "show", imsi}) == 0);
    CHECK(s.told("state      locked"));
    CHECK(s.run({"rule", "test", imsi, own}) == 0);
    CHECK(s.told("verdict    refused"));
    CHECK(s.run({"binding", "unlock", imsi}) == 0);
    CHECK(s.run({"binding", "show", imsi}) == 0);
    CHECK(s.told("state      bound"));
    CHECK(s.run({"audit", "list", "--limit", "2"}) == 0);
    CHECK(s.out.find('@') != std::string::npos);
    CHECK(s.told(imsi));
    CHECK(s.run({"binding", "lock", "001019999999999"}) == 1);
}

TEST_CASE("bindhssctl: what is known of a device model is recorded, and forgotten again", "[R41]") {
    BindingSession s;
    CHECK(s.run({"model", "set", "35824005", "--name", "Meter 3", "--imei-secure", "yes", "--key-secure",
                 "no"}) == 0);
    CHECK(s.run({"model", "set", "35824005", "--imei-secure", "unknown"}) == 0);
    CHECK(s.run({"model", "list"}) == 0);
    CHECK(s.told("35824005  Meter 3  unknown      no"));
    CHECK(s.run({"model", "set", "35824005", "--key-secure", "yes"}) == 0);
    CHECK(s.run({"model", "list", "--json"}) == 0);
    CHECK(s.out == R"([{"tac":"35824005","name":"Meter 3","imei_secure":"unknown","key_secure":"yes"}])"
                   "\n");
    CHECK(s.run({"model", "set", "358240", "--key-secure", "yes"}) == 1);
    CHECK(s.err == "bindhssctl: tac '358240' is not 8 digits\n");
    CHECK(s.run({"model", "set", "35824005", "--key-secure", "perhaps"}) == 1);
}

TEST_CASE("bindhssctl: how many UICCs a device may carry is set and lifted", "[R48]") {
    BindingSession s;
    CHECK(s.run({"device", "set", own, "--uiccs-max", "2", "--comment", "gateway"}) == 0);
    CHECK(s.store.devices(10).at(0).uiccs_max == 2);
    CHECK(s.run({"device", "set", own, "--comment", "gateway 2"}) == 0);
    CHECK(s.store.devices(10).at(0).uiccs_max == 2);
    CHECK(s.run({"device", "list"}) == 0);
    CHECK(s.told("UICCS_MAX"));
    CHECK(s.run({"device", "set", own, "--uiccs-max", ""}) == 0);
    CHECK(s.store.devices(10).at(0).uiccs_max == 0);
    CHECK(s.run({"device", "set", own, "--uiccs-max", "many"}) == 1);
}

TEST_CASE("bindhssctl: import files hold terms, groups, members, rules and models too", "[R1][R38][R55]") {
    BindingSession s;
    s.subscriber(imsi);
    CHECK(s.run({"import", "-"}, "name,policy,acquisition,refuse_next\nstrict,imei_enforce,approve,30\n") ==
          0);
    CHECK(s.out == "imported 0 subscribers, 0 devices, 0 keys, 0 bindings, 1 terms\n");
    CHECK(s.run({"import", "-"}, "name,terms,rank\nmeters,strict,3\n") == 0);
    CHECK(s.run({"import", "-"}, "imsi,group\n" + imsi + ",meters\n") == 0);
    CHECK(s.run({"import", "-"},
                "subscriptions,devices,action,priority,until,comment\n"
                "group:meters,35824005,allow,1,2099-12-31,\"hall 3, spare\"\n*,*,deny,-1,,\n") == 0);
    CHECK(s.out.find("2 rules") != std::string::npos);
    CHECK(s.run({"import", "-"}, "tac,name,imei_secure,key_secure\n35824005,Meter,yes,unknown\n") == 0);
    CHECK(s.run({"import", "-"}, "imsi,terms,devices\n" + imsi + ",inherit,\n") == 0);
    CHECK(s.run({"rule", "test", imsi, own}) == 0);
    CHECK(s.told("verdict    admitted"));
    CHECK(s.run({"rule", "test", imsi, foreign}) == 0);
    CHECK(s.told("verdict    refused"));

    CHECK(s.run({"import", "-"}, R"({"terms": [{"name": "lax", "policy": "imei_monitor", "refuse_next": 5}],
        "groups": [{"name": "spare", "terms": "lax", "rank": 1}], "members": [{"imsi": ")" +
                                     imsi +
                                     R"(", "group": "spare"}],
        "rules": [{"subscriptions": "group:spare", "devices": "35824006", "action": "allow", "priority": 2}],
        "models": [{"tac": "35824006", "imei_secure": "no", "key_secure": "no"}]})") == 0);
    CHECK(s.store.rules({}, 10).size() == 3);
    CHECK(s.run({"import", "-"}, "type,imsi,group,member\nmember," + imsi + ",spare,no\n") == 0);
    CHECK(s.store.subscriber(*Imsi::parse(imsi))->groups == std::vector<std::string>{"meters"});

    CHECK(s.run({"import", "-"}, "subscriptions,devices,action\n,*,allow\n") == 1);
    CHECK(s.told("2: subscriptions is missing"));
    CHECK(s.run({"import", "-"}, "tac,key_secure\n35824005,unknown\n") == 1);
    CHECK(s.told("2: of imei_secure and key_secure one is unknown, the other not given"));
    CHECK(s.run({"import", "-"}, "name,terms\nmeters,strict\nmeters,lax\n") == 1);
    CHECK(s.told("3: group 'meters' is already at (standard input):2"));
    CHECK(s.run({"import", "-"}, "imei,kme,generation\n" + own + "," + test::kme + ",0\n" + own + "," +
                                     std::string(32, 'c') + ",1\n") == 0);
    CHECK(s.store.kmes({}, 10).size() == 2);
}

TEST_CASE("bindhssctl: the example of terms, groups and rules goes with the demo's fleet", "[R1][R55]") {
    BindingSession s;
    const std::string demo = BINDHSS_SOURCE_DIR "/config/demo/";
    CHECK(s.run({"import", demo + "subscribers.csv", demo + "devices.csv", demo + "kmes.csv",
                 demo + "bindings.csv", demo + "rules.json"}) == 0);
    CHECK(s.told("2 terms, 2 groups, 3 members, 3 rules, 1 models"));
    CHECK(s.run({"rule", "list"}) == 0);
    CHECK(s.told("broken firmware"));
    CHECK(s.run({"rule", "test", "001010000000001", "3582400599999907"}) == 0);
    CHECK(s.told("deny, priority 10"));
}

}  // namespace bindhss
