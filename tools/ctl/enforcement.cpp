// SPDX-License-Identifier: Apache-2.0
// report enforcement: the trial of terms on what was seen.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <map>
#include <set>

#include "ctl/report_commands.h"
#include "ctl/terms_commands.h"
#include "ctl/time_text.h"
#include "ctl/trial.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace {

struct Tally {
    std::uint64_t pairs = 0;
    std::uint64_t refused = 0;
    std::uint64_t limited = 0;
    std::uint64_t subscribers = 0;  ///< with a pair that would be refused
};

void count(Tally& tally, binding::Admission admission) {
    ++tally.pairs;
    if (admission == binding::Admission::refused) ++tally.refused;
    if (admission == binding::Admission::limited) ++tally.limited;
}

class Trial {
  public:
    Trial(Context& context, const EnforcementTrial& request)
        : context_(context), request_(request), terms_(terms_row(context, request.terms).terms) {}

    void go() {
        store::SeenFilter filter;
        filter.subscriptions = request_.subscriptions;
        filter.since = request_.since;
        each_subscription(context_, filter, [&](auto& pairs) { try_subscription(pairs); });
        // Who tells no IMEI leaves no pair behind, and would be refused all the same.
        filter.registered = true;
        each_subscription(context_, filter, [&](auto& registrations) { try_without_imei(registrations); });
        if (request_.list) return print_list(context_, list_);
        if (context_.json) return print_object();
        print_tables();
    }

  private:
    binding::Verdict judged(const store::SeenPair& pair) const {
        const auto access = access_of(pair, context_.now());
        return binding::needs_kme(terms_.policy)
                   ? binding::judge_device(pair.imsi, pair.binding, access, context_.judge)
                   : binding::judge(pair.imsi, pair.binding, access, context_.judge);
    }

    void try_subscription(std::vector<store::SeenPair>& pairs) {
        // The order in which they came: with first_use the first one would have become the authorised one.
        std::stable_sort(pairs.begin(), pairs.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
        std::vector<binding::Rule> acquired;
        std::set<std::string> refused_in;
        for (auto& pair : pairs) {
            pair.binding.terms = terms_;
            pair.binding.locked = false;  // the trial is about devices
            pair.binding.rules.insert(pair.binding.rules.end(), acquired.begin(), acquired.end());
            if (!acquired.empty()) pair.binding.has_list = true;
            const auto verdict = judged(pair);
            if (verdict.acquire) acquired.push_back(rule_of(*verdict.acquire));
            tally(pair, verdict, refused_in);
        }
        for (const auto& group : refused_in) ++groups_[group].subscribers;
        if (!refused_in.empty()) ++total_.subscribers;
    }

    static binding::Rule rule_of(Imei imei) {
        binding::Rule rule;
        rule.devices.range = ImeiRange::of(imei);
        return rule;
    }

    void tally(const store::SeenPair& pair, const binding::Verdict& verdict,
               std::set<std::string>& refused_in) {
        count(total_, verdict.admission);
        if (const auto day = day_text(pair.last);
            days_.contains(day) || days_.size() < limits::report_days_max)
            count(days_[day], verdict.admission);
        auto groups = pair.binding.groups;
        if (groups.empty()) groups.emplace_back();
        for (const auto& group : groups) {
            count(groups_[group], verdict.admission);
            if (verdict.refused()) refused_in.insert(group);
        }
        if (verdict.admission == binding::Admission::admitted) return;
        for (const auto& finding : verdict.findings)
            ++reasons_[std::string(alarm::describe(finding.id).name)];
        if (list_.rows.size() < context_.limit) {
            list_.rows.push_back({pair.imsi.str(), pair.device.imei ? pair.device.imei->str() : "",
                                  pair.device.svn.value_or(""), time_text(pair.last), pair.node,
                                  std::string(binding::name_of(verdict.admission)), reasons_of(verdict)});
        }
    }

    void try_without_imei(std::vector<store::SeenPair>& registrations) {
        for (auto& pair : registrations) {
            if (pair.device.imei) continue;
            pair.binding.terms = terms_;
            pair.binding.locked = false;
            if (judged(pair).refused()) ++without_imei_;
        }
    }

    /// What a row is of, and its numbers.
    static Table table_of(const char* column, const std::map<std::string, Tally>& tallies, bool subscribers) {
        Table table{{column, "pairs", "refused", "limited"}, {}};
        if (subscribers) table.columns.emplace_back("subscribers");
        for (const auto& [name, tally] : tallies) {
            auto& row = table.rows.emplace_back(std::vector{name, std::to_string(tally.pairs),
                                                            std::to_string(tally.refused),
                                                            std::to_string(tally.limited)});
            if (subscribers) row.push_back(std::to_string(tally.subscribers));
        }
        return table;
    }

    void print_tables() {
        auto& out = context_.io.out;
        out << fmt::format(
            "{} pairs of subscription and device were seen; with the terms {} now in force\n"
            "{} would be refused, of {} subscribers; {} would be limited\n"
            "{} registrations tell no IMEI and would be refused\n",
            total_.pairs, terms_.name, total_.refused, total_.subscribers, total_.limited, without_imei_);
        for (const auto& [reason, number] : reasons_) out << fmt::format("  {} {}\n", number, reason);
        out << '\n';
        print_table(out, table_of("group", groups_, true));
        out << '\n';
        print_table(out, table_of("day", days_, false));
    }

    static boost::json::object object_of(const Tally& tally) {
        return {{"pairs", tally.pairs}, {"refused", tally.refused}, {"limited", tally.limited}};
    }

    void print_object() {
        boost::json::array groups;
        for (const auto& [name, tally] : groups_) {
            auto object = object_of(tally);
            object["group"] = name;
            object["subscribers"] = tally.subscribers;
            groups.push_back(std::move(object));
        }
        boost::json::array days;
        for (const auto& [name, tally] : days_) {
            auto object = object_of(tally);
            object["day"] = name;
            days.push_back(std::move(object));
        }
        boost::json::object reasons;
        for (const auto& [name, number] : reasons_) reasons[name] = number;
        auto object = object_of(total_);
        object["terms"] = terms_.name;
        object["subscribers"] = total_.subscribers;
        object["without_imei"] = without_imei_;
        object["reasons"] = std::move(reasons);
        object["groups"] = std::move(groups);
        object["days"] = std::move(days);
        context_.io.out << boost::json::serialize(object) << '\n';
    }

    Context& context_;
    const EnforcementTrial& request_;
    const binding::Terms terms_;
    Table list_{{"imsi", "imei", "svn", "last", "node", "verdict", "reasons"}, {}};
    Tally total_;
    std::map<std::string, Tally> groups_;  ///< by subscription group; empty: of none
    std::map<std::string, Tally> days_;    ///< by the day on which the pair was seen last
    std::map<std::string, std::uint64_t> reasons_;
    std::uint64_t without_imei_ = 0;
};

}  // namespace

void report_enforcement(Context& context, const EnforcementTrial& trial) {
    Trial(context, trial).go();
}

}  // namespace bindhss::ctl
