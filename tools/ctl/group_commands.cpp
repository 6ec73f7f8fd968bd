// SPDX-License-Identifier: Apache-2.0
#include "ctl/group_commands.h"

#include <fmt/format.h>

#include <algorithm>

#include "ctl/record_options.h"
#include "records/binding_fields.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace {

void list_groups(Context& context) {
    Table table{{"name", "terms", "rank", "members"}, {}};
    for (const auto& row : context.store.subscription_groups(context.limit))
        table.rows.push_back({row.name, row.terms, std::to_string(row.rank), std::to_string(row.members)});
    print_list(context, table);
}

void set_members(Context& context, const std::string& group, const std::vector<std::string>& imsis,
                 bool member) {
    std::vector<store::Item> items;
    items.reserve(imsis.size());
    for (const auto& imsi : imsis) items.push_back({store::PutMember{parsed_imsi(imsi), group, member}, 0});
    store_items(context, items);
}

std::string known(const std::optional<bool>& value) {
    if (!value) return "unknown";
    return *value ? "yes" : "no";
}

void list_models(Context& context) {
    Table table{{"tac", "name", "imei_secure", "key_secure"}, {}};
    for (const auto& row : context.store.device_models(context.limit)) {
        table.rows.push_back(
            {fmt::format("{:08}", row.tac), row.name, known(row.imei_secure), known(row.key_secure)});
    }
    print_list(context, table);
}

/// What is stored of the model, where "unknown" is said of one property alone.
std::optional<store::DeviceModelRow> stored_model(Context& context, const Record& record,
                                                  const std::string& tac) {
    const auto forgets = [](const auto& entry) {
        return !entry.second.values.empty() && entry.second.values.front() == "unknown";
    };
    if (std::none_of(record.fields.begin(), record.fields.end(), forgets)) return std::nullopt;
    for (auto& row : context.store.device_models(limits::device_models_max))
        if (fmt::format("{:08}", row.tac) == tac) return std::move(row);
    return store::DeviceModelRow{};
}

void set_model(Context& context, const Record& record, const std::string& tac) {
    Reading reading;
    FieldReader fields(record, reading);
    const auto put = read_model(fields, stored_model(context, record, tac));
    if (!put) {
        std::string text;
        for (const auto& error : reading.errors) text += (text.empty() ? "" : "; ") + error.text;
        throw Refused(text);
    }
    store_items(context, {{*put, 0}});
}

}  // namespace

void add_group_commands(CLI::App* group, const AddCommands& add) {
    const auto options = std::make_shared<RecordOptions>(Kind::group);
    auto* set = add.storing(group, "set", "Add a subscription group, or change what is given of it",
                            [options](Context& c) { put(c, options->record()); });
    options->add(set, "name", "Name of the group")->required();
    options->add(set, "--terms", "Terms of its members who name none themselves; '': none");
    options->add(set, "--rank", "Of several groups with terms the highest counts (default 0)");
    add.asking(group, "list", "List subscription groups", list_groups);

    const auto name = std::make_shared<std::string>();
    const auto imsis = std::make_shared<std::vector<std::string>>();
    auto* remove =
        add.storing(group, "remove", "Remove a group without members that no rule names", [name](Context& c) {
            store_items(c, {{store::RemoveSubscriptionGroup{*name}, 0}});
        });
    auto* add_members = add.storing(group, "add", "Put subscribers into a group",
                                    [name, imsis](Context& c) { set_members(c, *name, *imsis, true); });
    auto* take_members = add.storing(group, "take", "Take subscribers out of a group",
                                     [name, imsis](Context& c) { set_members(c, *name, *imsis, false); });
    for (auto* sub : {remove, add_members, take_members})
        sub->add_option("name", *name, "Name of the group")->required();
    for (auto* sub : {add_members, take_members}) sub->add_option("imsi", *imsis, "IMSIs")->required();
}

void add_model_commands(CLI::App* model, const AddCommands& add) {
    const auto options = std::make_shared<RecordOptions>(Kind::model);
    auto* set = add.storing(model, "set", "Record what is known of a device model", [options](Context& c) {
        set_model(c, options->record(), options->value("tac"));
    });
    options->add(set, "tac", "TAC, 8 digits")->required();
    options->add(set, "--name", "Its name");
    options->add(set, "--imei-secure", "The IMEI cannot be changed: yes, no, unknown");
    options->add(set, "--key-secure", "The key cannot be read out: yes, no, unknown");
    add.asking(model, "list", "List device models", list_models);
}

}  // namespace bindhss::ctl
