// SPDX-License-Identifier: Apache-2.0
#include "ctl_session.h"

using namespace bindhss;
using namespace bindhss::test;

TEST_CASE("bindhssctl: equipment is listed, shown by the entry that decides, and taken off") {
    Session s;
    CHECK(s.run({"equipment", "set", "35824005", "--status", "grey", "--comment", "watched"}) == 0);
    CHECK(s.run({"equipment", "set", "35824005", "--svn", "07", "--status", "black"}) == 0);
    CHECK(s.run({"equipment", "set", "358240051111110", "--status", "white"}) == 0);
    CHECK(s.run({"equipment", "show", "3582400500000107", "--json"}) == 0);
    CHECK(s.out == R"({"imei":"35824005000000-35824005999999","svn":"07","status":"black","comment":""})"
                   "\n");
    CHECK(s.run({"equipment", "show", "35824005000001"}) == 0);
    CHECK(s.out.find("status     grey") != std::string::npos);
    CHECK(s.run({"equipment", "show", "35824005111111", "--svn", "07"}) == 0);
    CHECK(s.out.find("status     white") != std::string::npos);
    CHECK(s.run({"equipment", "list"}) == 0);
    CHECK(s.out ==
          "IMEI                           SVN  STATUS  COMMENT\n"
          "35824005000000-35824005999999  -    grey    watched\n"
          "35824005000000-35824005999999  07   black   -\n"
          "35824005111111                 -    white   -\n");
    CHECK(s.run({"equipment", "list", "--limit", "1"}) == 0);
    CHECK(s.err == "bindhssctl: the first 1 only; --limit shows more\n");

    CHECK(s.run({"equipment", "set", "35824005", "--status", "none"}) == 0);
    CHECK(s.run({"equipment", "show", "35824005000001"}) == 1);
    CHECK(s.err ==
          "bindhssctl: device 35824005000001 is in no list: eir.unknown of the configuration decides\n");
    CHECK(s.run({"equipment", "show", "12"}) == 1);
    CHECK(s.err == "bindhssctl: imei '12' is not 14 to 16 digits\n");
    CHECK(s.run({"equipment", "set", "35824005", "--status", "blue"}) == 1);
    CHECK(s.err == "bindhssctl: status 'blue' is none of white, grey, black, none\n");
    CHECK(s.run({"equipment", "set", "35824005", "--status", "black", "--svn", "7"}) == 1);
    CHECK(s.err == "bindhssctl: svn '7' is not two digits\n");
    CHECK(s.run({"equipment", "set", "35824005"}) == 2);
}

TEST_CASE("bindhssctl: equipment comes from CSV and JSON too") {
    Session s;
    CHECK(s.run({"import", "-"}, "imei,svn,status,comment\n35824005,,grey,watched\n35824005,07,black,\n") ==
          0);
    CHECK(s.store.equipment(10).size() == 2);
    CHECK(s.run({"import", "-"}, R"({"equipment": [{"imei": "35824005", "status": "none"},
        {"imei": "35824006111111", "status": "white"}]})") == 0);
    CHECK(s.store.equipment(10).size() == 2);
    CHECK(s.run({"import", "-"}, "imei,status\n35824005,grey\n35824005,black\n") == 1);
    CHECK(s.err.find("3: equipment 35824005000000-35824005999999 is already at (standard input):2") !=
          std::string::npos);
}

TEST_CASE("bindhssctl: files of other HSSes are imported whole or not at all, and say what they hold") {
    Session s;
    const std::string samples = BINDHSS_SOURCE_DIR "/tests/vectors/import/";
    CHECK(s.run({"import"}) == 2);
    CHECK(s.run({"import", "open5gs"}) == 2);
    CHECK(s.run({"import", "open5gs", samples + "open5gs_relaxed.json", "--dry-run"}) == 0);
    CHECK(s.out.find("would import 3 subscribers") == 0);
    CHECK(s.store.subscribers(10).empty());
    CHECK(s.run({"import", "open5gs", samples + "open5gs_relaxed.json"}) == 0);
    CHECK(s.store.subscribers(10).size() == 3);
    CHECK(s.run({"import", "pyhss", samples + "pyhss.json"}) == 0);
    CHECK(s.run({"import", "srsepc", samples + "srsepc_user_db.csv", "--apn", "srsapn"}) == 0);
    CHECK(s.store.subscribers(10).size() == 8);
    CHECK(s.run({"import", "srsepc", samples + "open5gs_relaxed.json"}) == 1);
    CHECK(s.err.find("nothing was imported") != std::string::npos);
    CHECK(s.run({"import", "open5gs", "/no/such/file"}) == 1);
    CHECK(s.err.find("/no/such/file: cannot be read") == 0);
}

