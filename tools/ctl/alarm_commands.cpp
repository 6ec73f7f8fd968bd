// SPDX-License-Identifier: Apache-2.0
#include "ctl/alarm_commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "ctl/list_commands.h"
#include "ctl/show.h"

namespace bindhss::ctl {

namespace {

struct Selection {
    std::int64_t id = 0;
    std::string name;
    std::string imsi;
    bool all = false;
};

bool is_alarm(const std::string& name) {
    const auto known = alarm::catalogue();
    return std::any_of(known.begin(), known.end(), [&](const auto& entry) { return entry.name == name; });
}

/// Which alarms are meant. One word too few must not clear them all.
store::AlarmSelection parsed(const Selection& given) {
    store::AlarmSelection which;
    if (given.id != 0) which.id = given.id;
    if (!given.name.empty()) {
        if (!is_alarm(given.name)) throw Refused("there is no alarm " + shown(given.name));
        which.name = given.name;
    }
    if (!given.imsi.empty()) which.imsi = parsed_imsi(given.imsi);
    if (!which.id && !which.name && !which.imsi && !given.all)
        throw Refused("which alarms? name an ID, --name, --imsi, or --all");
    return which;
}

/// Of none that fits is told, so that a script knows.
void told(Context& context, std::uint64_t number, std::string_view done_to_them) {
    if (number == 0) throw Refused("there is no such open alarm");
    if (context.json) {
        context.io.out << fmt::format("{{\"alarms\":{}}}\n", number);
    } else {
        context.io.out << fmt::format("{} alarm{} {}\n", number, number == 1 ? "" : "s", done_to_them);
    }
}

void show_alarm(Context& context, std::int64_t id) {
    // The list goes downwards, so it is the first one behind the next number.
    const store::Page page(std::to_string(id + 1), 1);
    const auto found = context.store.alarms({.cleared = true, .name = {}, .severity = {}, .imsi = {}}, page);
    if (found.empty() || found[0].id != id) throw Refused(fmt::format("there is no alarm {}", id));
    auto table = table_of(found);
    for (const auto& known : alarm::catalogue()) {
        if (known.name != found[0].name) continue;
        table.columns.insert(table.columns.end(), {"cause", "remedy"});
        table.rows[0].insert(table.rows[0].end(), {std::string(known.cause), std::string(known.remedy)});
    }
    print_one(context, table);
}

}  // namespace

void add_alarm_commands(CLI::App* alarm, const AddCommands& add) {
    const auto given = std::make_shared<Selection>();
    add_alarm_list(alarm, add);
    auto* show = add.asking(alarm, "show", "Show all of one alarm, also of a cleared one",
                            [given](Context& c) { show_alarm(c, given->id); });
    show->add_option("id", given->id, "Number of the alarm (alarm list)")
        ->required()
        ->check(CLI::Range(std::int64_t{1}, std::numeric_limits<std::int64_t>::max() - 1));
    auto* acknowledge = add.asking(
        alarm, "acknowledge", "Note that alarms are being dealt with",
        [given](Context& c) { told(c, c.store.acknowledge_alarms(parsed(*given), c.who), "acknowledged"); });
    auto* clear =
        add.asking(alarm, "clear", "Clear alarms; what is still so raises them again",
                   [given](Context& c) { told(c, c.store.clear_alarms(parsed(*given), c.who), "cleared"); });
    for (auto* sub : {acknowledge, clear}) {
        sub->add_option("id", given->id, "Number of the alarm (alarm list)")->check(CLI::PositiveNumber);
        sub->add_option("--name", given->name, "All of this name");
        sub->add_option("--imsi", given->imsi, "All of this subscriber");
        sub->add_flag("--all", given->all, "All that are open");
    }
}

}  // namespace bindhss::ctl
