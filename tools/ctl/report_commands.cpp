// SPDX-License-Identifier: Apache-2.0
#include "ctl/report_commands.h"

#include <fmt/format.h>

#include "ctl/reevaluate.h"
#include "ctl/time_text.h"
#include "ctl/trial.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace {

/// The pairs of one subscription or of one device, and what each would meet if it came in now.
void report_pairs(Context& context, const store::SeenFilter& filter) {
    Table table{{"imsi", "imei", "svn", "first", "last", "node", "provenance", "verdict", "reasons"}, {}};
    std::optional<store::SeenPosition> after;
    do {
        const auto page = context.store.seen(filter, after, limits::seen_page_rows_max);
        for (const auto& pair : page.pairs) {
            if (table.rows.size() == context.limit) return print_list(context, table);
            const auto verdict =
                binding::judge_device(pair.imsi, pair.binding, access_of(pair, context.now()), context.judge);
            table.rows.push_back({pair.imsi.str(), pair.device.imei ? pair.device.imei->str() : "",
                                  pair.device.svn.value_or(""), time_text(pair.first), time_text(pair.last),
                                  pair.node, std::string(binding::name_of(pair.provenance)),
                                  std::string(binding::name_of(verdict.admission)), reasons_of(verdict)});
        }
        after = page.next;
    } while (after);
    print_list(context, table);
}

void report_devices(Context& context, const std::string& imsi) {
    store::SeenFilter filter;
    filter.imsi = subscriber_row(context, imsi).imsi;
    report_pairs(context, filter);
}

void report_uiccs(Context& context, const std::string& imei) {
    store::SeenFilter filter;
    filter.imei = parsed_imei(imei);
    report_pairs(context, filter);
}

}  // namespace

void add_report_commands(CLI::App* report, const AddCommands& add) {
    const auto id = std::make_shared<std::string>();
    add.asking(report, "devices", "Tell in which devices a subscriber was ever seen",
               [id](Context& c) { report_devices(c, *id); })
        ->add_option("imsi", *id, "IMSI")
        ->required();
    add.asking(report, "uiccs", "Tell which subscribers a device ever carried",
               [id](Context& c) { report_uiccs(c, *id); })
        ->add_option("imei", *id, "IMEI")
        ->required();

    struct Arguments {
        std::string subscriptions;
        std::string since;
        EnforcementTrial trial;
    };
    const auto given = std::make_shared<Arguments>();
    auto* enforcement =
        add.asking(report, "enforcement", "Tell what would be refused if enforcement were switched on now",
                   [given](Context& c) {
                       auto trial = given->trial;
                       trial.subscriptions = parsed_subscriptions(given->subscriptions);
                       if (!given->since.empty()) {
                           trial.since = parse_time(given->since);
                           if (!trial.since)
                               throw Refused("since " + shown(given->since) + " is no date (2026-03-01)");
                       }
                       report_enforcement(c, trial);
                   });
    enforcement->add_option("--subscriptions", given->subscriptions,
                            "Of these alone: IMSI, prefix (00101*), interval, group:NAME");
    enforcement->add_option("--since", given->since, "Of pairs that were seen on this day or later");
    enforcement->add_option("--terms", given->trial.terms, "With these terms (default imei_enforce)");
    enforcement->add_flag("--list", given->trial.list, "List the pairs instead of counting them");
}

}  // namespace bindhss::ctl
