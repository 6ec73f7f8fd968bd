// SPDX-License-Identifier: Apache-2.0
// Manufacturers' files of public keys: every way to write a key, and every line that is refused.
#include "records/device_key_file.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <random>
#include <sstream>

#include "device_key_samples.h"
#include "types/limits.h"
#include "types/time_text.h"

namespace bindhss {

namespace {

using crypto::DevicePrivateKey;
using crypto::DevicePublicKey;
using crypto::KeyType;
using store::DeviceKey;
using store::DeviceKeyRecord;
using test::jwk_of;
using test::pem_of;

constexpr KeyType all_types[] = {KeyType::x25519, KeyType::p256, KeyType::rsa};

std::vector<DeviceKeyRecord> read(const std::string& text) {
    std::istringstream in(text);
    records::DeviceKeyFileReader reader(in);
    std::vector<DeviceKeyRecord> records;
    while (auto record = reader.next()) records.push_back(std::move(*record));
    CHECK(reader.records() == records.size());
    return records;
}

std::string refusal_of_file(const std::string& text) {
    try {
        return "read " + std::to_string(read(text).size());
    } catch (const records::BadFile& error) {
        return error.what();
    }
}

const DeviceKey& key_in(const DeviceKeyRecord& record) {
    INFO((std::holds_alternative<std::string>(record.key) ? std::get<std::string>(record.key) : ""));
    REQUIRE(std::holds_alternative<DeviceKey>(record.key));
    return std::get<DeviceKey>(record.key);
}

std::string refusal_in(const DeviceKeyRecord& record) {
    const auto* refusal = std::get_if<std::string>(&record.key);
    return refusal == nullptr ? "a key" : *refusal;
}

DevicePublicKey some_key(KeyType type = KeyType::x25519) {
    return DevicePrivateKey::generate(type).public_key();
}

std::string quoted(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) result += c == '"' ? std::string("\"\"") : std::string(1, c);
    return result + '"';
}

std::string json_text(const std::string& text) {
    std::string result = "\"";
    for (const char c : text) result += c == '\n' ? std::string("\\n") : std::string(1, c);
    return result + '"';
}

/// The refusal of a line with this key.
std::string refusal_of_key(const std::string& key) {
    return refusal_in(read("imei,key\n35824005111111," + quoted(key) + "\n").at(0));
}

/// The same in JSON, where a PEM text is whatever a string holds.
std::string refusal_in_json(const std::string& key) {
    return refusal_in(read(R"({"imei":"35824005111111","key":)" + json_text(key) + "}").at(0));
}

}  // namespace

TEST_CASE("A file of public keys in CSV has DER, PEM and JWK of every type of key", "[R20]") {
    for (const auto type : all_types) {
        const auto key = some_key(type);
        const auto records =
            read("imei,key\n35824005000001," + to_base64(key.der()) + "\n35824005000002," +
                 to_base64url(key.der()) + "\r\n35824005000003," + to_hex(key.der()) + "\n\n35824005000004," +
                 quoted(pem_of(key)) + "\n35824005000005," + quoted(pem_of(key, "")) + "\n35824005000006," +
                 quoted(pem_of(key, "\r\n")) + "\n35824005000007," + quoted(jwk_of(key)));
        REQUIRE(records.size() == 7);
        for (std::size_t i = 0; i < records.size(); ++i) {
            const auto& read = key_in(records[i]);
            CHECK(read.imei.str() == "3582400500000" + std::to_string(i + 1));
            CHECK(read.type == type);
            CHECK(read.fingerprint == key.fingerprint());
            CHECK(read.der == key.der());
        }
        CHECK(records[3].line == 6);  // an empty line before it counts
        CHECK(records[4].line > 8);   // and so do those of a PEM text
    }
}

TEST_CASE("A file of public keys in JSON lines has DER, PEM and JWK of every type of key", "[R20]") {
    for (const auto type : all_types) {
        const auto key = some_key(type);
        const auto line = [](const std::string& members) {
            return R"({"imei":"35824005111111",)" + members + "}\n";
        };
        const auto records =
            read(line("\"key\":" + json_text(to_base64(key.der()))) +
                 line("\"key\":" + json_text(to_hex(key.der()))) + line("\"key\":" + json_text(pem_of(key))) +
                 line("\"key\":" + jwk_of(key)) + "\n" +
                 line("\"jwk\":" + jwk_of(key, R"(,"kid":"a","use":"enc","alg":"ECDH-ES")")));
        REQUIRE(records.size() == 5);
        for (const auto& record : records) CHECK(key_in(record).fingerprint == key.fingerprint());
        CHECK(records[4].line == 6);
    }
}

