// SPDX-License-Identifier: Apache-2.0
#include "config/config.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "config_problems.h"

using namespace bindhss;
using bindhss::test::problems_of;
using namespace std::chrono_literals;

namespace {

std::string read_file(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("the default file in the repository is the generated one, and loading it gives the defaults") {
    const std::string path = BINDHSS_SOURCE_DIR "/config/bindhssd.yaml";
    CHECK(read_file(path) == config::render_default_file());
    CHECK(config::differences(config::load(path), config::Settings{}).empty());
    CHECK(config::differences(config::parse("", "f"), config::Settings{}).empty());
}

TEST_CASE("a configuration shown and read again is the same") {
    const auto settings = config::parse(R"(
threads: 8
diameter:
  identity: hss1.epc.example
  realm: epc.example
  listen: ["[::1]:0", "10.0.0.1", "hss.example:3869"]
  peers:
    - {identity: mme1.epc.example, transport: tcp, connect: "10.0.0.2:3870", addresses: [10.0.0.2, "2001:db8::1"]}
    - {identity: "*", realm: other.example, relay: true}
    - {identity: dra.example, connect: dra.example}
    - {identity: old.example, transport: tcp, connect: "10.0.0.3"}
    - {identity: lab.example, transport: tcp, addresses: [10.1.0.0/16, "2001:db8::/32"]}
  tls: {certificate: /t/c.pem, private_key: /t/k.pem, ca: /t/ca.pem, listen: [10.0.0.1, "[::]:5869"]}
  watchdog: 6500ms
  reconnect: 1h
nodes:
  - {identity: mme1.epc.example, quirks: [ula_error_stub]}
  - {identity: "*.other.example", quirks: [no_route_record, ula_error_stub]}
roaming:
  unlisted_realms: reject
  realms: [{realm: epc.example, plmns: [00101, "310410"]}, {realm: hub.example}]
authentication: {vectors_max: 1, amf_pre_processed_mask: 0, amf_generation_mask: 0x10}
binding: {reject_code: roaming_not_allowed, imei_absent_enforce: allow, suspect_weak: 9, old_key_grace: 0s}
log: {level: debug, format: json, file: /var/log/bindhss.log}
)",
                                        "f");
    CHECK(settings.threads == 8);
    CHECK(settings.diameter.listen ==
          std::vector<config::Endpoint>{{"::1", 0}, {"10.0.0.1", 3868}, {"hss.example", 3869}});
    REQUIRE(settings.diameter.peers.size() == 5);
    CHECK(settings.diameter.peers[0].realm == "epc.example");
    CHECK(settings.diameter.peers[0].connect == config::Endpoint{"10.0.0.2", 3870});
    CHECK(settings.diameter.peers[0].addresses == std::vector<std::string>{"10.0.0.2", "2001:db8::1"});
    CHECK(settings.diameter.peers[0].transport == config::Transport::tcp);
    CHECK(settings.diameter.peers[1].relay);
    CHECK(settings.diameter.peers[1].transport == config::Transport::tls);
    CHECK(settings.diameter.peers[2].connect == config::Endpoint{"dra.example", 5868});
    CHECK(settings.diameter.peers[3].connect == config::Endpoint{"10.0.0.3", 3868});
    CHECK(settings.diameter.peers[3].addresses == std::vector<std::string>{"10.0.0.3"});
    CHECK(settings.diameter.tls.private_key == "/t/k.pem");
    CHECK(settings.diameter.tls.listen == std::vector<config::Endpoint>{{"10.0.0.1", 5868}, {"::", 5869}});
    REQUIRE(settings.nodes.size() == 2);
    CHECK(settings.nodes[1].quirks ==
          std::vector<config::Quirk>{config::Quirk::no_route_record, config::Quirk::ula_error_stub});
    CHECK(settings.roaming.unlisted_realms == config::UnlistedRealms::reject);
    REQUIRE(settings.roaming.realms.size() == 2);
    CHECK(settings.roaming.realms[0].plmns ==
          std::vector<Plmn>{*Plmn::parse("00101"), *Plmn::parse("310410")});
    CHECK(settings.roaming.realms[1].plmns.empty());
    CHECK(settings.diameter.watchdog == 6500ms);
    CHECK(settings.diameter.reconnect == 1h);
    CHECK(settings.authentication.amf_generation_mask == 0x0010);
    CHECK(settings.binding.reject_code == Cause::roaming_not_allowed);
    CHECK(settings.binding.suspect_weak == 9);
    CHECK(settings.binding.old_key_grace == 0s);
    const auto again = config::parse(config::render(settings), "g");
    CHECK(config::differences(settings, again).empty());
    CHECK(again.diameter.peers == settings.diameter.peers);
    CHECK(again.nodes == settings.nodes);
    CHECK(again.roaming.realms == settings.roaming.realms);
    CHECK(again.diameter.tls.listen == settings.diameter.tls.listen);
}

TEST_CASE("a reject code is a number or a name") {
    CHECK(config::parse("binding: {reject_code: 5421}", "f").binding.reject_code == Cause::rat_not_allowed);
    CHECK(config::parse("binding: {reject_code: 5004}", "f").binding.reject_code ==
          Cause::roaming_not_allowed);
    CHECK(problems_of("binding: {reject_code: 5001}").find("f:1: binding.reject_code: '5001' is none of") ==
          0);
}

TEST_CASE("what makes a binding suspect has the defaults of the specification") {
    const config::BindingSettings defaults;
    CHECK(defaults.unanswered_after == 30s);
    CHECK(defaults.suspect_strong == 2);
    CHECK(defaults.suspect_weak == 5);
    CHECK(defaults.reprovision_interval == 600s);
    CHECK(defaults.reprovisions_per_day == 5);
    CHECK(defaults.old_key_grace == 600s);
    CHECK(defaults.authenticated_within == 24h);
}

TEST_CASE("an unknown key is refused with its line and the key that was probably meant") {
    CHECK(problems_of("threads: 2\ndiameter:\n  idenity: x\n") ==
          "f:3: diameter.idenity: is not a known key, did you mean 'identity'?");
    CHECK(problems_of("diametr: {}") == "f:1: diametr: is not a known key, did you mean 'diameter'?");
    CHECK(problems_of("level: info") == "f:1: level: is not a known key, did you mean 'log.level'?");
    CHECK(problems_of("something_else: 1") == "f:1: something_else: is not a known key");
    CHECK(problems_of("diameter:\n  peers:\n    - identity: a.b\n      adresses: []\n") ==
          "f:4: diameter.peers[1].adresses: is not a known key, did you mean 'addresses'?");
}

TEST_CASE("a value of the wrong type or outside its range is refused with its line") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"threads: two", "f:1: threads: is not a whole number"},
        {"threads: \"2\"", "f:1: threads: is a text in quotes, not a number"},
        {"threads: -1", "f:1: threads: is not a whole number"},
        {"threads: 65", "f:1: threads: is outside 1 to 64"},
        {"threads: 99999999999999999999999", "f:1: threads: is outside 1 to 64"},
        {"threads: [2]", "f:1: threads: is a list, not a number"},
        {"threads:", "f:1: threads: has no value; it is number, or leave the line out for the default"},
        {"state_directory: relative", "f:1: state_directory: is not an absolute path"},
        {"diameter: {identity: \"a b\"}",
         "f:1: diameter.identity: is not a name such as mme1.epc.mnc001.mcc001.3gppnetwork.org"},
        {"diameter: {identity: a..b}",
         "f:1: diameter.identity: is not a name such as mme1.epc.mnc001.mcc001.3gppnetwork.org"},
        {"diameter: {listen: 127.0.0.1:3868}",
         "f:1: diameter.listen: is not a list: write [a, b], or [] for none"},
        {"diameter: {listen: [\"::1:3868\"]}",
         "f:1: diameter.listen: has several colons: write an IPv6 address as [address]:port"},
        {"diameter: {listen: [\"a:70000\"]}", "f:1: diameter.listen: has a port that is not 0 to 65535"},
        {"diameter: {watchdog: 30}",
         "f:1: diameter.watchdog: has no unit: write a duration as 30s, 500ms, 10min or 1h"},
        {"diameter: {watchdog: 30m}",
         "f:1: diameter.watchdog: has an unknown unit: write a duration as 30s, 500ms, 10min or 1h"},
        {"diameter: {watchdog: 1s}", "f:1: diameter.watchdog: is outside 6s to 1h"},
        {"diameter: {watchdog: 18446744073709551615h}", "f:1: diameter.watchdog: is outside 6s to 1h"},
        {"diameter: 5", "f:1: diameter: is a section: its keys stand below it, indented"},
        {"diameter: {peers: [x]}", "f:1: diameter.peers[1]: is not a peer: it has keys, at least identity"},
        {"diameter: {peers: [{realm: a.b}]}", "f:1: diameter.peers[1].identity: is missing"},
        {"diameter: {peers: [{identity: a, addresses: [b]}]}",
         "f:1: diameter.peers[1].addresses: is not an IP address, nor a prefix such as 10.0.0.0/24"},
        {"diameter: {peers: [{identity: a, addresses: [10.0.0.0/33]}]}",
         "f:1: diameter.peers[1].addresses: has a prefix length that is not 0 to 32"},
        {"diameter: {peers: [{identity: a, transport: udp}]}",
         "f:1: diameter.peers[1].transport: 'udp' is none of tls, tcp, did you mean 'tcp'?"},
        {"diameter: {tls: {certificat: /a}}",
         "f:1: diameter.tls.certificat: is not a known key, did you mean 'certificate'?"},
        {"diameter: {tls: {ca: ca.pem}}", "f:1: diameter.tls.ca: is not an absolute path"},
        {"diameter: {tls: 1}", "f:1: diameter.tls: is a section: its keys stand below it, indented"},
        {"nodes: [{identity: \"*a\"}]", "f:1: nodes[1].identity: is not a name, \"*.<realm>\" or \"*\""},
        {"nodes: [{identity: a, quirks: [ula_eror_stub]}]",
         "f:1: nodes[1].quirks: 'ula_eror_stub' is none of ula_error_stub, no_route_record, "
         "features_optional, did "
         "you mean 'ula_error_stub'?"},
        {"nodes: [{identity: a}, {identity: a}]", "f:1: nodes[2]: is the same as number 1"},
        {"roaming: {realms: [{realm: a, plmns: [1]}]}",
         "f:1: roaming.realms[1].plmns: is not a PLMN: MCC and MNC, such as \"00101\" or \"001/01\""},
        {"roaming: {realms: [{plmns: [00101]}]}", "f:1: roaming.realms[1].realm: is missing"},
        {"diameter: {peers: [{identity: a, relay: yes}]}",
         "f:1: diameter.peers[1].relay: is neither true nor false"},
        {"diameter: {peers: [{identity: a}, {identity: a}]}",
         "f:1: diameter.peers[2]: is the same peer as number 1"},
        {"diameter: {peers: [{identity: \"*\", connect: \"a:1\"}]}",
         "f:1: diameter.peers[1].connect: needs the one identity that is connected to"},
        {"binding: {authenticated_within: 59s}",
         "f:1: binding.authenticated_within: is outside 1min to 720h"},
        {"binding: {unanswered_after: 1s}", "f:1: binding.unanswered_after: is outside 5s to 10min"},
        {"binding: {suspect_strong: 0}", "f:1: binding.suspect_strong: is outside 1 to 100"},
        {"binding: {suspect_weak: 1001}", "f:1: binding.suspect_weak: is outside 1 to 1000"},
        {"binding: {reprovision_interval: 25h}", "f:1: binding.reprovision_interval: is outside 10s to 24h"},
        {"binding: {reprovisions_per_day: 101}", "f:1: binding.reprovisions_per_day: is outside 0 to 100"},
        {"binding: {old_key_grace: 25h}", "f:1: binding.old_key_grace: is outside 0ms to 24h"},
        {"log: {level: inof}",
         "f:1: log.level: 'inof' is none of debug, info, warning, error, did you mean 'info'?"},
        {"authentication: {amf_pre_processed_mask: 0020}",
         "f:1: authentication.amf_pre_processed_mask: is no mask: write it in hexadecimal, as 0x0080"},
        {"authentication: {amf_pre_processed_mask: 0x0100}",
         "f:1: authentication.amf_pre_processed_mask: is outside 0x0000 to 0x00ff"},
    };
    for (const auto& [text, problem] : cases) CHECK(problems_of(text) == problem);
}

