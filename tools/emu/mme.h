// SPDX-License-Identifier: Apache-2.0
// The MME's side of an attach (TS 23.401 5.3.2.1), as far as the HSS has a part in it; in its details like
// Open5GS.
#pragma once

#include <string>
#include <vector>

#include "emu/hss_port.h"
#include "emu/trace.h"
#include "emu/ue.h"
#include "types/result_code.h"

namespace bindhss::emu {

enum class Outcome : std::uint8_t {
    attached,
    mac_failure,        ///< the UE answered AUTHENTICATION FAILURE #20: it got no service
    synch_failure,      ///< the UE was out of step a second time
    non_eps_challenge,  ///< #26: the separation bit was missing
    rejected,           ///< the HSS answered AIR or ULR with an error, see AttachResult::cause
    bad_vector,         ///< XRES or KASME of the HSS are not those of the UE: a fault of the HSS
};
[[nodiscard]] std::string_view name_of(Outcome outcome);
[[nodiscard]] std::optional<Outcome> parse_outcome(std::string_view text);

struct AttachResult {
    Outcome outcome = Outcome::attached;
    std::optional<Cause> cause;   ///< of `rejected`
    std::string command;          ///< of `rejected`: "AIR" or "ULR"
    std::string detail;           ///< one sentence, no secret
    bool resynchronised = false;  ///< a re-synchronisation took place
    bool encrypted_rand = false;  ///< the vector that counted was marked as pre-processed

    /// "attached", "rejected 5003", ...
    [[nodiscard]] std::string str() const;
};

/// What ULR tells of the device. Open5GS sends 14 digits (the IMEISV without SVN) and Software-Version.
enum class ImeiReport : std::uint8_t {
    none,
    digits_14,
    digits_15,  ///< with the check digit
    digits_16,  ///< the whole IMEISV in the IMEI AVP, as some MMEs do; no Software-Version
};

struct MmeSettings {
    std::string name;  ///< short, for the trace
    ServingNode identity;
    Plmn plmn;
    ImeiReport imei_report = ImeiReport::digits_14;
};

/// A Cancel-Location that the HSS sent.
struct Cancelled {
    Imsi imsi;
    s6a::CancellationType type;
};

/// One MME. Runs on one thread; borrows the port and the trace, which outlive it.
class Mme {
  public:
    Mme(MmeSettings settings, HssPort& hss, Trace& trace)
        : settings_(std::move(settings)), hss_(hss), trace_(trace) {}

    /// One initial attach with one re-synchronisation at most. Both parts of the UE outlive the call.
    [[nodiscard]] boost::asio::awaitable<AttachResult> attach(Ue ue);

    /// The HSS cancels a registration (TS 29.272 5.2.1.2); every CLR is remembered until take_cancelled().
    void cancel_location(const s6a::CancelLocationRequest& request);
    /// Takes the oldest CLR for the subscriber; nothing when none has come.
    [[nodiscard]] std::optional<Cancelled> take_cancelled(const Imsi& imsi);

    [[nodiscard]] const MmeSettings& settings() const { return settings_; }

  private:
    struct Attempt;
    boost::asio::awaitable<std::optional<s6a::EutranVector>> ask_vector(
        Attempt& attempt, std::optional<ReSynchronizationInfo> resync);
    /// true: the UE proved itself and both sides hold the same KASME.
    bool challenge(Attempt& attempt, const s6a::EutranVector& vector, std::optional<Auts>& auts);
    bool accept(Attempt& attempt, const s6a::EutranVector& vector, const AuthenticationResponse& response);
    bool refuse(Attempt& attempt, const AuthenticationFailure& failure, bool reached_usim,
                std::optional<Auts>& auts);
    void trace_challenge(const s6a::EutranVector& vector);
    void trace_ue(const UeAnswer& answer, const Me& me);
    boost::asio::awaitable<void> update_location(Attempt& attempt);
    void reject(Attempt& attempt, std::string command, const Failure& failure);
    void say(std::string from, std::string to, std::string message,
             std::vector<std::pair<std::string, std::string>> fields = {},
             Event::Kind kind = Event::Kind::message);

    MmeSettings settings_;
    HssPort& hss_;
    Trace& trace_;
    std::vector<Cancelled> cancelled_;
};

}  // namespace bindhss::emu
