// SPDX-License-Identifier: Apache-2.0
// Documents and subscriptions for the tests of the layer.
#pragma once

#include <catch2/catch.hpp>

#include "subscription/document.h"

namespace bindhss::test {

/// A document with a value in every field.
inline const std::string everything = R"({
  "a_msisdn": "4917012", "stn_sr": "49171", "ics": true, "network_access_mode": "packet_and_circuit",
  "operator_determined_barring": ["roamer_access_vplmn_ap", "outgoing_calls"], "hplmn_odb": ["type_2"],
  "zone_codes": ["0001", "ff02"], "access_restriction": ["geran", "nb_iot"],
  "apn_oi_replacement": "province1.mnc012.mcc345.gprs", "charging_characteristics": "0800",
  "ambr": {"uplink": 5000000000, "downlink": "10G"},
  "default_context": 2, "additional_context": 1, "third_context": 4,
  "apns": {
    "1": {"apn": "internet", "pdn_type": "ipv4", "static_ipv4": "10.1.2.3", "qci": 8,
          "arp": {"priority_level": 2, "preemption_capability": true, "preemption_vulnerability": false},
          "ambr": {"uplink": "1M", "downlink": "2M"}, "charging_characteristics": "0400",
          "vplmn_dynamic_address_allowed": true,
          "pdn_gw": {"host": "pgw.example.net", "realm": "example.net", "addresses": ["192.0.2.1", "2001:db8::1"]},
          "pdn_gw_allocation": "static", "visited_network": "mnc001.mcc001.3gppnetwork.org",
          "apn_oi_replacement": "mnc012.mcc345.gprs", "sipto": "not_allowed", "lipa": "conditional",
          "restoration_priority": 3, "sipto_local_network": "not_allowed", "wlan_offloadability": "allowed",
          "interworking_5gs": true, "pdn_connection_continuity": "maintain"},
    "2": {"apn": "ims", "static_ipv6": "2001:db8:1:2::/64", "qci": 5},
    "3": {"apn": "*", "specific_apns": [{"apn": "corp", "pdn_gw": {"addresses": ["192.0.2.9"]},
          "visited_network": "mnc001.mcc001.3gppnetwork.org"}]},
    "4": {"apn": "iot", "non_ip": true, "non_ip_delivery": "scef", "scef_id": "scef.example.net",
          "scef_realm": "example.net", "preferred_data_mode": ["control_plane"], "rds": true},
    "5": {"apn": "lan", "ethernet": true}},
  "rat_frequency_selection_priority": 7,
  "trace": {"reference": "00f110000001", "depth": 2, "ne_types": "0400", "interfaces": "00ff", "events": "01",
            "omc_id": "1234", "collection_entity": "192.0.2.77"},
  "pdp_contexts": {"1": {"apn": "internet", "pdp_type": "ipv4v6", "static_ipv4": "10.9.8.7",
     "static_ipv6": "2001:db8:9:8::", "qos_subscribed": "23921f", "vplmn_dynamic_address_allowed": false,
     "charging_characteristics": "0100", "ambr": {"uplink": 1, "downlink": 2},
     "apn_oi_replacement": "mnc012.mcc345.gprs", "sipto": "allowed", "lipa": "only", "restoration_priority": 0}},
  "csg_subscriptions": [{"csg_id": 77, "expires": 1800000000, "apns": ["home"], "plmn": "00101"}, {"csg_id": 78}],
  "rau_tau_timer_s": 3240, "mps_priority": ["cs", "eps"], "vplmn_lipa_allowed": true, "relay_node": false,
  "mdt_user_consent": true, "vsrvcc": true, "subscription_data_flags": ["pdn_connection_restricted"],
  "adjacent_access_restrictions": [{"plmn": "310410", "access_restriction": ["utran"]}],
  "dl_buffering_packet_count": -1, "imsi_groups": [{"service": 1, "plmn": "26201", "id": "0102"}],
  "ue_usage_type": 128, "external_identifier": "meter-17@iot.example.net", "aerial_ue": "not_allowed",
  "active_time_s": 60, "service_gap_time_s": 600, "edrx": [{"rat": "nb_iot", "value": 5}],
  "paging_time_windows": [{"mode": 1, "length": 9}], "core_network_restrictions": ["no_5gc"],
  "roaming": {"allowed": ["262", "*"], "denied": ["26203"]}})";

/// A document of the least that makes an EPS subscription, with more behind it.
inline std::string document_with(const std::string& more) {
    return R"({"ambr": {"uplink": 1000, "downlink": 2000}, "apns": {"1": {"apn": "internet"}})" +
           (more.empty() ? "" : ", " + more) + "}";
}

inline Subscription read(const std::string& text) {
    const auto result = subscription::read_document(text);
    INFO((result ? std::string() : result.error().detail));
    REQUIRE(result.has_value());
    return *result;
}

/// What is said of a document that is not good.
inline std::string problem_of(const std::string& text) {
    const auto result = subscription::read_document(text);
    REQUIRE_FALSE(result.has_value());
    return result.error().detail;
}

}  // namespace bindhss::test
