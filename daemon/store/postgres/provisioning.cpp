// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/provisioning.h"

#include <pqxx/pqxx>

#include "store/postgres/array_literal.h"
#include "store/postgres/conditions.h"
#include "store/postgres/decisions.h"
#include "store/postgres/equipment.h"
#include "store/postgres/import.h"
#include "store/postgres/kme_transfer.h"
#include "store/postgres/logbook.h"
#include "store/postgres/own_connection.h"
#include "store/postgres/reports.h"
#include "store/postgres/rules.h"
#include "store/postgres/seen.h"
#include "store/postgres/session.h"
#include "store/postgres/subscriptions.h"
#include "store/postgres/terms_rows.h"
#include "types/limits.h"

namespace bindhss::store::postgres {
namespace {

/// An import looks every row up by key. Its plans are made while the planner has statistics of the tables as
/// they were before it; a first import would scan them once for every row that it changes.
constexpr const char* look_up_by_key_sql =
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_hashjoin = off;"
    " SET LOCAL enable_mergejoin = off; SET LOCAL jit = off";
/// From this size on an import refreshes the planner's statistics; one that comes in chunks does each time
/// that as much has come as there was before, and not with each chunk.
constexpr std::size_t analyze_from_items = 1'000;
constexpr const char* analyze_sql =
    "ANALYZE subscriber, auc, kme, device, binding, binding_device, subscription_member, rule";

constexpr const char* order_reset_sql =
    "INSERT INTO node_request (kind, host, realm, user_ids)"
    " SELECT DISTINCT 'reset', host, realm, $1::text[] FROM registration WHERE NOT purged RETURNING host, "
    "realm";
constexpr const char* order_insert_sql =
    "INSERT INTO node_request (kind, imsi, host, realm, domain, idr_flags)"
    " SELECT 'insert', imsi, host, realm, domain, $2 FROM registration WHERE imsi = $1 AND NOT purged"
    " RETURNING host, realm";
constexpr const char* order_cancel_sql =
    "WITH gone AS (UPDATE registration SET purged = true, telling_at = NULL, telling_attempts = 0"
    "   WHERE imsi = $1 AND NOT purged RETURNING imsi, host, realm, domain)"
    " INSERT INTO node_request (kind, imsi, host, realm, domain, cancellation_type, reattach_required)"
    " SELECT 'cancel_location', imsi, host, realm, domain, 2, $2 FROM gone RETURNING host, realm";

/// What an order is about, for the audit.
AuditEntry audit_of(const NodeOrder& order, std::size_t nodes) {
    const auto told = (order.imsi ? order.imsi->str() : std::string("nobody")) + ", " +
                      std::to_string(nodes) + (nodes == 1 ? " node" : " nodes");
    switch (order.kind) {
        case NodeRequest::Kind::reset:
            return {"reset nodes", std::to_string(nodes) + " of them"};
        case NodeRequest::Kind::insert:
            return {"ask nodes", told};
        default:
            return {"detach subscriber", told};
    }
}

std::string told_of(const AlarmSelection& which, std::uint64_t count) {
    auto text = std::to_string(count) + " of them";
    if (which.id) text += ", id " + std::to_string(*which.id);
    if (which.name) text += ", " + column_text(*which.name);
    if (which.imsi) text += ", " + which.imsi->str();
    return text;
}

/// Calls a function for each record.
class GuardedSource final : public KmeSource {
  public:
    explicit GuardedSource(std::function<std::optional<KmeRecord>()> next) : next_(std::move(next)) {}
    std::optional<KmeRecord> next() override { return next_(); }

  private:
    std::function<std::optional<KmeRecord>()> next_;
};

void end_exchanges(pqxx::transaction_base& transaction, const EndedExchanges& ended) {
    ArrayLiteral imsis;
    for (const auto& imsi : ended.imsis) imsis.add_bare(imsi.digits());
    if (ended.all || !ended.imsis.empty()) {
        transaction.exec_params("DELETE FROM kme_exchange WHERE $1 OR imsi = ANY($2::text[])", ended.all,
                                imsis.str());
    }
}

}  // namespace

struct PostgresProvisioning::Impl : OwnConnection {
    Impl(const std::string& url, const crypto::KeyRing& ring, Random& source, Bounds bounds)
        : OwnConnection(url, "bindhss-provisioning", std::move(bounds)), keys(ring), random(source) {}

