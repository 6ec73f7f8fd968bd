// SPDX-License-Identifier: Apache-2.0
// The equipment register in PostgreSQL.
#pragma once

#include <pqxx/pqxx>
#include <span>
#include <vector>

#include "store/import_plan.h"

namespace bindhss::store::postgres {

/// $1: IMEI as a number; $2: software version or NULL. The row of the entry that decides (more_specific()).
/// Single devices are found by the primary key, ranges by their partial index.
inline constexpr const char* load_equipment_sql =
    "SELECT e.imei_lo || '-' || e.imei_hi, e.svn, e.status, e.comment FROM ("
    " SELECT imei_lo, imei_hi, NULL::text AS svn, status, comment FROM device"
    "   WHERE imei_lo = $1::bigint AND imei_hi = $1::bigint AND status IS NOT NULL"
    " UNION ALL SELECT imei_lo, imei_hi, NULL, status, comment FROM device"
    "   WHERE imei_lo < imei_hi AND int8range(imei_lo, imei_hi, '[]') @> $1::bigint AND status IS NOT NULL"
    " UNION ALL SELECT imei_lo, imei_hi, svn, status, comment FROM device_version"
    "   WHERE imei_lo = $1::bigint AND imei_hi = $1::bigint AND svn = $2::text"
    " UNION ALL SELECT imei_lo, imei_hi, svn, status, comment FROM device_version"
    "   WHERE imei_lo < imei_hi AND int8range(imei_lo, imei_hi, '[]') @> $1::bigint AND svn = $2::text) e"
    " ORDER BY e.imei_hi - e.imei_lo, e.svn IS NULL, e.imei_lo LIMIT 1";

/// A row of it, or of another statement with these columns.
[[nodiscard]] EquipmentEntry equipment_of(const pqxx::row& row);

/// Stores the planned entries. Throws what libpqxx throws.
void put_equipment(pqxx::transaction_base& transaction, std::span<const Planned<PutEquipment>> entries);

}  // namespace bindhss::store::postgres
