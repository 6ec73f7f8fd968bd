// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "diameter_dict/s6a.h"

namespace bindhss::diameter_dict {

namespace {

// Every S6a command begins and ends alike (TS 29.272 7.2.3 to 7.2.20); these are the parts they share.
#define HEAD "<Session-Id> [DRMP] [Vendor-Specific-Application-Id] "
#define ORIGIN "{Auth-Session-State} {Origin-Host} {Origin-Realm} "
#define TO_HSS "[Destination-Host] {Destination-Realm} {User-Name} [OC-Supported-Features] "
#define TO_NODE "{Destination-Host} {Destination-Realm} {User-Name} "
#define RESULT "[Result-Code] [Experimental-Result] "
#define OVERLOAD "[OC-Supported-Features] [OC-OLR] "

constexpr std::array commands{
    CommandRow{
        316, application_s6a, "Update-Location",
        HEAD ORIGIN TO_HSS
        "[Terminal-Information] {RAT-Type} {ULR-Flags} [UE-SRVCC-Capability] {Visited-PLMN-Id} [SGSN-Number] "
        "[Homogeneous-Support-of-IMS-Voice-Over-PS-Sessions] [GMLC-Address] [Equivalent-PLMN-List] "
        "[MME-Number-for-MT-SMS] [SMS-Register-Request] [SGs-MME-Identity] [Coupled-Node-Diameter-ID] "
        "[Adjacent-PLMNs]",
        HEAD RESULT ORIGIN OVERLOAD "[Error-Diagnostic] [ULA-Flags] [Subscription-Data] [Failed-AVP]"},
    CommandRow{317, application_s6a, "Cancel-Location", HEAD ORIGIN TO_NODE "{Cancellation-Type} [CLR-Flags]",
               HEAD RESULT ORIGIN "[Failed-AVP]"},
    CommandRow{318, application_s6a, "Authentication-Information",
               HEAD ORIGIN TO_HSS
               "[Requested-EUTRAN-Authentication-Info] [Requested-UTRAN-GERAN-Authentication-Info] "
               "{Visited-PLMN-Id} [AIR-Flags]",
               HEAD RESULT ORIGIN OVERLOAD
               "[Error-Diagnostic] [Authentication-Info] [UE-Usage-Type] [Failed-AVP]"},
    CommandRow{319, application_s6a, "Insert-Subscriber-Data",
               HEAD ORIGIN TO_NODE "{Subscription-Data} [IDR-Flags]",
               HEAD RESULT ORIGIN
               "[IMS-Voice-Over-PS-Sessions-Supported] [Last-UE-Activity-Time] [RAT-Type] [IDA-Flags] "
               "[EPS-User-State] [EPS-Location-Information] [Local-Time-Zone] [Failed-AVP]"},
    CommandRow{320, application_s6a, "Delete-Subscriber-Data",
               HEAD ORIGIN TO_NODE "{DSR-Flags} [SCEF-ID] [Trace-Reference] [eDRX-Related-RAT]",
               HEAD RESULT ORIGIN "[DSA-Flags] [Failed-AVP]"},
    CommandRow{321, application_s6a, "Purge-UE", HEAD ORIGIN TO_HSS "[PUR-Flags] [EPS-Location-Information]",
               HEAD RESULT ORIGIN OVERLOAD "[PUA-Flags] [Failed-AVP]"},
    CommandRow{322, application_s6a, "Reset",
               HEAD ORIGIN
               "{Destination-Host} {Destination-Realm} [Subscription-Data] [Subscription-Data-Deletion]",
               HEAD RESULT ORIGIN "[Failed-AVP]"},
    CommandRow{323, application_s6a, "Notify",
               HEAD ORIGIN TO_HSS
               "[Terminal-Information] [MIP6-Agent-Info] [Visited-Network-Identifier] [Context-Identifier] "
               "[Service-Selection] [Alert-Reason] [UE-SRVCC-Capability] [NOR-Flags] "
               "[Homogeneous-Support-of-IMS-Voice-Over-PS-Sessions]",
               HEAD RESULT ORIGIN OVERLOAD "[Failed-AVP]"},
    CommandRow{324, application_s13, "ME-Identity-Check",
               HEAD ORIGIN "[Destination-Host] {Destination-Realm} {Terminal-Information} [User-Name]",
               HEAD RESULT ORIGIN "[Equipment-Status] [Failed-AVP]"},
};

#undef HEAD
#undef ORIGIN
#undef TO_HSS
#undef TO_NODE
#undef RESULT
#undef OVERLOAD

}  // namespace

std::span<const CommandRow> s6a_commands() {
    return commands;
}

}  // namespace bindhss::diameter_dict
