// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/equipment.h"

#include "store/postgres/array_literal.h"
#include "store/postgres/subscriber_view.h"
#include "types/limits.h"

namespace bindhss::store::postgres {
namespace {

constexpr const char* put_devices_sql =
    "INSERT INTO device (imei_lo, imei_hi, status, comment)"
    " SELECT r.lo, r.hi, r.status, coalesce(r.comment, v.comment, '')"
    " FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::text[]) r (lo, hi, status, comment)"
    " LEFT JOIN device v ON v.imei_lo = r.lo AND v.imei_hi = r.hi"
    " WHERE r.status IS NOT NULL OR v.imei_lo IS NOT NULL"
    " ON CONFLICT (imei_lo, imei_hi) DO UPDATE SET status = excluded.status, comment = excluded.comment";

// A range that is neither listed nor in a group says nothing.
constexpr const char* remove_bare_ranges_sql =
    "DELETE FROM device v USING unnest($1::bigint[], $2::bigint[]) r (lo, hi)"
    " WHERE v.imei_lo = r.lo AND v.imei_hi = r.hi AND r.lo < r.hi AND v.status IS NULL AND v.group_id IS "
    "NULL AND v.uiccs_max IS NULL";

constexpr const char* put_versions_sql =
    "INSERT INTO device_version (imei_lo, imei_hi, svn, status, comment)"
    " SELECT r.lo, r.hi, r.svn, r.status, coalesce(r.comment, v.comment, '')"
    " FROM unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::text[], $5::text[])"
    "   r (lo, hi, status, comment, svn)"
    " LEFT JOIN device_version v ON v.imei_lo = r.lo AND v.imei_hi = r.hi AND v.svn = r.svn"
    " WHERE r.status IS NOT NULL"
    " ON CONFLICT (imei_lo, imei_hi, svn) DO UPDATE SET status = excluded.status, comment = excluded.comment";

constexpr const char* remove_versions_sql =
    "DELETE FROM device_version v"
    " USING unnest($1::bigint[], $2::bigint[], $3::smallint[], $4::text[]) r (lo, hi, status, svn)"
    " WHERE v.imei_lo = r.lo AND v.imei_hi = r.hi AND v.svn = r.svn AND r.status IS NULL";

/// The columns of some entries.
struct Columns {
    ArrayLiteral los, his, statuses, comments, svns;

    void add(const PutEquipment& put) {
        los.add(put.range.low.number());
        his.add(put.range.high.number());
        statuses.add(put.status ? std::optional(static_cast<int>(*put.status)) : std::nullopt);
        if (put.comment) {
            comments.add_text(*put.comment);
        } else {
            comments.add_bare("NULL");
        }
        svns.add_text(put.svn.value_or(""));
    }
};

void put_chunk(pqxx::transaction_base& transaction, std::span<const Planned<PutEquipment>> chunk) {
    Columns columns[2];
    for (const auto& [put, line] : chunk) columns[put->svn ? 1 : 0].add(*put);
    const auto device_los = columns[0].los.str();
    const auto device_his = columns[0].his.str();
    transaction.exec_params(put_devices_sql, device_los, device_his, columns[0].statuses.str(),
                            columns[0].comments.str());
    transaction.exec_params(remove_bare_ranges_sql, device_los, device_his);
    const auto los = columns[1].los.str();
    const auto his = columns[1].his.str();
    const auto statuses = columns[1].statuses.str();
    const auto svns = columns[1].svns.str();
    transaction.exec_params(put_versions_sql, los, his, statuses, columns[1].comments.str(), svns);
    transaction.exec_params(remove_versions_sql, los, his, statuses, svns);
}

}  // namespace

EquipmentEntry equipment_of(const pqxx::row& row) {
    EquipmentEntry entry{ranges_of(row[0].c_str()).at(0)};
    if (!row[1].is_null()) entry.svn = row[1].c_str();
    entry.status = static_cast<s6a::EquipmentStatus>(row[2].as<int>());
    entry.comment = row[3].c_str();
    return entry;
}

void put_equipment(pqxx::transaction_base& transaction, std::span<const Planned<PutEquipment>> entries) {
    while (!entries.empty()) {
        const auto count = std::min(limits::import_chunk_rows, entries.size());
        put_chunk(transaction, entries.first(count));
        entries = entries.subspan(count);
    }
}

}  // namespace bindhss::store::postgres
