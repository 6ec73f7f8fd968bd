// SPDX-License-Identifier: Apache-2.0
// The mobile equipment: everything of a device but its card. Here lives the device's half of the binding
// (spec 4.2).
#pragma once

#include <array>
#include <optional>
#include <string>

#include "types/aka.h"
#include "types/identity.h"

namespace bindhss::emu {

/// AMF bits that tell the ME how RAND was treated (spec 4.2). Kept apart from the HSS's own type: the
/// emulator has to notice when the HSS marks its vectors otherwise.
struct AmfMasks {
    std::uint16_t pre_processed = 0x0080;
    std::uint16_t generation = 0x0040;
};

[[nodiscard]] std::uint16_t amf_of(const Autn& autn);

/// What the ME keeps of an authentication that succeeded. CK and IK never leave it in EPS; the home network
/// has them too, and proves itself with them (HOME-MAC, spec 4.5).
struct AkaSession {
    Secret<16> ck;
    Secret<16> ik;
    Autn autn;
};

/// A challenge as the ME hands it to its card.
struct OpenedChallenge {
    bool pre_processed = false;  ///< P of AMF, as far as this ME knows of it
    unsigned parity = 0;         ///< G of AMF: which key slot
    std::optional<Rand> rand;    ///< nothing: the ME has no key in that slot
};

/// One device: IMEI, SVN, and a KME in a slot for either generation parity. A device without any KME feature
/// (`legacy`) hands every RAND through. Thread-safe when const.
class Me {
  public:
    enum class Feature : std::uint8_t { kme, legacy };

    explicit Me(Imei imei, std::string svn = "01", Feature feature = Feature::kme, AmfMasks masks = {})
        : imei_(imei), svn_(std::move(svn)), feature_(feature), masks_(masks) {}

    /// Puts a key into the slot of its generation (0: factory key); the key of two generations ago goes.
    /// REQUIRES: kme has 16 or 32 octets.
    void load_kme(std::uint32_t generation, SecretString kme) { slots_[generation & 1U] = std::move(kme); }

    /// What is in the slot of that generation; empty: nothing.
    [[nodiscard]] const SecretString& kme(std::uint32_t generation) const { return slots_[generation & 1U]; }

    /// P = 0: RAND as it came. P = 1: RAND decrypted with the key whose parity is G.
    [[nodiscard]] OpenedChallenge open(const Rand& rand, const Autn& autn) const;

    [[nodiscard]] Imei imei() const { return imei_; }
    [[nodiscard]] const std::string& svn() const { return svn_; }
    [[nodiscard]] Feature feature() const { return feature_; }

  private:
    Imei imei_;
    std::string svn_;
    Feature feature_;
    AmfMasks masks_;
    std::array<SecretString, 2> slots_;
};

}  // namespace bindhss::emu
