// SPDX-License-Identifier: Apache-2.0
// What has happened: the audit and the alarms.
#include "records/row_members.h"

namespace bindhss::records {

template <class Io>
void members(Io& io, Of<Io, store::AuditRow>& row) {
    io.number("id", row.id);
    io.time("at", row.at);
    io.text("who", row.who);
    io.text("what", row.what);
    io.text("detail", row.detail);
    io.text("request", row.request);
}

template <class Io>
void members(Io& io, Of<Io, store::AlarmRow>& row) {
    io.number("id", row.id);
    io.time("last", row.last);
    io.text("severity", row.severity);
    io.text("name", row.name);
    io.text("imsi", row.imsi);
    io.text("imei", row.imei);
    io.text("peer", row.peer);
    io.number("count", row.count);
    io.time("first", row.first);
    io.text("detail", row.detail);
    io.text("acknowledged", row.acknowledged_by);
    io.time("cleared", row.cleared);
    io.text("cleared_by", row.cleared_by);
    io.text("session", row.session);
}

boost::json::object object_of(const store::AuditRow& row) {
    return written(row);
}
boost::json::object object_of(const store::AlarmRow& row) {
    return written(row);
}
template store::AuditRow row_from(const boost::json::object&);
template store::AlarmRow row_from(const boost::json::object&);

}  // namespace bindhss::records
