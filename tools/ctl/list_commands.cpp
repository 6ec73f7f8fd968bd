// SPDX-License-Identifier: Apache-2.0
#include "ctl/list_commands.h"

#include "ctl/show.h"
#include "ctl/time_text.h"
#include "types/time_text.h"

namespace bindhss::ctl {

namespace {

/// What was given, as it was written.
struct Given {
    std::string after, prefix, msisdn, profile, group, policy, imei, imsi, node, name, severity, who, what,
        request, since;
    bool all = false;
};
using Shared = std::shared_ptr<Given>;

store::Page page_of(const Context& context, const Given& given) {
    return {given.after, context.limit};
}

std::optional<Imsi> imsi_of(const Given& given) {
    return given.imsi.empty() ? std::nullopt : std::optional(parsed_imsi(given.imsi));
}

void list_subscribers(Context& context, const Given& given) {
    store::SubscriberFilter filter{given.prefix, given.msisdn, given.profile, given.group, {}};
    if (!given.policy.empty()) {
        filter.policy = binding::parse_policy(given.policy);
        if (!filter.policy) throw Refused("--policy: none of off, imei_monitor, imei_enforce, kme, kme+imei");
    }
    print_list(context, table_of(context.store.subscribers(filter, page_of(context, given))));
}

void list_devices(Context& context, const Given& given) {
    store::DeviceFilter filter{{}, given.group};
    if (!given.imei.empty()) filter.imei = parsed_imei(given.imei);
    print_list(context, table_of(context.store.devices(filter, page_of(context, given))));
}

void list_registrations(Context& context, const Given& given) {
    const store::RegistrationFilter filter{imsi_of(given), given.node, true};
    print_list(context, table_of(context.store.registrations(filter, page_of(context, given))));
}

/// Lines are long enough without the last column: programs have it.
void without_last_column(Table& table) {
    table.columns.pop_back();
    for (auto& row : table.rows) row.pop_back();
}

void list_alarms(Context& context, const Given& given) {
    const store::AlarmFilter filter{given.all, given.name, given.severity, imsi_of(given)};
    auto table = table_of(context.store.alarms(filter, page_of(context, given)));
    if (context.form == Form::table) without_last_column(table);  // `alarm show` has the session
    print_list(context, table);
}

void list_audit(Context& context, const Given& given) {
    store::AuditFilter filter{given.who, given.what, given.request, {}};
    if (!given.since.empty()) {
        filter.since = parse_time(given.since);
        if (!filter.since)
            throw Refused("--since: '" + given.since + "' is no time like 2026-10-18T06:00:00Z");
    }
    Table table{{"at", "who", "what", "detail", "request"}, {}};
    for (const auto& row : context.store.audit(filter, page_of(context, given)))
        table.rows.push_back({time_text(row.at), row.who, row.what, row.detail, row.request});
    if (context.form == Form::table) without_last_column(table);
    print_list(context, table);
}

CLI::App* add_list(CLI::App* parent, const AddCommands& add, const std::string& help, const Shared& given,
                   void (*list)(Context&, const Given&)) {
    return add.asking(parent, "list", help, [given, list](Context& context) { list(context, *given); });
}

}  // namespace

void add_subscriber_list(CLI::App* subscriber, const AddCommands& add) {
    const auto given = std::make_shared<Given>();
    auto* list = add_list(subscriber, add, "List subscribers", given, list_subscribers);
    list->add_option("--prefix", given->prefix, "Whose IMSI begins with these digits");
    list->add_option("--msisdn", given->msisdn, "Who has this number");
    list->add_option("--profile", given->profile, "Who has this profile");
    list->add_option("--group", given->group, "Who is a member of this subscription group");
    list->add_option("--policy", given->policy, "For whom this policy is in force");
    list->add_option("--after", given->after, "Those behind this IMSI: the last one of the list before");
}

void add_device_list(CLI::App* device, const AddCommands& add) {
    const auto given = std::make_shared<Given>();
    auto* list = add_list(device, add, "List devices", given, list_devices);
    list->add_option("--imei", given->imei, "Entries that hold this IMEI");
    list->add_option("--group", given->group, "Those of this device group");
}

void add_registration_list(CLI::App* registration, const AddCommands& add) {
    const auto given = std::make_shared<Given>();
    auto* list = add_list(registration, add, "List registrations", given, list_registrations);
    list->add_option("--imsi", given->imsi, "Those of this subscriber");
    list->add_option("--node", given->node, "Those at the node with this Origin-Host");
}

void add_alarm_list(CLI::App* alarm, const AddCommands& add) {
    const auto given = std::make_shared<Given>();
    auto* list = add_list(alarm, add, "List open alarms, newest first", given, list_alarms);
    list->add_flag("--all", given->all, "Those that were cleared too");
    list->add_option("--name", given->name, "Those of this name");
    list->add_option("--severity", given->severity, "Those of this severity");
    list->add_option("--imsi", given->imsi, "Those of this subscriber");
}

void add_audit_list(CLI::App* audit, const AddCommands& add) {
    const auto given = std::make_shared<Given>();
    auto* list = add_list(audit, add, "List who changed what, newest first", given, list_audit);
    list->add_option("--who", given->who, "What this user did");
    list->add_option("--what", given->what, "Changes whose name begins so");
    list->add_option("--request", given->request, "What was done under this X-Request-Id");
    list->add_option("--since", given->since, "What was done since, as 2026-10-18T06:00:00Z");
}

}  // namespace bindhss::ctl
