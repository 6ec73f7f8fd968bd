// SPDX-License-Identifier: Apache-2.0
// Where subscribers are registered, alarms, and the audit.
#include <algorithm>

#include "alarm/alarm.h"
#include "management/record_reading.h"

namespace bindhss::management {

namespace {

http::Response list_registrations(Call& call, Desk& desk) {
    const auto page = page_of(call);
    const store::RegistrationFilter filter{query_imsi(call), query_or_empty(call, "node"),
                                           query_flag(call, "purged")};
    return page_answer(call, page, desk.store.registrations(filter, page), [](const auto& row) {
        return row.imsi.str() + (row.registration.domain == s6a::Domain::mme ? " mme" : " sgsn");
    });
}

http::Response list_alarms(Call& call, Desk& desk) {
    const auto page = page_of(call);
    const store::AlarmFilter filter{query_flag(call, "cleared"), query_or_empty(call, "name"),
                                    query_or_empty(call, "severity"), query_imsi(call)};
    return page_answer(call, page, desk.store.alarms(filter, page),
                       [](const auto& row) { return std::to_string(row.id); });
}

bool is_alarm(const std::string& name) {
    const auto known = alarm::catalogue();
    return std::any_of(known.begin(), known.end(), [&](const auto& entry) { return entry.name == name; });
}

/// Which alarms are meant. A member too few must not clear them all.
store::AlarmSelection selection_of(const boost::json::object& body) {
    only_members(body, {"id", "name", "imsi", "all"});
    store::AlarmSelection which;
    if (const auto* id = body.if_contains("id")) {
        boost::json::error_code error;
        which.id = id->to_number<std::int64_t>(error);
        if (error) throw Problem(bad_request, "The member id of the body is no number.");
    }
    which.name = text_member(body, "name");
    if (which.name && !is_alarm(*which.name)) none_there("alarm " + records::shown(*which.name));
    if (const auto digits = text_member(body, "imsi")) {
        which.imsi = Imsi::parse(*digits);
        if (!which.imsi) throw Problem(bad_request, "The member imsi of the body is not 6 to 15 digits.");
    }
    if (!which.id && !which.name && !which.imsi && !flag_member(body, "all"))
        throw Problem(bad_request, "The body names no alarms: by id, name or imsi, or all of them.");
    return which;
}

http::Response told(std::uint64_t number) {
    boost::json::object object;
    object["alarms"] = number;
    return plain_answer(object);
}

http::Response acknowledge(Call& call, Desk& desk) {
    return told(desk.store.acknowledge_alarms(selection_of(body_object(call)), call.caller.name));
}

http::Response clear(Call& call, Desk& desk) {
    return told(desk.store.clear_alarms(selection_of(body_object(call)), call.caller.name));
}

http::Response list_audit(Call& call, Desk& desk) {
    const auto page = page_of(call);
    const store::AuditFilter filter{query_or_empty(call, "who"), query_or_empty(call, "what"),
                                    query_or_empty(call, "request"), query_time(call, "since")};
    return page_answer(call, page, desk.store.audit(filter, page),
                       [](const auto& row) { return std::to_string(row.id); });
}

constexpr Route routes[] = {
    {"GET", "/v1/registrations", Role::read, "listRegistrations", list_registrations,
     "limit cursor imsi node purged"},
    {"GET", "/v1/alarms", Role::read, "listAlarms", list_alarms, "limit cursor cleared name severity imsi"},
    {"POST", "/v1/alarms/acknowledge", Role::provision, "acknowledgeAlarms", acknowledge},
    {"POST", "/v1/alarms/clear", Role::provision, "clearAlarms", clear},
    {"GET", "/v1/audit", Role::read, "listAudit", list_audit, "limit cursor who what request since"},
};

}  // namespace

std::span<const Route> record_routes() {
    return routes;
}

}  // namespace bindhss::management