TEST_CASE("bindhssctl: a subscriber, a device, its key and their binding are set and shown") {
    Session s;
    const TemporaryFile key("kme", kme + "\n");
    CHECK(s.run({"subscriber", "add", "001010000000001", "--k", k, "--opc", opc, "--msisdn", "4917"}) == 0);
    CHECK(s.run({"subscriber", "add", "001010000000002", "--k", "-", "--opc", "-"}, k + "\n" + opc + "\n") ==
          0);
    CHECK(s.run({"device", "add", "35824005111111", "--comment", "meter"}) == 0);
    CHECK(s.run({"kme", "set", "35824005111111", "--key-file", key.path}) == 0);
    CHECK(s.run({"binding", "set", "001010000000001", "--policy", "kme", "--device", "35824005111111"}) == 0);
    CHECK(s.err.empty());
    CHECK(s.run({"binding", "set", "--policy", "imei_enforce", "--device", "35824005", "--device",
                 "35824006111111", "001010000000002"}) == 0);
    CHECK(s.store.subscriber(*Imsi::parse("001010000000002"))->devices.size() == 2);
    CHECK(s.run({"binding", "set", "001010000000002", "--policy", "off"}) == 0);

    CHECK(s.run({"subscriber", "show", "001010000000001"}) == 0);
    CHECK(s.out.find("policy     kme\ndevices    35824005111111\n") != std::string::npos);
    CHECK(s.run({"binding", "show", "001010000000001", "--json"}) == 0);
    CHECK(s.out ==
          R"({"imsi":"001010000000001","policy":"kme","devices":"35824005111111","group":"","kcv":"c6a13b",)"
          R"("candidates":"35824005111111=c6a13b","terms":"kme","terms_from":"binding","groups":"",)"
          R"("state":"bound","strong":"0","weak":"0","turns":"0","reprovisions":"0","proved_at":""})"
          "\n");
    CHECK(s.run({"subscriber", "list"}) == 0);
    CHECK(s.out.find("IMSI             MSISDN  PROFILE  AMF   SEQ  POLICY  DEVICES         GROUP  KCV\n"
                     "001010000000001  4917    default  8000  0    kme     35824005111111  -      c6a13b\n"
                     "001010000000002  -       default  8000  0    off     -               -      -\n") == 0);
    CHECK(s.run({"device", "list", "--json"}) == 0);
    CHECK(s.out == R"([{"imei":"35824005111111","group":"","kcv":"c6a13b","comment":"meter","uiccs_max":""}])"
                   "\n");
    CHECK(s.run({"registration", "list"}) == 0);
    CHECK(s.run({"alarm", "list"}) == 0);
}

TEST_CASE("bindhssctl: wrong input is refused in one line, without the key") {
    Session s;
    CHECK(s.run({"subscriber", "add", "001010000000001", "--k", k.substr(1), "--opc", opc}) == 1);
    CHECK(s.err == "bindhssctl: k has 31 hexadecimal digits, it needs 32\n");
    CHECK(s.run({"subscriber", "show", "001010000000001"}) == 1);
    CHECK(s.err == "bindhssctl: there is no subscriber 001010000000001\n");
    CHECK(s.run({"kme", "set", "--group", "none", "--key", kme}) == 1);
    CHECK(s.run({"kme", "set", "35824005111111", "--key", "-"}, "") == 1);
    CHECK(s.run({"kme", "set", "35824005111111", "--key-file", "/nowhere"}) == 1);
    CHECK(s.err == "bindhssctl: /nowhere cannot be read: No such file or directory\n");
    CHECK(s.run({"subscriber", "list", "--config", "/nowhere"}) == 1);
    CHECK(s.run({"import", "/nowhere"}) == 1);
    CHECK(s.err ==
          "/nowhere: cannot be read: No such file or directory\nbindhssctl: nothing was imported: 1 error\n");
}

