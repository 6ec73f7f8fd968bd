// SPDX-License-Identifier: Apache-2.0
// Every S6a request and answer as a plain struct: what the procedures see of Diameter, and all they see.
// The names are those of TS 29.272 7.2; the codec (diameter/codec) fills and reads them.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "types/aka.h"
#include "types/identity.h"
#include "types/result.h"
#include "types/subscription_data.h"

namespace bindhss::s6a {

/// RAT-Type (TS 29.212 5.3.31); other numbers are passed on as they are.
enum class RatType : std::uint32_t { utran = 1000, geran = 1001, eutran = 1004, eutran_nb_iot = 1005 };

/// Requested-EUTRAN-Authentication-Info or Requested-UTRAN-GERAN-Authentication-Info (7.3.11, 7.3.12).
struct RequestedAuthenticationInfo {
    std::uint32_t number_of_requested_vectors = 1;
    bool immediate_response_preferred = false;
    std::optional<ReSynchronizationInfo> re_synchronization_info;
};

/// 7.2.5
struct AuthenticationInformationRequest {
    Imsi imsi;
    ServingNode origin;
    Plmn visited_plmn;
    std::optional<RequestedAuthenticationInfo> eutran;
    std::optional<RequestedAuthenticationInfo> utran_geran;
};

/// 7.3.18
struct EutranVector {
    std::uint32_t item_number = 1;  ///< sent when more than one vector is returned; the lower is used first
    Rand rand;
    Res xres;
    Autn autn;
    Kasme kasme;
};

/// 7.2.6
struct AuthenticationInformationAnswer {
    std::vector<EutranVector> eutran_vectors;
};

/// 7.3.7
struct UlrFlags {
    bool single_registration_indication = false;
    bool s6a_indicator = true;
    bool skip_subscriber_data = false;
    bool gprs_subscription_data_indicator = false;
    bool node_type_indicator = false;
    bool initial_attach_indicator = false;
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
};

/// 7.2.4. Only for success; an error answer is a Failure.
struct UpdateLocationAnswer {
    std::optional<SubscriptionData> subscription_data;  ///< absent: Skip-Subscriber-Data was honoured
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

/// What an MME may ask of the HSS (dispatch.h answers each).
using Request = std::variant<AuthenticationInformationRequest, UpdateLocationRequest>;
using Answer = std::variant<AuthenticationInformationAnswer, UpdateLocationAnswer>;

}  // namespace bindhss::s6a
