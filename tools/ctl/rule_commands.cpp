// SPDX-License-Identifier: Apache-2.0
#include "ctl/rule_commands.h"

#include "ctl/record_options.h"
#include "ctl/time_text.h"
#include "ctl/trial.h"
#include "store/equipment.h"

namespace bindhss::ctl {

namespace {

std::vector<std::string> row_of(const binding::Rule& rule) {
    return {std::to_string(rule.id),
            rule.subscriptions.str(),
            rule.devices.str(),
            rule.allow ? "allow" : "deny",
            std::to_string(rule.priority),
            rule.from ? time_text(*rule.from) : "",
            rule.until ? time_text(*rule.until) : "",
            rule.comment};
}

void list_rules(Context& context, const std::string& imsi) {
    const auto who = imsi.empty() ? std::nullopt : std::optional(parsed_imsi(imsi));
    if (who) static_cast<void>(subscriber_row(context, imsi));
    Table table{{"id", "subscriptions", "devices", "action", "priority", "from", "until", "comment"}, {}};
    for (const auto& rule : context.store.rules(who, context.limit)) table.rows.push_back(row_of(rule));
    print_list(context, table);
}

std::string told(const binding::Rule* rule) {
    if (rule == nullptr) return "none: the policy decides";
    const auto text = rule->subscriptions.str() + " " + rule->devices.str() + " " +
                      (rule->allow ? "allow" : "deny") + ", priority " + std::to_string(rule->priority);
    return rule->id == 0 ? "the binding's own list: " + text : std::to_string(rule->id) + ": " + text;
}

TerminalInformation terminal_of(const std::string& device, const std::string& svn) {
    static_cast<void>(parsed_imei(device));
    if (!svn.empty() && !store::is_software_version(svn))
        throw Refused("svn " + shown(svn) + " is not two digits");
    return TerminalInformation::normalise(device,
                                          svn.empty() ? std::nullopt : std::optional<std::string_view>(svn));
}

/// Tells the number by which the rule is replaced and removed: that of the stored one, if it was there
/// before.
void add_rule(Context& context, const RecordOptions& options) {
    for (const auto& item : put(context, options.record())) {
        const auto& rule = std::get<store::PutRule>(item.put).rule;
        const auto id = rule.id == 0 ? context.store.rule_like(rule) : rule.id;
        if (id && !context.dry_run) print_one(context, {{"id"}, {{std::to_string(*id)}}});
    }
}

void add_add(CLI::App* rule, const AddCommand& add) {
    const auto options = std::make_shared<RecordOptions>(Kind::rule);
    auto* sub = add(rule, "add", "Add a rule, or with --id replace one",
                    [options](Context& c) { add_rule(c, *options); });
    options
        ->add(sub, "--subscriptions", "'*', an IMSI, a prefix (00101*), an interval (IMSI-IMSI), group:NAME")
        ->required();
    options
        ->add(
            sub, "--devices",
            "'*', an IMEI, a TAC, a range (IMEI-IMEI), group:NAME; versions behind a colon (35824005:01,05)")
        ->required();
    auto* allow = options->add_flag(sub, "--allow", "action", "allow", "These may");
    auto* deny = options->add_flag(sub, "--deny", "action", "deny", "These may not")->excludes(allow);
    allow->excludes(deny);
    options->add(sub, "--priority", "The higher one decides (default 0, as a binding's own list)");
    options->add(sub, "--from", "From this time on: 2026-03-01 or 2026-03-01T08:30Z");
    options->add(sub, "--until", "Up to this time");
    options->add(sub, "--comment", "Anything");
    options->add(sub, "--id", "The rule to replace");
}

}  // namespace

void test_rules(Context& context, const std::string& imsi, const std::string& device,
                const std::string& svn) {
    const auto pair = context.store.pair(parsed_imsi(imsi), terminal_of(device, svn));
    if (!pair) throw Refused("there is no subscriber " + imsi);
    const auto now = context.now();
    auto judged = *pair;
    judged.provenance = binding::Provenance::authenticated;  // the question is about the device
    const auto verdict =
        binding::judge_device(judged.imsi, judged.binding, access_of(judged, now), context.judge);
    const auto* rule = rule_for(*pair, now);
    print_one(context, {{"imsi", "imei", "svn", "rule", "action", "terms", "policy", "verdict", "reasons"},
                        {{imsi, pair->device.imei->str(), pair->device.svn.value_or(""), told(rule),
                          rule == nullptr ? ""
                          : rule->allow   ? "allow"
                                          : "deny",
                          pair->binding.terms.name, std::string(binding::name_of(pair->binding.terms.policy)),
                          std::string(binding::name_of(verdict.admission)), reasons_of(verdict)}}});
}

void add_rule_commands(CLI::App* rule, const AddCommands& add) {
    add_add(rule, add.storing);
    const auto imsi = std::make_shared<std::string>();
    auto* list = add.asking(rule, "list", "List rules, or those that may decide on one subscriber",
                            [imsi](Context& c) { list_rules(c, *imsi); });
    list->add_option("imsi", *imsi, "IMSI; none: all rules");

    const auto ids = std::make_shared<std::vector<std::int64_t>>();
    auto* remove = add.storing(rule, "remove", "Remove rules", [ids](Context& c) {
        std::vector<store::Item> items;
        for (const auto id : *ids) items.push_back({store::RemoveRule{id}, 0});
        store_items(c, items);
    });
    remove->add_option("id", *ids, "Numbers of the rules (rule list)")->required();

    const auto device = std::make_shared<std::string>();
    const auto svn = std::make_shared<std::string>();
    auto* test = add.asking(rule, "test", "Tell which rule decides on a device, and what comes of it",
                            [imsi, device, svn](Context& c) { test_rules(c, *imsi, *device, *svn); });
    test->add_option("imsi", *imsi, "IMSI")->required();
    test->add_option("device", *device, "IMEI, or with 16 digits IMEI and software version")->required();
    test->add_option("--svn", *svn, "Software version, two digits");
}

}  // namespace bindhss::ctl