TEST_CASE("bindhssctl: a key in the place of a name, a comment or a file is refused and not shown") {
    Session s;
    CHECK(s.run({"subscriber", "add", "001010000000001", "--k", k, "--opc", opc, "--profile", k}) == 1);
    CHECK(s.err == "bindhssctl: there is no profile (32 characters, not shown)\n");
    CHECK(s.run({"subscriber", "add", "001010000000001", "--k-file", k, "--opc", opc}) == 1);
    CHECK(s.run({"device", "add", "35824005111111", "--group", kme}) == 1);
    CHECK(s.err == "bindhssctl: the group's name looks like a key\n");
    CHECK(s.run({"device", "add", "35824005111111", "--comment", "KME " + kme}) == 1);
    CHECK(s.err == "bindhssctl: the comment looks like a key\n");
    CHECK(s.run({"device", "add", kme}) == 1);
    CHECK(s.run({"kme", "set", "--group", kme, "--key", kme}) == 1);
    CHECK(s.err == "bindhssctl: there is no device group (32 characters, not shown) to have this KME\n");
    CHECK(s.run({"import", k}) == 1);
    CHECK(s.run({"device", "list"}) == 0);
}

TEST_CASE("bindhssctl: wrong arguments are told without repeating what may be a key") {
    Session s;
    CHECK(s.run({}) == 2);
    CHECK(s.run({"subscriber"}) == 2);
    CHECK(s.run({"subscriber", "add", "001010000000001", k, opc, opc}) == 2);
    CHECK(s.run({"subscriber", "add", "001010000000001", "--key=" + k}) == 2);
    CHECK(s.err.find("--key") != std::string::npos);
    CHECK(s.run({"subscriber", "add", "--k"}) == 2);
    CHECK(s.run({"subscriber", "list", "--limit", "x"}) == 2);
    CHECK(s.err == "bindhssctl: the value of --limit is not allowed (see bindhssctl --help)\n");
    CHECK(s.run({"subscriber", "list", "--limit", k}) == 2);
    CHECK(s.run({"subscriber", "list", "--limit=" + k}) == 2);
    CHECK(s.run({"subscriber", "list", "--" + k}) == 2);
    CHECK(s.run({k}) == 2);
    CHECK(s.run({"subscriber", "list", "--database", "host=x"}) == 2);
    CHECK(s.run({"--help"}) == 0);
    CHECK(s.out.find("Exit code") != std::string::npos);
}

TEST_CASE("bindhssctl: a device keeps what the command does not name") {
    Session s;
    const auto row = [&] { return s.store.devices(10).at(0); };
    CHECK(s.run({"device", "add", "35824005111111", "--group", "meters", "--comment", "hall 3"}) == 0);
    CHECK(s.run({"device", "add", "35824005111111", "--comment", "hall 4"}) == 0);
    CHECK(row().group == "meters");
    CHECK(row().comment == "hall 4");
    CHECK(s.run({"device", "add", "35824005111111", "--group", ""}) == 0);
    CHECK(row().group.empty());
    CHECK(row().comment == "hall 4");
    CHECK(s.run({"device", "add", "35824005111111", "--group", " "}) == 1);
}

TEST_CASE("bindhssctl: a binding by a key that is not there yet is stored, with a warning") {
    Session s;
    CHECK(s.run({"subscriber", "add", "001010000000001", "--k", k, "--opc", opc}) == 0);
    CHECK(s.run({"binding", "set", "001010000000001", "--policy", "kme", "--device", "35824005111111"}) == 0);
    CHECK(s.err ==
          "bindhssctl: warning: device 35824005111111 has no key yet: 001010000000001 gets no service until "
          "it is imported\n");
    CHECK(s.run({"import", "-"}, "imsi,policy,devices\n001010000000001,kme,35824005111111;35824005\n") == 0);
    CHECK(s.err ==
          "warning: none of the devices of 001010000000001 has a key yet: 001010000000001 gets no service "
          "until it is imported\n");
    CHECK(s.run({"kme", "set", "35824005111111", "--key", kme}) == 0);
    CHECK(s.run({"binding", "set", "001010000000001", "--policy", "kme", "--device", "35824005111111"}) == 0);
    CHECK(s.err.empty());
}

