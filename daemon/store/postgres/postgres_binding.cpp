// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/postgres_binding.h"

#include "store/kept.h"
#include "store/own_list.h"
#include "store/postgres/array_literal.h"
#include "store/postgres/binding_rows.h"
#include "store/postgres/registration_rows.h"
#include "store/postgres/statements.h"
#include "store/refusals.h"
#include "types/limits.h"

namespace bindhss::store::postgres {

namespace {

/// What a sign is judged by: a row of statement::load_standing.
struct Ground {
    binding::Policy policy;
    binding::OnSuspicion on_suspicion;
    binding::Standing standing;
    std::uint32_t candidates = 0;
    std::int64_t next_kme = 0;
    std::int64_t proven_kme = 0;
    std::int64_t active_kme = 0;
};

Ground ground_of(const pqxx::row& row) {
    constexpr int after = 2 + standing_columns;
    Ground ground{static_cast<binding::Policy>(row[0].as<int>()),
                  static_cast<binding::OnSuspicion>(row[1].as<int>()), standing_of(row, 2)};
    if (!row[after].is_null()) ground.candidates = row[after].as<std::uint32_t>();
    ground.next_kme = row[after + 1].as<std::int64_t>();
    ground.proven_kme = row[after + 2].as<std::int64_t>();
    ground.active_kme = row[after + 3].as<std::int64_t>();
    return ground;
}

void store_standing(pqxx::transaction_base& transaction, const Imsi& imsi, const SignReport& report,
                    const binding::Change& change, std::int64_t kme_id) {
    const auto& standing = change.standing;
    Parameters parameters;
    parameters.add(imsi.str()).add(std::to_string(static_cast<int>(standing.state)));
    parameters.add(std::to_string(standing.strong)).add(std::to_string(standing.weak));
    parameters.add(std::to_string(standing.turns)).add(std::to_string(kme_id));
    parameters.add(std::string(report.sign == binding::Sign::proof ? "t" : "f"));
    parameters.add(milliseconds_of(report.now));
    Session::run(transaction, statement::store_standing, parameters);
}

}  // namespace

bool lock_subscriber(pqxx::transaction_base& transaction, const Imsi& imsi) {
    return !Session::run(transaction, statement::lock_subscriber, Parameters().add(imsi.str())).empty();
}

void remember_device(pqxx::transaction_base& transaction, const Imsi& imsi,
                     const std::optional<TerminalInformation>& terminal, const ServingNode& node,
                     binding::Provenance provenance, WallTime now) {
    if (!terminal || !terminal->imei) return;
    const auto rows = Session::run(transaction, statement::remember_device,
                                   parameters_of(imsi, *terminal, node, provenance, now));
    if (!rows.empty() && rows[0][0].as<bool>()) forget_devices(transaction, imsi);
}

void forget_devices(pqxx::transaction_base& transaction, const Imsi& imsi) {
    Session::run(transaction, statement::forget_devices,
                 Parameters().add(imsi.str()).add(std::to_string(devices_kept_max)));
}

void lock_binding(pqxx::transaction_base& transaction, const Imsi& imsi) {
    Session::run(transaction, statement::lock_binding, Parameters().add(imsi.str()));
}

void ask_operator(pqxx::transaction_base& transaction, const Imsi& imsi, Imei imei,
                  const std::optional<TerminalInformation>& terminal, const ServingNode& node, WallTime now) {
    Parameters parameters;
    parameters.add(imsi.str()).add(std::to_string(imei.number()));
    parameters.add(terminal && terminal->svn ? std::optional(column_text(*terminal->svn)) : std::nullopt);
    parameters.add(column_text(node.host)).add(milliseconds_of(now));
    if (Session::run(transaction, statement::ask_operator, parameters)[0][0].as<bool>()) {
        Session::run(transaction, statement::forget_approvals,
                     Parameters().add(imsi.str()).add(std::to_string(approvals_kept_max)));
    }
}

bool acquire_device(pqxx::transaction_base& transaction, const Imsi& imsi, Imei imei) {
    const auto of_imsi = Parameters().add(imsi.str());
    Session::run(transaction, statement::hold_binding, of_imsi);
    Parameters parameters;
    parameters.add(imsi.str()).add(std::to_string(imei.number()));
    const auto row = Session::run(transaction, statement::acquire_device, parameters)[0];
    const bool is_new = row[0].as<bool>();
    if (is_new) Session::run(transaction, statement::renew_kme, of_imsi);
    return is_new || row[1].as<bool>();
}

bool tells_of_device_alone(const Refusal& refusal) {
    const auto& terminal = refusal.terminal_information;
    return !refusal.lock && !refusal.refuse_until && !refusal.ask && terminal && terminal->imei;
}

std::vector<Result<Done>> remember_refused(Session& session,
                                           const std::vector<const RefusedReport*>& reports) {
    ArrayLiteral imsis, imeis, svns, times, hosts, provenances;
    for (const auto* report : reports) {
        const auto& refusal = report->refusal;
        imsis.add_bare(report->imsi.digits());
        imeis.add(refusal.terminal_information->imei->number());
        svns.add_text(column_text(refusal.terminal_information->svn.value_or("")));
        times.add(refusal.now.time_since_epoch().count());
        hosts.add_text(column_text(refusal.node.host));
        provenances.add(static_cast<int>(refusal.provenance));
    }
    Parameters parameters;
    parameters.add(imsis.str()).add(imeis.str()).add(svns.str()).add(times.str()).add(hosts.str());
    parameters.add(provenances.str());
    pqxx::work transaction(session.connection());
    std::vector<Result<Done>> results(reports.size(), unknown_subscription());
    for (const auto& row : Session::run(transaction, statement::remember_refused, parameters)) {
        const auto place = row[0].as<std::size_t>();
        results.at(place) = Done{};
        if (row[1].as<bool>()) forget_devices(transaction, reports[place]->imsi);
    }
    transaction.commit();
    return results;
}

Result<Done> record_refusal(Session& session, const Imsi& imsi, const Refusal& refusal) {
    pqxx::work transaction(session.connection());
    if (!lock_subscriber(transaction, imsi)) return unknown_subscription();
    remember_device(transaction, imsi, refusal.terminal_information, refusal.node, refusal.provenance,
                    refusal.now);
    if (refusal.lock) lock_binding(transaction, imsi);
    if (refusal.refuse_until) {
        Session::run(transaction, statement::refuse_next,
                     Parameters().add(imsi.str()).add(milliseconds_of(*refusal.refuse_until)));
    }
    if (refusal.ask) {
        ask_operator(transaction, imsi, *refusal.ask, refusal.terminal_information, refusal.node,
                     refusal.now);
    }
    transaction.commit();
    return Done{};
}

Result<binding::Change> record_sign(Session& session, const Imsi& imsi, const SignReport& report) {
    pqxx::work transaction(session.connection());
    Parameters parameters;
    parameters.add(imsi.str());
    parameters.add(report.kme_id ? std::optional(std::to_string(*report.kme_id)) : std::nullopt);
    const auto rows = Session::run(transaction, statement::load_standing, parameters);
    if (rows.empty()) return unknown_subscription();
    const auto ground = ground_of(rows[0]);
    if (!binding::needs_kme(ground.policy)) return binding::Change{ground.standing};
    auto change =
        binding::after(ground.standing, report.sign, ground.on_suspicion, ground.candidates, report.settings);
    const auto kme_id = change.next_key                       ? ground.next_kme
                        : report.sign == binding::Sign::proof ? ground.proven_kme
                                                              : ground.active_kme;
    store_standing(transaction, imsi, report, change, kme_id);
    transaction.commit();
    return change;
}

Result<std::optional<std::int64_t>> find_kme(Session& session, const Imsi& imsi, Imei imei) {
    Parameters parameters;
    parameters.add(imsi.str()).add(std::to_string(imei.number()));
    const auto rows = session.run(statement::find_kme, parameters);
    if (rows.empty()) return unknown_subscription();
    std::optional<std::int64_t> found;
    if (!rows[0][0].is_null()) found = rows[0][0].as<std::int64_t>();
    return found;
}

void prove_kme(pqxx::transaction_base& transaction, const Imsi& imsi, std::int64_t kme_id) {
    Session::run(transaction, statement::prove_kme, Parameters().add(imsi.str()).add(std::to_string(kme_id)));
}

}  // namespace bindhss::store::postgres
