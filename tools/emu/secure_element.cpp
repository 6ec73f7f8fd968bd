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

}  // namespace

std::optional<ExchangeConduct> parse_exchange_conduct(std::string_view text) {
    constexpr std::array<std::pair<std::string_view, ExchangeConduct>, 5> names{
        {{"right", ExchangeConduct::right},
         {"silent", ExchangeConduct::silent},
         {"lying", ExchangeConduct::lying},
         {"replaying", ExchangeConduct::replaying},
         {"refusing", ExchangeConduct::refusing}}};
    for (const auto& [name, conduct] : names)
        if (name == text) return conduct;
    return std::nullopt;
}

std::optional<OctetString> SecureElement::answer(OctetView container, const Imsi& imsi,
                                                 const std::optional<AkaSession>& session, Me& me) {
    const auto read = binding::parse_container(container);
    const auto* known = std::get_if<binding::Container>(&read);
    const auto* provision = known != nullptr ? std::get_if<binding::KmeProvision>(known) : nullptr;
    if (provision == nullptr) return std::nullopt;
    auto response = respond(*provision, imsi, session, me);
    if (conduct_ == ExchangeConduct::silent) return std::nullopt;
    if (conduct_ == ExchangeConduct::lying && response.rsp) (*response.rsp)[0] ^= 1;
    auto octets = binding::encode(response);
    if (conduct_ != ExchangeConduct::replaying) return octets;
    if (!first_answer_) first_answer_ = std::move(octets);
    return first_answer_;
}

DeviceStatus SecureElement::fault_of(const binding::KmeProvision& provision, const binding::Holder& holder,
                                     const std::optional<AkaSession>& session) const {
    const auto own = key_.public_key();
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
    auto kme = key_.open({provision.ephemeral_public, provision.ciphertext, provision.tag},
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
