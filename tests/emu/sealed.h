// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "binding/kme_exchange.h"
#include "crypto/device_key.h"
#include "crypto/random.h"
#include "emu/me.h"

namespace bindhss::emu::test {

/// An HSS's container with a fresh KME for one card in one device.
struct Sealed {
    binding::KmeProvision provision;
    SecretString kme;
    Imsi imsi;
    Imei imei;

    Sealed(const crypto::DevicePublicKey& key, const Imsi& for_card, Imei for_device,
           std::uint32_t generation = 1, const std::optional<AkaSession>& session = std::nullopt)
        : imsi(for_card), imei(for_device) {
        crypto::SystemRandom random;
        random.fill(provision.transaction);
        random.fill(provision.nonce);
        provision.generation = generation;
        provision.scheme = key.type() == crypto::KeyType::x25519 ? binding::Scheme::ecies_x25519
                           : key.type() == crypto::KeyType::p256 ? binding::Scheme::ecies_p256
                                                                 : binding::Scheme::rsa_oaep;
        std::copy_n(key.fingerprint().begin(), 8, provision.key_fingerprint.begin());
        OctetString octets(16);
        random.fill(octets);
        kme = SecretString(std::move(octets));
        const auto sealed = key.seal(kme.view(), binding::context_of({imsi, imei}, provision), random);
        provision.ephemeral_public = sealed->ephemeral_public;
        provision.ciphertext = sealed->ciphertext;
        provision.tag = sealed->tag;
        if (session) {
            provision.home_mac =
                binding::home_mac_of({imsi, imei}, provision, session->ck, session->ik, session->autn);
        }
    }
    [[nodiscard]] OctetString octets() const { return binding::encode(provision); }
    [[nodiscard]] Octets<32> rsp() const {
        return binding::response_to({imsi, imei}, provision, kme.view()).octets();
    }
};

}  // namespace bindhss::emu::test
