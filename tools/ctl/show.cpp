// SPDX-License-Identifier: Apache-2.0
#include "ctl/show.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace bindhss::ctl {

namespace {

std::string str(WallTime time) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)));
}

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
    Table table{{"imei", "group", "kcv", "comment"}, {}};
    for (const auto& row : rows) table.rows.push_back({row.range.str(), row.group, row.kcv, row.comment});
    return table;
}

Table table_of(const std::vector<store::RegistrationRow>& rows) {
    Table table{{"imsi", "mme", "realm", "plmn", "imei", "svn", "verified", "purged", "time"}, {}};
    for (const auto& [imsi, registration] : rows) {
        const auto& terminal = registration.terminal_information;
        table.rows.push_back({imsi.str(), registration.node.host, registration.node.realm,
                              registration.visited_plmn.str(),
                              terminal && terminal->imei ? terminal->imei->str() : "",
                              terminal ? terminal->svn.value_or("") : "", str(registration.verified),
                              str(registration.purged), str(registration.time)});
    }
    return table;
}

Table table_of(const std::vector<store::AlarmRow>& rows) {
    Table table{{"last", "severity", "name", "imsi", "imei", "peer", "count", "first", "detail"}, {}};
    for (const auto& row : rows) {
        table.rows.push_back({str(row.last), row.severity, row.name, row.imsi, row.imei, row.peer,
                              std::to_string(row.count), str(row.first), row.detail});
    }
    return table;
}

Table binding_table(const store::SubscriberRow& row) {
    return {
        {"imsi", "policy", "devices", "group", "kcv"},
        {{row.imsi.str(), std::string(binding::name_of(row.policy)), str(row.devices), row.group, row.kcv}}};
}

}  // namespace bindhss::ctl
