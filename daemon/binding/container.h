// SPDX-License-Identifier: Apache-2.0
// What HSS and device say to each other through an MME that does not look into it (spec 4.5): TLVs.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "types/octets.h"

namespace bindhss::binding {

using TransactionId = Octets<8>;
using Nonce = Octets<32>;

/// As long as a container may be: it has to fit a NAS message (spec 4.5).
inline constexpr std::size_t container_octets_max = 1024;

/// SCHEME: how the KME is sealed.
enum class Scheme : std::uint8_t { rsa_oaep = 0x01, ecies_x25519 = 0x11, ecies_p256 = 0x12 };

/// RAND-ALG: AES-128 or AES-256.
enum class RandAlgorithm : std::uint8_t { aes128 = 1, aes256 = 2 };

/// STATUS: what the device says of a KME-PROVISION.
enum class DeviceStatus : std::uint8_t {
    ok = 0,
    scheme = 1,
    key_fingerprint = 2,
    decryption = 3,
    context = 4,
    generation_too_old = 5,
    storage = 6,
    not_expected = 7,
    home_mac = 8,
};
[[nodiscard]] std::string_view name_of(DeviceStatus status);

/// 01, to the device: a new KME.
struct KmeProvision {
    TransactionId transaction{};
    std::uint32_t generation = 0;
    Scheme scheme = Scheme::ecies_x25519;
    Octets<8> key_fingerprint{};   ///< the first octets of DevicePublicKey::fingerprint()
    OctetString ephemeral_public;  ///< ECIES alone
    OctetString ciphertext;
    OctetString tag;  ///< ECIES alone
    Nonce nonce{};
    RandAlgorithm rand_algorithm = RandAlgorithm::aes128;
    std::uint64_t not_after = 0;  ///< Unix seconds; 0: for good
    std::optional<Octets<16>> home_mac;
    bool operator==(const KmeProvision&) const = default;
};

/// 02, from the device.
struct KmeResponse {
    TransactionId transaction{};
    DeviceStatus status = DeviceStatus::ok;
    std::optional<Octets<32>> rsp;  ///< with `ok`
    bool operator==(const KmeResponse&) const = default;
};

/// 03, to the device: the KME of this generation is no more.
struct KmeDelete {
    TransactionId transaction{};
    std::uint32_t generation = 0;
    bool operator==(const KmeDelete&) const = default;
};

using Container = std::variant<KmeProvision, KmeResponse, KmeDelete>;

/// REQUIRES: what is optional fits the scheme.
[[nodiscard]] OctetString encode(const Container& container);

/// Reads what anybody may have written: one sentence for what is no container. Unknown tags are skipped.
[[nodiscard]] std::variant<Container, std::string> parse_container(OctetView octets);

}  // namespace bindhss::binding
