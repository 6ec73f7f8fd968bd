// SPDX-License-Identifier: Apache-2.0
// The UEs that a node serves, and what it does to them when the HSS says so (TS 29.272 5.2.1.2.2, 5.2.2.1.2,
// 5.2.2.2.2, 5.2.4.1.2).
#pragma once

#include <map>

#include "emu/answer_script.h"
#include "emu/fields.h"
#include "types/subscription_data.h"

namespace bindhss::emu {

enum class NodeType : std::uint8_t { mme, sgsn, combined };
/// mme, sgsn, combined.
[[nodiscard]] std::optional<NodeType> parse_node_type(std::string_view text);

/// An identity in the PLMN: a tracking area, a cell.
[[nodiscard]] OctetString octets_of(const Plmn& plmn, std::initializer_list<std::uint8_t> rest);

/// What a node remembers of a UE.
struct Visitor {
    bool in_mme = false;  ///< the HSS has registered it for E-UTRAN here
    bool in_sgsn = false;
    bool has_context = false;  ///< a security context: the UE comes back without asking the HSS
    bool confirmed = true;     ///< false after a Reset: the next contact is told to the HSS
    bool reachable = true;
    std::optional<s6a::RatType> rat_type;
    SubscriptionData data;
    std::optional<s6a::Features> hss_features;  ///< what the HSS announced in its ULA
};

/// One thread.
class Visitors {
  public:
    Visitors(NodeType type, Plmn plmn) : type_(type), plmn_(plmn) {}

    /// nullptr when the node does not serve the UE.
    [[nodiscard]] Visitor* find(const Imsi& imsi);
    /// After a successful Update-Location. Without Subscription-Data the node keeps what it has.
    void registered(const Imsi& imsi, s6a::Domain domain, s6a::RatType rat_type,
                    const s6a::UpdateLocationAnswer& answer);
    /// The node forgets the UE in one domain; with the last one all of it.
    void forget(const Imsi& imsi, s6a::Domain domain);

    /// What is right to answer, after it has been done.
    [[nodiscard]] NodeReply serve(const HssRequest& request);

    /// UEs at most: a node of a scenario is no load.
    static constexpr std::size_t visitors_max = 10'000;

  private:
    NodeReply cancel(const s6a::CancelLocationRequest& request);
    NodeReply insert(const s6a::InsertSubscriberDataRequest& request);
    NodeReply erase(const s6a::DeleteSubscriberDataRequest& request);
    NodeReply reset(const s6a::ResetRequest& request);
    void report_state(const Visitor& visitor, const s6a::IdrFlags& flags,
                      s6a::InsertSubscriberDataAnswer& answer) const;
    [[nodiscard]] s6a::EpsLocationInformation location(const Visitor& visitor,
                                                       const s6a::IdrFlags& flags) const;

    NodeType type_;
    Plmn plmn_;
    std::map<Imsi, Visitor> visitors_;
};

/// What a request of the HSS says, for expectations: CLR type, domain, reattach; IDR parts, flags, the
/// data, and of a container kme, kme.octets, kme.container_type, kme.response_timer; DSR flags and contexts;
/// RSR user_ids and reset_ids.
[[nodiscard]] Fields fields_of(const HssRequest& request);

/// The error with which Open5GS's MME answers the request; nothing: it does what is right.
[[nodiscard]] std::optional<Refusal> open5gs_refusal(const HssRequest& request);

}  // namespace bindhss::emu