TEST_CASE("A line of a file of public keys tells origin, time and secure environment", "[R20]") {
    const auto key = to_base64(some_key().der());
    const auto csv = read(
        "\xef\xbb\xbfsecure,valid_until,valid_from,origin,key,imei\n"
        "yes,2036-12-31,2026-01-01T12:00:00+01:00,\"Modem Works, Ltd\"," +
        key +
        ",358240051111110\n"
        "no,,,," +
        key + ",3582400511111107\nunknown,,,," + key +
        ",35824005111111\n"
        ",,,," +
        key + ",35824005111111\n");
    REQUIRE(csv.size() == 4);
    const auto& first = key_in(csv[0]);
    CHECK(first.imei.str() == "35824005111111");
    CHECK(first.origin == "Modem Works, Ltd");
    CHECK(time_text(first.valid_from.value()) == "2026-01-01T11:00:00Z");
    CHECK(time_text(first.valid_until.value()) == "2036-12-31T00:00:00Z");
    CHECK(first.secure == true);
    CHECK(key_in(csv[1]).secure == false);
    CHECK(key_in(csv[1]).imei.str() == "35824005111111");
    CHECK_FALSE(key_in(csv[2]).secure);
    CHECK_FALSE(key_in(csv[3]).secure);
    CHECK_FALSE(key_in(csv[3]).valid_from);

    const auto json =
        read(R"({"imei":"35824005111111","key":")" + key +
             R"(","origin":"Modem Works","valid_until":"2036-12-31","valid_from":null,"secure":true})"
             "\n{\"imei\":\"35824005111111\",\"key\":\"" +
             key + "\",\"secure\":null}\n");
    CHECK(key_in(json.at(0)).origin == "Modem Works");
    CHECK(key_in(json.at(0)).valid_until == first.valid_until);
    CHECK(key_in(json.at(0)).secure == true);
    CHECK_FALSE(key_in(json.at(1)).secure);
}

