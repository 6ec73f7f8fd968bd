// SPDX-License-Identifier: Apache-2.0
// The application on the UICC: its algorithm set and the sequence numbers of TS 33.102, and nothing of
// devices or their keys: the binding must work with cards as they are (R7, R39).
#pragma once

#include <array>
#include <variant>

#include "aka/algorithm_set.h"
#include "aka/gsm.h"
#include "types/identity.h"

namespace bindhss::emu {

/// What AUTHENTICATE returns to the ME in a 3G security context (TS 31.102 7.1.2.1).
struct UsimAccepted {
    Res res;
    CipherKey ck;
    IntegrityKey ik;
};
struct UsimMacFailure {};
struct UsimSynchFailure {
    Auts auts;
};
/// What AUTHENTICATE returns in a GSM security context.
struct UsimGsmAccepted {
    Sres sres;
    Kc kc;
};
using UsimAnswer = std::variant<UsimAccepted, UsimMacFailure, UsimSynchFailure>;

/// The SEQ accepted last for each IND (TS 33.102 C.2.2); a plain value.
class SequenceArray {
  public:
    /// C.2.1 and C.2.2: not further ahead than Delta, and newer than the last one of the same IND.
    [[nodiscard]] bool acceptable(const Sqn& sqn) const;
    /// REQUIRES: acceptable(sqn), or a caller that records what another element accepted.
    void record(const Sqn& sqn);
    /// SEQ_MS of the whole array with its IND.
    [[nodiscard]] Sqn highest() const;
    /// The card as it would be after accepting vectors that the HSS knows nothing of.
    void advance(std::uint64_t steps);
    [[nodiscard]] std::uint64_t seq(std::size_t ind) const { return seq_[ind]; }

  private:
    std::array<std::uint64_t, Sqn::ind_count> seq_{};
};

/// One USIM. Movable, not copyable, as a card is. One thread at a time.
class Usim {
  public:
    /// REQUIRES: !fault_of(keys); else throws std::invalid_argument.
    Usim(const Imsi& imsi, const AkaKeys& keys, const SequenceArray& sequence = {})
        : imsi_(imsi), algorithms_(aka::make_algorithm_set(keys)), sequence_(sequence) {}

    /// TS 33.102 6.3.3: MAC first, then freshness; the array changes only when the challenge is accepted.
    [[nodiscard]] UsimAnswer authenticate(const Rand& rand, const Autn& autn);

    /// In a GSM security context (TS 31.102 7.1.2.2): any RAND is answered, there is no AUTN to check.
    [[nodiscard]] UsimGsmAccepted authenticate_gsm(const Rand& rand);

    [[nodiscard]] const Imsi& imsi() const { return imsi_; }
    [[nodiscard]] SequenceArray& sequence() { return sequence_; }

  private:
    Imsi imsi_;
    std::unique_ptr<aka::AlgorithmSet> algorithms_;
    SequenceArray sequence_;
};

}  // namespace bindhss::emu
