// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/load_subscribers.h"

#include "store/own_list.h"
#include "store/postgres/array_literal.h"
#include "store/postgres/binding_rows.h"
#include "store/postgres/rules.h"
#include "store/postgres/statements.h"
#include "store/postgres/subscriber_view.h"
#include "store/refusals.h"
#include "types/limits.h"

namespace bindhss::store::postgres {
namespace {

using Queries = std::vector<const SubscriberQuery*>;
using Views = std::vector<Result<SubscriberView>>;

/// The reason is the operator's to read, and no peer's.
Failure unreadable(const Imsi& imsi, const std::exception& error, log::Logger& log) {
    log.warning("subscription_unreadable", {{"imsi", imsi.str()}, {"reason", describe(error)}});
    return fail(Cause::unable_to_comply, "the subscription cannot be read");
}

Result<SubscriberView> read_view(const pqxx::row& row, const Imsi& imsi, log::Logger& log) {
    try {
        return view_of(row);
    } catch (const std::exception& error) {
        return unreadable(imsi, error, log);
    }
}

void read_access(const pqxx::row& row, const Imsi& imsi, Result<SubscriberView>& view, log::Logger& log) {
    constexpr int rule = 1 + facts_columns;
    if (!view) return;
    try {
        view->device = facts_of(row, 1);
        if (!row[rule].is_null()) view->binding.rules.push_back(rule_of(row, rule));
    } catch (const std::exception& error) {
        view = unreadable(imsi, error, log);
    }
}

Views load_views(Session& session, const Queries& queries, log::Logger& log) {
    ArrayLiteral imsis, hosts, realms;
    for (const auto* query : queries) {
        imsis.add_bare(query->imsi.digits());
        hosts.add_text(column_text(query->node.host));
        realms.add_text(column_text(query->node.realm));
    }
    Parameters parameters;
    parameters.add(imsis.str()).add(hosts.str()).add(realms.str());
    parameters.add(std::to_string(limits::subscription_groups_max));
    Views views(queries.size(), unknown_subscription());
    for (const auto& row : session.run(statement::load_subscriber, parameters)) {
        const auto place = row[view_columns].as<std::size_t>();
        views.at(place) = read_view(row, queries[place]->imsi, log);
    }
    return views;
}

/// A binding that is off is not managed (spec 4.1): nothing of the device decides.
bool is_managed(const Result<SubscriberView>& view) {
    return view && view->binding.terms.policy != binding::Policy::off;
}

/// The facts of the devices that were reported, and the rules that may decide on them.
void load_accesses(Session& session, const Queries& queries, Views& views, log::Logger& log) {
    ArrayLiteral imsis, imeis, svns, places;
    bool any = false;
    for (std::size_t place = 0; place < queries.size(); ++place) {
        const auto& reported = queries[place]->reported;
        if (!is_managed(views[place]) || !reported || !reported->imei) continue;
        any = true;
        imsis.add_bare(queries[place]->imsi.digits());
        imeis.add(reported->imei->number());
        svns.add_text(column_text(reported->svn.value_or("")));
        places.add(place);
    }
    if (!any) return;
    Parameters parameters;
    parameters.add(imsis.str()).add(imeis.str()).add(svns.str()).add(places.str());
    parameters.add(std::to_string(limits::rules_per_access_max));
    // One row at least for each, and the rules of each in the order that decides.
    for (const auto& row : session.run(statement::load_access, parameters)) {
        const auto place = row[0].as<std::size_t>();
        read_access(row, queries.at(place)->imsi, views[place], log);
    }
}

/// A device that is allowed is one of a list; what has a time is for the database's clock.
bool shows_list(const binding::Binding& binding) {
    for (const auto& rule : binding.rules)
        if (rule.allow && !is_for_everybody(rule.subscriptions) && !rule.until) return true;
    return false;
}

void load_lists(Session& session, const Queries& queries, Views& views) {
    ArrayLiteral imsis, places;
    bool any = false;
    for (std::size_t place = 0; place < queries.size(); ++place) {
        if (!is_managed(views[place])) continue;
        views[place]->binding.has_list = shows_list(views[place]->binding);
        if (views[place]->binding.has_list) continue;
        any = true;
        imsis.add_bare(queries[place]->imsi.digits());
        places.add(place);
    }
    if (!any) return;
    Parameters parameters;
    parameters.add(imsis.str()).add(places.str());
    for (const auto& row : session.run(statement::has_list, parameters))
        views.at(row[0].as<std::size_t>())->binding.has_list = row[1].as<bool>();
}

}  // namespace

Views load_subscribers(Session& session, const Queries& queries, log::Logger& log) {
    auto views = load_views(session, queries, log);
    load_accesses(session, queries, views, log);
    load_lists(session, queries, views);
    return views;
}

}  // namespace bindhss::store::postgres