TEST_CASE("What is wrong with a line of public keys is told with its number, and the others are read",
          "[R20]") {
    const auto key = to_base64(some_key().der());
    const auto good = "35824005111111," + key + ",,\n";
    const auto records = read("imei,key,valid_from,secure\n" + good +                        // 2
                              "3582400511111," + key + ",,\n" +                              // 3
                              "358240051111113," + key + ",,\n" + "," + key + ",,\n" +       // 4, 5
                              "35824005111111,,,\n" + good +                                 // 6, 7
                              "35824005111111," + key + ",yesterday,\n" +                    // 8
                              "35824005111111," + key + ",,perhaps\n" +                      // 9
                              "35824005111111," + key + "\n" +                               // 10
                              "35824005111111,a\"b,,\n" +                                    // 11
                              "35824005111111," + std::string(9'000, 'M') + ",,\n" + good +  // 12, 13
                              "\xef\xbb\xbf\n");
    REQUIRE(records.size() == 13);
    for (std::size_t i = 0; i < records.size(); ++i) CHECK(records[i].line == i + 2);
    for (const auto i : {0, 5, 11}) key_in(records[static_cast<std::size_t>(i)]);
    CHECK(refusal_in(records[1]) == "imei '3582400511111' is not 14 to 16 digits");
    CHECK(refusal_in(records[2]) == "imei '358240051111113' has check digit 3, it should be " +
                                        std::string(1, Imei::parse("35824005111111")->check_digit()) +
                                        ": mistyped?");
    CHECK(refusal_in(records[3]) == "the imei is missing");
    CHECK(refusal_in(records[4]) == "the key is missing");
    CHECK(refusal_in(records[6]) ==
          "valid_from 'yesterday' is no date (2026-03-01) and no time (2026-03-01T08:30:00Z)");
    CHECK(refusal_in(records[7]) == "secure 'perhaps' is none of yes, no and unknown");
    CHECK(refusal_in(records[8]) == "has 2 cells, the first line names 4 columns");
    CHECK(refusal_in(records[9]) == "a quotation mark inside a cell that does not begin with one");
    CHECK(refusal_in(records[10]) == "the line is too long for a key");
    CHECK(refusal_in(records[12]) == "holds nothing");
}

TEST_CASE("What is wrong with a JSON line of public keys is told with its number", "[R20]") {
    const auto key = to_base64(some_key().der());
    const auto imei = std::string(R"({"imei":"35824005111111",)");
    const auto records =
        read("{\n" + imei + "\"key\":\"" + key + "\",\"colour\":\"red\"}\n" +
             "{\"imei\":35824005111111,\"key\":\"" + key + "\"}\n" + imei + "\"key\":7}\n" + imei +
             "\"key\":\"" + key + "\",\"jwk\":{}}\n" + imei + "\"jwk\":\"\"}\n" + imei + "\"jwk\":{}}\n" +
             "[]\n" + imei + "\"jwk\":" + std::string(20, '[') + "\n" + imei + "\"secure\":1}\n");
    REQUIRE(records.size() == 10);
    CHECK(refusal_in(records[0]).starts_with("is not JSON: "));
    CHECK(refusal_in(records[1]) == "unknown member 'colour'");
    CHECK(refusal_in(records[2]) == "imei is no text");
    CHECK(refusal_in(records[3]) == "key is no text");
    CHECK(refusal_in(records[4]) == "has both key and jwk");
    CHECK(refusal_in(records[5]) == "jwk is no JSON object");
    CHECK(refusal_in(records[6]) == "the JWK's kty is none of OKP, EC and RSA");
    CHECK(refusal_in(records[7]) == "is no JSON object");
    CHECK(refusal_in(records[8]).starts_with("is not JSON: "));
    CHECK(refusal_in(records[9]) == "secure is no text");
    for (std::size_t i = 0; i < records.size(); ++i) CHECK(records[i].line == i + 1);
}

TEST_CASE("A key that is weak, or is none, is refused for what it is", "[R20]") {
    const auto weak = DevicePrivateKey::generate(KeyType::rsa, 1024).public_key();
    CHECK(refusal_of_key(to_base64(weak.der())) == "an RSA key has 2048 to 4096 bits, this one 1024");
    CHECK(refusal_of_key(pem_of(weak)) == "an RSA key has 2048 to 4096 bits, this one 1024");
    CHECK(refusal_of_key(jwk_of(weak)) == "an RSA key has 2048 to 4096 bits, this one 1024");
    CHECK(refusal_of_key(R"({"kty":"OKP","crv":"X25519","x":")" + to_base64url(Octets<32>{}) + "\"}") ==
          "the point is of small order: it keeps no secret");

    const auto secret = DevicePrivateKey::generate(KeyType::p256).pem();
    const std::string pem(reinterpret_cast<const char*>(secret.view().data()), secret.size());
    auto body = pem.substr(28, pem.find("-----END") - 28);
    std::erase(body, '\n');
    const std::string private_key =
        "this is a private key: it belongs into the device, and nobody else may have it";
    CHECK(refusal_of_key(pem) == private_key);
    CHECK(refusal_of_key(body) == private_key);
    CHECK(refusal_of_key(jwk_of(some_key(), R"(,"d":"AAAA")")) == private_key);
    CHECK(refusal_of_key("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
              .find("openssl x509") != std::string::npos);
    CHECK(refusal_of_key("-----BEGIN RSA PUBLIC KEY-----\nMIIB\n-----END RSA PUBLIC KEY-----\n")
              .find("PKCS#1") != std::string::npos);
    CHECK(refusal_in_json("-----BEGIN PUBLIC KEY-----\nMCow\n") == "the PEM text has no end");
    CHECK(refusal_in_json("-----BEGIN PUBLIC KEY-----\nM*w\n-----END PUBLIC KEY-----") ==
          "the PEM text is not base64");
    CHECK(refusal_in_json(pem_of(some_key()) + "x") == "there is something behind the PEM text");
    CHECK(refusal_of_key("-----BEGIN PUBLIC KEY") == "the PEM text is no PUBLIC KEY");

    const std::string neither = "the key is neither PEM, nor DER in base64 or hexadecimal digits, nor a JWK";
    CHECK(refusal_of_key("30xx") == neither);
    CHECK(refusal_of_key("*") == neither);
    CHECK(refusal_of_key("MCow") == "no SubjectPublicKeyInfo in DER");
    CHECK(refusal_of_key("{") == "the JWK is not JSON: incomplete JSON");
    CHECK(refusal_of_key(R"({"kty":"EC","crv":"P-384"})") == "the JWK's crv is none of X25519 and P-256");
    CHECK(refusal_of_key(R"({"kty":"OKP","crv":"Ed25519"})") == "the JWK's crv is none of X25519 and P-256");
    CHECK(refusal_of_key(R"({"kty":"OKP","crv":"X25519","x":"AAAA"})") ==
          "the JWK's x is not 32 octets in base64url");
    CHECK(refusal_of_key(R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})") ==
          "the JWK's x and y are not 32 octets each in base64url");
    CHECK(refusal_of_key(R"({"kty":"RSA","n":"","e":"AQAB"})") == "the JWK's n and e are not base64url");
    auto off = jwk_of(some_key(KeyType::p256));
    off.replace(off.find("\"y\":\"") + 5, 4, "AAAA");
    CHECK(refusal_of_key(off) == "the point is not on the curve");
}

