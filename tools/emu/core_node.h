// SPDX-License-Identifier: Apache-2.0
// An MME, an SGSN, or both in one: the procedures that it begins, and its answers to those of the HSS.
#pragma once

#include <deque>

#include "emu/attach.h"

namespace bindhss::emu {

/// PUR-Flags are sent when either flag is said.
struct PurgeOptions {
    std::optional<bool> mme;
    std::optional<bool> sgsn;
    bool with_location = false;
};

struct NotifyOptions {
    s6a::NorFlags flags;
    std::optional<s6a::ActiveApn> pdn_gateway;
    std::optional<std::uint32_t> alert_reason;
    std::optional<std::uint32_t> ue_srvcc_capability;
    std::optional<std::uint32_t> homogeneous_ims_voice;
    std::optional<std::uint32_t> emm_cause;  ///< of KME-Auth-Failure-Report
};

/// A request that the HSS has sent.
struct Received {
    HssCommand command;
    std::optional<Imsi> imsi;  ///< not of RSR
    Fields fields;
};

/// One node. Runs on one thread; borrows the port and the trace, which outlive it. The answer to a procedure
/// is told as fields: `result` the code ("2001", "5423"), and what the answer carries.
class CoreNode {
  public:
    CoreNode(const CoreNodeSettings& settings, HssPort& hss, Trace& trace);
    // An attach that runs refers to the settings.
    CoreNode(const CoreNode&) = delete;
    CoreNode& operator=(const CoreNode&) = delete;

    /// Both parts of the UE outlive the call; its NAS layer outlives the node, or another attach of that UE.
    [[nodiscard]] boost::asio::awaitable<AttachResult> attach(Ue ue, AttachOptions options);
    [[nodiscard]] boost::asio::awaitable<AttachResult> attach(Ue ue);
    /// The UE comes back to the node that it left. With a security context there, and no Reset since, the
    /// HSS is not asked (TS 23.401 5.3.2.1; Open5GS does so): result field `asked` false.
    [[nodiscard]] boost::asio::awaitable<AttachResult> reattach(Ue ue, AttachOptions options);
    /// TS 29.272 5.2.1.3; the node forgets the UE. Fields freeze_m_tmsi, freeze_p_tmsi.
    [[nodiscard]] boost::asio::awaitable<Fields> purge(Imsi imsi, PurgeOptions options);
    /// 5.2.5.1. Without a device no Terminal-Information is sent.
    [[nodiscard]] boost::asio::awaitable<Fields> notify(Imsi imsi, std::optional<TerminalReport> terminal,
                                                        NotifyOptions options);
    /// S13 (6.2.1). Field `status`: permitted, prohibited, tracked.
    [[nodiscard]] boost::asio::awaitable<Fields> check_imei(TerminalReport terminal,
                                                            std::optional<Imsi> imsi);

    /// The HSS asks. The request is remembered until it is taken; the answer is what is right, unless a
    /// script or a quirk says otherwise.
    [[nodiscard]] NodeReply serve(const HssRequest& request);

    /// Takes the oldest request of the kind, for the subscriber; nothing when none has come.
    [[nodiscard]] std::optional<Received> take(HssCommand command, const std::optional<Imsi>& imsi);
    [[nodiscard]] std::size_t count(HssCommand command, const std::optional<Imsi>& imsi) const;

    [[nodiscard]] AnswerScript& answers() { return answers_; }
    [[nodiscard]] KmeRelay& relay() { return relay_; }
    [[nodiscard]] Visitors& visitors() { return visitors_; }
    [[nodiscard]] const CoreNodeSettings& settings() const { return settings_; }
    [[nodiscard]] HssPort& hss() { return hss_; }
    [[nodiscard]] ImeiReport imei_report() const { return settings_.imei_report; }

    /// Requests of the HSS that are remembered; the oldest goes first.
    static constexpr std::size_t received_max = 4'096;

  private:
    boost::asio::awaitable<AttachResult> attach_once(Ue ue, AttachOptions options);
    /// What is right to answer.
    NodeReply obey(const HssRequest& request);
    NodeReply carry(const s6a::InsertSubscriberDataRequest& request);
    void trace_request(const HssRequest& request, const Fields& fields);
    void trace_reply(HssCommand command, const NodeReply& reply);
    void say(std::string from, std::string to, std::string message, Event::Fields fields,
             Event::Kind kind = Event::Kind::message);
    /// `result`, `experimental`, and the trace of an error answer.
    Fields refused(const std::string& answer, const Failure& failure);

    const CoreNodeSettings settings_;
    HssPort& hss_;
    Trace& trace_;
    AnswerScript answers_;
    Visitors visitors_;
    KmeRelay relay_;
    std::deque<Received> received_;
};

}  // namespace bindhss::emu
