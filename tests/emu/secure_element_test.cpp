// SPDX-License-Identifier: Apache-2.0
// The device's half of the exchange, and the NAS messages that carry it (vectors F1 and F2).
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "aka/vectors.h"
#include "emu/nas_transport.h"
#include "emu/secure_element.h"
#include "sealed.h"
#include "vectors/hex.h"

namespace bindhss::emu {

namespace {

using binding::DeviceStatus;
using crypto::DevicePrivateKey;
using crypto::KeyType;

const Imsi imsi = Imsi::parse("001010123456789").value();
const Imsi other_imsi = Imsi::parse("001010123456780").value();
const Imei imei = Imei::parse("35824005111111").value();

std::string vector_of(std::string_view name, std::string_view key) {
    std::ifstream file(BINDHSS_VECTORS);
    std::stringstream text;
    text << file.rdbuf();
    return std::string(
        std::string_view(boost::json::parse(text.str()).at(name).as_object().at(key).as_string()));
}

/// A container for the device with this key.
test::Sealed sealed_to(const crypto::DevicePublicKey& key, std::uint32_t generation = 1) {
    return {key, imsi, imei, generation};
}

binding::KmeResponse response_of(const std::optional<OctetString>& octets) {
    REQUIRE(octets);
    const auto read = binding::parse_container(*octets);
    REQUIRE(std::holds_alternative<binding::Container>(read));
    return std::get<binding::KmeResponse>(std::get<binding::Container>(read));
}

AkaSession session() {
    return {Secret<16>(bindhss::test::hex<16>("b40ba9a3c58b2a05bbf0d987b21bf8cb")),
            Secret<16>(bindhss::test::hex<16>("f769bcd751044604127672711c6d3441")),
            bindhss::test::of_hex<Autn>("55f328b43577800059bcea576837152b")};
}

}  // namespace

TEST_CASE("GENERIC NAS TRANSPORT is that of vectors F1 and F2, and what is cut off is none", "[emu][nas]") {
    const auto check = [](std::string_view name, std::string_view container, auto direction) {
        const auto nas = *from_hex(vector_of(name, "nas"));
        const GenericNasTransport message{direction, 75, *from_hex(vector_of(container, "container"))};
        CHECK(encode(message) == nas);
        CHECK(parse_nas_transport(nas) == message);
        for (std::size_t size = 0; size < nas.size(); ++size)
            CHECK_FALSE(parse_nas_transport(OctetView(nas).first(size)));
    };
    check("F1_DL_GENERIC_NAS_plain", "E1_container_X25519", GenericNasTransport::Direction::downlink);
    check("F2_UL_GENERIC_NAS_plain", "E4_response_container", GenericNasTransport::Direction::uplink);
    CHECK_FALSE(parse_nas_transport(*from_hex("07674b0000")));
}

TEST_CASE("A device takes a KME sealed to it, proves it, and opens encrypted RANDs with it",
          "[emu][secure_element]") {
    for (const auto type : {KeyType::x25519, KeyType::p256, KeyType::rsa}) {
        SecureElement element(DevicePrivateKey::generate(type));
        Me me(imei);
        const auto sealed = sealed_to(element.public_key());
        const auto response = response_of(element.answer(sealed.octets(), imsi, std::nullopt, me));
        CHECK(response.status == DeviceStatus::ok);
        CHECK(response.transaction == sealed.provision.transaction);
        CHECK(response.rsp == sealed.rsp());
        const Rand rand{bindhss::test::hex<16>("23553cbe9637a89d218ae64dae47bf35")};
        Autn autn{};
        autn.octets[6] = 0x80;
        autn.octets[7] = 0xc0;
        const auto opened = me.open(aka::encrypt_rand(sealed.kme.view(), rand), autn);
        CHECK(opened.rand == rand);
    }
}

TEST_CASE("A container for another card, device or key is refused with its reason", "[emu][secure_element]") {
    SecureElement element(DevicePrivateKey::generate(KeyType::x25519));
    Me me(imei);
    const auto sealed = sealed_to(element.public_key());
    CHECK(response_of(element.answer(sealed.octets(), other_imsi, std::nullopt, me)).status ==
          DeviceStatus::decryption);
    Me another(Imei::parse("35824005222222").value());
    CHECK(response_of(element.answer(sealed.octets(), imsi, std::nullopt, another)).status ==
          DeviceStatus::decryption);
    SecureElement thief(DevicePrivateKey::generate(KeyType::x25519));
    CHECK(response_of(thief.answer(sealed.octets(), imsi, std::nullopt, me)).status ==
          DeviceStatus::key_fingerprint);
    SecureElement rsa(DevicePrivateKey::generate(KeyType::rsa));
    CHECK(response_of(rsa.answer(sealed.octets(), imsi, std::nullopt, me)).status == DeviceStatus::scheme);
    CHECK_FALSE(element.answer(*from_hex("0102"), imsi, std::nullopt, me));
}

TEST_CASE("A replayed container of an older generation destroys no key", "[emu][secure_element]") {
    SecureElement element(DevicePrivateKey::generate(KeyType::p256));
    Me me(imei);
    const auto first = sealed_to(element.public_key(), 1);
    const auto second = sealed_to(element.public_key(), 2);
    CHECK(response_of(element.answer(first.octets(), imsi, std::nullopt, me)).status == DeviceStatus::ok);
    CHECK(response_of(element.answer(second.octets(), imsi, std::nullopt, me)).status == DeviceStatus::ok);
    CHECK(response_of(element.answer(first.octets(), imsi, std::nullopt, me)).status ==
          DeviceStatus::generation_too_old);
}

TEST_CASE("HOME-MAC: a wrong one is refused, and none where it is required", "[emu][secure_element]") {
    SecureElement element(DevicePrivateKey::generate(KeyType::x25519), ExchangeConduct::right, true);
    Me me(imei);
    auto sealed = sealed_to(element.public_key());
    CHECK(response_of(element.answer(sealed.octets(), imsi, session(), me)).status == DeviceStatus::home_mac);
    const auto aka = session();
    sealed.provision.home_mac =
        binding::home_mac_of({imsi, imei}, sealed.provision, aka.ck, aka.ik, aka.autn);
    CHECK(response_of(element.answer(sealed.octets(), imsi, session(), me)).status == DeviceStatus::ok);
    (*sealed.provision.home_mac)[5] ^= 1;
    CHECK(response_of(element.answer(sealed.octets(), imsi, session(), me)).status == DeviceStatus::home_mac);
}

TEST_CASE("Devices that are silent, lie, replay or refuse do as they are told", "[emu][secure_element]") {
    const auto with = [](std::string_view conduct) {
        return SecureElement(DevicePrivateKey::generate(KeyType::x25519),
                             parse_exchange_conduct(conduct).value());
    };
    Me me(imei);
    auto silent = with("silent");
    CHECK_FALSE(silent.answer(sealed_to(silent.public_key()).octets(), imsi, std::nullopt, me));
    auto lying = with("lying");
    const auto to_liar = sealed_to(lying.public_key());
    CHECK(response_of(lying.answer(to_liar.octets(), imsi, std::nullopt, me)).rsp != to_liar.rsp());
    auto replaying = with("replaying");
    const auto first = replaying.answer(sealed_to(replaying.public_key()).octets(), imsi, std::nullopt, me);
    CHECK(replaying.answer(sealed_to(replaying.public_key()).octets(), imsi, std::nullopt, me) == first);
    auto refusing = with("refusing");
    const auto refusal =
        response_of(refusing.answer(sealed_to(refusing.public_key()).octets(), imsi, std::nullopt, me));
    CHECK(refusal.status == DeviceStatus::storage);
    CHECK_FALSE(refusal.rsp);
    auto garbage = with("garbage");
    const auto nonsense = garbage.answer(sealed_to(garbage.public_key()).octets(), imsi, std::nullopt, me);
    REQUIRE(nonsense);
    CHECK(std::holds_alternative<std::string>(binding::parse_container(*nonsense)));
    CHECK_FALSE(parse_exchange_conduct("polite"));
}

TEST_CASE("Devices without the right private key answer with the status that says so",
          "[emu][secure_element][R30]") {
    for (const auto type : {KeyType::x25519, KeyType::p256, KeyType::rsa}) {
        const auto with = [type](std::string_view conduct) {
            return SecureElement(DevicePrivateKey::generate(type), parse_exchange_conduct(conduct).value());
        };
        Me me(imei);
        auto wrong = with("wrong_key");
        const auto tried =
            response_of(wrong.answer(sealed_to(wrong.public_key()).octets(), imsi, std::nullopt, me));
        CHECK(tried.status == DeviceStatus::decryption);
        CHECK_FALSE(tried.rsp);
        CHECK(wrong.last_status() == DeviceStatus::decryption);
        auto none = with("no_key");
        CHECK(
            response_of(none.answer(sealed_to(none.public_key()).octets(), imsi, std::nullopt, me)).status ==
            DeviceStatus::key_fingerprint);
        CHECK(me.kme(1).empty());
    }
}

}  // namespace bindhss::emu
