// SPDX-License-Identifier: Apache-2.0
#include "ctl/terms_commands.h"

#include <algorithm>

#include "ctl/record_options.h"
#include "records/binding_fields.h"

namespace bindhss::ctl {

namespace {

std::string yes_no(bool value) {
    return value ? "yes" : "no";
}

std::string absent_text(const std::optional<bool>& allowed) {
    if (!allowed) return "configured";
    return *allowed ? "allow" : "reject";
}

/// The fields as `terms set` takes them.
Table card_of(const store::TermsRow& row) {
    const auto& terms = row.terms;
    const auto text = [](auto value) { return std::string(binding::name_of(value)); };
    return {{"name", "policy", "acquisition", "on_unauthorised", "on_mismatch", "on_unproven", "on_shared",
             "on_insecure", "on_suspicion", "imei_absent", "detach_on_notify", "require_secure",
             "limited_profile", "refuse_next", "default", "fixed", "bindings", "groups"},
            {{terms.name, text(terms.policy), text(terms.acquisition), text(terms.on_unauthorised),
              text(terms.on_mismatch), text(terms.on_unproven), text(terms.on_shared),
              text(terms.on_insecure), text(terms.on_suspicion), absent_text(terms.imei_absent_allowed),
              yes_no(terms.detach_on_notify), yes_no(terms.require_secure), terms.limited_profile,
              std::to_string(terms.refuse_next.count()), yes_no(row.standard), yes_no(row.fixed),
              std::to_string(row.bindings), std::to_string(row.groups)}}};
}

void list_terms(Context& context) {
    Table table;
    for (const auto& row : context.store.terms()) {
        auto card = card_of(row);
        table.columns = std::move(card.columns);
        table.rows.push_back(std::move(card.rows.front()));
    }
    if (!context.json) {  // the whole is too wide for a terminal
        const std::vector<std::size_t> kept{0, 1, 2, 3, 4, 8, 14, 16, 17};
        const auto narrow = [&](std::vector<std::string>& row) {
            std::vector<std::string> cells;
            cells.reserve(kept.size());
            for (const auto column : kept) cells.push_back(row[column]);
            row = std::move(cells);
        };
        if (!table.columns.empty()) narrow(table.columns);
        for (auto& row : table.rows) narrow(row);
    }
    print_list(context, table);
}

/// Changes what is given; of new terms the rest is as binding/binding.h says.
void set_terms(Context& context, const Record& record) {
    binding::Terms base;
    base.name.clear();
    const auto& name = record.fields.at("name").values;
    for (const auto& row : context.store.terms())
        if (!name.empty() && row.terms.name == name.front()) base = row.terms;
    Reading reading;
    FieldReader fields(record, reading);
    auto put = read_terms(fields, std::move(base));
    if (!put) {
        std::string text;
        for (const auto& error : reading.errors) text += (text.empty() ? "" : "; ") + error.text;
        throw Refused(text);
    }
    store_items(context, {{std::move(*put), 0}});
}

void add_set(CLI::App* terms, const AddCommand& add) {
    const auto options = std::make_shared<RecordOptions>(Kind::terms);
    auto* set = add(terms, "set", "Add terms, or change what is given of them",
                    [options](Context& c) { set_terms(c, options->record()); });
    options->add(set, "name", "Name of the terms")->required();
    options->add(set, "--policy", "off, imei_monitor, imei_enforce, kme, kme+imei");
    options->add(set, "--acquisition",
                 "What authorises a device: preauthorised (default), first_use, approve");
    options->add(set, "--on-unauthorised", "Device not allowed: alarm, limit, reject (default), lock");
    options->add(set, "--on-mismatch", "Device not allowed, but it has the key: the same (default alarm)");
    options->add(set, "--on-unproven",
                 "Node that neither authenticated nor took over: the same (default alarm)");
    options->add(set, "--on-shared", "Device with too many UICCs: the same (default alarm)");
    options->add(set, "--on-insecure", "Device not known to be secure: the same (default reject)");
    options->add(set, "--on-suspicion", "The key seems not to be there: alarm (default), reprovision, lock");
    options->add(set, "--imei-absent", "No IMEI reported: allow, reject, configured (default)");
    options->add(set, "--detach-on-notify",
                 "A Notify that is not admitted is followed by CLR: yes (default), no");
    options->add(set, "--require-secure", "IMEI and key in a secure environment: yes, no (default)");
    options->add(set, "--limited-profile", "The substitute profile of 'limit'; '': none");
    options->add(set, "--refuse-next",
                 "Seconds in which the AIR after a refusal is refused too, once; 0 (default): not");
}

}  // namespace

store::TermsRow terms_row(Context& context, const std::string& name) {
    for (auto& row : context.store.terms())
        if (row.terms.name == name) return std::move(row);
    throw Refused("there are no terms " + shown(name));
}

void add_terms_commands(CLI::App* terms, const AddCommands& add) {
    add_set(terms, add.storing);
    const auto name = std::make_shared<std::string>();
    auto* show = add.asking(terms, "show", "Show terms",
                            [name](Context& c) { print_one(c, card_of(terms_row(c, *name))); });
    add.asking(terms, "list", "List terms", list_terms);
    auto* remove = add.storing(terms, "remove", "Remove terms that nobody has", [name](Context& c) {
        store_items(c, {{store::RemoveTerms{*name}, 0}});
    });
    auto* standard =
        add.storing(terms, "default", "Let terms count where nothing else is named", [name](Context& c) {
            store_items(c, {{store::SetDefaultTerms{*name}, 0}});
        });
    for (auto* sub : {show, remove, standard})
        sub->add_option("name", *name, "Name of the terms")->required();
}

}  // namespace bindhss::ctl
