// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "aka/milenage.h"
#include "ctl/import_set.h"
#include "records/import_stream.h"
#include "records/readers.h"
#include "store/memory/memory_store.h"

using namespace bindhss;

namespace {

const std::string k = "465b5ce8b199b49faa5f0a2ee238a6bc";
const std::string op = "cdc202d5123e20f62b6d676ac72cb318";
const std::string opc = "cd63cb71954a9f4e48a5994e37a02baf";

/// "line: text" of every error, one a line.
std::string errors_of(std::string_view text) {
    std::string result;
    for (const auto& error : ctl::read_import(text).errors)
        result += (result.empty() ? "" : "\n") + std::to_string(error.line) + ": " + error.text;
    return result;
}

template <class Put>
Put only(std::string_view text) {
    const auto reading = ctl::read_import(text);
    for (const auto& error : reading.errors) FAIL_CHECK(error.line << ": " << error.text);
    REQUIRE(reading.items.size() == 1);
    return std::get<Put>(reading.items[0].put);
}

std::string read_file(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("import: OP and OPc give the same subscriber, absent cells their defaults") {
    const auto by_op = only<store::PutSubscriber>("imsi,k,op\n001010000000001," + k + "," + op + "\n");
    const auto by_opc = only<store::PutSubscriber>("k,imsi,opc,amf,msisdn,profile,seq\n" + k +
                                                   ",001010000000001," + opc + ",b9b9,4917,gold,77\n");
    CHECK(by_op.keys == by_opc.keys);
    CHECK(by_op.keys ==
          AkaKeys::milenage(SubscriberKey(*octets_from_hex<16>(k)), Opc(*octets_from_hex<16>(opc))));
    CHECK_FALSE(by_op.amf);
    CHECK_FALSE(by_op.profile);
    CHECK_FALSE(by_op.msisdn);
    CHECK_FALSE(by_op.seq);
    CHECK(to_hex(by_opc.amf.value().view()) == "b9b9");
    CHECK(by_opc.msisdn == "4917");
    CHECK(by_opc.profile == "gold");
    CHECK(by_opc.seq == 77U);
}

TEST_CASE("import: quotes, CRLF, a byte order mark and blank lines are CSV") {
    const auto reading = ctl::read_import(
        "\xef\xbb\xbf\r\nimei,group,comment\r\n35824005111111,\"a, \"\"b\"\"\",\"two\r\nlines\"\r\n\r\n"
        "35824005, g ,\r\n35824005000000-35824005000009,g,\r\n\r\n");
    CHECK(reading.errors.empty());
    REQUIRE(reading.items.size() == 3);
    const auto& first = std::get<store::PutDevice>(reading.items[0].put);
    CHECK(first.group == "a, \"b\"");
    CHECK(first.comment == "two\r\nlines");
    CHECK(reading.items[0].line == 3);
    CHECK(reading.items[1].line == 6);
    CHECK(std::get<store::PutDevice>(reading.items[1].put).group == "g");
    CHECK(reading.items[2].line == 7);
}

TEST_CASE(
    "import: a column or field that is not there says nothing, an empty one says that there is nothing") {
    const std::vector<std::pair<std::string, std::optional<std::string>>> cases{
        {"imei\n35824005111111\n", std::nullopt},
        {"imei,group\n35824005111111,\n", ""},
        {"type,imsi,imei,group\ndevice,,35824005111111,g\n", "g"},
        {R"({"type": "device", "imei": "35824005111111"})", std::nullopt},
        {R"({"type": "device", "imei": "35824005111111", "group": ""})", ""},
    };
    for (const auto& [text, group] : cases) {
        const auto put = only<store::PutDevice>(text);
        CHECK(put.group == group);
        CHECK_FALSE(put.comment);
    }
}

TEST_CASE("import: the columns tell what a file holds, or the column type of each line") {
    CHECK(std::get<std::string>(only<store::PutKme>("group,kme\ng," + k + k + "\n").owner) == "g");
    const auto binding =
        only<store::PutBinding>("imsi,policy,devices\n001010000000001,kme+imei, 35824005 ; 35824006111111\n");
    CHECK(binding.policy == binding::Policy::kme_imei);
    CHECK(binding.devices.size() == 2);
    const auto reading = ctl::read_import(
        "type,imei,imsi,group,policy,k,opc\ndevice,35824005111111,,g,,,\n"
        "subscriber,,001010000000001,,," +
        k + "," + opc +
        "\n"
        "binding,,001010000000001,g,kme,,\n");
    CHECK(reading.errors.empty());
    CHECK(reading.items.size() == 3);
    CHECK(errors_of("type,imei,group,k\ndevice,35824005111111,g," + k + "\nphone,35824005111111,g,\n") ==
          "2: a device has no field 'k'\n3: type 'phone' is none of subscriber, device, kme, binding, "
          "equipment, profile, terms, group, member, rule, model");
}

TEST_CASE("import: every mistake in CSV is told with its line") {
    const std::string subscribers = "imsi,k,opc\n";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"", "1: is empty: the first line names the columns"},
        {"imei,group,imei\n", "1: the column 'imei' is there twice"},
        {"imsi,k,opc,comment\n", "1: the column 'comment' does not belong into a file of subscribers"},
        {subscribers + "\n001010000000001," + k + "\n", "3: has 2 cells, the first line names 3 columns"},
        {subscribers + "0010," + k + "," + opc + "\n", "2: imsi '0010' is not 6 to 15 digits"},
        {subscribers + "," + k + "," + opc + "\n", "2: imsi is missing"},
        {subscribers + "001010000000001,,\n", "2: k is missing\n2: opc or op is missing"},
        {subscribers + "001010000000001," + k.substr(1) + "," + opc + "\n",
         "2: k has 31 hexadecimal digits, it needs 32"},
        {subscribers + "001010000000001,x" + k.substr(1) + "," + opc + "\n",
         "2: k: character 1 of 32 is not a hexadecimal digit"},
        {"imsi,k,opc,op\n001010000000001," + k + "," + opc + "," + op + "\n", "2: opc and op are both given"},
        {"imsi,k,opc,amf\n001010000000001," + k + "," + opc + ",80\n",
         "2: amf has 2 hexadecimal digits, it needs 4"},
        {"imsi,k,opc,seq\n001010000000001," + k + "," + opc + ",-1\n", "2: seq is not a whole number"},
        {"imei\n1234\n", "2: '1234' is no IMEI (14 to 16 digits), TAC (8 digits) or range (IMEI-IMEI)"},
        {"imei,group,kme\n35824005111111,g," + k + "\n", "2: imei and group are both given"},
        {"imei,group,kme\n,," + k + "\n", "2: imei or group is missing"},
        {"imei,kme\n35824005," + k + "\n",
         "2: a KME belongs to one device or to a group, not to a range or TAC"},
        {"imei,kme\n35824005111111,00\n", "2: kme has 2 hexadecimal digits, it needs 32 or 64"},
        {"imsi,policy\n001010000000001,kmes\n",
         "2: policy 'kmes' is none of off, imei_monitor, imei_enforce, kme, kme+imei, inherit"},
        {"imsi,policy\n001010000000001,\n", "2: policy is missing (or terms)"},
        {"imei,comment\n35824005111111,a\"b\n35824005111112,\"a\"b\n35824005111113,ok\n35824005111114,\"a\n",
         "2: a quotation mark inside a cell that does not begin with one\n"
         "3: text behind the closing quotation mark\n5: a quotation mark that is never closed"},
    };
    for (const auto& [text, errors] : cases) CHECK(errors_of(text) == errors);
}

