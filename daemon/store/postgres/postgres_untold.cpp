// SPDX-License-Identifier: Apache-2.0
// Which nodes have to be told of a change.
#include <algorithm>

#include "store/postgres/array_literal.h"
#include "store/postgres/postgres_registrations.h"
#include "store/postgres/registration_rows.h"
#include "store/postgres/statements.h"
#include "subscription/merge.h"
#include "types/limits.h"

namespace bindhss::store::postgres {

namespace {

/// A row of UNTOLD_COLUMNS; the subscriptions are made when the documents are there.
struct Row {
    Imsi imsi;
    Registration registration;
    std::uint32_t attempts = 0;
    SubscriptionVersion version;
};

Row row_of(const pqxx::row& row) {
    constexpr int after = 1 + registration_columns;
    const auto imsi = Imsi::parse(row[0].c_str());
    auto registration = registration_of(row, 1);
    if (!imsi || !registration) throw std::runtime_error("the database holds a registration that is none");
    return {*imsi,
            std::move(*registration),
            row[after].as<std::uint32_t>(),
            {row[after + 1].as<std::int64_t>(), row[after + 2].c_str(), row[after + 3].c_str()}};
}

using Documents = std::map<std::int64_t, std::string>;

std::optional<Subscription> subscription_of(const Documents& documents, const SubscriptionVersion& version) {
    const auto document = documents.find(version.profile_version);
    if (document == documents.end()) return std::nullopt;
    auto made = subscription::subscription_of(document->second, version.override_json, version.msisdn);
    if (!made) return std::nullopt;
    return std::move(*made);
}

void add_reach(Parameters& parameters, const Claim& claim) {
    parameters.add(array_of(claim.reach.hosts)).add(claim.reach.daemon);
}

std::vector<std::int64_t> versions_in(const std::vector<Row>& rows) {
    std::vector<std::int64_t> versions;
    for (const auto& row : rows) {
        versions.push_back(row.version.profile_version);
        if (row.registration.told) versions.push_back(row.registration.told->profile_version);
    }
    std::sort(versions.begin(), versions.end());
    versions.erase(std::unique(versions.begin(), versions.end()), versions.end());
    return versions;
}

/// What was told and is not known any more is as if nothing had been told. A subscription that cannot be made
/// today has been refused by whoever stored it; its row waits for its lease to end. What was found for
/// another daemon is due, and the daemons hear of it.
std::vector<Untold> untold_of(Session& session, ProfileVersions& versions, const pqxx::result& found) {
    std::vector<Row> rows;
    for (const auto& row : found)
        if (row["ours"].as<bool>()) rows.push_back(row_of(row));
    if (rows.size() < found.size()) session.run(statement::notify_of_node_work, Parameters());
    const auto documents = versions.documents(session, versions_in(rows));
    std::vector<Untold> untold;
    for (auto& row : rows) {
        auto now = subscription_of(documents, row.version);
        if (!now) continue;
        std::optional<Subscription> told;
        if (row.registration.told) told = subscription_of(documents, *row.registration.told);
        untold.push_back({row.imsi, std::move(row.registration), std::move(told), std::move(*now),
                          std::move(row.version), row.attempts});
    }
    return untold;
}

}  // namespace

Documents ProfileVersions::documents(Session& session, const std::vector<std::int64_t>& versions) {
    Documents found;
    ArrayLiteral missing;
    bool complete = true;
    {
        const std::lock_guard lock(mutex_);
        for (const auto version : versions) {
            const auto known = known_.find(version);
            if (known != known_.end()) {
                found.insert(*known);
            } else {
                missing.add(version);
                complete = false;
            }
        }
    }
    if (complete) return found;
    for (const auto& row : session.run(statement::profile_versions, Parameters().add(missing.str())))
        found.emplace(row[0].as<std::int64_t>(), row[1].c_str());
    const std::lock_guard lock(mutex_);
    if (known_.size() > limits::profile_versions_cached_max) known_.clear();
    known_.insert(found.begin(), found.end());
    return found;
}

Result<std::vector<Untold>> take_untold(Session& session, ProfileVersions& versions, const Claim& claim) {
    const auto until = milliseconds_of(claim.now + claim.lease);
    const auto limit = std::to_string(claim.limit);
    Parameters changed;
    changed.add(until).add(limit);
    add_reach(changed, claim);
    changed.add(milliseconds_of(claim.now));
    auto untold = untold_of(session, versions, session.run(statement::take_changed, changed));
    if (untold.size() >= claim.limit) return untold;
    Parameters due;
    due.add(milliseconds_of(claim.now)).add(until).add(std::to_string(claim.limit - untold.size()));
    add_reach(due, claim);
    for (auto& one : untold_of(session, versions, session.run(statement::take_due, due)))
        untold.push_back(std::move(one));
    return untold;
}

Result<SweepPage> sweep_untold(Session& session, ProfileVersions& versions,
                               const std::optional<SweepPosition>& after, const Claim& claim) {
    Parameters stretch;
    stretch.add(after ? after->imsi : std::string()).add(after ? name_of(after->domain) : std::string());
    stretch.add(std::to_string(limits::sweep_rows_max));
    add_reach(stretch, claim);
    stretch.add(milliseconds_of(claim.now));
    ArrayLiteral imsis;
    ArrayLiteral domains;
    std::size_t chosen = 0;
    SweepPage page;
    for (const auto& row : session.run(statement::sweep_page, stretch)) {
        page.next = SweepPosition{row[0].c_str(), domain_of(row[1].c_str())};
        if (!row[2].as<bool>()) continue;
        imsis.add_bare(row[0].c_str());
        domains.add_bare(row[1].c_str());
        if (++chosen == claim.limit) break;
    }
    if (chosen == 0) return page;
    Parameters taken;
    taken.add(imsis.str()).add(domains.str()).add(milliseconds_of(claim.now + claim.lease));
    page.untold = untold_of(session, versions, session.run(statement::take_swept, taken));
    return page;
}

}  // namespace bindhss::store::postgres
