// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "diameter_dict/kme.h"

namespace bindhss::diameter_dict {

namespace {

constexpr auto grp = AvpType::grouped;
constexpr auto oct = AvpType::octet_string;
constexpr auto u32 = AvpType::unsigned32;

// Spec 4.4. V without M, all of them: a node that does not know them goes on as if they were not there.
constexpr AvpRow kme(std::uint32_t code, std::string_view name, AvpType type) {
    return {code, kme_vendor_placeholder, name, type, flag_v};
}

constexpr std::array avps{
    kme(1, "KME-Access-Info", grp),
    kme(2, "KME-Access-Flags", u32),
    kme(3, "KME-Cause", u32),
    kme(4, "KME-Provisioning-Request", grp),
    kme(5, "KME-Provisioning-Response", grp),
    kme(6, "KME-Transaction-Id", oct),
    kme(7, "KME-Container", oct),
    kme(8, "KME-NAS-Container-Type", u32),
    kme(9, "KME-Response-Timer", u32),
    kme(10, "KME-Delivery-Result", u32),
    kme(11, "KME-Auth-Failure-Report", grp),
    kme(12, "KME-EMM-Cause", u32),
    kme(13, "KME-Session-Key", oct),
};

constexpr std::array groups{
    GroupRow{"KME-Access-Info", "{KME-Access-Flags} [KME-Cause]"},
    GroupRow{"KME-Provisioning-Request",
             "{KME-Transaction-Id} {KME-Container} [KME-NAS-Container-Type] [KME-Response-Timer]"},
    GroupRow{"KME-Provisioning-Response", "{KME-Transaction-Id} {KME-Delivery-Result} [KME-Container]"},
    GroupRow{"KME-Auth-Failure-Report", "{KME-EMM-Cause} [RAND] [AUTN]"},
};

constexpr std::array values{
    ValueRow{"KME-Cause", 0, "NONE"},
    ValueRow{"KME-Cause", 1, "NO_BINDING"},
    ValueRow{"KME-Cause", 2, "REFRESH"},
    ValueRow{"KME-Cause", 3, "SUSPECT"},
    ValueRow{"KME-Cause", 4, "IMEI_NOT_AUTHORISED"},
    ValueRow{"KME-Cause", 5, "NO_PUBLIC_KEY"},
    ValueRow{"KME-Cause", 6, "RSP_INVALID"},
    ValueRow{"KME-Cause", 7, "UE_REFUSED"},
    ValueRow{"KME-Cause", 8, "TIMEOUT"},
    ValueRow{"KME-Cause", 9, "EAKA_FAILED"},
    ValueRow{"KME-Cause", 10, "PEER_LACKS_FEATURE"},
    ValueRow{"KME-Delivery-Result", 0, "DELIVERED_AND_ANSWERED"},
    ValueRow{"KME-Delivery-Result", 1, "UE_DID_NOT_ANSWER"},
    ValueRow{"KME-Delivery-Result", 2, "UE_NOT_REACHABLE"},
    ValueRow{"KME-Delivery-Result", 3, "NAS_SECURITY_NOT_ACTIVE"},
    ValueRow{"KME-Delivery-Result", 4, "UE_ANSWERED_GARBAGE"},
    ValueRow{"KME-Delivery-Result", 5, "MME_ERROR"},
    ValueRow{"KME-EMM-Cause", 20, "MAC_FAILURE"},
    ValueRow{"KME-EMM-Cause", 21, "SYNCH_FAILURE"},
    ValueRow{"KME-EMM-Cause", 26, "NON_EPS_AUTHENTICATION_UNACCEPTABLE"},
    ValueRow{"KME-EMM-Cause", 0x100, "RES_MISMATCH"},
    ValueRow{"KME-EMM-Cause", 0x101, "NO_ANSWER"},
};

}  // namespace

std::span<const ValueRow> kme_values() {
    return values;
}

std::span<const AvpRow> kme_avps() {
    return avps;
}

std::span<const GroupRow> kme_groups() {
    return groups;
}

}  // namespace bindhss::diameter_dict
