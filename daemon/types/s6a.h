// SPDX-License-Identifier: Apache-2.0
// Every S6a request and answer as a plain struct: what the procedures see of Diameter, and all they see.
// The names are those of TS 29.272 7.2; the codec (diameter/codec) fills and reads them.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "types/aka.h"
#include "types/identity.h"
#include "types/kme_access.h"
#include "types/result.h"
#include "types/subscription_data.h"

namespace bindhss::s6a {

/// RAT-Type (TS 29.212 5.3.31); other numbers are passed on as they are.
enum class RatType : std::uint32_t {
    wlan = 0,
    utran = 1000,
    geran = 1001,
    gan = 1002,
    hspa_evolution = 1003,
    eutran = 1004,
    eutran_nb_iot = 1005,
    lte_m = 1007,  ///< 1006 is NR, which no MME sends
};

/// Which of the two nodes that may serve a UE in the packet domain: S6a or S6d (TS 29.272 5.2.1.1.2). A
/// combined MME/SGSN is registered as both, under one Diameter identity.
enum class Domain : std::uint8_t { mme, sgsn };

/// Supported-Features (TS 29.229 6.3.29, TS 29.272 7.3.10): what a node announced, list by list. Bits that
/// nobody defined are kept as they came.
struct Features {
    std::uint32_t list_1 = 0;  ///< Feature-List-ID 1 of 3GPP, table 7.3.10/1
    std::uint32_t list_2 = 0;  ///< Feature-List-ID 2 of 3GPP, table 7.3.10/2
    std::uint32_t vendor = 0;  ///< Feature-List-ID 1 of our own vendor id (spec 4.4)
    friend constexpr Features operator&(const Features& a, const Features& b) {
        return {a.list_1 & b.list_1, a.list_2 & b.list_2, a.vendor & b.vendor};
    }
    bool operator==(const Features&) const = default;
};

/// Table 7.3.10/1: what a node can do with Subscription-Data, and what it answers.
namespace feature_1 {
inline constexpr std::uint32_t odb_all_apn = 1U << 0;
inline constexpr std::uint32_t odb_hplmn_apn = 1U << 1;
inline constexpr std::uint32_t odb_vplmn_apn = 1U << 2;
inline constexpr std::uint32_t odb = 0x1ff;  ///< bit n: bit n of Operator-Determined-Barring
inline constexpr std::uint32_t regional_subscription = 1U << 9;
inline constexpr std::uint32_t trace = 1U << 10;
inline constexpr std::uint32_t ue_reachability_notification = 1U << 26;
inline constexpr std::uint32_t t_ads_data_retrieval = 1U << 27;
inline constexpr std::uint32_t state_location_information_retrieval = 1U << 28;
inline constexpr std::uint32_t partial_purge = 1U << 29;
inline constexpr std::uint32_t local_time_zone_retrieval = 1U << 30;
inline constexpr std::uint32_t additional_msisdn = 1U << 31;
}  // namespace feature_1

/// Table 7.3.10/2.
namespace feature_2 {
inline constexpr std::uint32_t sms_in_mme = 1U << 0;
inline constexpr std::uint32_t sms_in_sgsn = 1U << 1;
inline constexpr std::uint32_t p_cscf_restoration = 1U << 16;
inline constexpr std::uint32_t reset_ids = 1U << 17;
inline constexpr std::uint32_t dedicated_core_networks = 1U << 20;
inline constexpr std::uint32_t non_ip_pdn_type_apns = 1U << 21;
inline constexpr std::uint32_t non_ip_pdp_type_apns = 1U << 22;
inline constexpr std::uint32_t removal_of_msisdn = 1U << 23;
inline constexpr std::uint32_t external_identifier = 1U << 26;
inline constexpr std::uint32_t nr_as_secondary_rat = 1U << 27;
inline constexpr std::uint32_t ethernet_pdn_type_apns = 1U << 29;
}  // namespace feature_2

/// Requested-EUTRAN-Authentication-Info or Requested-UTRAN-GERAN-Authentication-Info (7.3.11, 7.3.12).
struct RequestedAuthenticationInfo {
    std::uint32_t number_of_requested_vectors = 1;
    bool immediate_response_preferred = false;
    std::optional<ReSynchronizationInfo> re_synchronization_info;
};

/// How a request came in: of the hop and not of the node that wrote it.
struct Arrival {
    bool secured = false;          ///< over TLS
    std::uint32_t end_to_end = 0;  ///< End-to-End Identifier: the same in a retransmission (RFC 6733 3)
    std::string session;  ///< Session-Id, fit for a log: what all that comes of the request is found by
};

/// 7.2.5
struct AuthenticationInformationRequest {
    Imsi imsi;
    ServingNode origin;
    Plmn visited_plmn;
    std::optional<RequestedAuthenticationInfo> eutran;
    std::optional<RequestedAuthenticationInfo> utran_geran;
    std::optional<Features> supported_features;  ///< absent: the node sent no Supported-Features
    bool send_ue_usage_type = false;             ///< AIR-Flags bit 0 (7.3.201)
    /// A node of ours may report the device already here (spec 4.2 "Which KME").
    std::optional<TerminalInformation> terminal_information;
    Arrival arrival;
};

/// 7.3.18
struct EutranVector {
    std::uint32_t item_number = 1;  ///< sent when more than one vector is returned; the lower is used first
    Rand rand;
    Res xres;
    Autn autn;
    Kasme kasme;
    std::uint32_t kme_access_flags = 0;  ///< kme_access; to a node that announced any feature of the KME list
};

/// 7.3.19
struct UtranVector {
    std::uint32_t item_number = 1;
    Rand rand;
    Res xres;
    Autn autn;
    Secret<16> confidentiality_key;
    Secret<16> integrity_key;
};

/// 7.3.20
struct GeranVector {
    std::uint32_t item_number = 1;
    Rand rand;
    Secret<4> sres;
    Secret<8> kc;
};

/// 7.2.6
struct AuthenticationInformationAnswer {
    std::vector<EutranVector> eutran_vectors;
    std::vector<UtranVector> utran_vectors;
    std::vector<GeranVector> geran_vectors;
    std::optional<std::uint32_t> ue_usage_type;
    std::optional<Features> supported_features;  ///< ours; sent to a node that announced any
    std::optional<KmeAccessInfo> kme_access_info;
};

/// 7.3.7
struct UlrFlags {
    bool single_registration_indication = false;
    bool s6a_indicator = true;
    bool skip_subscriber_data = false;
    bool gprs_subscription_data_indicator = false;
    bool node_type_indicator = false;
    bool initial_attach_indicator = false;
    bool ps_lcs_not_supported_by_ue = false;
    bool sms_only_indication = false;
};

/// SMS-Register-Request (7.3.162); the numbers are the protocol's.
enum class SmsRegisterRequest : std::uint8_t { required = 0, not_preferred = 1, no_preference = 2 };

/// A PDN-GW that a node has chosen: of Active-APN (7.3.127) in ULR, and of NOR (5.2.5.1.1).
struct ActiveApn {
    std::uint32_t context_identifier = 0;
    std::string service_selection;      ///< empty: not sent
    std::optional<PdnGateway> gateway;  ///< MIP6-Agent-Info
    std::string visited_network;        ///< Visited-Network-Identifier; empty: not sent
    bool operator==(const ActiveApn&) const = default;
};

/// 7.2.3
struct UpdateLocationRequest {
    Imsi imsi;
    ServingNode origin;
    Plmn visited_plmn;
    RatType rat_type = RatType::eutran;
    UlrFlags flags;
    std::optional<TerminalInformation> terminal_information;
    std::optional<std::uint32_t> ue_srvcc_capability;
    std::optional<Features> supported_features;
    std::optional<std::uint32_t>
        homogeneous_ims_voice;  ///< Homogeneous-Support-of-IMS-Voice-Over-PS-Sessions
    std::vector<ActiveApn> active_apns;
    std::string sgsn_number;            ///< E.164 digits; empty: not sent
    std::string mme_number_for_mt_sms;  ///< E.164 digits; empty: not sent
    std::optional<SmsRegisterRequest> sms_register_request;
    std::string coupled_node;  ///< Coupled-Node-Diameter-ID; empty: not sent
    Arrival arrival;
};

/// 7.2.4. Only for success; an error answer is a Failure.
struct UpdateLocationAnswer {
    std::optional<SubscriptionData> subscription_data;  ///< absent: Skip-Subscriber-Data was honoured
    std::optional<Features> supported_features;
    bool mme_registered_for_sms = false;  ///< ULA-Flags bit 1
    std::vector<OctetString> reset_ids;
    std::optional<KmeAccessInfo> kme_access_info;
};

/// 7.3.24; the numbers are the protocol's.
enum class CancellationType : std::uint8_t {
    mme_update_procedure = 0,
    sgsn_update_procedure = 1,
    subscription_withdrawal = 2,
    update_procedure_iwf = 3,
    initial_attach_procedure = 4,
};

/// 7.2.7, sent by the HSS.
struct CancelLocationRequest {
    Imsi imsi;
    ServingNode destination;
    CancellationType cancellation_type = CancellationType::mme_update_procedure;
    bool s6a_indicator = true;       ///< CLR-Flags bit 0
    bool reattach_required = false;  ///< CLR-Flags bit 1
};

/// 7.2.8
struct CancelLocationAnswer {};

/// User-State (7.3.113); the numbers are the protocol's.
enum class UserState : std::uint8_t {
    detached = 0,
    attached_not_reachable_for_paging = 1,
    attached_reachable_for_paging = 2,
    connected_not_reachable_for_paging = 3,
    connected_reachable_for_paging = 4,
};

/// EPS-Location-Information (7.3.111), as far as an operator acts on it: octets as TS 29.272 7.3.115 ff. have
/// them.
struct NodeLocation {
    OctetString cell_global_identity;    ///< E-UTRAN-Cell-Global-Identity, or Cell-Global-Identity of an SGSN
    OctetString tracking_area_identity;  ///< Tracking-Area-Identity, or Routing-Area-Identity
    OctetString service_area_identity;   ///< of an SGSN
    OctetString geographical_information;
    std::optional<std::uint32_t> age_minutes;  ///< Age-Of-Location-Information
    bool current_location_retrieved = false;
    bool operator==(const NodeLocation&) const = default;
};
struct EpsLocationInformation {
    std::optional<NodeLocation> mme;
    std::optional<NodeLocation> sgsn;
    bool operator==(const EpsLocationInformation&) const = default;
};

/// 7.2.13. PUR-Flags are absent from a node that is no combined one.
struct PurgeUeRequest {
    Imsi imsi;
    ServingNode origin;
    std::optional<bool> purged_in_mme;   ///< PUR-Flags bit 0
    std::optional<bool> purged_in_sgsn;  ///< PUR-Flags bit 1
    std::optional<Features> supported_features;
    std::optional<EpsLocationInformation> location;
    Arrival arrival;
};

/// 7.2.14
struct PurgeUeAnswer {
    bool freeze_m_tmsi = false;
    bool freeze_p_tmsi = false;
    std::optional<Features> supported_features;
};

/// 7.3.49
struct NorFlags {
    bool single_registration_indication = false;
    bool sgsn_area_restricted = false;
    bool ready_for_sm_from_sgsn = false;
    bool ue_reachable_from_mme = false;
    bool ue_reachable_from_sgsn = false;
    bool ready_for_sm_from_mme = false;
    bool homogeneous_support_of_ims_voice = false;
    bool s6a_indicator = false;
    bool removal_of_mme_registration_for_sms = false;
};

/// 7.2.17
struct NotifyRequest {
    Imsi imsi;
    ServingNode origin;
    NorFlags flags;
    std::optional<TerminalInformation> terminal_information;
    std::optional<Features> supported_features;
    std::optional<ActiveApn> pdn_gateway;       ///< MIP6-Agent-Info with the APN it serves
    std::optional<std::uint32_t> alert_reason;  ///< 7.3.83: 0 UE present, 1 UE memory available
    std::optional<std::uint32_t> ue_srvcc_capability;
    std::optional<std::uint32_t> homogeneous_ims_voice;
    /// Emergency-Indication of Emergency-Services (AVP 1538 of TS 29.273): the UE has an emergency service,
    /// and the PDN-GW is that one's. Absent: nothing is said of it.
    std::optional<bool> emergency;
    std::optional<KmeAuthFailureReport> auth_failure_report;
    Arrival arrival;
};

/// 7.2.18
struct NotifyAnswer {
    std::optional<Features> supported_features;
};

/// 7.2.19, from an MME to an EIR (S13).
struct MeIdentityCheckRequest {
    ServingNode origin;
    TerminalInformation terminal_information;
    std::optional<Imsi> imsi;
    Arrival arrival;
};

/// Equipment-Status (7.3.51); the numbers are the protocol's.
enum class EquipmentStatus : std::uint8_t { permitted = 0, prohibited = 1, tracked = 2 };

/// 7.2.20
struct MeIdentityCheckAnswer {
    EquipmentStatus equipment_status = EquipmentStatus::permitted;
};

/// 7.3.103
struct IdrFlags {
    bool ue_reachability_request = false;
    bool t_ads_data_request = false;
    bool eps_user_state_request = false;
    bool eps_location_information_request = false;
    bool current_location_request = false;  ///< only with eps_location_information_request
    bool local_time_zone_request = false;
    bool remove_sms_registration = false;
    bool rat_type_requested = false;  ///< only with eps_location_information_request
    bool p_cscf_restoration_request = false;
};

/// 7.2.9, sent by the HSS. Subscription-Data is mandatory, and empty when the flags alone matter.
struct InsertSubscriberDataRequest {
    Imsi imsi;
    ServingNode destination;
    SubscriptionData subscription_data;
    IdrFlags flags;
    std::vector<OctetString> reset_ids;
    std::optional<KmeProvisioningRequest> kme_provisioning_request;
    /// How long the caller waits; absent: as long as for every request.
    std::optional<std::chrono::milliseconds> answer_within;
};

/// 7.2.10
struct InsertSubscriberDataAnswer {
    std::optional<Features> supported_features;
    std::optional<UserState> mme_user_state;
    std::optional<UserState> sgsn_user_state;
    std::optional<EpsLocationInformation> location;
    std::optional<std::uint32_t> ims_voice_over_ps_sessions_supported;
    std::optional<std::uint32_t> last_ue_activity_time;  ///< Time: seconds since 1900
    std::optional<std::uint32_t> rat_type;
    std::uint32_t ida_flags = 0;
    std::optional<KmeProvisioningResponse> kme_provisioning_response;
};

/// DSR-Flags (7.3.25): what the node has to forget.
namespace dsr_flag {
inline constexpr std::uint32_t regional_subscription = 1U << 0;
inline constexpr std::uint32_t complete_apn_configuration_profile = 1U << 1;  ///< S6d only
inline constexpr std::uint32_t subscribed_charging_characteristics = 1U << 2;
inline constexpr std::uint32_t pdn_subscription_contexts =
    1U << 3;  ///< by Context-Identifier; not the default one
inline constexpr std::uint32_t stn_sr = 1U << 4;
inline constexpr std::uint32_t complete_pdp_context_list = 1U << 5;  ///< S6d only
inline constexpr std::uint32_t pdp_contexts = 1U << 6;               ///< S6d only, by Context-Identifier
inline constexpr std::uint32_t roaming_restricted = 1U << 7;
inline constexpr std::uint32_t trace_data = 1U << 8;
inline constexpr std::uint32_t csg = 1U << 9;
inline constexpr std::uint32_t apn_oi_replacement = 1U << 10;
inline constexpr std::uint32_t subscribed_periodic_rau_tau_timer = 1U << 14;
inline constexpr std::uint32_t subscribed_vsrvcc = 1U << 15;
inline constexpr std::uint32_t a_msisdn = 1U << 16;
inline constexpr std::uint32_t dl_buffering_suggested_packet_count = 1U << 19;
inline constexpr std::uint32_t imsi_group_id = 1U << 20;
inline constexpr std::uint32_t msisdn = 1U << 23;
inline constexpr std::uint32_t ue_usage_type = 1U << 24;
inline constexpr std::uint32_t external_identifier = 1U << 26;
inline constexpr std::uint32_t aerial_ue_subscription = 1U << 27;
inline constexpr std::uint32_t paging_time_window = 1U << 28;
inline constexpr std::uint32_t active_time = 1U << 29;
inline constexpr std::uint32_t edrx_cycle_length = 1U << 30;  ///< those of edrx_related_rats, or all
inline constexpr std::uint32_t service_gap_time = 1U << 31;
}  // namespace dsr_flag

/// 7.2.11, sent by the HSS. `dsr_flags` as 7.3.25 numbers them (dsr_flag below names them).
struct DeleteSubscriberDataRequest {
    Imsi imsi;
    ServingNode destination;
    std::uint32_t dsr_flags = 0;
    std::vector<std::uint32_t> context_identifiers;
    OctetString trace_reference;                   ///< with the Trace Data bit
    std::vector<std::uint32_t> edrx_related_rats;  ///< RAT-Types of eDRX-Related-RAT; empty: not sent
};

/// 7.2.12
struct DeleteSubscriberDataAnswer {
    std::optional<Features> supported_features;
    std::uint32_t dsa_flags = 0;
};

/// 7.2.15, sent by the HSS to a node as a whole. No User-Id and no Reset-ID: all subscribers of this HSS.
struct ResetRequest {
    ServingNode destination;
    std::vector<std::string> user_ids;  ///< leading digits of IMSIs (7.3.50)
    std::vector<OctetString> reset_ids;
};

/// 7.2.16
struct ResetAnswer {};

/// What an MME or SGSN may ask of the HSS (dispatch.h answers each).
using Request = std::variant<AuthenticationInformationRequest, UpdateLocationRequest, PurgeUeRequest,
                             NotifyRequest, MeIdentityCheckRequest>;
using Answer = std::variant<AuthenticationInformationAnswer, UpdateLocationAnswer, PurgeUeAnswer,
                            NotifyAnswer, MeIdentityCheckAnswer>;

}  // namespace bindhss::s6a
