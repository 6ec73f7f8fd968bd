// SPDX-License-Identifier: Apache-2.0
// Rows of registrations and of requests to nodes, to and from their types.
#pragma once

#include "store/postgres/session.h"
#include "store/registration.h"
#include "types/limits.h"

namespace bindhss::store::postgres {

/// The columns of a registration as registration_of() reads them, of the table that `g` names: a text of SQL.
#define BINDHSS_REGISTRATION_COLUMNS(g)                                                                  \
    g ".host, " g ".realm, " g ".visited_plmn, " g ".terminal_reported, " g ".imei, " g ".svn, " g       \
      ".imei_invalid, " g ".verified, " g ".purged, (extract(epoch FROM " g                              \
      ".registered_at) * 1000)::bigint, " g ".domain, " g ".rat_type, " g ".features_list_1, " g         \
      ".features_list_2, " g ".features_vendor, " g ".combined, " g ".gprs_wanted, " g                   \
      ".ue_srvcc_capability, " g ".homogeneous_ims_voice, " g ".active_apns, " g ".node_number, " g      \
      ".sms_registered, " g ".urrp, " g ".area_restricted, " g ".location_cell, " g ".location_area, " g \
      ".location_service_area, " g ".location_geographical, " g ".location_age_minutes, " g              \
      ".location_current, (extract(epoch FROM " g ".location_at) * 1000)::bigint, " g                    \
      ".told_profile_version, " g ".told_override::text, " g ".told_msisdn, " g                          \
      ".provenance, (SELECT limited.name FROM profile limited WHERE limited.id = " g                     \
      ".limited_profile_id), " g ".emergency"
inline constexpr int registration_columns = 37;

/// Of `reports`, a table named q: the devices that were seen; a row for each, and whether it is a new one.
/// Anybody can write unproven reports: a few devices of them are kept. Once the device was seen by a node
/// that had the UE authenticated or took it over (association.provenance), an unproven report says nothing
/// new of it.
#define BINDHSS_REMEMBER_DEVICES(reports)                                                         \
    "INSERT INTO association AS c (imsi, imei, svn, first_seen, last_seen, host, provenance)"     \
    " SELECT q.imsi, q.imei, coalesce(q.svn, ''), q.at, q.at, q.host, q.provenance FROM " reports \
    " WHERE q.imei IS NOT NULL AND (q.provenance <> 2 OR (SELECT count(*) FROM (SELECT"           \
    "     FROM association u WHERE u.imsi = q.imsi AND u.provenance = 2"                          \
    "       AND (u.imei, u.svn) <> (q.imei, coalesce(q.svn, '')) LIMIT 64) n) < 64)"              \
    " ON CONFLICT (imsi, imei, svn) DO UPDATE SET reports = c.reports + 1,"                       \
    "   last_seen = CASE WHEN " BINDHSS_NEWS                                                      \
    " THEN excluded.last_seen ELSE c.last_seen END,"                                              \
    "   host = CASE WHEN " BINDHSS_NEWS                                                           \
    " THEN excluded.host ELSE c.host END,"                                                        \
    "   stored_at = CASE WHEN " BINDHSS_NEWS                                                      \
    " THEN excluded.stored_at ELSE c.stored_at END,"                                              \
    "   provenance = CASE WHEN " BINDHSS_NEWS                                                     \
    " THEN excluded.provenance ELSE c.provenance END"                                             \
    " RETURNING c.reports = 1 AS is_new, c.imsi"
#define BINDHSS_NEWS "(excluded.provenance <> 2 OR c.provenance = 2)"
static_assert(limits::unproven_devices_max == 64);

/// Nothing when the host is NULL. Throws std::runtime_error when the database holds what it never should.
[[nodiscard]] std::optional<Registration> registration_of(const pqxx::row& row, int first);

/// Imsi, then what statement::register_node takes; `node`: the number of its serving node.
[[nodiscard]] Parameters parameters_of(const Imsi& imsi, const RegisterNode& request, int node);
/// Imsi, then what statement::remember_device takes. REQUIRES: an IMEI.
[[nodiscard]] Parameters parameters_of(const Imsi& imsi, const TerminalInformation& terminal,
                                       const ServingNode& node, binding::Provenance provenance, WallTime now);
/// Imsi and domain, then what statement::update_registration takes.
[[nodiscard]] Parameters parameters_of(const Imsi& imsi, const Registration& registration);
/// Cell, area, service area, geography, age, whether current: NULL for what is not known.
void add_location(Parameters& parameters, const std::optional<s6a::NodeLocation>& location);

/// The columns of statement::take_requests.
[[nodiscard]] NodeRequest node_request_of(const pqxx::row& row);
/// What statement::store_request takes, but for the time.
[[nodiscard]] Parameters parameters_of(const NodeRequest& request);

[[nodiscard]] std::string name_of(s6a::Domain domain);
[[nodiscard]] s6a::Domain domain_of(std::string_view name);
/// Hosts as columns have them, as an array.
[[nodiscard]] std::string array_of(const std::vector<std::string>& hosts);

[[nodiscard]] inline std::string milliseconds_of(WallTime time) {
    return std::to_string(time.time_since_epoch().count());
}

}  // namespace bindhss::store::postgres