    Applied import(pqxx::connection& open, const std::vector<Item>& items, const ApplyOptions& options) {
        pqxx::work transaction(open);
        transaction.exec(look_up_by_key_sql);
        if (options.once && !options.dry_run) {
            if (const auto before = asked_before(transaction, *options.once)) return {*before, {}};
        }
        const bool decisions = are_decisions(items);
        // Subscribers may be stored beside another import, what decides on keys may not. Whoever saw a row is
        // alone from the start: nobody stores another one meanwhile.
        const bool beside = !decisions && !options.guard && leave_names(items);
        if (!decisions) wait_for_names(transaction, !beside);
        if (!decisions && !beside) wait_for_imports(transaction);
        const bool alone = !decisions || no_import_runs(transaction);
        if (options.guard && !holds(transaction, *options.guard)) return {Applied::Outcome::changed, {}};
        auto plan = plan_import(items, known_names(transaction));
        if (decisions) hold_subscribers(transaction, plan);
        // What only the database can tell is told with the rest, as long as nothing else stands in the way.
        if (plan.errors.empty()) {
            store_plan(transaction, plan, keys, random, [&] {
                if (beside) wait_for_imports(transaction);
            });
        }
        if (!plan.errors.empty()) return {Applied::Outcome::refused, std::move(plan.errors)};
        if (options.dry_run) return {};
        if (!alone) remember_unsettled(transaction, plan);
        end_exchanges(transaction, exchanges_ended_by(plan));
        clear_settled_alarms(transaction, settled_alarms(plan), who);
        write_audit(transaction, who, audit_of(plan), column_text(options.request));
        transaction.commit();
        return {};
    }

    template <class Work>
    static auto with_retry(Work work) {
        for (int attempt = 1;; ++attempt) {
            try {
                return work();
            } catch (const pqxx::failure& error) {
                // Who waits no longer than so long for a lock has waited.
                if (!worth_another_try(error) || waited_for_lock(error) ||
                    attempt == limits::transaction_tries_max)
                    throw;
            }
        }
    }

    /// After `items` were stored.
    void tidy_up(pqxx::connection& open, std::size_t items) {
        if_in_time([&] {
            with_retry([&] { settle_what_is_left(open); });
            if (items >= analyze_from_items) refresh_statistics(open, items);
        });
    }

    void refresh_statistics(pqxx::connection& open, std::size_t items) {
        unanalyzed += items;
        if (unanalyzed < std::max(analyze_from_items, analyzed)) return;
        pqxx::nontransaction(open).exec(analyze_sql);
        analyzed += std::exchange(unanalyzed, 0);
    }