TEST_CASE("import: JSON is one object of lists, or objects with a type") {
    const auto lists = ctl::read_import(R"({
  "subscribers": [{"imsi": "001010000000001", "k": ")" +
                                        k + R"(", "op": ")" + op + R"(", "seq": 5}],
  "devices": [{"imei": "35824005111111", "group": "gr\u00fcn"},
              {"imei": "35824005"}],
  "kmes": [{"group": "g", "kme": ")" + k +
                                        R"("}],
  "bindings": [
    {"imsi": "001010000000001", "policy": "imei_enforce", "devices": ["35824005", "35824006111111"]}
  ]
})");
    for (const auto& error : lists.errors) FAIL_CHECK(error.line << ": " << error.text);
    REQUIRE(lists.items.size() == 5);
    CHECK(std::get<store::PutSubscriber>(lists.items[0].put).seq == 5U);
    CHECK(std::get<store::PutDevice>(lists.items[1].put).group == "gr\xc3\xbcn");
    CHECK(lists.items[2].line == 4);
    CHECK(std::get<store::PutBinding>(lists.items[4].put).devices.size() == 2);
    CHECK(lists.items[4].line == 7);

    const auto lines = ctl::read_import(
        "{\"type\":\"device\",\"imei\":\"35824005111111\"}\n"
        "{\"type\":\"binding\",\"imsi\":\"001010000000001\",\"policy\":\"imei_monitor\","
        "\"devices\":[\"35824005111111\"]}\n\n");
    CHECK(lines.errors.empty());
    REQUIRE(lines.items.size() == 2);
    CHECK(lines.items[1].line == 2);
    CHECK(std::get<store::PutBinding>(lines.items[1].put).devices.size() == 1);
}

