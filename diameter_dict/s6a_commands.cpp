// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "diameter_dict/s6a.h"

namespace bindhss::diameter_dict {

namespace {

// Every command begins and ends alike (TS 29.272 7.2.3 to 7.2.20); these are the parts they share.
#define HEAD "<Session-Id> [DRMP] [Vendor-Specific-Application-Id] "
#define ORIGIN "{Auth-Session-State} {Origin-Host} {Origin-Realm} "
#define TO_HSS "[Destination-Host] {Destination-Realm} "
#define TO_NODE "{Destination-Host} {Destination-Realm} "
#define OVERLOAD_REQUEST "[OC-Supported-Features] "
#define FEATURES "*[Supported-Features] "
#define RESULT "[Result-Code] [Experimental-Result] "
#define OVERLOAD "[OC-Supported-Features] [OC-OLR] *[Load] "
#define END_REQUEST "*[Proxy-Info] *[Route-Record]"
#define END_ANSWER "[Failed-AVP] *[Proxy-Info] *[Route-Record]"

constexpr std::array commands{
    CommandRow{
        316, application_s6a, "Update-Location",
        HEAD ORIGIN TO_HSS
        "{User-Name} " OVERLOAD_REQUEST FEATURES
        "[Terminal-Information] {RAT-Type} {ULR-Flags} [UE-SRVCC-Capability] {Visited-PLMN-Id} [SGSN-Number] "
        "[Homogeneous-Support-of-IMS-Voice-Over-PS-Sessions] [GMLC-Address] *[Active-APN] "
        "[Equivalent-PLMN-List] [MME-Number-for-MT-SMS] [SMS-Register-Request] [SGs-MME-Identity] "
        "[Coupled-Node-Diameter-ID] [Adjacent-PLMNs] [Supported-Services] " END_REQUEST,
        HEAD RESULT
        "[Error-Diagnostic] " ORIGIN OVERLOAD FEATURES
        "[ULA-Flags] [Subscription-Data] *[Reset-ID] [KME-Access-Info] [KME-Session-Key] " END_ANSWER},
    CommandRow{317, application_s6a, "Cancel-Location",
               HEAD ORIGIN TO_NODE "{User-Name} " FEATURES "{Cancellation-Type} [CLR-Flags] " END_REQUEST,
               HEAD FEATURES RESULT ORIGIN END_ANSWER},
    CommandRow{318, application_s6a, "Authentication-Information",
               HEAD ORIGIN TO_HSS
               "{User-Name} " OVERLOAD_REQUEST FEATURES
               "[Requested-EUTRAN-Authentication-Info] [Requested-UTRAN-GERAN-Authentication-Info] "
               "{Visited-PLMN-Id} [AIR-Flags] [Terminal-Information] " END_REQUEST,
               HEAD RESULT "[Error-Diagnostic] " ORIGIN OVERLOAD FEATURES
                           "[Authentication-Info] [UE-Usage-Type] [KME-Access-Info] " END_ANSWER},
    CommandRow{319, application_s6a, "Insert-Subscriber-Data",
               HEAD ORIGIN TO_NODE
               "{User-Name} " FEATURES
               "{Subscription-Data} [IDR-Flags] *[Reset-ID] [KME-Provisioning-Request] " END_REQUEST,
               HEAD FEATURES RESULT ORIGIN
               "[IMS-Voice-Over-PS-Sessions-Supported] [Last-UE-Activity-Time] [RAT-Type] [IDA-Flags] "
               "[EPS-User-State] [EPS-Location-Information] [Local-Time-Zone] [Supported-Services] "
               "*[Monitoring-Event-Report] *[Monitoring-Event-Config-Status] "
               "[KME-Provisioning-Response] " END_ANSWER},
    CommandRow{320, application_s6a, "Delete-Subscriber-Data",
               HEAD ORIGIN TO_NODE
               "{User-Name} " FEATURES
               "{DSR-Flags} [SCEF-ID] *[Context-Identifier] [Trace-Reference] *[TS-Code] *[SS-Code] "
               "[eDRX-Related-RAT] *[External-Identifier] " END_REQUEST,
               HEAD FEATURES RESULT ORIGIN "[DSA-Flags] " END_ANSWER},
    CommandRow{321, application_s6a, "Purge-UE",
               HEAD ORIGIN TO_HSS "{User-Name} " OVERLOAD_REQUEST "[PUR-Flags] " FEATURES
                                  "[EPS-Location-Information] " END_REQUEST,
               HEAD FEATURES RESULT ORIGIN OVERLOAD "[PUA-Flags] " END_ANSWER},
    CommandRow{322, application_s6a, "Reset",
               HEAD ORIGIN TO_NODE FEATURES
               "*[User-Id] *[Reset-ID] [Subscription-Data] [Subscription-Data-Deletion] " END_REQUEST,
               HEAD FEATURES RESULT ORIGIN END_ANSWER},
    CommandRow{
        323, application_s6a, "Notify",
        HEAD ORIGIN TO_HSS
        "{User-Name} " OVERLOAD_REQUEST FEATURES
        "[Terminal-Information] [MIP6-Agent-Info] [Visited-Network-Identifier] [Context-Identifier] "
        "[Service-Selection] [Alert-Reason] [UE-SRVCC-Capability] [NOR-Flags] "
        "[Homogeneous-Support-of-IMS-Voice-Over-PS-Sessions] [Maximum-UE-Availability-Time] "
        "*[Monitoring-Event-Config-Status] [Emergency-Services] [KME-Auth-Failure-Report] " END_REQUEST,
        HEAD RESULT ORIGIN OVERLOAD FEATURES END_ANSWER},
    CommandRow{324, application_s13, "ME-Identity-Check",
               HEAD ORIGIN TO_HSS "{Terminal-Information} [User-Name] " END_REQUEST,
               HEAD RESULT ORIGIN "[Equipment-Status] " END_ANSWER},
};

#undef HEAD
#undef ORIGIN
#undef TO_HSS
#undef TO_NODE
#undef RESULT
#undef OVERLOAD_REQUEST
#undef FEATURES
#undef OVERLOAD
#undef END_REQUEST
#undef END_ANSWER

}  // namespace

std::span<const CommandRow> s6a_commands() {
    return commands;
}

}  // namespace bindhss::diameter_dict
