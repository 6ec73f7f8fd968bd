// SPDX-License-Identifier: Apache-2.0
// bindhssctl device-key, kme renew, exchange.
#include "ctl_session.h"
#include "device_key_samples.h"

namespace bindhss {

namespace {

using crypto::DevicePrivateKey;
using crypto::DevicePublicKey;
using crypto::KeyType;
using test::BindingSession;
using test::TemporaryFile;

const std::string device = "35824005111111";
const std::string other = "35824005222222";

DevicePublicKey some_key(KeyType type = KeyType::x25519) {
    return DevicePrivateKey::generate(type).public_key();
}

std::string line_of(const std::string& imei, const DevicePublicKey& key) {
    return imei + "," + to_base64(key.der()) + "\n";
}

std::vector<store::DeviceKey> keys_of(BindingSession& s, const std::string& imei) {
    return s.store.device_keys(Imei::parse(imei), std::nullopt, 100);
}

}  // namespace

TEST_CASE("bindhssctl: a manufacturer's file is imported line by line, and what is refused is told",
          "[R20]") {
    BindingSession s;
    const auto first = some_key();
    const auto second = some_key(KeyType::p256);
    const TemporaryFile file("keys.csv",
                             "imei,key\n" + line_of(device, first) + "x,y\n" + line_of(other, second));
    const auto name = file.path.substr(file.path.rfind('/') + 1);
    CHECK(s.run({"device-key", "import", file.path, "--dry-run"}) == 1);
    CHECK(s.out == "would import 2 public keys: 2 new, 0 unchanged; 0 of before revoked, 1 line refused\n");
    CHECK(s.err ==
          name + ":3: imei 'x' is not 14 to 16 digits\nbindhssctl: 1 line refused; nothing was imported\n");
    CHECK(keys_of(s, device).empty());

    CHECK(s.run({"device-key", "import", file.path, "--strict"}) == 1);
    CHECK(s.out.empty());
    CHECK(s.told("1 line refused; nothing was imported"));
    CHECK(keys_of(s, device).empty());
    CHECK(s.store.audit(10).empty());

    CHECK(s.run({"device-key", "import", file.path, "--origin", "Modem Works"}) == 1);
    CHECK(s.out == "imported 2 public keys: 2 new, 0 unchanged; 0 of before revoked, 1 line refused\n");
    CHECK(s.told("1 line refused; the others are imported"));
    REQUIRE(keys_of(s, device).size() == 1);
    CHECK(keys_of(s, device)[0].fingerprint == first.fingerprint());
    CHECK(keys_of(s, device)[0].origin == "Modem Works");
    CHECK(s.run({"audit", "list"}) == 0);
    CHECK(s.told("import public keys"));
    CHECK(s.told(name + ": 2 added, 0 unchanged, 0 revoked,"));  // over the API, of what was sent to it

    CHECK(s.run({"device-key", "import", "-", "--json"}, "imei,key\n" + line_of(device, first)) == 0);
    CHECK(s.out == R"({"added":0,"unchanged":1,"revoked":0,"refused":0,"stored":true})"
                   "\n");
}

TEST_CASE("bindhssctl: of many lines refused the first are shown, and that they are is said", "[R20]") {
    BindingSession s;
    std::string text = "imei,key\n";
    for (int i = 0; i < 1'500; ++i) text += "x,y\n";
    CHECK(s.run({"device-key", "import", "-"}, text) == 1);
    CHECK(s.err.starts_with("(standard input):2: imei 'x'"));
    CHECK(s.err.ends_with(
        "bindhssctl: 1500 lines refused (the first 100 are shown); the others are imported\n"));
    CHECK(std::count(s.err.begin(), s.err.end(), '\n') == 101);
}

TEST_CASE("bindhssctl: a new key takes the place of the device's others when that is asked for",
          "[R20][R26]") {
    BindingSession s;
    const auto factory = some_key();
    const auto renewed = some_key();
    CHECK(s.run({"device-key", "import", "-"},
                "imei,key\n" + line_of(device, factory) + line_of(other, factory)) == 0);
    CHECK(s.run({"device-key", "import", "-", "--revoke-others"}, "imei,key\n" + line_of(device, renewed)) ==
          0);
    CHECK(s.out == "imported 1 public keys: 1 new, 0 unchanged; 1 of before revoked, 0 lines refused\n");
    const auto keys = keys_of(s, device);
    REQUIRE(keys.size() == 2);
    CHECK(keys[0].fingerprint == renewed.fingerprint());
    CHECK_FALSE(keys[0].revoked_at);
    CHECK(keys[1].revoked_at);
    CHECK_FALSE(keys_of(s, other).at(0).revoked_at);
    // It does not come back.
    CHECK(s.run({"device-key", "import", "-"}, "imei,key\n" + line_of(device, factory)) == 1);
    CHECK(s.told("(standard input):2: this key of the device was revoked, and does not come back"));
}

TEST_CASE("bindhssctl: a key of one device is added, listed and revoked", "[R20]") {
    BindingSession s;
    const auto key = some_key(KeyType::rsa);
    const TemporaryFile file("key.pem", test::pem_of(key));
    const auto fingerprint = to_hex(key.fingerprint());
    const std::vector<std::string> add{
        "device-key",   "add",        device,          "--key-file", file.path,  "--origin", "Modem Works",
        "--valid-from", "2026-01-01", "--valid-until", "2036-01-01", "--secure", "yes"};
    auto dry = add;
    dry.emplace_back("--dry-run");
    CHECK(s.run(dry) == 0);
    CHECK(s.out == "would add " + fingerprint + "\n");
    CHECK(keys_of(s, device).empty());
    CHECK(s.run(add) == 0);
    CHECK(s.out == "added " + fingerprint + "\n");
    CHECK(s.run(add) == 0);
    CHECK(s.out == "was there " + fingerprint + "\n");
    CHECK(s.run({"device-key", "list"}) == 0);
    CHECK(s.told(device + "  " + fingerprint +
                 "  rsa   2048  Modem Works  2026-01-01T00:00:00Z  2036-01-01T00:00:00Z  -        yes     "));
    CHECK(s.run({"device-key", "list", other, "--json"}) == 0);
    CHECK(s.out == "[]\n");

    CHECK(s.run({"device-key", "revoke", device, "--dry-run"}) == 0);
    CHECK(s.out == "would revoke 1 key\n");
    CHECK_FALSE(keys_of(s, device).at(0).revoked_at);
    CHECK(s.run({"device-key", "revoke", device, "--fingerprint", fingerprint.substr(0, 16), "--json"}) == 0);
    CHECK(s.out == "{\"revoked\":1}\n");
    CHECK(keys_of(s, device).at(0).revoked_at);
    CHECK(s.run({"audit", "list"}) == 0);
    CHECK(s.told("revoke public keys"));
    CHECK(s.run({"device-key", "revoke", device}) == 1);
    CHECK(s.told("the device has no such key that is not revoked already"));
    CHECK(s.run(add) == 1);
    CHECK(s.err == "bindhssctl: this key of the device was revoked, and does not come back\n");
}

TEST_CASE("bindhssctl: what is wrong with a key or a device is told, and nothing is stored", "[R20]") {
    BindingSession s;
    const TemporaryFile file("key.pem", test::pem_of(some_key()));
    const TemporaryFile large("large.pem", std::string(10'000, 'M'));
    CHECK(s.run({"device-key", "add", "358240051111113", "--key-file", file.path}) == 1);
    CHECK(s.told("mistyped?"));
    CHECK(s.run({"device-key", "add", device, "--key-file", file.path, "--valid-from", "2027-01-01",
                 "--valid-until", "2026-01-01"}) == 1);
    CHECK(s.err == "bindhssctl: the key's time ends before it begins\n");
    CHECK(s.run({"device-key", "add", device, "--key-file", file.path, "--origin", std::string(65, 'o')}) ==
          1);
    CHECK(s.err == "bindhssctl: the origin is too long or not printable\n");
    CHECK(s.run({"device-key", "add", device, "--key-file", file.path, "--secure", "maybe"}) == 1);
    CHECK(s.run({"device-key", "add", device, "--key-file", large.path}) == 1);
    CHECK(s.err == "bindhssctl: " + large.path + " is too large for a key\n");
    CHECK(s.run({"device-key", "add", device, "--key-file", "/nowhere"}) == 1);
    CHECK(s.err == "bindhssctl: /nowhere cannot be read: No such file or directory\n");
    CHECK(s.run({"device-key", "add", device, "--key-file", "/tmp"}) == 1);
    CHECK(s.run({"device-key", "add", device, "--key-file", "-"}, "no key") == 1);
    CHECK(s.run({"device-key", "add", device}) == 2);
    CHECK(s.run({"device-key", "import", "/nowhere"}) == 1);
    CHECK(s.run({"device-key", "import", "-"}, "") == 1);
    CHECK(s.told("(standard input): the file is empty"));
    CHECK(s.run({"device-key", "revoke", device}) == 1);
    CHECK(s.run({"device-key", "revoke", device, "--fingerprint", "00"}) == 1);
    CHECK(s.err == "bindhssctl: the fingerprint is not 16 to 64 hexadecimal digits\n");
    CHECK(s.run({"device-key", "revoke", device, "--fingerprint", std::string(16, '0')}) == 1);
    CHECK(s.err == "bindhssctl: the device has no key with this fingerprint\n");
    CHECK(s.run({"device-key", "list", "x"}) == 1);
    CHECK(s.store.device_keys(std::nullopt, std::nullopt, 10).empty());
    CHECK(s.store.audit(10).empty());
}

TEST_CASE("bindhssctl: the renewal of a key is ordered by device or by group", "[R12][R19]") {
    BindingSession s;
    REQUIRE(s.run({"device", "add", other, "--group", "meters"}) == 0);
    REQUIRE(s.run({"kme", "set", "--group", "meters", "--key", test::kme}) == 0);
    REQUIRE(s.run({"kme", "set", device, "--key", "-"}, std::string(64, 'b')) == 0);
    const auto acts = s.store.audit(100).size();
    CHECK(s.run({"kme", "renew", device, "--dry-run"}) == 0);
    CHECK(s.err == "bindhssctl: nothing is wrong, and nothing was stored\n");
    CHECK(s.store.audit(100).size() == acts);
    CHECK(s.run({"kme", "renew", device}) == 0);
    CHECK(s.out.empty());
    CHECK(s.run({"kme", "renew", "--group", "meters"}) == 0);
    CHECK(s.run({"kme", "renew", "group:meters"}) == 0);
    CHECK(s.store.audit(100).size() == acts + 3);
    CHECK(s.store.audit(1).at(0).what == "renew KMEs");
    CHECK(s.run({"kme", "renew", other}) == 1);
    CHECK(s.err == "bindhssctl: there is no active key to renew\n");
    CHECK(s.run({"kme", "renew", other, "--dry-run"}) == 1);
    CHECK(s.run({"kme", "renew"}) == 1);
    CHECK(s.err == "bindhssctl: name either an IMEI or a --group\n");
    CHECK(s.run({"kme", "renew", device, "--group", "meters"}) == 1);
    CHECK(s.run({"kme", "renew", "x"}) == 1);
}

TEST_CASE("bindhssctl: without an exchange the list of exchanges is empty", "[R19]") {
    BindingSession s;
    CHECK(s.run({"exchange", "list", "--json"}) == 0);
    CHECK(s.out == "[]\n");
    CHECK(s.run({"exchange", "list"}) == 0);
    CHECK(s.told("IMSI  IMEI  GENERATION  WAY  NODE  STARTED  DEADLINE"));
}

}  // namespace bindhss