    const crypto::KeyRing& keys;
    Random& random;
    std::string who = "unknown";
    std::string request;
    std::size_t analyzed = 0;    ///< items of imports that statistics know of
    std::size_t unanalyzed = 0;  ///< and those since
};

PostgresProvisioning::PostgresProvisioning(const std::string& url, const crypto::KeyRing& keys,
                                           Random& random, Bounds bounds)
    : impl_(std::make_unique<Impl>(url, keys, random, std::move(bounds))) {}

PostgresProvisioning::~PostgresProvisioning() = default;

Applied PostgresProvisioning::apply(const std::vector<Item>& items, const ApplyOptions& options) {
    return impl_->with_connection([&](pqxx::connection& open) {
        auto applied = Impl::with_retry([&] { return impl_->import(open, items, options); });
        if (applied.outcome != Applied::Outcome::stored || options.dry_run) return applied;
        impl_->tidy_up(open, items.size());
        return applied;
    });
}

KmeImport PostgresProvisioning::import_kmes(KmeSource& source, bool dry_run, const std::string& what) {
    return impl_->with_callbacks([&](pqxx::connection& open, auto guarded) {
        GuardedSource guarded_source([&] { return guarded([&] { return source.next(); }); });
        pqxx::work transaction(open);
        transaction.exec(look_up_by_key_sql);
        // Those that store subscribers beside an import hold their rows while they wait for it.
        wait_for_names(transaction, true);
        wait_for_imports(transaction);
        auto result = postgres::import_kmes(transaction, guarded_source, impl_->keys, impl_->random,
                                            {impl_->who, column_text(what), impl_->request});
        if (!result.errors.empty() || dry_run) return result;
        transaction.commit();
        impl_->tidy_up(open, result.added + result.replaced);
        return result;
    });
}

std::uint64_t PostgresProvisioning::export_kmes(const std::optional<ImeiRange>& range,
                                                const std::string& what,
                                                const std::function<void(const KmeRecord&)>& visit) {
    return impl_->with_callbacks([&](pqxx::connection& open, auto guarded) {
        {
            // Told before the first key leaves, whatever becomes of the rest.
            pqxx::work transaction(open);
            announce_export(transaction, range, {impl_->who, column_text(what), impl_->request});
            transaction.commit();
        }
        pqxx::work transaction(open);
        return postgres::export_kmes(transaction, range, impl_->keys,
                                     [&](const KmeRecord& record) { guarded([&] { visit(record); }); });
    });
}

void PostgresProvisioning::act_as(std::string who) {
    impl_->who = column_text(who);
}

void PostgresProvisioning::by_request(const std::string& name) {
    impl_->request = column_text(name);
}

std::optional<SubscriberRow> PostgresProvisioning::subscriber(const Imsi& imsi) {
    return impl_->reading([&](auto& transaction) { return subscriber_row(transaction, imsi); });
}

std::vector<SubscriberRow> PostgresProvisioning::subscribers(const SubscriberFilter& filter,
                                                             const Page& page) {
    return impl_->reading([&](auto& transaction) { return subscriber_rows(transaction, filter, page); });
}

std::optional<ProfileRow> PostgresProvisioning::profile(const std::string& name) {
    return impl_->reading([&](auto& transaction) { return profile_row(transaction, name); });
}

std::vector<ProfileRow> PostgresProvisioning::profiles(const Page& page) {
    return impl_->reading([&](auto& transaction) { return profile_rows(transaction, page); });
}

std::vector<DeviceRow> PostgresProvisioning::devices(const DeviceFilter& filter, const Page& page) {
    return impl_->reading([&](auto& transaction) { return device_rows(transaction, filter, page); });
}

std::vector<EquipmentEntry> PostgresProvisioning::equipment(const Page& page) {
    return impl_->reading([&](auto& transaction) { return equipment_rows(transaction, page); });
}

std::optional<EquipmentEntry> PostgresProvisioning::equipment_of(Imei imei,
                                                                 const std::optional<std::string>& svn) {
    return impl_->reading([&](auto& transaction) {
        const auto rows =
            transaction.exec_params(load_equipment_sql, static_cast<std::int64_t>(imei.number()), svn);
        return rows.empty() ? std::optional<EquipmentEntry>() : postgres::equipment_of(rows[0]);
    });
}

std::vector<RegistrationRow> PostgresProvisioning::registrations(const RegistrationFilter& filter,
                                                                 const Page& page) {
    return impl_->reading([&](auto& transaction) { return registration_rows(transaction, filter, page); });
}

std::vector<ServingNode> PostgresProvisioning::order(const NodeOrder& order) {
    ArrayLiteral user_ids;
    for (const auto& user_id : order.user_ids) user_ids.add_text(column_text(user_id));
    const auto imsi = order.imsi ? order.imsi->str() : std::string();
    return impl_->with_connection([&](pqxx::connection& open) {
        pqxx::work transaction(open);
        const auto rows =
            order.kind == NodeRequest::Kind::reset ? transaction.exec_params(order_reset_sql, user_ids.str())
            : order.kind == NodeRequest::Kind::insert
                ? transaction.exec_params(order_insert_sql, imsi, static_cast<std::int64_t>(order.idr_flags))
                : transaction.exec_params(order_cancel_sql, imsi, order.reattach_required);
        write_audit(transaction, impl_->who, {audit_of(order, rows.size())}, impl_->request);
        transaction.commit();
        std::vector<ServingNode> nodes;
        for (const auto& row : rows) nodes.push_back({row[0].c_str(), row[1].c_str()});
        return nodes;
    });
}

std::vector<TermsRow> PostgresProvisioning::terms() {
    return impl_->reading([&](auto& transaction) { return list_terms(transaction, std::nullopt); });
}

std::vector<SubscriptionGroupRow> PostgresProvisioning::subscription_groups(const Page& page) {
    return impl_->reading([&](auto& transaction) { return list_subscription_groups(transaction, page); });
}

std::vector<binding::Rule> PostgresProvisioning::rules(const std::optional<Imsi>& imsi, const Page& page) {
    return impl_->reading([&](auto& transaction) { return list_rules(transaction, imsi, page); });
}

std::optional<std::int64_t> PostgresProvisioning::rule_like(const binding::Rule& rule) {
    return impl_->reading([&](auto& transaction) { return postgres::rule_like(transaction, rule); });
}

std::vector<DeviceModelRow> PostgresProvisioning::device_models(const Page& page) {
    return impl_->reading([&](auto& transaction) { return list_device_models(transaction, page); });
}

std::vector<KmeRow> PostgresProvisioning::kmes(const std::optional<std::variant<Imei, std::string>>& owner,
                                               const Page& page) {
    return impl_->reading([&](auto& transaction) { return kme_rows(transaction, owner, page); });
}

std::vector<ApprovalRow> PostgresProvisioning::approvals(const Page& page) {
    return impl_->reading([&](auto& transaction) { return approval_rows(transaction, page); });
}

SeenPage PostgresProvisioning::seen(const SeenFilter& filter, const std::optional<SeenPosition>& after,
                                    std::size_t limit) {
    return impl_->with_connection([&](pqxx::connection& open) {
        pqxx::read_transaction transaction(open);
        return seen_page(transaction, filter, after, limit);
    });
}

std::optional<SeenPair> PostgresProvisioning::pair(const Imsi& imsi, const TerminalInformation& device) {
    return impl_->reading([&](auto& transaction) { return seen_pair(transaction, imsi, device); });
}

std::vector<AuditRow> PostgresProvisioning::audit(const AuditFilter& filter, const Page& page) {
    return impl_->reading([&](auto& transaction) { return audit_rows(transaction, filter, page); });
}

std::vector<AlarmRow> PostgresProvisioning::alarms(const AlarmFilter& filter, const Page& page) {
    return impl_->reading([&](auto& transaction) { return alarm_rows(transaction, filter, page); });
}

std::uint64_t PostgresProvisioning::acknowledge_alarms(const AlarmSelection& which, const std::string& who) {
    return impl_->with_connection([&](pqxx::connection& open) {
        pqxx::work transaction(open);
        const auto count = postgres::acknowledge_alarms(transaction, which, column_text(who));
        write_audit(transaction, column_text(who), {{"acknowledge alarms", told_of(which, count)}},
                    impl_->request);
        transaction.commit();
        return count;
    });
}

std::uint64_t PostgresProvisioning::clear_alarms(const AlarmSelection& which, const std::string& who) {
    return impl_->with_connection([&](pqxx::connection& open) {
        pqxx::work transaction(open);
        const auto count = postgres::clear_alarms(transaction, which, column_text(who));
        write_audit(transaction, column_text(who), {{"clear alarms", told_of(which, count)}}, impl_->request);
        transaction.commit();
        return count;
    });
}

}  // namespace bindhss::store::postgres
