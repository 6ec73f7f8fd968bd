// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "diameter_dict/s6a.h"

namespace bindhss::diameter_dict {

namespace {

// TS 29.272 7.3.
constexpr std::array groups{
    GroupRow{"Supported-Features", "{Vendor-Id} {Feature-List-ID} {Feature-List}"},
    GroupRow{"Terminal-Information", "[IMEI] [3GPP2-MEID] [Software-Version]"},
    GroupRow{"Requested-EUTRAN-Authentication-Info",
             "[Number-Of-Requested-Vectors] [Immediate-Response-Preferred] [Re-Synchronization-Info]"},
    GroupRow{"Requested-UTRAN-GERAN-Authentication-Info",
             "[Number-Of-Requested-Vectors] [Immediate-Response-Preferred] [Re-Synchronization-Info]"},
    GroupRow{"E-UTRAN-Vector", "[Item-Number] {RAND} {XRES} {AUTN} {KASME} [KME-Access-Flags]"},
    GroupRow{"UTRAN-Vector", "[Item-Number] {RAND} {XRES} {AUTN} {Confidentiality-Key} {Integrity-Key}"},
    GroupRow{"GERAN-Vector", "[Item-Number] {RAND} {SRES} {Kc}"},
    GroupRow{
        "Subscription-Data",
        "[Subscriber-Status] [MSISDN] [A-MSISDN] [STN-SR] [ICS-Indicator] [Network-Access-Mode] "
        "[Operator-Determined-Barring] [HPLMN-ODB] *10[Regional-Subscription-Zone-Code] "
        "[Access-Restriction-Data] [APN-OI-Replacement] [LCS-Info] [Teleservice-List] *[Call-Barring-Info] "
        "[3GPP-Charging-Characteristics] [AMBR] [APN-Configuration-Profile] "
        "[RAT-Frequency-Selection-Priority-ID] [Trace-Data] [GPRS-Subscription-Data] "
        "*[CSG-Subscription-Data] [Roaming-Restricted-Due-To-Unsupported-Feature] "
        "[Subscribed-Periodic-RAU-TAU-Timer] [MPS-Priority] [VPLMN-LIPA-Allowed] [Relay-Node-Indicator] "
        "[MDT-User-Consent] [Subscribed-VSRVCC] [ProSe-Subscription-Data] [Subscription-Data-Flags] "
        "*[Adjacent-Access-Restriction-Data] [DL-Buffering-Suggested-Packet-Count] *[IMSI-Group-Id] "
        "[UE-Usage-Type] *[AESE-Communication-Pattern] *[Monitoring-Event-Configuration] [Emergency-Info] "
        "[V2X-Subscription-Data] [V2X-Subscription-Data-Nr] *[eDRX-Cycle-Length] [External-Identifier] "
        "[Active-Time] [Service-Gap-Time] [Broadcast-Location-Assistance-Data-Types] "
        "[Aerial-UE-Subscription-Information] [Core-Network-Restrictions] *[Paging-Time-Window] "
        "[Subscribed-ARPI] [IAB-Operation-Permission]"},
    GroupRow{"AMBR",
             "{Max-Requested-Bandwidth-UL} {Max-Requested-Bandwidth-DL} [Extended-Max-Requested-BW-UL] "
             "[Extended-Max-Requested-BW-DL]"},
    GroupRow{"APN-Configuration-Profile",
             "{Context-Identifier} [Additional-Context-Identifier] [Third-Context-Identifier] "
             "{All-APN-Configurations-Included-Indicator} 1*{APN-Configuration}"},
    GroupRow{"APN-Configuration",
             "{Context-Identifier} *2[Served-Party-IP-Address] {PDN-Type} {Service-Selection} "
             "[EPS-Subscribed-QoS-Profile] [VPLMN-Dynamic-Address-Allowed] [MIP6-Agent-Info] "
             "[Visited-Network-Identifier] [PDN-GW-Allocation-Type] [3GPP-Charging-Characteristics] [AMBR] "
             "*[Specific-APN-Info] [APN-OI-Replacement] [SIPTO-Permission] [LIPA-Permission] "
             "[Restoration-Priority] [SIPTO-Local-Network-Permission] [WLAN-offloadability] "
             "[Non-IP-PDN-Type-Indicator] "
             "[Non-IP-Data-Delivery-Mechanism] [SCEF-ID] [SCEF-Realm] [Preferred-Data-Mode] "
             "[PDN-Connection-Continuity] [RDS-Indicator] [Interworking-5GS-Indicator] "
             "[Ethernet-PDN-Type-Indicator]"},
    GroupRow{"EPS-Subscribed-QoS-Profile", "{QoS-Class-Identifier} {Allocation-Retention-Priority}"},
    GroupRow{"Allocation-Retention-Priority",
             "{Priority-Level} [Pre-emption-Capability] [Pre-emption-Vulnerability]"},
    GroupRow{"Specific-APN-Info", "{Service-Selection} {MIP6-Agent-Info} [Visited-Network-Identifier]"},
    GroupRow{"GPRS-Subscription-Data", "{Complete-Data-List-Included-Indicator} 1*50{PDP-Context}"},
    GroupRow{"PDP-Context",
             "{Context-Identifier} {PDP-Type} [PDP-Address] {QoS-Subscribed} [VPLMN-Dynamic-Address-Allowed] "
             "{Service-Selection} [3GPP-Charging-Characteristics] [Ext-PDP-Type] [Ext-PDP-Address] [AMBR] "
             "[APN-OI-Replacement] [SIPTO-Permission] [LIPA-Permission] [Restoration-Priority] "
             "[SIPTO-Local-Network-Permission] [Non-IP-PDN-Type-Indicator] "
             "[Non-IP-Data-Delivery-Mechanism] [SCEF-ID]"},
    GroupRow{"Trace-Data",
             "{Trace-Reference} {Trace-Depth} {Trace-NE-Type-List} [Trace-Interface-List] "
             "{Trace-Event-List} [OMC-Id] {Trace-Collection-Entity} [MDT-Configuration]"},
    GroupRow{"CSG-Subscription-Data", "{CSG-Id} [Expiration-Date] [Visited-PLMN-Id]"},
    GroupRow{"Adjacent-Access-Restriction-Data", "{Visited-PLMN-Id} {Access-Restriction-Data}"},
    GroupRow{"eDRX-Cycle-Length", "{RAT-Type} {eDRX-Cycle-Length-Value}"},
    GroupRow{"Paging-Time-Window", "{Operation-Mode} {Paging-Time-Window-Length}"},
    GroupRow{"Active-APN",
             "{Context-Identifier} [Service-Selection] [MIP6-Agent-Info] [Visited-Network-Identifier] "
             "*[Specific-APN-Info]"},
    GroupRow{"EPS-User-State", "[MME-User-State] [SGSN-User-State]"},
    GroupRow{"MME-User-State", "[User-State]"},
    GroupRow{"SGSN-User-State", "[User-State]"},
    GroupRow{"EPS-Location-Information", "[MME-Location-Information] [SGSN-Location-Information]"},
    GroupRow{"MME-Location-Information",
             "[E-UTRAN-Cell-Global-Identity] [Tracking-Area-Identity] [Geographical-Information] "
             "[Geodetic-Information] [Current-Location-Retrieved] [Age-Of-Location-Information]"},
    GroupRow{"SGSN-Location-Information",
             "[Cell-Global-Identity] [Location-Area-Identity] [Service-Area-Identity] "
             "[Routing-Area-Identity] [Geographical-Information] [Geodetic-Information] "
             "[Current-Location-Retrieved] [Age-Of-Location-Information]"},
    GroupRow{"Local-Time-Zone", "{Time-Zone} {Daylight-Saving-Time}"},
    GroupRow{"Equivalent-PLMN-List", "1*{Visited-PLMN-Id}"},
    GroupRow{"Adjacent-PLMNs", "1*{Visited-PLMN-Id}"},
    GroupRow{"IMSI-Group-Id", "{Group-Service-Id} {Group-PLMN-Id} {Local-Group-Id}"},
    GroupRow{"Authentication-Info", "*[E-UTRAN-Vector] *[UTRAN-Vector] *[GERAN-Vector]"},
    GroupRow{"Subscription-Data-Deletion",
             "{DSR-Flags} [SCEF-ID] *[Context-Identifier] [Trace-Reference] *[TS-Code] *[SS-Code]"},
};

}  // namespace

std::span<const GroupRow> s6a_groups() {
    return groups;
}

}  // namespace bindhss::diameter_dict
