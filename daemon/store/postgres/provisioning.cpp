// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/provisioning.h"

#include <pqxx/pqxx>

#include "store/postgres/array_literal.h"
#include "store/postgres/decisions.h"
#include "store/postgres/equipment.h"
#include "store/postgres/import.h"
#include "store/postgres/kme_transfer.h"
#include "store/postgres/own_connection.h"
#include "store/postgres/reports.h"
#include "store/postgres/rules.h"
#include "store/postgres/seen.h"
#include "store/postgres/session.h"
#include "store/postgres/subscriptions.h"
#include "store/postgres/terms_rows.h"

namespace bindhss::store::postgres {
namespace {

/// How often an import starts again after it lost a deadlock against requests.
constexpr int attempts_max = 5;
/// An import looks every row up by key. Its plans are made while the planner has statistics of the tables as
/// they were before it; a first import would scan them once for every row that it changes.
constexpr const char* look_up_by_key_sql =
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_hashjoin = off;"
    " SET LOCAL enable_mergejoin = off; SET LOCAL jit = off";
/// From this size on an import refreshes the planner's statistics.
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

std::int64_t rows_of(std::size_t limit) {
    return static_cast<std::int64_t>(std::min<std::size_t>(limit, INT64_MAX));
}

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
    if (ended.all || !ended.imsis.empty())
        transaction.exec_params("DELETE FROM kme_exchange WHERE $1 OR imsi = ANY($2::text[])", ended.all,
                                imsis.str());
}

}  // namespace

struct PostgresProvisioning::Impl : OwnConnection {
    Impl(const std::string& url, const crypto::KeyRing& ring, Random& source)
        : OwnConnection(url, "bindhss-provisioning"), keys(ring), random(source) {}

    std::vector<LineError> import(pqxx::connection& open, const std::vector<Item>& items, bool dry_run) {
        pqxx::work transaction(open);
        transaction.exec(look_up_by_key_sql);
        const bool decisions = are_decisions(items);
        if (!decisions) wait_for_imports(transaction);
        const bool alone = !decisions || no_import_runs(transaction);
        auto plan = plan_import(items, known_names(transaction));
        if (decisions) hold_subscribers(transaction, plan);
        // What only the database can tell is told with the rest, as long as nothing else stands in the way.
        if (plan.errors.empty()) store_plan(transaction, plan, keys, random);
        if (plan.errors.empty() && !dry_run) {
            if (!alone) remember_unsettled(transaction, plan);
            end_exchanges(transaction, exchanges_ended_by(plan));
            clear_settled_alarms(transaction, settled_alarms(plan), who);
            write_audit(transaction, who, audit_of(plan));
            transaction.commit();
        }
        return std::move(plan.errors);
    }

    template <class Work>
    static auto with_retry(Work work) {
        for (int attempt = 1;; ++attempt) {
            try {
                return work();
            } catch (const pqxx::failure& error) {
                if (!worth_another_try(error) || attempt == attempts_max) throw;
            }
        }
    }

    const crypto::KeyRing& keys;
    Random& random;
    std::string who = "unknown";
};

PostgresProvisioning::PostgresProvisioning(const std::string& url, const crypto::KeyRing& keys,
                                           Random& random)
    : impl_(std::make_unique<Impl>(url, keys, random)) {}

PostgresProvisioning::~PostgresProvisioning() = default;

Applied PostgresProvisioning::apply(const std::vector<Item>& items, const ApplyOptions& options) {
    return impl_->with_connection([&](pqxx::connection& open) {
        auto errors = Impl::with_retry([&] { return impl_->import(open, items, options.dry_run); });
        if (!errors.empty()) return Applied{Applied::Outcome::refused, std::move(errors)};
        if (options.dry_run) return Applied{};
        Impl::with_retry([&] { settle_what_is_left(open); });
        if (items.size() >= analyze_from_items) pqxx::nontransaction(open).exec(analyze_sql);
        return Applied{};
    });
}

