// SPDX-License-Identifier: Apache-2.0
// The AVPs that we read or write, by name.
#pragma once

#include "diameter/message.h"

namespace bindhss::diameter::avp_id {

// RFC 6733 4.5
inline constexpr AvpId user_name{1};
inline constexpr AvpId proxy_state{33};
inline constexpr AvpId host_ip_address{257};
inline constexpr AvpId auth_application_id{258};
inline constexpr AvpId vendor_specific_application_id{260};
inline constexpr AvpId session_id{263};
inline constexpr AvpId origin_host{264};
inline constexpr AvpId supported_vendor_id{265};
inline constexpr AvpId vendor_id{266};
inline constexpr AvpId firmware_revision{267};
inline constexpr AvpId result_code{268};
inline constexpr AvpId product_name{269};
inline constexpr AvpId disconnect_cause{273};
inline constexpr AvpId auth_session_state{277};
inline constexpr AvpId origin_state_id{278};
inline constexpr AvpId failed_avp{279};
inline constexpr AvpId proxy_host{280};
inline constexpr AvpId error_message{281};
inline constexpr AvpId route_record{282};
inline constexpr AvpId destination_realm{283};
inline constexpr AvpId proxy_info{284};
inline constexpr AvpId destination_host{293};
inline constexpr AvpId error_reporting_host{294};
inline constexpr AvpId origin_realm{296};
inline constexpr AvpId experimental_result{297};
inline constexpr AvpId experimental_result_code{298};
inline constexpr AvpId inband_security_id{299};
inline constexpr AvpId service_selection{493};  // RFC 5778

// TS 29.272 7.3 and what it re-uses
inline constexpr AvpId charging_characteristics{13, vendor_3gpp};
inline constexpr AvpId max_requested_bandwidth_dl{515, vendor_3gpp};
inline constexpr AvpId max_requested_bandwidth_ul{516, vendor_3gpp};
inline constexpr AvpId msisdn{701, vendor_3gpp};
inline constexpr AvpId qos_class_identifier{1028, vendor_3gpp};
inline constexpr AvpId rat_type{1032, vendor_3gpp};
inline constexpr AvpId allocation_retention_priority{1034, vendor_3gpp};
inline constexpr AvpId priority_level{1046, vendor_3gpp};
inline constexpr AvpId preemption_capability{1047, vendor_3gpp};
inline constexpr AvpId preemption_vulnerability{1048, vendor_3gpp};
inline constexpr AvpId subscription_data{1400, vendor_3gpp};
inline constexpr AvpId terminal_information{1401, vendor_3gpp};
inline constexpr AvpId imei{1402, vendor_3gpp};
inline constexpr AvpId software_version{1403, vendor_3gpp};
inline constexpr AvpId ulr_flags{1405, vendor_3gpp};
inline constexpr AvpId ula_flags{1406, vendor_3gpp};
inline constexpr AvpId visited_plmn_id{1407, vendor_3gpp};
inline constexpr AvpId requested_eutran_authentication_info{1408, vendor_3gpp};
inline constexpr AvpId requested_utran_geran_authentication_info{1409, vendor_3gpp};
inline constexpr AvpId number_of_requested_vectors{1410, vendor_3gpp};
inline constexpr AvpId re_synchronization_info{1411, vendor_3gpp};
inline constexpr AvpId immediate_response_preferred{1412, vendor_3gpp};
inline constexpr AvpId authentication_info{1413, vendor_3gpp};
inline constexpr AvpId eutran_vector{1414, vendor_3gpp};
inline constexpr AvpId network_access_mode{1417, vendor_3gpp};
inline constexpr AvpId item_number{1419, vendor_3gpp};
inline constexpr AvpId cancellation_type{1420, vendor_3gpp};
inline constexpr AvpId context_identifier{1423, vendor_3gpp};
inline constexpr AvpId subscriber_status{1424, vendor_3gpp};
inline constexpr AvpId operator_determined_barring{1425, vendor_3gpp};
inline constexpr AvpId access_restriction_data{1426, vendor_3gpp};
inline constexpr AvpId all_apn_configurations_included_indicator{1428, vendor_3gpp};
inline constexpr AvpId apn_configuration_profile{1429, vendor_3gpp};
inline constexpr AvpId apn_configuration{1430, vendor_3gpp};
inline constexpr AvpId eps_subscribed_qos_profile{1431, vendor_3gpp};
inline constexpr AvpId ambr{1435, vendor_3gpp};
inline constexpr AvpId rand{1447, vendor_3gpp};
inline constexpr AvpId xres{1448, vendor_3gpp};
inline constexpr AvpId autn{1449, vendor_3gpp};
inline constexpr AvpId kasme{1450, vendor_3gpp};
inline constexpr AvpId pdn_type{1456, vendor_3gpp};
inline constexpr AvpId ue_srvcc_capability{1615, vendor_3gpp};
inline constexpr AvpId subscribed_periodic_rau_tau_timer{1619, vendor_3gpp};
inline constexpr AvpId clr_flags{1638, vendor_3gpp};

}  // namespace bindhss::diameter::avp_id
