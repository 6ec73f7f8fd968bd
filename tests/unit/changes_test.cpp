// SPDX-License-Identifier: Apache-2.0
// Changes as lines of JSON: every item has one, and it says the same.
#include "records/changes.h"

#include <catch2/catch.hpp>
#include <chrono>

#include "random_values.h"
#include "records/readers.h"

namespace bindhss {

namespace {

using test::RandomValues;

template <class Put>
Put random_put(RandomValues&);

AkaKeys random_keys(RandomValues& random) {
    AkaKeys keys;
    keys.algorithm = random.of({AkaAlgorithm::milenage, AkaAlgorithm::tuak, AkaAlgorithm::xor_test});
    keys.k = random.secret(16);
    switch (keys.algorithm) {
        case AkaAlgorithm::milenage:
            keys.opc = random.secret(16);
            break;
        case AkaAlgorithm::tuak:
            keys.k = random.secret(random.flag() ? 16 : 32);
            keys.opc = random.secret(32);
            keys.tuak_iterations = static_cast<std::uint8_t>(1 + random.below(16));
            keys.res_octets = random.of<std::uint8_t>({4, 8, 16});
            break;
        case AkaAlgorithm::xor_test:
            keys.res_octets = static_cast<std::uint8_t>(4 + random.below(13));
            break;
    }
    return keys;
}

template <>
store::PutSubscriber random_put(RandomValues& random) {
    store::PutSubscriber put{random.imsi()};
    put.keys = random.maybe([&] { return random_keys(random); });
    put.sim_only = put.keys && random.flag();
    put.amf = random.maybe([&] { return Amf{random.octets<2>()}; });
    put.msisdn = random.maybe([&] { return random.flag() ? random.digits(11) : std::string(); });
    put.profile = random.maybe([&] { return random.name(); });
    put.seq = random.maybe([&] { return random.large(); });
    put.override_document = random.maybe([&] { return random.flag() ? random.document() : std::string(); });
    return put;
}
template <>
store::PutDevice random_put(RandomValues& random) {
    const auto text = [&] { return random.maybe([&] { return random.text(); }); };
    return {random.range(), text(), text(),
            random.maybe([&] { return static_cast<std::uint32_t>(random.below(1'000)); })};
}
template <>
store::PutKme random_put(RandomValues& random) {
    return {random.owner(), random.secret(random.flag() ? 16 : 32),
            static_cast<std::uint32_t>(random.below(9))};
}
template <>
store::PutBinding random_put(RandomValues& random) {
    store::PutBinding put{random.imsi()};
    put.terms = random.of<std::string>({"", "inherit", random.name()});
    if (put.terms.empty()) put.policy = random.policy();  // terms have a policy of their own
    put.devices = random.list([&] { return random.range(); });
    put.group = random.text();
    return put;
}
template <>
store::PutEquipment random_put(RandomValues& random) {
    using s6a::EquipmentStatus;
    return {random.range(), random.maybe([&] { return random.svn(); }), random.maybe([&] {
                return random.of(
                    {EquipmentStatus::permitted, EquipmentStatus::prohibited, EquipmentStatus::tracked});
            }),
            random.maybe([&] { return random.text(); })};
}
template <>
store::PutProfile random_put(RandomValues& random) {
    return {random.name(), random.document()};
}
template <>
store::RemoveSubscriber random_put(RandomValues& random) {
    return {random.imsi()};
}
template <>
store::RemoveProfile random_put(RandomValues& random) {
    return {random.name()};
}
template <>
store::RetireKme random_put(RandomValues& random) {
    return {random.owner(), random.maybe([&] { return static_cast<std::uint32_t>(random.below(9)); })};
}
template <>
store::PutTerms random_put(RandomValues& random) {
    return {random.terms()};
}
template <>
store::RemoveTerms random_put(RandomValues& random) {
    return {random.name()};
}
template <>
store::SetDefaultTerms random_put(RandomValues& random) {
    return {random.name()};
}
template <>
store::PutSubscriptionGroup random_put(RandomValues& random) {
    return {random.name(), random.maybe([&] { return random.text(); }),
            random.maybe([&] { return random.signed_number(); })};
}
template <>
store::RemoveSubscriptionGroup random_put(RandomValues& random) {
    return {random.name()};
}
template <>
store::PutMember random_put(RandomValues& random) {
    return {random.imsi(), random.name(), random.flag()};
}
template <>
store::PutRule random_put(RandomValues& random) {
    return {random.rule()};
}
template <>
store::RemoveRule random_put(RandomValues& random) {
    return {static_cast<std::int64_t>(1 + random.below(1'000'000'000))};
}
template <>
store::PutDeviceModel random_put(RandomValues& random) {
    store::PutDeviceModel put;
    put.tac = static_cast<std::uint32_t>(random.below(100'000'000));
    put.name = random.maybe([&] { return random.text(); });
    put.imei_secure = random.maybe([&] { return random.flag(); });
    put.key_secure = random.maybe([&] { return random.flag(); });
    // Of two that are given nothing is left to forget.
    put.forget = (put.imei_secure && put.key_secure) || random.flag();
    return put;
}
template <>
store::AuthoriseDevice random_put(RandomValues& random) {
    return {random.imsi(), random.imei(), random.flag()};
}
template <>
store::RefuseDevice random_put(RandomValues& random) {
    return {random.imsi(), random.imei()};
}
template <>
store::SetLock random_put(RandomValues& random) {
    return {random.imsi(), random.flag()};
}

// Every field of an item: a new one does not compile until it is compared here.
bool same(const store::PutSubscriber& a, const store::PutSubscriber& b) {
    const auto fields = [](const auto& put) {
        const auto& [imsi, keys, amf, msisdn, profile, seq, sim_only, document] = put;
        return std::tie(imsi, keys, amf, msisdn, profile, seq, sim_only, document);
    };
    return fields(a) == fields(b);
}
bool same(const store::PutBinding& a, const store::PutBinding& b) {
    const auto fields = [](const auto& put) {
        const auto& [imsi, policy, devices, group, terms] = put;
        return std::tie(imsi, policy, devices, group, terms);
    };
    return fields(a) == fields(b);
}
bool same(const store::PutDeviceModel& a, const store::PutDeviceModel& b) {
    const auto fields = [](const auto& put) {
        const auto& [tac, name, imei_secure, key_secure, forget] = put;
        return std::tie(tac, name, imei_secure, key_secure, forget);
    };
    return fields(a) == fields(b);
}
template <class Put>
requires requires(const Put& put) {
    put.name;
}
bool same(const Put& a, const Put& b) {
    if constexpr (std::is_same_v<Put, store::PutSubscriptionGroup>) {
        const auto fields = [](const auto& put) {
            const auto& [name, terms, rank] = put;
            return std::tie(name, terms, rank);
        };
        return fields(a) == fields(b);
    } else if constexpr (std::is_same_v<Put, store::PutProfile>) {
        const auto fields = [](const auto& put) {
            const auto& [name, document] = put;
            return std::tie(name, document);
        };
        return fields(a) == fields(b);
    } else {
        const auto& [one] = a;
        const auto& [other] = b;
        return one == other;
    }
}
bool same(const store::PutDevice& a, const store::PutDevice& b) {
    const auto fields = [](const auto& put) {
        const auto& [range, group, comment, uiccs_max] = put;
        return std::tie(range, group, comment, uiccs_max);
    };
    return fields(a) == fields(b);
}
bool same(const store::PutEquipment& a, const store::PutEquipment& b) {
    const auto fields = [](const auto& put) {
        const auto& [range, svn, status, comment] = put;
        return std::tie(range, svn, status, comment);
    };
    return fields(a) == fields(b);
}
template <class Put>
requires std::is_same_v<Put, store::PutKme> || std::is_same_v<Put, store::PutMember> ||
    std::is_same_v<Put, store::AuthoriseDevice>
bool same(const Put& a, const Put& b) {
    const auto& [one, two, three] = a;
    const auto& [first, second, third] = b;
    return one == first && two == second && three == third;
}
template <class Put>
requires std::is_same_v<Put, store::RetireKme> || std::is_same_v<Put, store::RefuseDevice> ||
    std::is_same_v<Put, store::SetLock>
bool same(const Put& a, const Put& b) {
    const auto& [one, two] = a;
    const auto& [first, second] = b;
    return one == first && two == second;
}
template <class Put>
requires std::is_same_v<Put, store::PutTerms> || std::is_same_v<Put, store::PutRule> ||
    std::is_same_v<Put, store::RemoveRule> || std::is_same_v<Put, store::RemoveSubscriber>
bool same(const Put& a, const Put& b) {
    const auto& [one] = a;
    const auto& [other] = b;
    return one == other;
}

template <std::size_t... Index>
store::Item random_item(RandomValues& random, std::size_t which, std::index_sequence<Index...>) {
    using Puts = decltype(store::Item::put);
    store::Item item{store::RemoveRule{}, 0};
    ((which == Index ? (item.put = random_put<std::variant_alternative_t<Index, Puts>>(random), true)
                     : false) ||
     ...);
    return item;
}
constexpr auto alternatives = std::variant_size_v<decltype(store::Item::put)>;
store::Item random_item(RandomValues& random, std::size_t which) {
    return random_item(random, which, std::make_index_sequence<alternatives>());
}

std::string joined(const std::vector<store::LineError>& errors) {
    std::string text;
    for (const auto& error : errors) text += std::to_string(error.line) + ": " + error.text + "\n";
    return text;
}

std::vector<store::LineError> errors_of(std::string_view text) {
    return records::read_changes(text).errors;
}
std::string error_of(std::string_view text) {
    const auto errors = errors_of(text);
    return errors.empty() ? "" : errors.front().text;
}

}  // namespace

TEST_CASE("every item becomes a line that is read as the same item", "[changes]") {
    RandomValues random(2);
    for (std::size_t which = 0; which < alternatives; ++which) {
        for (int i = 0; i < 300; ++i) {
            const auto item = random_item(random, which);
            const auto line = records::line_of(item);
            INFO(line);
            REQUIRE(line.find('\n') == std::string::npos);
            const auto reading = records::read_changes(line + "\n");
            INFO(joined(reading.errors));
            REQUIRE(reading.errors.empty());
            REQUIRE(reading.items.size() == 1);
            REQUIRE(reading.items.front().line == 1);
            REQUIRE(reading.items.front().put.index() == which);
            const bool equal = std::visit(
                [&]<class Put>(const Put& put) {
                    return same(put, std::get<Put>(reading.items.front().put));
                },
                item.put);
            REQUIRE(equal);
        }
    }
}

TEST_CASE("an import file may hold what lines of changes say", "[changes]") {
    const auto json =
        records::read_import(R"({"type": "subscriber", "imsi": "001010000000001", "change": "remove"}
{"type": "binding", "imsi": "001010000000002", "imei": "35824005111111", "change": "authorise", "replace": true})");
    REQUIRE(joined(json.errors).empty());
    REQUIRE(json.items.size() == 2);
    CHECK(std::get<store::RemoveSubscriber>(json.items[0].put).imsi.str() == "001010000000001");
    CHECK(std::get<store::AuthoriseDevice>(json.items[1].put).replace);

    const auto csv = records::read_import(
        "type,imsi,name,id,imei,change\n"
        "subscriber,001010000000001,,,,remove\n"
        "profile,,meters,,,remove\n"
        "terms,,strict,,,make_default\n"
        "rule,,,7,,remove\n"
        "kme,,,,35824005111111,retire\n"
        "binding,001010000000001,,,,lock\n");
    REQUIRE(joined(csv.errors).empty());
    REQUIRE(csv.items.size() == 6);
    CHECK(std::holds_alternative<store::RemoveProfile>(csv.items[1].put));
    CHECK(std::holds_alternative<store::SetDefaultTerms>(csv.items[2].put));
    CHECK(std::get<store::RemoveRule>(csv.items[3].put).id == 7);
    CHECK_FALSE(std::get<store::RetireKme>(csv.items[4].put).generation);
    CHECK(std::get<store::SetLock>(csv.items[5].put).locked);

    const auto untyped = records::read_import("imsi,change\n001010000000001,remove\n");
    REQUIRE(joined(untyped.errors).empty());
    CHECK(std::holds_alternative<store::RemoveSubscriber>(untyped.items.at(0).put));
    const auto authorised =
        records::read_import("imsi,imei,change\n001010000000001,35824005111111,authorise\n");
    REQUIRE(joined(authorised.errors).empty());
    CHECK(std::holds_alternative<store::AuthoriseDevice>(authorised.items.at(0).put));
}

TEST_CASE("changes that are wrong are told of line by line, to the last one", "[changes]") {
    const auto reading = records::read_changes(
        "{\"type\": \"subscriber\", \"imsi\": \"1\"}\n"
        "{\"type\": \"subscriber\", \"imsi\"\n"
        "\n"
        "{\"type\": \"rule\", \"change\": \"remove\"}\n"
        "not JSON at all\n"
        "{\"type\": \"subscriber\", \"imsi\": \"001010000000001\", \"msisdn\": \"49\"}\n"
        "{\"type\": \"device\", \"imei\": \"35824005111111\", \"change\": \"remove\"}\n"
        "[1, 2]\n"
        "{\"type\": \"member\"");
    std::vector<std::size_t> lines;
    for (const auto& error : reading.errors)
        if (lines.empty() || lines.back() != error.line) lines.push_back(error.line);
    INFO(joined(reading.errors));
    CHECK(lines == std::vector<std::size_t>{1, 2, 4, 5, 7, 8, 9});
    REQUIRE(reading.items.size() == 1);
    CHECK(reading.items.front().line == 6);
}

TEST_CASE("a change says what belongs to it, and nothing else", "[changes]") {
    CHECK(error_of(
              R"({"type": "subscriber", "imsi": "001010000000001", "change": "remove", "msisdn": "49"})") ==
          "subscriber with change remove has no field 'msisdn'");
    CHECK(error_of(R"({"type": "subscriber", "imsi": "001010000000001", "change": "lock"})") ==
          "change 'lock' is none that a subscriber has: put, remove");
    CHECK(error_of(R"({"type": "profile", "change": "remove"})") == "name is missing");
    CHECK(error_of(R"({"type": "rule", "change": "remove", "id": 0})") == "id is not the number of a rule");
    CHECK(error_of(R"({"type": "rule", "change": "remove", "id": "x"})") == "id is not a whole number");
    CHECK(error_of(R"({"type": "kme", "change": "retire"})") == "imei or group is missing");
    CHECK(error_of(R"({"type": "kme", "change": "retire", "imei": "1"})") ==
          "imei '1' is not 14 to 16 digits");
    CHECK(error_of(R"({"type": "binding", "change": "authorise", "imsi": "001010000000001"})") ==
          "imei is missing");
    CHECK(
        error_of(
            R"({"type": "binding", "change": "authorise", "imsi": "001010000000001", "imei": "35824005111111", "replace": "maybe"})") ==
        "replace 'maybe' is none of yes, no");
    CHECK(
        error_of(
            R"({"type": "binding", "imsi": "001010000000001", "policy": "off", "imei": "35824005111111"})") ==
        "imei belongs to the change authorise; a binding has devices");
    CHECK(error_of(R"({"type": "subscriber", "imsi": "001010000000001", "change": "put", "msisdn": "49"})")
              .empty());
}

TEST_CASE("no error of a change shows a key", "[changes]") {
    const std::string key = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    for (const auto* line :
         {R"({"type": "kme", "imei": "35824005111111", "kme": "KEY", "change": "retire"})",
          R"({"type": "kme", "imei": "KEY", "kme": "00"})", R"({"type": "kme", "change": "KEY"})",
          R"({"type": "subscriber", "imsi": "001010000000001", "k": "KEYx", "opc": "KEY"})",
          R"({"type": "subscriber", "imsi": "001010000000001", "k": ["KEY"]})",
          R"({"type": "subscriber", "imsi": "001010000000001", "KEY": "KEY"})", R"({"type": "KEY"})",
          R"({"type": "kme", "imei": "35824005111111", "kme": "KEY)"}) {
        std::string text = line;
        for (auto at = text.find("KEY"); at != std::string::npos; at = text.find("KEY"))
            text.replace(at, 3, key);
        const auto reading = records::read_changes(text);
        INFO(line);
        CHECK_FALSE(reading.errors.empty());
        for (const auto& error : reading.errors) CHECK(error.text.find(key) == std::string::npos);
    }
}

TEST_CASE("a body is one object of the kind that its path says", "[changes]") {
    using records::Kind;
    records::Reading reading;
    const auto record = records::read_object(
        Kind::binding, R"({"type": "binding", "policy": "kme", "devices": ["35824005"], "group": "g"})",
        reading);
    REQUIRE(record);
    CHECK(record->fields.size() == 3);
    CHECK(record->fields.at("devices").values == std::vector<std::string>{"35824005"});
    const auto refused = [](std::string_view text) {
        records::Reading wrong;
        const bool none = !records::read_object(Kind::terms, text, wrong);
        return none && !wrong.errors.empty();
    };
    CHECK(refused(""));
    CHECK(refused("[]"));
    CHECK(refused("1"));
    CHECK(refused("{} {}"));
    CHECK(refused(R"({"type": "rule"})"));
    CHECK(refused(R"({"rules": []})"));
    CHECK(refused(R"({"name": )"));
    CHECK_FALSE(refused("{}"));
}

TEST_CASE("a chunk of changes is read fast enough for imports of millions", "[changes]") {
    RandomValues random(3);
    std::string chunk;
    constexpr std::size_t lines = 5'000;
    for (std::size_t i = 0; i < lines; ++i) {
        store::PutSubscriber put{random.imsi()};
        put.keys = AkaKeys::milenage(Secret<16>(random.octets<16>()), Secret<16>(random.octets<16>()));
        put.msisdn = random.digits(11);
        const store::PutKme key{random.imei(), random.secret(16), 0};
        chunk += records::line_of(i % 2 == 0 ? store::Item{put, 0} : store::Item{key, 0}) + "\n";
    }
    std::chrono::duration<double> best{1'000};
    for (int i = 0; i < 5; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        const auto reading = records::read_changes(chunk);
        best = std::min<std::chrono::duration<double>>(best, std::chrono::steady_clock::now() - begin);
        REQUIRE(reading.errors.empty());
        REQUIRE(reading.items.size() == lines);
    }
    const auto per_second = static_cast<double>(lines) / best.count();
    WARN("changes read in a second on one core: " << static_cast<std::uint64_t>(per_second));
    CHECK(per_second > 20'000);  // a fifth of what is asked for: sanitizers and busy machines are slower
}

}  // namespace bindhss