KmeImport PostgresProvisioning::import_kmes(KmeSource& source, bool dry_run, const std::string& what) {
    return impl_->with_callbacks([&](pqxx::connection& open, auto guarded) {
        GuardedSource guarded_source([&] { return guarded([&] { return source.next(); }); });
        pqxx::work transaction(open);
        transaction.exec(look_up_by_key_sql);
        wait_for_imports(transaction);
        const auto result = postgres::import_kmes(transaction, guarded_source, impl_->keys, impl_->random,
                                                  {impl_->who, column_text(what)});
        if (!result.errors.empty() || dry_run) return result;
        transaction.commit();
        Impl::with_retry([&] { settle_what_is_left(open); });
        if (result.added + result.replaced >= analyze_from_items)
            pqxx::nontransaction(open).exec(analyze_sql);
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
            announce_export(transaction, range, {impl_->who, column_text(what)});
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

std::optional<SubscriberRow> PostgresProvisioning::subscriber(const Imsi& imsi) {
    return impl_->reading([&](auto& transaction) { return subscriber_row(transaction, imsi); });
}

std::vector<SubscriberRow> PostgresProvisioning::subscribers(const SubscriberFilter&,
                                                             const Page& page) {
    return impl_->reading(
        [&](auto& transaction) { return subscriber_rows(transaction, rows_of(page.limit)); });
}

std::optional<ProfileRow> PostgresProvisioning::profile(const std::string& name) {
    return impl_->reading([&](auto& transaction) {
        const auto rows = transaction.exec_params(list_profiles_sql, name, 1);
        return rows.empty() ? std::optional<ProfileRow>() : profile_of(rows[0]);
    });
}

std::vector<ProfileRow> PostgresProvisioning::profiles(const Page& page) {
    return impl_->reading([&](auto& transaction) {
        std::vector<ProfileRow> result;
        const std::optional<std::string> any;
        for (const auto& row : transaction.exec_params(list_profiles_sql, any, rows_of(page.limit)))
            result.push_back(profile_of(row));
        return result;
    });
}

std::vector<DeviceRow> PostgresProvisioning::devices(const DeviceFilter&, const Page& page) {
    return impl_->reading([&](auto& transaction) { return device_rows(transaction, rows_of(page.limit)); });
}

std::vector<EquipmentEntry> PostgresProvisioning::equipment(const Page& page) {
    return impl_->reading([&](auto& transaction) {
        std::vector<EquipmentEntry> result;
        for (const auto& row : transaction.exec_params(list_equipment_sql, rows_of(page.limit)))
            result.push_back(postgres::equipment_of(row));
        return result;
    });
}

std::optional<EquipmentEntry> PostgresProvisioning::equipment_of(Imei imei,
                                                                 const std::optional<std::string>& svn) {
    return impl_->reading([&](auto& transaction) {
        const auto rows =
            transaction.exec_params(load_equipment_sql, static_cast<std::int64_t>(imei.number()), svn);
        return rows.empty() ? std::optional<EquipmentEntry>() : postgres::equipment_of(rows[0]);
    });
}

std::vector<RegistrationRow> PostgresProvisioning::registrations(const RegistrationFilter&,
                                                                 const Page& page) {
    return impl_->reading(
        [&](auto& transaction) { return registration_rows(transaction, rows_of(page.limit)); });
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
        write_audit(transaction, impl_->who, {audit_of(order, rows.size())});
        transaction.commit();
        std::vector<ServingNode> nodes;
        for (const auto& row : rows) nodes.push_back({row[0].c_str(), row[1].c_str()});
        return nodes;
    });
}

std::vector<TermsRow> PostgresProvisioning::terms() {
    return impl_->reading([&](auto& transaction) { return list_terms(transaction); });
}

std::vector<SubscriptionGroupRow> PostgresProvisioning::subscription_groups(const Page& page) {
    return impl_->reading(
        [&](auto& transaction) { return list_subscription_groups(transaction, rows_of(page.limit)); });
}

std::vector<binding::Rule> PostgresProvisioning::rules(const std::optional<Imsi>& imsi, const Page& page) {
    return impl_->reading(
        [&](auto& transaction) { return list_rules(transaction, imsi, rows_of(page.limit)); });
}

std::optional<std::int64_t> PostgresProvisioning::rule_like(const binding::Rule& rule) {
    return impl_->reading([&](auto& transaction) { return postgres::rule_like(transaction, rule); });
}

std::vector<DeviceModelRow> PostgresProvisioning::device_models(const Page& page) {
    return impl_->reading(
        [&](auto& transaction) { return list_device_models(transaction, rows_of(page.limit)); });
}

std::vector<KmeRow> PostgresProvisioning::kmes(const std::optional<std::variant<Imei, std::string>>& owner,
                                               const Page& page) {
    return impl_->reading(
        [&](auto& transaction) { return kme_rows(transaction, owner, rows_of(page.limit)); });
}

std::vector<ApprovalRow> PostgresProvisioning::approvals(const Page& page) {
    return impl_->reading([&](auto& transaction) { return approval_rows(transaction, rows_of(page.limit)); });
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

std::vector<AuditRow> PostgresProvisioning::audit(const AuditFilter&, const Page& page) {
    return impl_->reading([&](auto& transaction) { return audit_rows(transaction, rows_of(page.limit)); });
}

std::vector<AlarmRow> PostgresProvisioning::alarms(const AlarmFilter& filter, const Page& page) {
    return impl_->reading(
        [&](auto& transaction) { return alarm_rows(transaction, rows_of(page.limit), filter.cleared); });
}

std::uint64_t PostgresProvisioning::acknowledge_alarms(const AlarmSelection& which, const std::string& who) {
    return impl_->with_connection([&](pqxx::connection& open) {
        pqxx::work transaction(open);
        const auto count = postgres::acknowledge_alarms(transaction, which, column_text(who));
        write_audit(transaction, column_text(who), {{"acknowledge alarms", told_of(which, count)}});
        transaction.commit();
        return count;
    });
}

std::uint64_t PostgresProvisioning::clear_alarms(const AlarmSelection& which, const std::string& who) {
    return impl_->with_connection([&](pqxx::connection& open) {
        pqxx::work transaction(open);
        const auto count = postgres::clear_alarms(transaction, which, column_text(who));
        write_audit(transaction, column_text(who), {{"clear alarms", told_of(which, count)}});
        transaction.commit();
        return count;
    });
}

}  // namespace bindhss::store::postgres
