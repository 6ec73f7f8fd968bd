// SPDX-License-Identifier: Apache-2.0
#include "emu/secure_element.h"

#include <algorithm>
#include <array>
#include <utility>

namespace bindhss::emu {

namespace {

using binding::DeviceStatus;
using binding::Scheme;

Scheme scheme_of(crypto::KeyType type) {
    switch (type) {
        case crypto::KeyType::x25519:
            return Scheme::ecies_x25519;
        case crypto::KeyType::p256:
            return Scheme::ecies_p256;
        case crypto::KeyType::rsa:
            break;
    }
    return Scheme::rsa_oaep;
}

std::size_t octets_of(binding::RandAlgorithm algorithm) {
    return algorithm == binding::RandAlgorithm::aes128 ? 16 : 32;
}

constexpr std::array<std::pair<std::string_view, ExchangeConduct>, 9> conduct_names{
    {{"right", ExchangeConduct::right},
     {"silent", ExchangeConduct::silent},
     {"slow", ExchangeConduct::slow},
     {"lying", ExchangeConduct::lying},
     {"replaying", ExchangeConduct::replaying},
     {"refusing", ExchangeConduct::refusing},
     {"wrong_key", ExchangeConduct::wrong_key},
     {"no_key", ExchangeConduct::no_key},
     {"garbage", ExchangeConduct::garbage}}};

/// Neither version nor type nor length of a container.
constexpr std::array<std::uint8_t, 5> no_container{0xff, 0x00, 0xff, 0xff, 0x2a};

}  // namespace

std::optional<ExchangeConduct> parse_exchange_conduct(std::string_view text) {
    for (const auto& [name, conduct] : conduct_names)
        if (name == text) return conduct;
    return std::nullopt;
}

std::string exchange_conduct_names() {
    std::string names;
    for (const auto& [name, conduct] : conduct_names)
        names += (names.empty() ? "" : ", ") + std::string(name);
    return names;
}

SecureElement::SecureElement(DeviceKeyPair keys, ExchangeConduct conduct, bool requires_home_mac)
    : keys_(std::move(keys)), conduct_(conduct), requires_home_mac_(requires_home_mac) {
    if (conduct_ == ExchangeConduct::wrong_key)
        other_ = crypto::DevicePrivateKey::generate(keys_.public_half.type());
}

std::optional<OctetString> SecureElement::answer(OctetView container, const Imsi& imsi,
                                                 const std::optional<AkaSession>& session, Me& me) {
    const auto read = binding::parse_container(container);
    const auto* known = std::get_if<binding::Container>(&read);
    const auto* provision = known != nullptr ? std::get_if<binding::KmeProvision>(known) : nullptr;
    last_status_.reset();
    if (provision == nullptr) return std::nullopt;
    if (conduct_ == ExchangeConduct::garbage) return OctetString(no_container.begin(), no_container.end());
    auto response = respond(*provision, imsi, session, me);
    last_status_ = response.status;
    if (conduct_ == ExchangeConduct::silent) return std::nullopt;
    if (conduct_ == ExchangeConduct::lying && response.rsp) (*response.rsp)[0] ^= 1;
    auto octets = binding::encode(response);
    if (conduct_ != ExchangeConduct::replaying) return octets;
    if (!first_answer_) first_answer_ = std::move(octets);
    return first_answer_;
}

DeviceStatus SecureElement::fault_of(const binding::KmeProvision& provision, const binding::Holder& holder,
                                     const std::optional<AkaSession>& session) const {
    const auto& own = keys_.public_half;
    if (conduct_ == ExchangeConduct::no_key) return DeviceStatus::key_fingerprint;
    if (provision.scheme != scheme_of(own.type())) return DeviceStatus::scheme;
    if (!std::equal(provision.key_fingerprint.begin(), provision.key_fingerprint.end(),
                    own.fingerprint().begin()))
        return DeviceStatus::key_fingerprint;
    if (newest_ && provision.generation < *newest_) return DeviceStatus::generation_too_old;
    if (!provision.home_mac || !session)
        return requires_home_mac_ ? DeviceStatus::home_mac : DeviceStatus::ok;
    const auto expected = binding::home_mac_of(holder, provision, session->ck, session->ik, session->autn);
    return Secret<16>(expected) == Secret<16>(*provision.home_mac) ? DeviceStatus::ok
                                                                   : DeviceStatus::home_mac;
}

binding::KmeResponse SecureElement::respond(const binding::KmeProvision& provision, const Imsi& imsi,
                                            const std::optional<AkaSession>& session, Me& me) {
    const binding::Holder holder{imsi, me.imei()};
    binding::KmeResponse response{provision.transaction, fault_of(provision, holder, session), std::nullopt};
    if (response.status != DeviceStatus::ok) return response;
    if (conduct_ == ExchangeConduct::refusing) {
        response.status = DeviceStatus::storage;
        return response;
    }
    const auto& key = other_ ? *other_ : keys_.private_half;
    auto kme = key.open({provision.ephemeral_public, provision.ciphertext, provision.tag},
                        binding::context_of(holder, provision));
    if (!kme || kme->size() != octets_of(provision.rand_algorithm)) {
        response.status = DeviceStatus::decryption;
        return response;
    }
    response.rsp = binding::response_to(holder, provision, kme->view()).octets();
    me.load_kme(provision.generation, std::move(*kme));
    newest_ = provision.generation;
    return response;
}

}  // namespace bindhss::emu