TEST_CASE("import: every mistake in JSON is told with its line") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"{\n\"subscribers\": [\n{]\n", "3: is not JSON: syntax error"},
        {"{\"devices\": [\n", "1: ends too early to be JSON"},
        {"{\"phones\": [\n{}]}", "1: unknown list 'phones'"},
        {"{\"devices\": [\n{\"imei\": \"35824005111111\",\n\"colour\": \"red\"}]}",
         "3: a device has no field 'colour'"},
        {"{\"devices\": [\n{\"imei\": 3.5}]}", "2: 'imei' is a number, not a text\n2: imei is missing"},
        {"{\"devices\": [\n{\"imei\": {\"a\": [1]}}]}",
         "2: an object is not expected here\n2: imei is missing"},
        {"{\"devices\": [\n{\"imei\":\"35824005111111\",\"imei\":\"35824005111112\"}]}",
         "2: 'imei' is there twice"},
        {"{\"devices\": [\n{\"imei\": 35824005111111}]}",
         "2: 'imei' is a number, not a text\n2: imei is missing"},
        {"{\"bindings\": [\n{\"imsi\": 1010000000001, \"policy\": \"off\"}]}",
         "2: 'imsi' is a number, not a text\n2: imsi is missing"},
        {"{\"imei\": \"35824005111111\"}",
         "1: has values but no \"type\" (subscriber, device, kme, binding, equipment, profile, terms, group, "
         "member, rule, model)"},
        {"{\"type\": \"phone\"}",
         "1: type 'phone' is none of subscriber, device, kme, binding, equipment, profile, terms, group, "
         "member, "
         "rule, model"},
        {"[]", "1: a list is not expected here"},
    };
    for (const auto& [text, errors] : cases) CHECK(errors_of(text) == errors);
}

TEST_CASE("import: a key in the wrong place is not shown") {
    const std::vector<std::string> texts{
        "imsi,k,opc\n" + k + ",001010000000001," + opc + "\n",
        k + "," + opc + ",001010000000001\n",
        "{\"subscribers\":[{\"imsi\":\"" + k + "\",\"k\":\"" + opc + "zz\",\"opc\":null,\"" + op +
            "\":\"x\"}]}",
        "imsi,policy,devices\n001010000000001," + k + "," + opc + "\n",
    };
    for (const auto& text : texts) {
        const auto errors = errors_of(text);
        CHECK_FALSE(errors.empty());
        for (const auto& secret : {k, op, opc}) CHECK(errors.find(secret.substr(0, 12)) == std::string::npos);
    }
}

TEST_CASE("import: files are stored together or not at all") {
    store::MemoryStore store;
    ctl::ImportSet bad;
    bad.add("b.csv", "imsi,policy,group\n001010000000001,kme,lifts\n");
    bad.add("s.csv", "imsi,k,opc\n001010000000002," + k + "," + opc + "\n");
    bad.apply(store, false);
    CHECK(bad.errors() == std::vector<std::string>{"b.csv:2: there is no device group 'lifts'"});
    CHECK(store.subscribers(10).empty());

    ctl::ImportSet good;
    good.add("b.csv", "imsi,policy,group\n001010000000002,kme,lifts\n");
    good.add("d.csv", "imei,group\n35824005111111,lifts\n");
    good.add("s.csv", "imsi,k,opc\n001010000000002," + k + "," + opc + "\n");
    good.apply(store, true);
    CHECK(good.errors().empty());
    CHECK(store.subscribers(10).empty());
    good.apply(store, false);
    CHECK(good.errors().empty());
    CHECK(store.subscribers(10).size() == 1);
}

