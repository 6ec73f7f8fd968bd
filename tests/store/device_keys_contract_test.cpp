// SPDX-License-Identifier: Apache-2.0
// The contract of DeviceKeys, for every implementation: what is stored, what is refused, and what is told.
#include "crypto/hash.h"
#include "store/binding_world.h"
#include "store/postgres/device_keys.h"
#include "store/postgres/exchanges.h"
#include "types/limits.h"

using namespace bindhss;
using namespace bindhss::test;
using store::DeviceKey;
using store::DeviceKeyImportOptions;
using store::DeviceKeyRecord;

namespace {

struct MemoryKeys : MemoryWorld {
    store::DeviceKeys& keys = memory;
    store::Exchanges& exchanges = memory;
};
struct PostgresKeys : PostgresWorld {
    store::postgres::PostgresDeviceKeys postgres_keys{database.url()};
    store::DeviceKeys& keys = postgres_keys;
    store::postgres::PostgresExchanges postgres_exchanges{postgres, test_keys(), random};
    store::Exchanges& exchanges = postgres_exchanges;
};

/// Records of a file, from its second line on.
class Records final : public store::DeviceKeySource {
  public:
    explicit Records(std::vector<std::variant<DeviceKey, std::string>> lines) : lines_(std::move(lines)) {}
    std::optional<DeviceKeyRecord> next() override {
        if (at_ == lines_.size()) return std::nullopt;
        const auto line = at_ + 2;
        return DeviceKeyRecord{lines_[at_++], line};
    }

  private:
    std::vector<std::variant<DeviceKey, std::string>> lines_;
    std::size_t at_ = 0;
};

/// The store does not read keys: any octets are one.
DeviceKey key_of(Imei device, const std::string& der, const std::string& origin = "") {
    DeviceKey key{device};
    key.type = crypto::KeyType::p256;
    key.der.assign(der.begin(), der.end());
    key.fingerprint = crypto::sha256(key.der);
    key.origin = origin;
    return key;
}

/// What `await` cannot give: a result without a default.
boost::asio::awaitable<void> keep(store::Awaitable<std::variant<store::Begun, store::NotBegun>> verb,
                                  bool& begun) {
    const auto result = co_await std::move(verb);
    begun = result.has_value() && std::holds_alternative<store::Begun>(result.value());
}

bool begins(store::Exchanges& exchanges, store::BeginExchange exchange) {
    bool begun = false;
    boost::asio::io_context context;
    boost::asio::co_spawn(context, keep(exchanges.begin_exchange(std::move(exchange)), begun),
                          boost::asio::use_future);
    context.run();
    return begun;
}

template <class World>
store::DeviceKeyImport imported(World& world, std::vector<std::variant<DeviceKey, std::string>> lines,
                                const DeviceKeyImportOptions& options = {}) {
    Records source(std::move(lines));
    return world.keys.import_device_keys(source, options, "keys.csv");
}

template <class World>
std::vector<DeviceKey> keys_in(World& world, const std::optional<Imei>& device = std::nullopt) {
    return world.keys.device_keys(device, std::nullopt, 100);
}

DeviceKeyImportOptions strictly() {
    DeviceKeyImportOptions options;
    options.strict = true;
    return options;
}
DeviceKeyImportOptions in_place_of_others() {
    DeviceKeyImportOptions options;
    options.revoke_others = true;
    return options;
}

}  // namespace