TEST_CASE("what only several keys together can tell is refused at the line of one of them") {
    CHECK(problems_of("authentication:\n  amf_generation_mask: 0x0080\n") ==
          "f:2: authentication.amf_generation_mask: shares bits with authentication.amf_pre_processed_mask");
    CHECK(problems_of("threads: 1\ndatabase:\n  url: postgresql://u:secret@h/d\n") ==
          "f:3: database.url: needs keys.file: every daemon on one database uses the same keys");
    CHECK(problems_of("diameter:\n  listen: []") ==
          "f:2: diameter.listen: is empty and no peer has connect: nobody could ever reach this HSS");
    CHECK(problems_of("diameter: {listen: [], peers: [{identity: a, transport: tcp, connect: 10.0.0.1}]}")
              .empty());
}

TEST_CASE("a peer without TLS has to say so and where it comes from, and one with TLS needs certificates") {
    CHECK(problems_of("diameter:\n  peers:\n    - identity: a\n      transport: tcp\n") ==
          "f:3: diameter.peers[1].addresses: is missing: a peer without TLS (transport: tcp) is known by its "
          "addresses alone");
    CHECK(problems_of("diameter: {peers: [{identity: a, transport: tcp, connect: mme.example}]}") ==
          "f:1: diameter.peers[1].addresses: is missing: a peer without TLS (transport: tcp) is known by its "
          "addresses alone");
    CHECK(
        problems_of("diameter:\n  peers:\n    - {identity: a, transport: tcp, addresses: [127.0.0.1]}\n"
                    "    - identity: b\n") ==
        "f:4: diameter.peers[2].transport: is tls, which needs diameter.tls.certificate, private_key and ca; "
        "for a peer that stays unprotected write transport: tcp, and its addresses");
    const std::string tls = "  tls: {certificate: /c, private_key: /k, ca: /a}\n";
    CHECK(
        problems_of("diameter:\n" + tls + "  peers:\n    - identity: b\n") ==
        "f:4: diameter.peers[1].connect: is missing, and diameter.tls.listen is empty: a peer with TLS could "
        "not connect to us");
    CHECK(problems_of("diameter:\n" + tls + "  peers:\n    - {identity: b, connect: b}\n").empty());
    CHECK(problems_of("diameter:\n  tls:\n    listen: [127.0.0.1]\n") ==
          "f:2: diameter.tls.certificate: is missing, and other settings of diameter.tls are given");
    CHECK(problems_of("diameter:\n  tls:\n    certificate: /c\n") ==
          "f:2: diameter.tls.private_key: is missing: the key of the certificate\n"
          "f:2: diameter.tls.ca: is missing: who signs the certificates of peers");
}

