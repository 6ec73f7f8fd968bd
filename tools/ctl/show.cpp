// SPDX-License-Identifier: Apache-2.0
#include "ctl/show.h"

#include "ctl/time_text.h"

namespace bindhss::ctl {

namespace {

std::string str(const std::vector<ImeiRange>& devices) {
    std::string text;
    for (const auto& range : devices) text += (text.empty() ? "" : ";") + range.str();
    return text;
}

std::string str(bool value) {
    return value ? "yes" : "no";
}

}  // namespace

Table table_of(const std::vector<store::SubscriberRow>& rows) {
    Table table{{"imsi", "msisdn", "profile", "amf", "seq", "policy", "devices", "group", "kcv"}, {}};
    for (const auto& row : rows) {
        table.rows.push_back({row.imsi.str(), row.msisdn, row.profile, to_hex(row.amf.view()),
                              std::to_string(row.seq), std::string(binding::name_of(row.policy)),
                              str(row.devices), row.group, row.kcv});
    }
    return table;
}

Table table_of(const std::vector<store::DeviceRow>& rows) {
    Table table{{"imei", "group", "kcv", "comment", "uiccs_max"}, {}};
    for (const auto& row : rows) {
        table.rows.push_back({row.range.str(), row.group, row.kcv, row.comment,
                              row.uiccs_max == 0 ? "" : std::to_string(row.uiccs_max)});
    }
    return table;
}

Table table_of(const std::vector<store::RegistrationRow>& rows) {
    Table table{{"imsi", "mme", "realm", "plmn", "imei", "svn", "verified", "purged", "time", "provenance",
                 "limited", "emergency"},
                {}};
    for (const auto& [imsi, registration] : rows) {
        const auto& terminal = registration.terminal_information;
        table.rows.push_back(
            {imsi.str(), registration.node.host, registration.node.realm, registration.visited_plmn.str(),
             terminal && terminal->imei ? terminal->imei->str() : "",
             terminal ? terminal->svn.value_or("") : "", str(registration.verified), str(registration.purged),
             time_text(registration.time), std::string(binding::name_of(registration.provenance)),
             registration.limited_profile, str(registration.emergency)});
    }
    return table;
}

Table table_of(const std::vector<store::AlarmRow>& rows) {
    Table table{{"id", "last", "severity", "name", "imsi", "imei", "peer", "count", "first", "detail",
                 "acknowledged", "cleared", "session"},
                {}};
    for (const auto& row : rows) {
        table.rows.push_back({std::to_string(row.id), time_text(row.last), row.severity, row.name, row.imsi,
                              row.imei, row.peer, std::to_string(row.count), time_text(row.first), row.detail,
                              row.acknowledged_by, row.cleared ? time_text(*row.cleared) : "", row.session});
    }
    return table;
}

Table binding_table(const store::SubscriberRow& row) {
    return {
        {"imsi", "policy", "devices", "group", "kcv"},
        {{row.imsi.str(), std::string(binding::name_of(row.policy)), str(row.devices), row.group, row.kcv}}};
}

}  // namespace bindhss::ctl
