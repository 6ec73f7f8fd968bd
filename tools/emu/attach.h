// SPDX-License-Identifier: Apache-2.0
// The network's side of an attach (TS 23.401 5.3.2.1, TS 23.060 6.5.2), as far as the HSS has a part in it;
// in its details like Open5GS.
#pragma once

#include <string>
#include <vector>

#include "emu/hss_port.h"
#include "emu/kme_relay.h"
#include "emu/outcome.h"
#include "emu/trace.h"
#include "emu/ue.h"
#include "emu/visitors.h"

namespace bindhss::emu {

/// What ULR tells of the device. Open5GS sends 14 digits (the IMEISV without SVN) and Software-Version.
enum class ImeiReport : std::uint8_t {
    none,
    digits_14,
    digits_15,  ///< with the check digit
    digits_16,  ///< the whole IMEISV in the IMEI AVP, as some MMEs do; no Software-Version
};
[[nodiscard]] std::optional<TerminalReport> terminal_report(const Me& me, ImeiReport report);

struct CoreNodeSettings {
    std::string name;  ///< short, for the trace
    ServingNode identity;
    Plmn plmn;
    ImeiReport imei_report = ImeiReport::digits_14;
    NodeType type = NodeType::mme;
    bool behaves_like_open5gs = false;  ///< in its answers to the HSS
    /// Announced in every request that may carry it; absent, as Open5GS has it: no Supported-Features.
    std::optional<s6a::Features> features;
    std::uint32_t kme_features = 0;  ///< s6a::feature_kme: what the node can do, and announces

    /// All that is announced.
    [[nodiscard]] std::optional<s6a::Features> announced() const;
    [[nodiscard]] bool has(std::uint32_t kme_feature) const { return (kme_features & kme_feature) != 0; }
};

enum class VectorKind : std::uint8_t { eutran, utran, geran };

/// The names of KME-Access-Flags, as scenarios have them: "provisioning_only,reattach_expected".
[[nodiscard]] std::string names_of(std::uint32_t kme_access_flags);

/// What the UE does with the AUTHENTICATION REQUEST.
enum class UeConduct : std::uint8_t { right, silent, wrong_res };

/// One attach, or a part of it. What is not said is as Open5GS does it.
struct AttachOptions {
    s6a::Domain domain = s6a::Domain::mme;
    bool authenticate = true;  ///< AIR
    bool update = true;        ///< ULR
    VectorKind vectors = VectorKind::eutran;
    std::uint32_t number_of_vectors = 1;
    /// Vectors for the other access, asked for in the same AIR; 0: none.
    std::uint32_t number_of_others = 0;
    bool immediate_response_preferred = true;
    bool send_ue_usage_type = false;
    s6a::RatType rat_type = s6a::RatType::eutran;
    s6a::UlrFlags flags;
    std::optional<s6a::Features> features;  ///< in place of the node's
    std::optional<Plmn> visited_plmn;       ///< in place of the node's
    std::optional<std::uint32_t> ue_srvcc_capability;
    std::optional<std::uint32_t> homogeneous_ims_voice;
    std::optional<s6a::SmsRegisterRequest> sms_register_request;
    std::vector<s6a::ActiveApn> active_apns;
    std::string sgsn_number;
    std::string mme_number_for_mt_sms;
    std::string coupled_node;
    UeConduct ue = UeConduct::right;
    /// The UE attaches a second time by itself when it is told to, or after EMM cause #17 (5012): at once,
    /// where a phone waits for T3411.
    bool again = false;
};

/// The attach that a node of the type does when nothing else is said: an MME with ULR-Flags 0x22, an SGSN
/// for UTRAN with GPRS data, a combined node with Node-Type-Indicator.
[[nodiscard]] AttachOptions usual_attach(NodeType type, s6a::Domain domain);

/// One attach with one re-synchronisation at most. Borrows everything; lives for one call of run().
class Attach {
  public:
    /// `relay` carries containers to the UE from when it has NAS security.
    Attach(const CoreNodeSettings& settings, HssPort& hss, Trace& trace, KmeRelay& relay, Ue ue,
           AttachOptions options)
        : settings_(settings),
          hss_(hss),
          trace_(trace),
          relay_(relay),
          ue_(ue),
          options_(std::move(options)) {}

    [[nodiscard]] boost::asio::awaitable<AttachResult> run();
    /// What the HSS said when it registered the UE; nothing when it did not.
    [[nodiscard]] const std::optional<s6a::UpdateLocationAnswer>& registration() const {
        return registration_;
    }

  private:
    using Vector = std::variant<s6a::EutranVector, s6a::UtranVector, s6a::GeranVector>;

    boost::asio::awaitable<bool> authenticate();
    boost::asio::awaitable<std::optional<Vector>> ask_vector(std::optional<ReSynchronizationInfo> resync);
    [[nodiscard]] s6a::AuthenticationInformationRequest vector_request(
        const std::optional<ReSynchronizationInfo>& resync) const;
    std::optional<Vector> first_of(const s6a::AuthenticationInformationAnswer& answer);
    /// true: the UE proved itself and both sides hold the same keys.
    bool challenge(const Vector& vector, std::optional<Auts>& auts);
    bool ask_ue(const Vector& vector, std::optional<Auts>& auts);
    bool accept(const std::string& fault);
    bool misbehave();
    void set_failure(const Vector& vector);
    boost::asio::awaitable<void> report_failure();
    bool refuse(const AuthenticationFailure& failure, bool reached_usim, std::optional<Auts>& auts);
    boost::asio::awaitable<void> update_location();
    [[nodiscard]] s6a::UpdateLocationRequest location_request() const;
    void read_registration();
    void read_data();
    void read_access(const char* name, const std::optional<s6a::KmeAccessInfo>& info);
    /// true: the access ends here, without a bearer (R24).
    bool end_provisioning_only();
    void trace_vector(const Rand& rand, const std::optional<Autn>& autn);
    void trace_ue(const UeAnswer& answer);
    void reject(std::string command, const Failure& failure);
    [[nodiscard]] Plmn plmn() const { return options_.visited_plmn.value_or(settings_.plmn); }
    void say(std::string from, std::string to, std::string message, Event::Fields fields = {},
             Event::Kind kind = Event::Kind::message);

    const CoreNodeSettings& settings_;
    HssPort& hss_;
    Trace& trace_;
    KmeRelay& relay_;
    Ue ue_;
    AttachOptions options_;
    AttachResult result_;
    std::optional<s6a::UpdateLocationAnswer> registration_;
    std::optional<AkaSession> session_;  ///< of the authentication of this attach
    std::uint32_t access_flags_ = 0;     ///< s6a::kme_access of AIA and ULA
    std::optional<std::uint32_t> emm_cause_;
    std::optional<s6a::KmeAuthFailureReport> failure_;
};

}  // namespace bindhss::emu