TEST_CASE("everything that is wrong is told at once, in the order of the file") {
    CHECK(problems_of("threads: 0\nthreads: 2\nlog:\n  level: x\n  colour: red\n") ==
          "f:1: threads: is outside 1 to 64\nf:2: threads: is given twice\n"
          "f:4: log.level: 'x' is none of debug, info, warning, error\nf:5: log.colour: is not a known key");
}

TEST_CASE("an empty file is a configuration, a folder and a missing file are not") {
    const std::string path = "/tmp/bindhss-empty-" + std::to_string(::getpid()) + ".yaml";
    std::ofstream(path).close();
    CHECK(config::differences(config::load(path), config::Settings{}).empty());
    std::remove(path.c_str());
    CHECK_THROWS_WITH(config::load(path), path + ": cannot be read: No such file or directory");
    CHECK_THROWS_WITH(config::load("/tmp"), "/tmp: cannot be read: Is a directory");
}

TEST_CASE("what is no configuration at all is refused") {
    CHECK(problems_of("a: [1\n").find("f:2: is not YAML: ") == 0);
    CHECK(problems_of("- x\n") == "f:1: is not a configuration: it has keys, such as 'threads: 2'");
    CHECK(problems_of("threads: 1\n---\nthreads: 2\n") ==
          "f: holds more than one document: a stray '---', ',' or bracket?");
    CHECK(problems_of(",threads: 1\n") == "f: holds more than one document: a stray '---', ',' or bracket?");
    CHECK(problems_of("threads: 1\n]\n").find("f") == 0);
    CHECK(problems_of("? [a]\n: 1\n") == "f:1: ?: is a key that is not a name");
    CHECK_THROWS_WITH(config::load("/nowhere/x.yaml"),
                      "/nowhere/x.yaml: cannot be read: No such file or directory");
    CHECK_THROWS_AS(config::load("/"), config::Error);
    CHECK(problems_of("diameter:\n  # all commented out\n").empty());
}

