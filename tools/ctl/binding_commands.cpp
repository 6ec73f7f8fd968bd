// SPDX-License-Identifier: Apache-2.0
#include "ctl/binding_commands.h"

#include <algorithm>

#include "ctl/show.h"
#include "ctl/time_text.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace {

using Owner = std::variant<Imei, std::string>;

std::string name_of(const Owner& owner) {
    const auto* imei = std::get_if<Imei>(&owner);
    return imei != nullptr ? imei->str() : "group:" + std::get<std::string>(owner);
}

/// The active keys of the devices that the binding lists one by one, and of its group, by their check values:
/// where they differ, these are the candidates (spec 4.2 "Which KME").
std::string candidates_of(Context& context, const store::SubscriberRow& row) {
    if (!binding::needs_kme(row.policy)) return {};
    std::vector<Owner> owners;
    if (!row.group.empty()) owners.emplace_back(row.group);
    for (const auto& device : row.devices)
        if (device.low == device.high) owners.emplace_back(device.low);
    std::string text;
    for (const auto& owner : owners) {
        for (const auto& key : context.store.kmes(owner, limits::binding_devices_max)) {
            if (key.state != "active") continue;
            text += (text.empty() ? "" : ";") + name_of(owner) + "=" + key.kcv;
            if (key.generation > 0) text += " generation " + std::to_string(key.generation);
        }
    }
    return text;
}

/// The state of spec 4.1: those that follow from policy and key, unless the evidence made another one.
std::string state_of(const store::SubscriberRow& row) {
    if (row.standing.state != binding::State::normal)
        return std::string(binding::name_of(row.standing.state));
    if (row.policy == binding::Policy::off) return "none";
    const bool bound =
        binding::needs_kme(row.policy) ? !row.kcv.empty() : !row.devices.empty() || !row.group.empty();
    return bound ? "bound" : "unbound";
}

std::string joined(const std::vector<std::string>& texts) {
    std::string text;
    for (const auto& part : texts) text += (text.empty() ? "" : ";") + part;
    return text;
}

void authorise(Context& context, const std::string& imsi, const std::string& imei, bool replace) {
    store_items(context, {{store::AuthoriseDevice{parsed_imsi(imsi), parsed_imei(imei), replace}, 0}});
}

void refuse(Context& context, const std::string& imsi, const std::string& imei) {
    store_items(context, {{store::RefuseDevice{parsed_imsi(imsi), parsed_imei(imei)}, 0}});
}

void set_lock(Context& context, const std::string& imsi, bool locked) {
    store_items(context, {{store::SetLock{parsed_imsi(imsi), locked}, 0}});
}

void list_approvals(Context& context) {
    Table table{{"imsi", "imei", "svn", "node", "first", "last", "count"}, {}};
    for (const auto& row : context.store.approvals(context.limit)) {
        table.rows.push_back({row.imsi.str(), row.imei.str(), row.svn, row.node, time_text(row.first),
                              time_text(row.last), std::to_string(row.count)});
    }
    print_list(context, table);
}

}  // namespace

void show_binding(Context& context, const std::string& imsi) {
    const auto row = subscriber_row(context, imsi);
    auto table = binding_table(row);
    const auto add = [&](const char* name, std::string value) {
        table.columns.emplace_back(name);
        table.rows.front().push_back(std::move(value));
    };
    add("candidates", candidates_of(context, row));
    add("terms", row.terms);
    add("terms_from", row.terms_from);
    add("groups", joined(row.groups));
    add("state", state_of(row));
    add("strong", std::to_string(row.standing.strong));
    add("weak", std::to_string(row.standing.weak));
    add("turns", std::to_string(row.standing.turns));
    add("reprovisions", std::to_string(row.standing.reprovisions.size()));
    add("proved_at", row.proved_at ? time_text(*row.proved_at) : "");
    print_one(context, table);
}

void add_binding_commands(CLI::App* binding, const AddCommands& add) {
    const auto imsi = std::make_shared<std::string>();
    const auto imei = std::make_shared<std::string>();
    const auto replace = std::make_shared<bool>(false);
    auto* show = add.asking(binding, "show", "Show a subscriber's binding: terms, devices, key, evidence",
                            [imsi](Context& c) { show_binding(c, *imsi); });
    auto* allow =
        add.storing(binding, "authorise", "Authorise a device for a subscriber, in advance or after the fact",
                    [=](Context& c) { authorise(c, *imsi, *imei, *replace); });
    auto* deny = add.storing(binding, "refuse", "Refuse a device for a subscriber",
                             [=](Context& c) { refuse(c, *imsi, *imei); });
    auto* lock = add.storing(binding, "lock", "Give a subscriber no service until unlocked",
                             [imsi](Context& c) { set_lock(c, *imsi, true); });
    auto* unlock = add.storing(binding, "unlock", "End a lock, and forget what spoke against the binding",
                               [imsi](Context& c) { set_lock(c, *imsi, false); });
    for (auto* sub : {show, allow, deny, lock, unlock}) sub->add_option("imsi", *imsi, "IMSI")->required();
    for (auto* sub : {allow, deny}) sub->add_option("imei", *imei, "IMEI of the device")->required();
    allow->add_flag("--replace", *replace, "The devices listed before are authorised no more");
}

void add_approval_commands(CLI::App* approval, const AddCommands& add) {
    add.asking(approval, "list", "List devices that wait for the operator, the oldest first", list_approvals);
}

}  // namespace bindhss::ctl
