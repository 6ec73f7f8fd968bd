// SPDX-License-Identifier: Apache-2.0
// The file in which device keys travel (docs/kme-transfer.md).
#include "ctl/kme_file.h"

#include <sys/stat.h>

#include <numeric>

#include "ctl_session.h"

namespace bindhss::ctl {

namespace {

const TransportKey key(SecretString(OctetString(32, 0x5a)));

store::KmeRecord record(const char* imei, std::uint32_t generation, std::size_t octets, std::uint8_t fill) {
    return {*Imei::parse(imei), generation, SecretString(OctetString(octets, fill)), 0};
}

std::string written(crypto::KeyWrap method = crypto::KeyWrap::rfc3394) {
    std::ostringstream out;
    KmeFileWriter writer(out, key, method);
    writer.add({std::string("meters hall 3"), 2, SecretString(OctetString(32, 9)), 0});
    writer.add(record("35824005111111", 0, 16, 1));
    writer.add(record("35824005111111", 1, 16, 2));
    writer.add(record("35824005111112", 0, 32, 3));
    writer.finish();
    return out.str();
}

std::string content(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

struct Outcome {
    std::vector<store::KmeRecord> records;
    std::vector<store::LineError> errors;
    std::string refused;
    std::optional<KmeFileSummary> summary;
    [[nodiscard]] bool good() const { return refused.empty() && errors.empty(); }
};

Outcome read(const std::string& text, const TransportKey& with = key) {
    std::istringstream in(text);
    KmeFileReader reader(in, with);
    Outcome outcome;
    try {
        while (auto found = reader.next()) outcome.records.push_back(std::move(*found));
        outcome.summary = reader.summary();
    } catch (const Refused& error) {
        outcome.refused = error.what();
    }
    outcome.errors = reader.errors();
    return outcome;
}

/// A file with these lines between header and trailer, authenticated as it is.
std::string authenticated(const std::vector<std::string>& lines, std::uint64_t count,
                          const std::string& header = "BINDHSS-KME\t1\trfc3394\t" + key.kcv()) {
    auto text = header + "\n";
    for (const auto& line : lines) text += line + "\n";
    text += "END\t" + std::to_string(count) + "\t";
    return text + to_hex(crypto::hmac_sha256(key.authenticating(), as_octets(text)).view()) + "\n";
}

std::string wrapped(std::size_t octets) {
    return to_hex(crypto::wrap_key(key.wrapping(), OctetString(octets, 1), crypto::KeyWrap::rfc3394));
}

}  // namespace

TEST_CASE("a file of keys is read as it was written, with either wrapping", "[R12][R15][R18]") {
    for (const auto method : {crypto::KeyWrap::rfc3394, crypto::KeyWrap::rfc5649}) {
        const auto outcome = read(written(method));
        REQUIRE(outcome.good());
        REQUIRE(outcome.records.size() == 4);
        CHECK(outcome.summary->keys == 4);
        CHECK(std::get<std::string>(outcome.records[0].owner) == "meters hall 3");
        CHECK(outcome.records[0].generation == 2);
        CHECK(outcome.records[0].key == SecretString(OctetString(32, 9)));
        CHECK(std::get<Imei>(outcome.records[1].owner).str() == "35824005111111");
        CHECK(outcome.records[2].generation == 1);
        CHECK(outcome.records[2].line == 4);
        CHECK(outcome.records[3].key == SecretString(OctetString(32, 3)));
    }
}

TEST_CASE("a file of keys is what the manual says: a header, a line a key, a trailer", "[R15]") {
    const auto text = written();
    CHECK(text.starts_with("BINDHSS-KME\t1\trfc3394\t" + key.kcv() + "\ngroup:meters hall 3\t2\t2\t"));
    CHECK(text.find("\nimei:35824005111111\t0\t1\t") != std::string::npos);
    const auto trailer = text.substr(text.rfind("END\t"));
    CHECK(trailer.starts_with("END\t4\t"));
    CHECK(trailer.size() == 6 + 64 + 1);
}

TEST_CASE("the example of the manual, which another program has made, is read, and written the same",
          "[R15]") {
    const auto text = content(BINDHSS_SOURCE_DIR "/tests/vectors/import/example.kme");
    OctetString octets(32);
    std::iota(octets.begin(), octets.end(), std::uint8_t{0});
    const TransportKey transport{SecretString(OctetView(octets))};
    const auto outcome = read(text, transport);
    REQUIRE(outcome.good());
    REQUIRE(outcome.records.size() == 1);
    CHECK(outcome.records[0].key.view()[15] == 0xff);
    std::ostringstream out;
    KmeFileWriter writer(out, transport, crypto::KeyWrap::rfc3394);
    writer.add(outcome.records[0]);
    writer.finish();
    CHECK(out.str() == text);
    std::istringstream lines(text);
    const auto manual = content(BINDHSS_SOURCE_DIR "/docs/kme-transfer.md");
    for (std::string line; std::getline(lines, line);) CHECK(manual.find(line) != std::string::npos);
}

TEST_CASE("no octet of a file of keys can be changed", "[R9][R15]") {
    const auto text = written();
    for (std::size_t i = 0; i < text.size(); ++i) {
        for (const char to : {'0', 'f', '\t', '\n', ' ', '\r'}) {
            if (text[i] == to) continue;
            auto changed = text;
            changed[i] = to;
            // The last newline is the end of the file either way.
            if (i + 1 == text.size()) continue;
            INFO(i << " to " << static_cast<int>(to));
            CHECK_FALSE(read(changed).good());
        }
    }
}

TEST_CASE("no line of a file of keys can be taken out, repeated, added or moved, and no end be cut off",
          "[R9][R15]") {
    std::vector<std::string> lines;
    std::istringstream in(written());
    for (std::string line; std::getline(in, line);) lines.push_back(line + "\n");
    const auto joined = [](const std::vector<std::string>& of) {
        std::string text;
        for (const auto& line : of) text += line;
        return text;
    };
    REQUIRE(read(joined(lines)).good());
    for (std::size_t i = 0; i < lines.size(); ++i) {
        auto without = lines;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
        CHECK_FALSE(read(joined(without)).good());
        auto twice = lines;
        twice.insert(twice.begin() + static_cast<std::ptrdiff_t>(i), lines[i]);
        CHECK_FALSE(read(joined(twice)).good());
        for (std::size_t j = 0; j < i; ++j) {
            auto swapped = lines;
            std::swap(swapped[i], swapped[j]);
            CHECK_FALSE(read(joined(swapped)).good());
        }
    }
    const auto text = joined(lines);
    for (std::size_t size = 0; size + 1 < text.size(); ++size)
        CHECK_FALSE(read(text.substr(0, size)).refused.empty());
    CHECK(read(text + text).refused == "the file goes on behind its trailer");
    CHECK(read(text + "\n").refused == "the file goes on behind its trailer");
}

TEST_CASE("a file of keys under another transport key is told of by check values", "[R15]") {
    const TransportKey other(SecretString(OctetString(16, 0x11)));
    CHECK(read(written(), other).refused ==
          "line 1: the keys are wrapped under another transport key: its check value is '" + key.kcv() +
              "', that of the one given is " + other.kcv());
}

TEST_CASE("what is wrong with the lines of an authentic file of keys is told line by line, without keys",
          "[R15]") {
    const auto good = "imei:35824005111111\t0\t1\t" + wrapped(16);
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases{
        {{good, good}, "is not behind the line before"},
        {{"imei:35824005111112\t0\t1\t" + wrapped(16), good}, "is not behind the line before"},
        {{"imei:3582400511111\t0\t1\t" + wrapped(16)}, "the owner is neither"},
        {{"imei:00000000000000\t0\t1\t" + wrapped(16)}, "the owner is neither"},
        {{"group:\t0\t1\t" + wrapped(16)}, "the owner is neither"},
        {{"group: x\t0\t1\t" + wrapped(16)}, "the group's name"},
        {{"imei:35824005111111\t01\t1\t" + wrapped(16)}, "the generation is not a number"},
        {{"imei:35824005111111\t99999999999\t1\t" + wrapped(16)}, "the generation is not a number"},
        {{"imei:35824005111111\t0\t3\t" + wrapped(16)}, "rand-alg is neither 1 nor 2"},
        {{"imei:35824005111111\t0\t2\t" + wrapped(16)}, "the key has 16 octets, which is not rand-alg 2"},
        {{"imei:35824005111111\t0\t1\t" + wrapped(24)}, "the key has 24 octets, which is not rand-alg 1"},
        {{"imei:35824005111111\t0\t1\t" + wrapped(16).substr(2)}, "the key does not open"},
        {{"imei:35824005111111\t0\t1\tnothing"}, "the key does not open"},
        {{"imei:35824005111111\t0\t1"}, "has not the four fields"},
        {{good + "\t"}, "has not the four fields"},
        {{""}, "has not the four fields"},
    };
    for (const auto& [lines, text] : cases) {
        const auto outcome = read(authenticated(lines, lines.size()));
        INFO(text);
        CHECK(outcome.refused.empty());
        REQUIRE(outcome.errors.size() == 1);
        CHECK(outcome.errors[0].line == 1 + lines.size());
        CHECK(outcome.errors[0].text.find(text) == 0);
        CHECK(outcome.errors[0].text.find(wrapped(16).substr(4, 8)) == std::string::npos);
    }
    CHECK(read(authenticated({good}, 2)).refused == "the trailer tells of 2 keys, the file has 1");
    CHECK(read(authenticated({}, 0)).good());
    CHECK(read(authenticated({}, 0, "BINDHSS-KME\t2\trfc3394\t" + key.kcv())).refused.find("version 1") !=
          std::string::npos);
    CHECK(read(authenticated({}, 0, "BINDHSS-KME\t1\trsa\t" + key.kcv())).refused.find("rfc5649") !=
          std::string::npos);
    CHECK(read("imsi,kme\n").refused == "line 1: this is no file of keys");
    CHECK(read("").refused == "the file is empty");
    CHECK(read(std::string(5'000, 'x')).refused == "line 1 is too long: this is no file of keys");
}

TEST_CASE("a file of keys that is another one at the second reading is not imported", "[R15]") {
    const auto checked = read(written()).summary.value();
    std::size_t keys = 0;
    std::istringstream same(written());
    CheckedKmes good(same, key, checked, [&] { ++keys; });
    while (good.next()) continue;
    CHECK(keys == 4);
    // Authentic by itself, but not what was checked.
    std::istringstream other(authenticated({"imei:35824005111111\t0\t1\t" + wrapped(16)}, 1));
    CheckedKmes changed(other, key, checked, [] {});
    CHECK(changed.next());
    CHECK_THROWS_AS(changed.next(), Refused);
    std::istringstream cut(written().substr(0, 200));
    CheckedKmes ended(cut, key, checked, [] {});
    CHECK_THROWS_AS(
        [&] {
            while (ended.next()) continue;
        }(),
        Refused);
}

TEST_CASE("a writer refuses keys that come out of order", "[R18]") {
    std::ostringstream out;
    KmeFileWriter writer(out, key, crypto::KeyWrap::rfc3394);
    writer.add(record("35824005111111", 1, 16, 1));
    CHECK_THROWS(writer.add(record("35824005111111", 1, 16, 1)));
    CHECK_THROWS(writer.add(record("35824005111110", 2, 16, 1)));
}

TEST_CASE("a transport key file holds one key, and others may not read it", "[R9]") {
    const std::string hex(64, 'a');
    const auto load = [](const std::string& text, ::mode_t mode = 0600) -> std::string {
        const test::TemporaryFile file("transport", text);
        ::chmod(file.path.c_str(), mode);
        try {
            return TransportKey::load(file.path).kcv();
        } catch (const Refused& error) {
            CHECK(std::string(error.what()).find("aaaa") == std::string::npos);
            return error.what();
        }
    };
    CHECK(load(hex + "\n").size() == 6);
    CHECK(load("# of the factory\n\n  " + hex.substr(32) + "  # AES-128\r\n").size() == 6);
    CHECK(load(hex, 0640).find("may be read by group or others: chmod 600 it") != std::string::npos);
    CHECK(load(hex, 0604).find("may be read by group or others") != std::string::npos);
    CHECK(load("").find("holds no key") != std::string::npos);
    CHECK(load(hex + "\n" + hex).find("more than one key") != std::string::npos);
    CHECK(load(hex.substr(2)).find("does not hold 32 or 64 hexadecimal digits") != std::string::npos);
    CHECK(load(hex + "zz").find("does not hold") != std::string::npos);
    CHECK(load(std::string(10'000, '#')).find("too large") != std::string::npos);
    CHECK_THROWS_AS(TransportKey::load("/nowhere/key"), Refused);
    CHECK_THROWS_AS(TransportKey::load("/dev/null"), Refused);
}

}  // namespace bindhss::ctl
