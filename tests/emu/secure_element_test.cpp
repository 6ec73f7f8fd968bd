// SPDX-License-Identifier: Apache-2.0
// The device's half of the exchange, and the NAS messages that carry it (vectors F1 and F2).
#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "aka/vectors.h"
#include "crypto/random.h"
#include "emu/nas_transport.h"
#include "emu/secure_element.h"
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

/// An HSS's container for the device with this key.
struct Sealed {
    binding::KmeProvision provision;
    SecretString kme;
    explicit Sealed(const crypto::DevicePublicKey& key, std::uint32_t generation = 1) {
        crypto::SystemRandom random;
        random.fill(provision.transaction);
        random.fill(provision.nonce);
        provision.generation = generation;
        provision.scheme = key.type() == KeyType::x25519 ? binding::Scheme::ecies_x25519
                           : key.type() == KeyType::p256 ? binding::Scheme::ecies_p256
                                                         : binding::Scheme::rsa_oaep;
        std::copy_n(key.fingerprint().begin(), 8, provision.key_fingerprint.begin());
        OctetString octets(16);
        random.fill(octets);
        kme = SecretString(std::move(octets));
        const auto sealed = key.seal(kme.view(), binding::context_of({imsi, imei}, provision), random);
        provision.ephemeral_public = sealed->ephemeral_public;
        provision.ciphertext = sealed->ciphertext;
        provision.tag = sealed->tag;
    }
    [[nodiscard]] OctetString octets() const { return binding::encode(provision); }
    [[nodiscard]] Octets<32> rsp() const {
        return binding::response_to({imsi, imei}, provision, kme.view()).octets();
    }
};

binding::KmeResponse response_of(const std::optional<OctetString>& octets) {
    REQUIRE(octets);
    const auto read = binding::parse_container(*octets);
    REQUIRE(std::holds_alternative<binding::Container>(read));
    return std::get<binding::KmeResponse>(std::get<binding::Container>(read));
}

AkaSession session() {
    return {Secret<16>(test::hex<16>("b40ba9a3c58b2a05bbf0d987b21bf8cb")),
            Secret<16>(test::hex<16>("f769bcd751044604127672711c6d3441")),
            test::of_hex<Autn>("55f328b43577800059bcea576837152b")};
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
        const Sealed sealed(element.key().public_key());
        const auto response = response_of(element.answer(sealed.octets(), imsi, std::nullopt, me));
        CHECK(response.status == DeviceStatus::ok);
        CHECK(response.transaction == sealed.provision.transaction);
        CHECK(response.rsp == sealed.rsp());
        const Rand rand{test::hex<16>("23553cbe9637a89d218ae64dae47bf35")};
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
    const Sealed sealed(element.key().public_key());
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
    const Sealed first(element.key().public_key(), 1);
    const Sealed second(element.key().public_key(), 2);
    CHECK(response_of(element.answer(first.octets(), imsi, std::nullopt, me)).status == DeviceStatus::ok);
    CHECK(response_of(element.answer(second.octets(), imsi, std::nullopt, me)).status == DeviceStatus::ok);
    CHECK(response_of(element.answer(first.octets(), imsi, std::nullopt, me)).status ==
          DeviceStatus::generation_too_old);
}

TEST_CASE("HOME-MAC: a wrong one is refused, and none where it is required", "[emu][secure_element]") {
    SecureElement element(DevicePrivateKey::generate(KeyType::x25519), ExchangeConduct::right, true);
    Me me(imei);
    Sealed sealed(element.key().public_key());
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
    CHECK_FALSE(silent.answer(Sealed(silent.key().public_key()).octets(), imsi, std::nullopt, me));
    auto lying = with("lying");
    const Sealed to_liar(lying.key().public_key());
    CHECK(response_of(lying.answer(to_liar.octets(), imsi, std::nullopt, me)).rsp != to_liar.rsp());
    auto replaying = with("replaying");
    const auto first =
        replaying.answer(Sealed(replaying.key().public_key()).octets(), imsi, std::nullopt, me);
    CHECK(replaying.answer(Sealed(replaying.key().public_key()).octets(), imsi, std::nullopt, me) == first);
    auto refusing = with("refusing");
    const auto refusal =
        response_of(refusing.answer(Sealed(refusing.key().public_key()).octets(), imsi, std::nullopt, me));
    CHECK(refusal.status == DeviceStatus::storage);
    CHECK_FALSE(refusal.rsp);
    CHECK_FALSE(parse_exchange_conduct("slow"));
}

}  // namespace bindhss::emu