TEST_CASE("a password is never shown") {
    CHECK(config::masked_url("postgresql://u:s3cret@h:5432/d") == "postgresql://u:***@h:5432/d");
    CHECK(config::masked_url("postgresql://u:s3/cr@et@h/d") == "postgresql://u:***@h/d");
    CHECK(config::masked_url("postgresql://u@h1,h2/d") == "postgresql://u@h1,h2/d");
    CHECK(config::masked_url("postgresql:///d?password=s3cret&user=u") ==
          "postgresql:///d?password=***&user=u");
    CHECK(config::masked_url("host=h password = 's3 \\'cret' user=u") == "host=h password = *** user=u");
    CHECK(config::masked_url("sslpassword=s3cret host=h password=s3cret") ==
          "sslpassword=*** host=h password=***");
    const auto settings =
        config::parse("database: {url: 'postgresql://u:s3cret@h/d'}\nkeys: {file: /k}", "f");
    CHECK(config::render(settings).find("s3cret") == std::string::npos);
    CHECK(settings.database.url == "postgresql://u:s3cret@h/d");
}

TEST_CASE("the keys lie in the state directory unless named") {
    CHECK(config::keys_file(config::parse("state_directory: /s", "f")) == "/s/keys");
    CHECK(config::keys_file(config::parse("keys: {file: /k}", "f")) == "/k");
}