TEST_CASE("bindhssctl: output that cannot be written is an error") {
    Session s;
    std::istringstream in;
    std::ostream broken(nullptr);
    std::ostringstream err;
    CHECK(ctl::run({"subscriber", "list"}, {in, broken, err}, lend(s.store)) == 1);
    CHECK(err.str() == "bindhssctl: the output cannot be written\n");
}

TEST_CASE("bindhssctl: of many errors the first are shown, and that they are is said") {
    Session s;
    std::string text = "imei\n";
    for (int i = 0; i < 101; ++i) text += "x\n";
    CHECK(s.run({"import", "-"}, text) == 1);
    CHECK(s.err.ends_with("nothing was imported: 101 errors (the first 100 are shown)\n"));
}

TEST_CASE("bindhssctl: a database that cannot be reached has an exit code of its own") {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    const auto code = ctl::run({"subscriber", "list"}, {in, out, err}, [](const ctl::Target&) -> ctl::Stores {
        throw store::Unavailable("the database is away");
    });
    CHECK(code == 3);
    CHECK(err.str() == "bindhssctl: the database is away\n");
}

TEST_CASE("bindhssctl: an import says what it stored, a dry run stores nothing") {
    Session s;
    const TemporaryFile file("import.csv", "imsi,k,opc\n001010000000001," + k + "," + opc + "\n");
    CHECK(s.run({"import", "--dry-run", file.path}) == 0);
    CHECK(s.out == "would import 1 subscribers, 0 devices, 0 keys, 0 bindings\n");
    CHECK(s.store.subscribers(10).empty());
    CHECK(s.run({"import", file.path}) == 0);
    CHECK(s.out == "imported 1 subscribers, 0 devices, 0 keys, 0 bindings\n");
    CHECK(s.run({"import", "-"}, "imei\n35824005111111\n") == 0);
    CHECK(s.store.devices(10).size() == 1);
    CHECK(s.run({"subscriber", "list", "--limit", "1"}) == 0);
    CHECK(s.err == "bindhssctl: the first 1 only; --limit shows more\n");
}

TEST_CASE("bindhssctl: subscriber add takes the algorithm of the card and its keys") {
    Session s;
    const auto topc = opc + kme;
    const auto seen = [&] { return (s.out + s.err).find(topc.substr(20, 20)) != std::string::npos; };
    CHECK(s.run({"subscriber", "add", "001010000000001", "--algorithm", "tuak", "--k", k + k, "--topc", topc,
                 "--res-octets", "16", "--tuak-iterations", "2"}) == 0);
    CHECK(s.run({"subscriber", "add", "001010000000002", "--algorithm", "tuak", "--k", "-", "--top", "-"},
                k + "\n" + topc + "\n") == 0);
    CHECK(s.run({"subscriber", "add", "001010000000003", "--algorithm", "xor", "--k", k}) == 0);
    CHECK(s.run({"subscriber", "add", "001010000000004", "--k", k, "--opc", opc, "--sim"}) == 0);
    CHECK(s.store.subscribers(10).size() == 4);
    CHECK(s.run({"subscriber", "add", "001010000000005", "--algorithm", "tuak", "--k", k, "--opc", topc}) ==
          1);
    CHECK(s.err.find("opc belongs to the algorithm milenage; tuak has topc or top") != std::string::npos);
    CHECK_FALSE(seen());
    CHECK(s.run({"subscriber", "add", "001010000000005", "--algorithm", "tuak", "--k", k, "--topc",
                 topc.substr(1)}) == 1);
    CHECK(s.err == "bindhssctl: topc has 63 hexadecimal digits, it needs 64\n");
    CHECK_FALSE(seen());
    CHECK(s.store.subscribers(10).size() == 4);
}