TEST_CASE("A quotation mark that is never closed costs its own line alone, in a PEM text or not", "[R20]") {
    const auto good = "35824005222222," + to_base64(some_key().der()) + "\n";
    const std::string begin = "-----BEGIN PUBLIC KEY-----\n";
    for (const auto& broken : {std::string("35824005111111,\"MCow\n"), "35824005111111,\"" + begin,
                               "35824005111111,\"" + begin + "MCowBQYDK2VuAyEA\n"}) {
        const auto records = read("imei,key\n" + broken + good + good);
        REQUIRE(records.size() == 3);
        CHECK(refusal_in(records[0]) == "a quotation mark that is never closed");
        CHECK(records[0].line == 2);
        key_in(records[1]);
        key_in(records[2]);
    }
    // A PEM text without an end is no way to have a file in memory.
    std::string endless = "imei,key\n35824005111111,\"" + begin;
    for (int i = 0; i < 1'000; ++i) endless += std::string(64, 'A') + "\n";
    const auto records = read(endless);
    CHECK(refusal_in(records.at(0)) == "a quotation mark that is never closed");
    CHECK(records.size() > 1'000 - limits::device_key_record_octets_max / 64);
}

TEST_CASE("What is no file of public keys is refused whole, with a clear sentence", "[R20]") {
    CHECK(refusal_of_file("") ==
          "the file is empty: its first line names the columns, or holds a JSON object");
    CHECK(refusal_of_file(" \n\n").starts_with("the file is empty"));
    CHECK(refusal_of_file("\x1f\x8b\x08") == "the file is compressed: give it to gunzip first");
    CHECK(refusal_of_file("[{}]").starts_with("the file is a JSON list"));
    CHECK(refusal_of_file("imei,key,colour\n") ==
          "line 1: unknown column 'colour': the first line names the columns, of imei, key, origin, "
          "valid_from, "
          "valid_until, secure");
    CHECK(refusal_of_file("\nimei,key,key\n") == "line 2: the column 'key' is there twice");
    CHECK(refusal_of_file("imei,origin\n") == "line 1: the column 'key' is missing");
    CHECK(refusal_of_file("key\n") == "line 1: the column 'imei' is missing");
    CHECK(refusal_of_file("imei,\"key\n") ==
          "line 1: is neither a line that names columns nor a JSON object");
    CHECK(refusal_of_file(std::string(10'000, 'x')) ==
          "line 1: is neither a line that names columns nor a JSON object");
    CHECK(refusal_of_file(std::string("\0\x01\x02\xff", 4)).starts_with("line 1: unknown column "));
    CHECK(refusal_of_file("imei,key\n") == "read 0");
}

TEST_CASE("No refusal repeats a key, or what acts on a terminal", "[R9][R20]") {
    const auto secret = std::string(40, 'c') + "\x1b[31m\xff";
    for (const auto& text :
         {"imei,key\n" + secret + ",MCow\n", "imei,key\n35824005111111," + secret + "\n",
          "imei,key,secure\n35824005111111,MCow," + secret + "\n", "imei,key\n" + secret + "\n",
          R"({"imei":")" + std::string(40, 'c') +
              R"(","key":"MCow"})"
              "\n",
          "{\"" + std::string(40, 'c') + "\":1}\n"}) {
        const auto refusal = refusal_in(read(text).at(0));
        CHECK(refusal.find(std::string(16, 'c')) == std::string::npos);
        for (const char c : refusal) CHECK((c >= ' ' && c < 0x7f));
    }
    CHECK(refusal_of_file(secret).find(std::string(16, 'c')) == std::string::npos);
}

TEST_CASE("A stream that breaks off is no end of a file", "[R20]") {
    struct Breaking : std::streambuf {
        std::string text = "imei,key\n35824005111111,MCow\n";
        bool given = false;
        int_type underflow() override {
            if (std::exchange(given, true)) throw std::runtime_error("the disk is gone");
            setg(text.data(), text.data(), text.data() + text.size());
            return traits_type::to_int_type(*gptr());
        }
    };
    Breaking buffer;
    std::istream in(&buffer);
    records::DeviceKeyFileReader reader(in);
    CHECK_THROWS_AS(
        [&] {
            while (reader.next()) continue;
        }(),
        records::BadFile);
}

TEST_CASE("Whatever a file is changed to, it is read to its end or refused in words", "[R20]") {
    std::mt19937 random(20);  // NOLINT: the same every time
    const auto key = some_key(KeyType::p256);
    const std::string samples[] = {
        "imei,key,origin,valid_from,valid_until,secure\n35824005111111," + quoted(pem_of(key)) +
            ",\"a \"\"b\"\"\",2026-01-01,,yes\n35824005222222," + to_base64(key.der()) + ",,,,\n",
        R"({"imei":"35824005111111","jwk":)" + jwk_of(key) +
            R"(,"valid_until":"2036-12-31T00:00:00Z"})"
            "\n"};
    for (int i = 0; i < 4'000; ++i) {
        auto text = samples[i % 2];
        for (int changes = 1 + i % 4; changes > 0; --changes) {
            auto& octet = text[random() % text.size()];
            octet = random() % 2 == 0 ? static_cast<char>(random()) : "\"\n,{}-\r\\"[random() % 8];
        }
        text.resize(random() % (text.size() + 1));
        CHECK_FALSE(refusal_of_file(text).empty());
    }
}

TEST_CASE("The files that the fuzz target begins with are read whole", "[R20]") {
    const std::string corpus = BINDHSS_SOURCE_DIR "/tests/fuzz/corpus/device_key/";
    for (const auto* name : {"all.csv", "all.jsonl"}) {
        std::ifstream in(corpus + name, std::ios::binary);
        records::DeviceKeyFileReader reader(in);
        while (const auto record = reader.next()) key_in(*record);
        CHECK(reader.records() == 4);
    }
    for (const auto* name : {"x25519.der", "p256.der", "p256.pem", "rsa.der", "rsa.jwk"}) {
        std::ifstream in(corpus + name, std::ios::binary);
        const std::string content{std::istreambuf_iterator<char>(in), {}};
        CHECK(std::holds_alternative<DevicePublicKey>(records::read_key_file(content)));
    }
}

TEST_CASE("A file with one key holds PEM, DER, base64, hexadecimal digits or a JWK", "[R20]") {
    for (const auto type : all_types) {
        const auto key = some_key(type);
        const std::string der(reinterpret_cast<const char*>(key.der().data()), key.der().size());
        auto wrapped = to_base64(key.der());
        wrapped.insert(40, "\n");
        for (const auto& content : {der, pem_of(key), "\n" + pem_of(key, "\r\n"), wrapped + "\n",
                                    to_hex(key.der()) + "\n", jwk_of(key) + "\n"}) {
            const auto read = records::read_key_file(content);
            INFO((std::holds_alternative<std::string>(read) ? std::get<std::string>(read) : ""));
            REQUIRE(std::holds_alternative<DevicePublicKey>(read));
            CHECK(std::get<DevicePublicKey>(read).fingerprint() == key.fingerprint());
        }
    }
    CHECK(std::get<std::string>(records::read_key_file(" \n")) == "the file is empty");
    CHECK(std::get<std::string>(records::read_key_file("{]")).starts_with("the JWK is not JSON"));
}

}  // namespace bindhss