TEST_CASE("settings that a reload may change are told from the others") {
    const auto changes =
        config::differences({}, config::parse("threads: 3\nbinding: {evidence_window: 30s}", "f"));
    REQUIRE(changes.size() == 2);
    CHECK((changes[0].key == "threads" && !changes[0].reloadable));
    CHECK((changes[1].key == "binding.evidence_window" && changes[1].reloadable));
}

TEST_CASE("limits are rates or off, and a rate that is none is refused with its line", "[R43]") {
    const auto settings = config::parse(
        "limits:\n  imsi: {air: 5/10s, resync: off}\n  connection: {air: 7/10s, resync: off}\n"
        "  refused: {update: 1000000/24h}\n  remembered: 5min\n  new_nodes: 100/720h\n",
        "f");
    CHECK(settings.limits.imsi.air == Rate{5, 10s});
    CHECK(settings.limits.imsi.resync.off());
    CHECK(settings.limits.imsi.update == RequestLimits{}.imsi.update);
    CHECK(settings.limits.connection.air == Rate{7, 10s});
    CHECK(settings.limits.connection.resync.off());
    CHECK(settings.limits.connection.update == RequestLimits{}.connection.update);
    CHECK(settings.limits.refused.update == Rate{1'000'000, 24h});
    CHECK(settings.limits.new_nodes == Rate{100, 720h});
    CHECK(settings.limits.remembered == 5min);
    CHECK(config::parse("limits: {peer: {air: 0}}", "f").limits.peer.air.off());
    const auto again = config::parse(config::render(settings), "g");
    CHECK(again.limits == settings.limits);

    const auto problem = [](const std::string& rate) {
        return problems_of("limits:\n  imsi:\n    air: " + rate);
    };
    CHECK(problem("5") ==
          "f:3: limits.imsi.air: is not a rate, such as 60/1min, 1000/1s, or off for no limit");
    CHECK(problem("0/1s") == "f:3: limits.imsi.air: is outside 1 to 1000000");
    CHECK(problem("-1/1s") == "f:3: limits.imsi.air: is not a whole number");
    CHECK(problem("5/1") == "f:3: limits.imsi.air: has no unit: write a duration as 30s, 500ms, 10min or 1h");
    CHECK(problem("5/1ms") == "f:3: limits.imsi.air: is outside 1s to 24h");
    CHECK(problems_of("limits: {imsy: {air: 5/1s}}") ==
          "f:1: limits.imsy: is not a known key, did you mean 'imsi'?");
}