TEST_CASE("import: what is there twice is told with both places") {
    ctl::ImportSet import;
    import.add("a.csv", "imei,group\n35824005111111,g\n");
    import.add("b.csv", "imei,group\n35824005111112,g\n358240051111116,g\n");
    CHECK(import.errors() ==
          std::vector<std::string>{"b.csv:3: device 35824005111111 is already at a.csv:2"});
}

TEST_CASE("import: a wrong check digit and a binding that nobody can meet are warnings") {
    const auto device = ctl::read_import("imei\n358240051111110\n490154203237518\n490154203237519\n");
    REQUIRE(device.warnings.size() == 1);
    CHECK(device.warnings[0].line == 4);
    CHECK(device.warnings[0].text == "IMEI '490154203237519' has check digit 9, it should be 8: mistyped?");
    CHECK(ctl::read_import("imsi,policy\n001010000000001,kme\n").warnings.size() == 1);
}

TEST_CASE("import: the demo's files fit together") {
    store::MemoryStore store;
    ctl::ImportSet import;
    for (const std::string name : {"bindings.csv", "kmes.csv", "devices.csv", "subscribers.csv"})
        import.add(name, read_file(BINDHSS_SOURCE_DIR "/config/demo/" + name));
    import.apply(store, false);
    CHECK(import.errors().empty());
    CHECK(import.warnings().empty());
    CHECK(store.subscriber(*Imsi::parse("001010000000005"))->kcv.size() == 6);
}

namespace {

/// What a file says that comes in pieces of so many octets.
ctl::Reading in_pieces(std::string_view text, std::size_t octets) {
    const auto stream = records::import_stream();
    ctl::Reading all;
    const auto take = [&] {
        auto reading = stream->take();
        std::move(reading.items.begin(), reading.items.end(), std::back_inserter(all.items));
        std::move(reading.errors.begin(), reading.errors.end(), std::back_inserter(all.errors));
    };
    for (std::size_t at = 0; at < text.size(); at += octets) {
        stream->feed(text.substr(at, octets));
        take();
    }
    stream->finish();
    take();
    return all;
}

}  // namespace

TEST_CASE("import: a file says the same in whatever pieces it comes") {
    const std::string csv =
        "\xef\xbb\xbf\nimei,comment\n35824005111111,\"two\nlines, \"\"quoted\"\"\"\r\n"
        "12,wrong\n35824005111112,\n";
    const std::string json =
        "\n{\"subscribers\": [{\"imsi\": \"001010000000001\"},\n{\"imsi\": \"x\"}]}\n"
        "{\"type\": \"device\", \"imei\": \"35824005111111\"}\n"
        "{\"type\": \"device\", \"imei\": \"3582400511\n";
    for (const auto& text :
         {csv, json, std::string(), std::string("\xef\xbb\xbf"), std::string("imei\n\"358")}) {
        const auto whole = ctl::read_import(text);
        for (const std::size_t octets : {1, 2, 3, 7, 64}) {
            const auto pieces = in_pieces(text, octets);
            REQUIRE(pieces.items.size() == whole.items.size());
            for (std::size_t i = 0; i < whole.items.size(); ++i)
                CHECK(pieces.items[i].line == whole.items[i].line);
            REQUIRE(pieces.errors.size() == whole.errors.size());
            for (std::size_t i = 0; i < whole.errors.size(); ++i) {
                CHECK(pieces.errors[i].line == whole.errors[i].line);
                CHECK(pieces.errors[i].text == whole.errors[i].text);
            }
        }
    }
}

TEST_CASE("import: a quotation mark that is never closed does not fill the memory") {
    const auto stream = records::import_stream();
    stream->feed("imei,comment\n35824005111111,\"");
    for (int i = 0; i < 40; ++i) stream->feed(std::string(64 * 1024, 'x') + "\n");
    stream->finish();
    const auto reading = stream->take();
    REQUIRE(reading.errors.size() == 1);
    CHECK(reading.errors[0].line == 2);
    CHECK(reading.errors[0].text == "the line is too long, or a quotation mark is never closed");
}
