// SPDX-License-Identifier: Apache-2.0
// bindhssctl kme: list, set, retire, import, export.
#include <sys/stat.h>

#include "ctl_session.h"

namespace bindhss {

namespace {

using test::BindingSession;

const std::string device = "35824005111111";
const std::string imsi = "001010000000001";
const std::string other_key(64, 'b');
const std::string transport(64, '7');

/// A path that nothing is at, before and after.
struct FreePath {
    std::string path;
    explicit FreePath(const std::string& name)
        : path(std::filesystem::temp_directory_path() / (std::to_string(::getpid()) + name)) {
        std::filesystem::remove(path);
    }
    ~FreePath() { std::filesystem::remove(path); }
};

struct PrivateFile : test::TemporaryFile {
    PrivateFile(const std::string& name, const std::string& text) : TemporaryFile(name, text) {
        ::chmod(path.c_str(), 0600);
    }
};

std::string content(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// One of a group and one of a device.
void put_two_keys(BindingSession& s) {
    REQUIRE(s.run({"device", "add", "35824005222222", "--group", "meters"}) == 0);
    REQUIRE(s.run({"kme", "set", "--group", "meters", "--key", test::kme}) == 0);
    REQUIRE(s.run({"kme", "set", device, "--key", "-"}, other_key) == 0);
}

}  // namespace

TEST_CASE("bindhssctl: a key of a later generation takes over, and keys are retired", "[R12]") {
    BindingSession s;
    REQUIRE(s.run({"device", "add", device}) == 0);
    REQUIRE(s.run({"kme", "set", device, "--key", test::kme}) == 0);
    CHECK(s.run({"kme", "set", device, "--key", "-", "--generation", "1"}, other_key + "\n") == 0);
    CHECK(s.run({"kme", "list", device}) == 0);
    CHECK(s.told("35824005111111  0           c6a13b  previous"));
    CHECK(s.out.find("  active") != std::string::npos);
    CHECK(s.run({"kme", "set", device, "--key", "-", "--generation", "x"}, other_key) == 1);
    CHECK(s.err == "bindhssctl: generation is not a whole number\n");
    CHECK(s.run({"kme", "set", device, "--key", "-", "--generation", "99999999999"}, other_key) == 1);
    CHECK(s.err == "bindhssctl: generation is too large\n");

    CHECK(s.run({"kme", "retire", device, "--generation", "7"}) == 1);
    CHECK(s.run({"kme", "retire", device, "--dry-run"}) == 0);
    CHECK(s.err == "bindhssctl: nothing is wrong, and nothing was stored\n");
    CHECK(s.run({"kme", "retire", device}) == 0);
    CHECK(s.run({"kme", "list", "--json"}) == 0);
    CHECK(s.out.find("\"active\"") == std::string::npos);
    CHECK(s.run({"kme", "list", "somebody"}) == 1);
    CHECK(s.err == "bindhssctl: owner 'somebody' is neither an IMEI nor group:NAME\n");
}

TEST_CASE("bindhssctl: keys are handed over to a new operator wrapped, and taken over by them whole",
          "[R12][R15][R18]") {
    BindingSession s;
    const PrivateFile key("transport", transport);
    const FreePath file("kmes");
    put_two_keys(s);
    CHECK(s.run({"kme", "export", file.path, "--transport-key", key.path}) == 0);
    CHECK(s.out == "exported 2 keys\n");
    CHECK(content(file.path).find(test::kme) == std::string::npos);
    CHECK(content(file.path).find(other_key.substr(0, 16)) == std::string::npos);
    struct stat status {};
    REQUIRE(::stat(file.path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);

    BindingSession other;
    REQUIRE(other.run({"device", "add", "35824005222222", "--group", "meters"}) == 0);
    CHECK(other.run({"kme", "import", file.path, "--transport-key", key.path, "--dry-run"}) == 0);
    CHECK(other.out == "would import 2 keys: 2 new, 0 replaced, 0 unchanged\n");
    CHECK(other.store.kmes({}, 10).empty());
    CHECK(other.run({"kme", "import", file.path, "--transport-key", key.path}) == 0);
    CHECK(other.out == "imported 2 keys: 2 new, 0 replaced, 0 unchanged\n");
    REQUIRE(other.store.kmes({}, 10).size() == 2);
    CHECK(other.store.kmes({}, 10)[0].kcv == s.store.kmes({}, 10)[0].kcv);
    CHECK(other.run({"kme", "import", file.path, "--transport-key", key.path, "--json"}) == 0);
    CHECK(other.out == R"({"keys":2,"added":0,"replaced":0,"unchanged":2,"stored":true})"
                       "\n");
    // Who did it, and what, is in the audit of both.
    CHECK(other.run({"audit", "list"}) == 0);
    CHECK(other.told("2 keys, transport key"));
    CHECK(s.run({"audit", "list"}) == 0);
    CHECK(s.told("all devices and groups"));
}

TEST_CASE("bindhssctl: an export takes what it is asked for, and never writes over a file", "[R18]") {
    BindingSession s;
    const PrivateFile key("transport", transport);
    const FreePath file("kmes");
    put_two_keys(s);
    REQUIRE(s.run({"kme", "set", "35824006111111", "--key", "-"}, other_key) == 0);
    CHECK(s.run({"kme", "export", file.path, "--transport-key", key.path, "--range", "35824005", "--wrap",
                 "rfc5649", "--json"}) == 0);
    CHECK(s.out == "{\"keys\":1}\n");
    CHECK(content(file.path).find("\trfc5649\t") != std::string::npos);
    CHECK(s.run({"kme", "export", file.path, "--transport-key", key.path}) == 1);
    CHECK(s.err == "bindhssctl: " + file.path + " is there already: name a new file\n");
    const FreePath never("never");
    CHECK(s.run({"kme", "export", never.path, "--transport-key", key.path, "--range", "x"}) == 1);
    CHECK(s.run({"kme", "export", never.path, "--transport-key", key.path, "--wrap", "none"}) == 1);
    CHECK(s.run({"kme", "export", never.path, "--transport-key", "/nowhere"}) == 1);
    CHECK_FALSE(std::filesystem::exists(never.path));
    CHECK(s.run({"kme", "export", "/nowhere/file", "--transport-key", key.path}) == 1);
}

TEST_CASE("bindhssctl: of a file of keys with one mistake nothing is imported", "[R9][R15]") {
    BindingSession s;
    const PrivateFile key("transport", transport);
    const FreePath file("kmes");
    REQUIRE(s.run({"kme", "set", device, "--key", "-"}, other_key) == 0);
    REQUIRE(s.run({"kme", "set", "35824005111112", "--key", test::kme}) == 0);
    REQUIRE(s.run({"kme", "export", file.path, "--transport-key", key.path}) == 0);
    auto text = content(file.path);
    text[text.find("11112") + 4] = '3';
    const test::TemporaryFile forged("forged", text);
    BindingSession other;
    CHECK(other.run({"kme", "import", forged.path, "--transport-key", key.path}) == 1);
    CHECK(other.told("the file is not as it was written"));
    CHECK(other.store.kmes({}, 10).empty());
    const PrivateFile wrong("wrong", std::string(64, '8'));
    CHECK(other.run({"kme", "import", file.path, "--transport-key", wrong.path}) == 1);
    CHECK(other.told("wrapped under another transport key"));
    CHECK(other.run({"kme", "import", "-", "--transport-key", key.path}) == 1);
    CHECK(other.run({"kme", "import", "/dev/null", "--transport-key", key.path}) == 1);
    CHECK(other.err == "bindhssctl: /dev/null is not a regular file\n");
    CHECK(other.run({"kme", "import", file.path}) == 2);
    CHECK(other.store.kmes({}, 10).empty());
}

TEST_CASE("bindhssctl: what the store refuses of a file of keys is told with its line", "[R15]") {
    BindingSession s;
    const PrivateFile key("transport", transport);
    const FreePath file("kmes");
    put_two_keys(s);
    REQUIRE(s.run({"kme", "export", file.path, "--transport-key", key.path}) == 0);
    BindingSession other;  // has no group of that name
    CHECK(other.run({"kme", "import", file.path, "--transport-key", key.path}) == 1);
    CHECK(other.told("kmes:2: "));
    CHECK(other.told("nothing was imported: 1 error"));
    CHECK(other.store.kmes({}, 10).empty());
}

}  // namespace bindhss
