// SPDX-License-Identifier: Apache-2.0
// A fleet of test subscribers whose keys follow from their IMSI, so that a load of millions needs no key
// file.
//
//   S    = first 16 octets of HMAC-SHA-256(key: the seed's text, message: "bindhss-emu fleet v1")
//   K    = AES-128(S, n || 0...0 || 01)        n: the IMSI as a 64-bit number, most significant octet first
//   OPc  = AES-128(S, n || 0...0 || 02)
//   KME  = AES-128(S, n || 0...0 || 03)        key of the device that the subscriber is bound to
//   IMEI = imei_first + (n - imsi_first)
//
// Test keys and nothing else: who knows the seed knows them all.
#pragma once

#include <ostream>
#include <string>

#include "crypto/aes.h"
#include "emu/secure_element.h"
#include "types/aka.h"
#include "types/identity.h"

namespace bindhss::emu {

struct FleetSettings {
    std::string imsi_first = "001010000000000";  ///< its length is that of every IMSI
    std::uint64_t count = 1'000'000;
    std::string key_seed;
    std::uint64_t bound_every = 2;  ///< every n-th subscriber is bound by KME; 0: none
    std::uint64_t imei_first = 35'000'000'000'000;
};

struct FleetMember {
    Imsi imsi;
    SubscriberKey k;
    Opc opc;
    bool bound = false;
    Imei imei;
    Secret<16> kme;
};

/// Any number of threads, each with a Fleet of its own.
class Fleet {
  public:
    /// Throws std::invalid_argument when the IMSIs or IMEIs do not fit their digits or there are too many.
    explicit Fleet(FleetSettings settings);

    /// REQUIRES: index < settings().count.
    [[nodiscard]] FleetMember member(std::uint64_t index);
    [[nodiscard]] Imsi imsi(std::uint64_t index) const;
    /// every:2 binds the second, fourth, ... subscriber.
    [[nodiscard]] bool bound(std::uint64_t index) const {
        return settings_.bound_every != 0 && (index + 1) % settings_.bound_every == 0;
    }
    /// Which of so many key pairs the subscriber's device has. REQUIRES: pool != 0.
    [[nodiscard]] static std::size_t key_of(std::uint64_t index, std::size_t pool) { return index % pool; }
    [[nodiscard]] const FleetSettings& settings() const { return settings_; }

  private:
    [[nodiscard]] crypto::Block derived(std::uint64_t number, std::uint8_t purpose);

    FleetSettings settings_;
    std::uint64_t first_;
    crypto::Aes aes_;
};

/// Writes subscribers.csv, devices.csv, kmes.csv and bindings.csv as bindhssctl imports them. With key pairs
/// no kmes.csv: the bound devices are to be provisioned over the network; device_keys.csv has their public
/// keys, as `bindhssctl device-key import` reads it, and device_keys.pem the private ones.
/// Throws std::runtime_error when a file cannot be written.
void write_fleet(Fleet& fleet, const std::string& folder, const std::vector<DeviceKeyPair>& keys = {});

}  // namespace bindhss::emu
