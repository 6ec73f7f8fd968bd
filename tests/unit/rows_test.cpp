// SPDX-License-Identifier: Apache-2.0
// Rows as JSON objects and back.
#include "records/rows.h"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "random_values.h"

namespace bindhss {

namespace {

using test::RandomValues;
namespace json = boost::json;

// Every field of a row: a new one does not compile until it is compared here. Structs that have an equality
// of their own are compared by it.
auto fields(const store::SubscriberRow& row) {
    const auto& [imsi, msisdn, profile, amf, seq, policy, devices, group, kcv, document, terms, terms_from,
                 groups, standing, proved_at] = row;
    return std::tie(imsi, msisdn, profile, amf, seq, policy, devices, group, kcv, document, terms, terms_from,
                    groups, standing, proved_at);
}
auto fields(const store::ProfileRow& row) {
    const auto& [name, version, subscribers, document] = row;
    return std::tie(name, version, subscribers, document);
}
auto fields(const store::DeviceRow& row) {
    const auto& [range, group, comment, kcv, uiccs_max] = row;
    return std::tie(range, group, comment, kcv, uiccs_max);
}
auto fields(const store::EquipmentEntry& row) {
    return std::tie(row);
}
auto fields(const store::TermsRow& row) {
    const auto& [terms, fixed, standard, bindings, groups] = row;
    return std::tie(terms, fixed, standard, bindings, groups);
}
auto fields(const store::SubscriptionGroupRow& row) {
    const auto& [name, terms, rank, members] = row;
    return std::tie(name, terms, rank, members);
}
auto fields(const binding::Rule& row) {
    return std::tie(row);
}
auto fields(const store::DeviceModelRow& row) {
    const auto& [tac, name, imei_secure, key_secure] = row;
    return std::tie(tac, name, imei_secure, key_secure);
}
auto fields(const store::KmeRow& row) {
    const auto& [owner, generation, kcv, state, changed] = row;
    return std::tie(owner, generation, kcv, state, changed);
}
auto fields(const store::ApprovalRow& row) {
    const auto& [imsi, imei, svn, node, first, last, count] = row;
    return std::tie(imsi, imei, svn, node, first, last, count);
}
auto fields(const store::AuditRow& row) {
    const auto& [id, at, who, what, detail, request] = row;
    return std::tie(id, at, who, what, detail, request);
}
auto fields(const store::AlarmRow& row) {
    const auto& [name, severity, imsi, imei, peer, detail, first, last, count, id, acknowledged, cleared,
                 cleared_by, session] = row;
    return std::tie(name, severity, imsi, imei, peer, detail, first, last, count, id, acknowledged, cleared,
                    cleared_by, session);
}
auto fields(const store::DeviceKey& row) {
    const auto& [imei, type, fingerprint, der, origin, from, until, revoked, secure, added] = row;
    return std::tie(imei, type, fingerprint, der, origin, from, until, revoked, secure, added);
}
auto fields(const store::ExchangeRow& row) {
    const auto& [imsi, imei, generation, way, node, started, deadline] = row;
    return std::tie(imsi, imei, generation, way, node, started, deadline);
}
auto fields(const store::Registration& row) {
    const auto& [node, plmn, terminal, verified, purged, time, domain, rat_type, features, combined,
                 gprs_wanted, ue_srvcc, ims_voice, active_apns, node_number, sms, urrp, area_restricted,
                 location, location_time, told, provenance, limited, emergency] = row;
    return std::tie(node, plmn, terminal, verified, purged, time, domain, rat_type, features, combined,
                    gprs_wanted, ue_srvcc, ims_voice, active_apns, node_number, sms, urrp, area_restricted,
                    location, location_time, told, provenance, limited, emergency);
}
bool same(const std::optional<store::Registration>& a, const std::optional<store::Registration>& b) {
    return a.has_value() == b.has_value() && (!a || fields(*a) == fields(*b));
}
template <class Row>
bool same(const Row& a, const Row& b) {
    return fields(a) == fields(b);
}
bool same(const store::RegistrationRow& a, const store::RegistrationRow& b) {
    return a.imsi == b.imsi && fields(a.registration) == fields(b.registration);
}
auto fields(const binding::Binding& row) {
    const auto& [terms, rules, groups, has_list, locked, has_kme] = row;
    return std::tie(terms, rules, groups, has_list, locked, has_kme);
}
auto fields(const binding::DeviceFacts& row) {
    const auto& [groups, uiccs, uiccs_max, imei_secure, key_secure] = row;
    return std::tie(groups, uiccs, uiccs_max, imei_secure, key_secure);
}
bool same(const store::SeenPair& a, const store::SeenPair& b) {
    const auto plain = [](const store::SeenPair& row) {
        const auto& [imsi, device, binding, facts, node, provenance, first, last, registration] = row;
        return std::tie(imsi, device, node, provenance, first, last);
    };
    return plain(a) == plain(b) && fields(a.binding) == fields(b.binding) &&
           fields(a.facts) == fields(b.facts) && same(a.registration, b.registration);
}

constexpr auto provenances = {binding::Provenance::authenticated, binding::Provenance::taken_over,
                              binding::Provenance::unproven};

template <class Row>
Row random_row(RandomValues&);

template <>
store::SubscriberRow random_row(RandomValues& random) {
    store::SubscriberRow row{random.imsi()};
    row.msisdn = random.flag() ? random.digits(12) : "";
    row.profile = random.name();
    row.amf = Amf{random.octets<2>()};
    row.seq = random.large();
    row.policy = random.policy();
    row.devices = random.list([&] { return random.range(); });
    row.group = random.text();
    row.kcv = random.flag() ? "a1b2c3" : "";
    row.override_document = random.document();
    row.terms = random.text();
    row.terms_from = random.text();
    row.groups = random.list([&] { return random.name(); });
    row.standing.state = random.of({binding::State::normal, binding::State::suspect, binding::State::locked});
    row.standing.strong = random.number();
    row.standing.weak = random.number();
    row.standing.turns = random.number();
    row.standing.reprovisions = random.list([&] { return random.time(); });
    row.proved_at = random.maybe([&] { return random.time(); });
    return row;
}
template <>
store::ProfileRow random_row(RandomValues& random) {
    return {random.name(), random.signed_number(), random.large(), random.document()};
}
template <>
store::DeviceRow random_row(RandomValues& random) {
    return {random.range(), random.text(), random.text(), random.text(), random.number()};
}
template <>
store::EquipmentEntry random_row(RandomValues& random) {
    using s6a::EquipmentStatus;
    return {random.range(), random.maybe([&] { return random.svn(); }),
            random.of({EquipmentStatus::permitted, EquipmentStatus::prohibited, EquipmentStatus::tracked}),
            random.text()};
}
template <>
store::TermsRow random_row(RandomValues& random) {
    return {random.terms(), random.flag(), random.flag(), random.large(), random.large()};
}
template <>
store::SubscriptionGroupRow random_row(RandomValues& random) {
    return {random.name(), random.text(), random.signed_number(), random.large()};
}
template <>
binding::Rule random_row(RandomValues& random) {
    return random.rule();
}
template <>
store::DeviceModelRow random_row(RandomValues& random) {
    const auto secure = [&] { return random.maybe([&] { return random.flag(); }); };
    return {static_cast<std::uint32_t>(random.below(100'000'000)), random.text(), secure(), secure()};
}
template <>
store::KmeRow random_row(RandomValues& random) {
    return {random.owner(), random.number(), "0a0b0c",
            random.of<std::string>({"active", "previous", "retired"}), random.time()};
}
template <>
store::ApprovalRow random_row(RandomValues& random) {
    return {random.imsi(), random.imei(), random.flag() ? random.svn() : "", random.text(), random.time(),
            random.time(), random.large()};
}
template <>
store::AuditRow random_row(RandomValues& random) {
    return {random.signed_number(), random.time(), random.text(),
            random.text(),          random.text(), random.text()};
}
template <>
store::AlarmRow random_row(RandomValues& random) {
    return {random.name(),          random.name(), random.text(),
            random.text(),          random.text(), random.text(),
            random.time(),          random.time(), random.large(),
            random.signed_number(), random.text(), random.maybe([&] { return random.time(); }),
            random.text(),          random.text()};
}
template <>
store::DeviceKey random_row(RandomValues& random) {
    using crypto::KeyType;
    const auto time = [&] { return random.maybe([&] { return random.time(); }); };
    store::DeviceKey key{random.imei(), random.of({KeyType::x25519, KeyType::p256, KeyType::rsa})};
    key.fingerprint = random.octets<32>();
    key.der = random.octet_string();
    key.origin = random.text();
    key.valid_from = time();
    key.valid_until = time();
    key.revoked_at = time();
    key.secure = random.maybe([&] { return random.flag(); });
    key.added = random.time();
    return key;
}
template <>
store::ExchangeRow random_row(RandomValues& random) {
    return {random.imsi(),   random.imei(),
            random.number(), random.of({store::ExchangeWay::s6a, store::ExchangeWay::https}),
            random.text(),   random.time(),
            random.time()};
}
TerminalInformation random_terminal(RandomValues& random) {
    return {random.maybe([&] { return random.imei(); }), random.maybe([&] { return random.svn(); }),
            random.flag()};
}
s6a::NodeLocation random_location(RandomValues& random) {
    return {random.octet_string(),
            random.octet_string(),
            random.octet_string(),
            random.octet_string(),
            random.maybe([&] { return random.number(); }),
            random.flag()};
}
s6a::ActiveApn random_apn(RandomValues& random) {
    const auto gateway = [&] {
        return PdnGateway{random.text(), random.text(), random.list([&] { return random.name(); })};
    };
    return {random.number(), random.text(), random.maybe(gateway), random.text()};
}
template <>
store::RegistrationRow random_row(RandomValues& random) {
    store::Registration row{{random.name(), random.name()}, random.plmn()};
    const auto number = [&] { return random.number(); };
    row.terminal_information = random.maybe([&] { return random_terminal(random); });
    row.verified = random.flag();
    row.purged = random.flag();
    row.time = random.time();
    row.domain = random.of({s6a::Domain::mme, s6a::Domain::sgsn});
    row.rat_type = s6a::RatType(random.number());
    row.features = random.maybe([&] { return s6a::Features{number(), number(), number()}; });
    row.combined = random.flag();
    row.gprs_wanted = random.flag();
    row.ue_srvcc_capability = random.maybe(number);
    row.homogeneous_ims_voice = random.maybe(number);
    row.active_apns = random.list([&] { return random_apn(random); });
    row.node_number = random.text();
    row.sms_registered = random.flag();
    row.urrp = random.flag();
    row.area_restricted = random.flag();
    row.location = random.maybe([&] { return random_location(random); });
    row.location_time = random.maybe([&] { return random.time(); });
    row.told = random.maybe([&] {
        return store::SubscriptionVersion{random.signed_number(), random.document(), random.text()};
    });
    row.provenance = random.of(provenances);
    row.limited_profile = random.text();
    row.emergency = random.flag();
    return {random.imsi(), row};
}
template <>
store::SeenPair random_row(RandomValues& random) {
    store::SeenPair row{random.imsi(), random_terminal(random)};
    const auto rule = [&] { return random.rule(); };
    const auto name = [&] { return random.name(); };
    row.binding = {random.terms(), random.list(rule), random.list(name),
                   random.flag(),  random.flag(),     random.flag()};
    row.facts = {random.list(name), random.number(), random.maybe([&] { return random.number(); }),
                 random.maybe([&] { return random.flag(); }), random.maybe([&] { return random.flag(); })};
    row.node = random.text();
    row.provenance = random.of(provenances);
    if (random.flag()) row.first = random.time();
    if (random.flag()) row.last = random.time();
    row.registration = random.maybe([&] { return random_row<store::RegistrationRow>(random).registration; });
    return row;
}

template <class Row>
json::object sample() {
    RandomValues random(7);
    return records::object_of(random_row<Row>(random));
}

}  // namespace

TEMPLATE_TEST_CASE("a row that became a text of JSON is read back as the same", "[rows]",
                   store::SubscriberRow, store::ProfileRow, store::DeviceRow, store::EquipmentEntry,
                   store::RegistrationRow, store::TermsRow, store::SubscriptionGroupRow, binding::Rule,
                   store::DeviceModelRow, store::KmeRow, store::ApprovalRow, store::SeenPair, store::AuditRow,
                   store::AlarmRow, store::DeviceKey, store::ExchangeRow) {
    RandomValues random(1);
    for (int i = 0; i < 500; ++i) {
        const auto row = random_row<TestType>(random);
        const auto text = json::serialize(records::object_of(row));
        INFO(text);
        const auto again = records::row_from<TestType>(json::parse(text).as_object());
        REQUIRE(same(row, again));
        REQUIRE(json::serialize(records::object_of(again)) == text);
    }
}

TEMPLATE_TEST_CASE(
    "a program reads the rows of a newer one, and tells what is missing in those of something else", "[rows]",
    store::SubscriberRow, store::ProfileRow, store::DeviceRow, store::EquipmentEntry, store::RegistrationRow,
    store::TermsRow, store::SubscriptionGroupRow, binding::Rule, store::DeviceModelRow, store::KmeRow,
    store::ApprovalRow, store::SeenPair, store::AuditRow, store::AlarmRow, store::DeviceKey,
    store::ExchangeRow) {
    auto object = sample<TestType>();
    object["colour"] = "green";
    object["inner"] = json::object{{"list", {1, 2}}};
    CHECK_NOTHROW(records::row_from<TestType>(object));

    // Whatever member is of another type is named.
    for (const auto& [name, value] : sample<TestType>()) {
        if (name == "bits") continue;  // it follows from the key, and nobody reads it
        auto wrong = object;
        wrong[name] = json::array{json::array{}};
        INFO(name);
        CHECK_THROWS_WITH(records::row_from<TestType>(wrong), Catch::Contains("'" + std::string(name) + "'"));
    }
    CHECK_THROWS_AS(records::row_from<TestType>(json::object{}), records::BadRow);
}

TEST_CASE("numbers, flags and times that do not fit are no rows", "[rows]") {
    auto object = sample<store::AlarmRow>();
    object["count"] = -1;
    CHECK_THROWS_WITH(records::row_from<store::AlarmRow>(object), Catch::Contains("count"));
    object["count"] = 1.5;
    CHECK_THROWS_AS(records::row_from<store::AlarmRow>(object), records::BadRow);
    object = sample<store::AlarmRow>();
    object["first"] = "yesterday";
    CHECK_THROWS_WITH(records::row_from<store::AlarmRow>(object), "the member 'first' is no time");
    object = sample<store::TermsRow>();
    object["policy"] = "strict";
    CHECK_THROWS_WITH(records::row_from<store::TermsRow>(object), Catch::Contains("policy"));
    object = sample<store::KmeRow>();
    object["owner"] = "group:";
    CHECK_THROWS_WITH(records::row_from<store::KmeRow>(object), Catch::Contains("owner"));
}

TEST_CASE("members are what people and scripts know from bindhssctl, with numbers as numbers", "[rows]") {
    store::SubscriberRow row{*Imsi::parse("001010000000001")};
    row.profile = "default";
    row.amf = Amf{{0x80, 0x00}};
    row.seq = 32;
    row.policy = binding::Policy::kme;
    row.devices = {*ImeiRange::parse("35824005111111"), *ImeiRange::parse("35824005")};
    row.override_document = R"({"barred": true})";
    row.proved_at = WallTime(std::chrono::milliseconds(1'500));
    CHECK(json::serialize(records::object_of(row)) ==
          R"({"imsi":"001010000000001","profile":"default","amf":"8000","seq":32,"policy":"kme",)"
          R"("devices":["35824005111111","35824005000000-35824005999999"],"override":{"barred":true},)"
          R"("groups":[],"state":"unbound","strong":0,"weak":0,"turns":0,"reprovisions":[],)"
          R"("proved_at":"1970-01-01T00:00:01.500Z"})");
    row.kcv = "a1b2c3";
    CHECK(records::object_of(row).at("state") == "bound");
    row.standing.state = binding::State::locked;
    CHECK(records::object_of(row).at("state") == "locked");
    row.standing.state = binding::State::normal;
    row.policy = binding::Policy::off;
    CHECK(records::object_of(row).at("state") == "none");
}

TEST_CASE("whoever has a key is written as one word", "[rows]") {
    CHECK(records::owner_text(*Imei::parse("35824005111111")) == "35824005111111");
    CHECK(records::owner_text(std::string("meters")) == "group:meters");
    CHECK(records::parse_owner("group:a:b") == std::variant<Imei, std::string>("a:b"));
    CHECK(records::parse_owner("35824005111111") ==
          std::variant<Imei, std::string>(*Imei::parse("35824005111111")));
    CHECK_FALSE(records::parse_owner("meters"));
    CHECK_FALSE(records::parse_owner("group:"));
}

}  // namespace bindhss