TEMPLATE_TEST_CASE("a public key is given back as it was stored", "[store][device_keys][R20]", MemoryKeys,
                   PostgresKeys) {
    TestType world;
    auto key = key_of(own, "whole", "Modem Works \xc3\xa9");
    key.valid_from = at(0);
    key.valid_until = at(1'234);
    key.secure = false;
    auto bare = key_of(second, "bare");
    bare.type = crypto::KeyType::rsa;
    DeviceKeyImportOptions options;
    options.origin = "by default";
    const auto result = imported(world, {key, bare}, options);
    CHECK(result.added == 2);
    CHECK(result.unchanged + result.revoked + result.refused == 0);
    CHECK(result.stored);
    CHECK(result.errors.empty());
    const auto stored = keys_in(world);
    REQUIRE(stored.size() == 2);
    CHECK(stored[0].imei == own);
    CHECK(stored[0].type == crypto::KeyType::p256);
    CHECK(stored[0].der == key.der);
    CHECK(stored[0].fingerprint == key.fingerprint);
    CHECK(stored[0].origin == key.origin);
    CHECK(stored[0].valid_from == key.valid_from);
    CHECK(stored[0].valid_until == key.valid_until);
    CHECK(stored[0].secure == false);
    CHECK_FALSE(stored[0].revoked_at);
    CHECK(std::chrono::abs(SystemClock().now() - stored[0].added) < std::chrono::minutes(5));
    CHECK(stored[1].type == crypto::KeyType::rsa);
    CHECK(stored[1].origin == "by default");
    CHECK_FALSE(stored[1].valid_from);
    CHECK_FALSE(stored[1].valid_until);
    CHECK_FALSE(stored[1].secure);
    CHECK(keys_in(world, second).size() == 1);
    CHECK(keys_in(world, stranger).empty());
    CHECK(world.keys.device_keys(std::nullopt, own, 100).size() == 1);
    CHECK(world.keys.device_keys(std::nullopt, second, 100).empty());
    CHECK(world.keys.device_keys(std::nullopt, std::nullopt, 1).size() == 1);
}

TEMPLATE_TEST_CASE("the keys of a device are told with the newest first, in one file and in several",
                   "[store][device_keys][R20]", MemoryKeys, PostgresKeys) {
    TestType world;
    imported(world, {key_of(own, "1"), key_of(own, "2")});
    imported(world, {key_of(own, "3")});
    const auto stored = keys_in(world, own);
    REQUIRE(stored.size() == 3);
    CHECK(stored[0].der == key_of(own, "3").der);
    CHECK(stored[1].der == key_of(own, "2").der);
    CHECK(stored[2].der == key_of(own, "1").der);
}

TEMPLATE_TEST_CASE("lines that are wrong are refused one by one, and the others are stored",
                   "[store][device_keys][R20]", MemoryKeys, PostgresKeys) {
    TestType world;
    auto never = key_of(own, "never");
    never.valid_from = never.valid_until = at(0);
    const auto result = imported(world, {key_of(own, "a"), std::string("is no key"), never,
                                         key_of(own, "b", std::string(65, 'o')), key_of(second, "c")});
    CHECK(result.added == 2);
    CHECK(result.refused == 3);
    CHECK(result.stored);
    REQUIRE(result.errors.size() == 3);
    CHECK(result.errors[0].line == 3);
    CHECK(result.errors[0].text == "is no key");
    CHECK(result.errors[1].line == 4);
    CHECK(result.errors[1].text == "the key's time ends before it begins");
    CHECK(result.errors[2].line == 5);
    CHECK(result.errors[2].text == "the origin is too long or not printable");
    CHECK(keys_in(world).size() == 2);
    const auto audit = world.provisioning.audit(10);
    REQUIRE(audit.size() == 1);
    CHECK(audit[0].what == "import public keys");
    CHECK(audit[0].detail == "keys.csv: 2 added, 0 unchanged, 0 revoked, 3 refused");
}

TEMPLATE_TEST_CASE("with one line refused a strict import stores nothing, and a dry run never does",
                   "[store][device_keys][R20]", MemoryKeys, PostgresKeys) {
    TestType world;
    const auto strict = imported(world, {key_of(own, "a"), std::string("is no key")}, strictly());
    CHECK_FALSE(strict.stored);
    CHECK(strict.refused == 1);
    CHECK(strict.added == 0);
    auto dry = DeviceKeyImportOptions{};
    dry.dry_run = true;
    const auto tried = imported(world, {key_of(own, "a"), std::string("is no key")}, dry);
    CHECK_FALSE(tried.stored);
    CHECK(tried.added == 1);
    CHECK(tried.refused == 1);
    CHECK(keys_in(world).empty());
    CHECK(world.provisioning.audit(10).empty());
    CHECK(imported(world, {key_of(own, "a")}, strictly()).stored);
    CHECK(keys_in(world).size() == 1);
}

TEMPLATE_TEST_CASE(
    "a key that is there already is unchanged, whatever is said of it now, and so is one that comes twice",
    "[store][device_keys][R20]", MemoryKeys, PostgresKeys) {
    TestType world;
    imported(world, {key_of(own, "a", "first")});
    const auto result = imported(
        world, {key_of(own, "a", "second"), key_of(own, "b"), key_of(own, "b"), key_of(second, "a")});
    CHECK(result.added == 2);
    CHECK(result.unchanged == 2);
    CHECK(result.refused == 0);
    CHECK(keys_in(world, own).back().origin == "first");
    CHECK(keys_in(world, second).size() == 1);  // two devices may have one key: both are told of
}

TEMPLATE_TEST_CASE("a key that was revoked is refused when it comes again", "[store][device_keys][R20]",
                   MemoryKeys, PostgresKeys) {
    TestType world;
    world.keys.act_as("alice");
    imported(world, {key_of(own, "a"), key_of(own, "b"), key_of(second, "a")});
    CHECK(world.keys.revoke_device_keys(own, key_of(own, "a").fingerprint) == 1);
    CHECK(world.keys.revoke_device_keys(own, key_of(own, "a").fingerprint) == 0);
    CHECK(world.keys.revoke_device_keys(stranger, std::nullopt) == 0);
    const auto stored = keys_in(world, own);
    REQUIRE(stored.size() == 2);
    CHECK(stored[1].revoked_at);
    CHECK_FALSE(stored[0].revoked_at);
    CHECK_FALSE(keys_in(world, second).at(0).revoked_at);
    const auto audit = world.provisioning.audit(1).at(0);
    CHECK(audit.who == "alice");
    CHECK(audit.what == "revoke public keys");
    CHECK(audit.detail == own.str() + ", " + to_hex(key_of(own, "a").fingerprint) + ": 1");

    const auto result =
        imported(world, {key_of(own, "a"), std::string("is no key"), key_of(own, "b"), key_of(own, "a")});
    CHECK(result.unchanged == 1);
    CHECK(result.added == 0);
    CHECK(result.refused == 3);
    REQUIRE(result.errors.size() == 3);
    CHECK(result.errors[0].line == 2);
    CHECK(result.errors[0].text == "this key of the device was revoked, and does not come back");
    CHECK(result.errors[1].line == 3);
    CHECK(result.errors[2].line == 5);
    CHECK_FALSE(imported(world, {key_of(own, "a"), key_of(own, "c")}, strictly()).stored);
    CHECK(keys_in(world, own).size() == 2);

    CHECK(world.keys.revoke_device_keys(own, std::nullopt) == 1);
    CHECK(world.provisioning.audit(1).at(0).detail == own.str() + ", all of them: 1");
}

TEMPLATE_TEST_CASE("a file's keys take the place of the others of its devices when that is wanted",
                   "[store][device_keys][R20][R26]", MemoryKeys, PostgresKeys) {
    TestType world;
    imported(world,
             {key_of(own, "old"), key_of(own, "older"), key_of(second, "old"), key_of(stranger, "old")});
    world.keys.revoke_device_keys(stranger, std::nullopt);
    auto tried = in_place_of_others();
    tried.dry_run = true;
    CHECK(imported(world, {key_of(own, "new")}, tried).revoked == 2);
    CHECK_FALSE(keys_in(world, own).at(0).revoked_at);

    // A line that is refused revokes nothing.
    const auto result = imported(world, {key_of(own, "new"), key_of(own, "older"), key_of(stranger, "old")},
                                 in_place_of_others());
    CHECK(result.added == 1);
    CHECK(result.unchanged == 1);
    CHECK(result.revoked == 1);
    CHECK(result.refused == 1);
    const auto stored = keys_in(world, own);
    REQUIRE(stored.size() == 3);
    CHECK(stored[0].der == key_of(own, "new").der);
    for (const auto& key : stored) CHECK(key.revoked_at.has_value() == (key.der == key_of(own, "old").der));
    CHECK_FALSE(keys_in(world, second).at(0).revoked_at);
    CHECK(world.provisioning.audit(1).at(0).detail == "keys.csv: 1 added, 1 unchanged, 1 revoked, 1 refused");
}

TEMPLATE_TEST_CASE("of many lines refused the first are told of, and all are counted",
                   "[store][device_keys][R20][R43]", MemoryKeys, PostgresKeys) {
    TestType world;
    imported(world, {key_of(own, "a")});
    world.keys.revoke_device_keys(own, std::nullopt);
    std::vector<std::variant<DeviceKey, std::string>> lines;
    for (int i = 0; i < 2'500; ++i) {
        if (i % 2 == 0) lines.emplace_back("is no key");
        if (i % 2 == 1) lines.emplace_back(key_of(own, "a"));
    }
    lines.emplace_back(key_of(own, "b"));
    const auto result = imported(world, lines);
    CHECK(result.refused == 2'500);
    CHECK(result.added == 1);
    REQUIRE(result.errors.size() == limits::import_errors_shown_max);
    for (std::size_t i = 0; i < result.errors.size(); ++i) CHECK(result.errors[i].line == i + 2);
}

TEMPLATE_TEST_CASE("what a source of public keys throws comes through, and nothing is stored",
                   "[store][device_keys][R20]", MemoryKeys, PostgresKeys) {
    TestType world;
    struct Broken : std::runtime_error {
        using std::runtime_error::runtime_error;
    };
    struct Source final : store::DeviceKeySource {
        int left = 3'000;
        std::optional<DeviceKeyRecord> next() override {
            if (--left == 0) throw Broken("the file breaks off");
            return DeviceKeyRecord{key_of(own, std::to_string(left)), 1};
        }
    } source;
    CHECK_THROWS_AS(world.keys.import_device_keys(source, {}, "half"), Broken);
    CHECK(keys_in(world).empty());
    CHECK(world.provisioning.audit(10).empty());
    CHECK(imported(world, {key_of(own, "a")}).added == 1);
}

TEMPLATE_TEST_CASE("a renewal marks the active key of a device or group, and no other",
                   "[store][device_keys][R12][R19]", MemoryKeys, PostgresKeys) {
    TestType world;
    world.keys.act_as("bob");
    must_put(world, {item(store::PutDevice{range("35824005222222"), "meters"}),
                     item(store::PutKme{own, kme_key(1)}), item(store::PutKme{"meters", kme_key(2)})});
    must_put(world, {item(store::PutKme{own, kme_key(3), 1})});
    must_put(world, {item(put_subscriber(imsi(known))), binding_of(binding::Policy::kme, {own})});
    CHECK_FALSE(reserved(world).subscription.kme->not_after);
    CHECK(world.keys.renew_kmes(own) == 1);
    CHECK(world.provisioning.audit(1).at(0).who == "bob");
    CHECK(world.provisioning.audit(1).at(0).what == "renew KMEs");
    CHECK(world.provisioning.audit(1).at(0).detail == "imei:" + own.str() + ": 1");
    CHECK(world.keys.renew_kmes("meters") == 1);
    CHECK(world.keys.renew_kmes(second) == 0);
    CHECK(world.keys.renew_kmes("nobody") == 0);
    CHECK(world.provisioning.audit(1).at(0).detail == "group:meters: 1");
}

TEMPLATE_TEST_CASE("exchanges that are pending are listed by IMSI, and never with a secret",
                   "[store][device_keys][R19]", MemoryKeys, PostgresKeys) {
    TestType world;
    CHECK(world.keys.exchanges(10).empty());
    const auto now = SystemClock().now();
    const std::string other = "001010000000002";
    must_put(world, {item(put_subscriber(imsi(known))), item(put_subscriber(imsi(other)))});
    imported(world, {key_of(own, "a")});
    std::uint32_t requests = 0;
    const auto begin = [&](const std::string& who, std::chrono::seconds ago, std::chrono::seconds lasts) {
        store::BeginExchange exchange{imsi(who), own};
        exchange.transaction.fill(static_cast<std::uint8_t>(who.back()));
        exchange.kme = kme_key(7);
        exchange.node = node();
        exchange.end_to_end = ++requests;
        exchange.now = now - ago;
        exchange.deadline = exchange.now + lasts;
        REQUIRE(begins(world.exchanges, exchange));
    };
    begin(known, std::chrono::seconds(10), std::chrono::seconds(300));
    begin(other, std::chrono::seconds(20), std::chrono::seconds(300));
    const auto rows = world.keys.exchanges(10);
    REQUIRE(rows.size() == 2);
    CHECK(rows[1].imsi == imsi(other));
    CHECK(rows[0].imsi == imsi(known));
    CHECK(rows[0].imei == own);
    CHECK(rows[0].generation == 1);
    CHECK(rows[0].way == store::ExchangeWay::s6a);
    CHECK(rows[0].node == node().host);
    CHECK(rows[0].started == now - std::chrono::seconds(10));
    CHECK(rows[0].deadline == now + std::chrono::seconds(290));
    CHECK(world.keys.exchanges(1).size() == 1);
    begin(other, std::chrono::seconds(20), std::chrono::seconds(10));  // its time is over
    CHECK(world.keys.exchanges(10).size() == 1);
}

TEST_CASE("a registry that cannot be reached is told of without the password", "[postgres][device_keys]") {
    store::postgres::PostgresDeviceKeys keys("postgresql://u:hidden@127.0.0.1:1/nowhere?connect_timeout=2");
    try {
        keys.exchanges(1);
        FAIL("expected it to be unavailable");
    } catch (const store::Unavailable& error) {
        CHECK(std::string(error.what()).find("hidden") == std::string::npos);
    }
}
