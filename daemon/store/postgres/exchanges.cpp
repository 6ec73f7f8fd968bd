// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/exchanges.h"

#include <atomic>

#include "store/exchange_rules.h"
#include "store/postgres/array_literal.h"
#include "store/postgres/exchange_rows.h"
#include "store/postgres/jobs.h"
#include "store/postgres/registration_rows.h"
#include "store/postgres/statements.h"
#include "store/postgres/subscriber_view.h"
#include "store/refusals.h"
#include "subscription/merge.h"
#include "types/limits.h"

namespace bindhss::store::postgres {
namespace {

OctetString octets_in(const pqxx::field& field) {
    return octets_of({field.c_str(), field.size()});
}

std::optional<WallTime> optional_time(const pqxx::field& field) {
    if (field.is_null()) return std::nullopt;
    return time_of(field.as<std::int64_t>());
}

Failure does_not_open() {
    return fail(Cause::unable_to_comply, "the secret of the exchange does not open");
}

Result<std::optional<PendingExchange>> load(Session& session, const crypto::KeyRing& keys,
                                            const binding::TransactionId& transaction, WallTime now) {
    Parameters parameters;
    parameters.add(bytea_of(transaction)).add(milliseconds_of(now));
    const auto rows = session.run(statement::load_exchange, parameters);
    if (rows.empty()) return std::optional<PendingExchange>();
    const auto& row = rows[0];
    const auto imsi = Imsi::parse(row[0].c_str());
    if (!imsi) throw std::runtime_error("the database holds an IMSI that is none");
    auto secret = open_secret(keys, octets_in(row[3]), *imsi, transaction);
    if (!secret) return does_not_open();
    PendingExchange pending{*imsi, imei_of(row[1].as<std::uint64_t>())};
    pending.terms.transaction = transaction;
    pending.terms.nonce = secret->second;
    pending.terms.generation = row[2].as<std::uint32_t>();
    pending.terms.rand_algorithm = static_cast<binding::RandAlgorithm>(row[4].as<int>());
    pending.terms.not_after = optional_time(row[5]);
    pending.kme = std::move(secret->first);
    pending.occasion = static_cast<binding::Occasion>(row[6].as<int>());
    pending.way = static_cast<ExchangeWay>(row[7].as<int>());
    pending.node = {row[8].c_str(), row[9].c_str()};
    pending.deadline = time_of(row[10].as<std::int64_t>());
    return std::optional(std::move(pending));
}

std::vector<NodeRequest> reattach_unproven(pqxx::transaction_base& transaction,
                                           const FinishExchange& finish) {
    Parameters parameters;
    parameters.add(finish.imsi.str())
        .add(std::to_string(static_cast<int>(s6a::CancellationType::subscription_withdrawal)));
    parameters.add(milliseconds_of(finish.now)).add(milliseconds_of(finish.now + reattach_lease));
    std::vector<NodeRequest> requests;
    for (const auto& row : Session::run(transaction, statement::reattach_unproven, parameters))
        requests.push_back(node_request_of(row));
    return requests;
}

/// In one transaction with what it leads to.
Finished finish_with_reattach(Session& session, const FinishRequest& request) {
    Finished finished;
    pqxx::work transaction(session.connection());
    finished.stored = finish_exchanges(transaction, {&request})[0];
    if (finished.stored) finished.cancellations = reattach_unproven(transaction, request.finish);
    transaction.commit();
    return finished;
}

std::vector<Result<Finished>> finish_together(Session& session,
                                              const std::vector<const FinishRequest*>& requests) {
    pqxx::nontransaction transaction(session.connection());
    const auto stored = finish_exchanges(transaction, requests);
    std::vector<Result<Finished>> results;
    for (const bool one : stored) {
        Finished finished;
        finished.stored = one;
        results.emplace_back(std::move(finished));
    }
    return results;
}

/// An import may store a key of the device between two looks at it; at the next try it is seen.
template <class Work>
auto tried(Work work) {
    for (int attempt = 1;; ++attempt) {
        try {
            return work();
        } catch (const pqxx::unique_violation&) {
            if (attempt == limits::request_transaction_tries_max) throw;
        }
    }
}

/// What the row holds, of an exchange that whoever finishes it has not begun. Nothing: it is gone.
Result<std::optional<ProvenKey>> load_key(Session& session, const crypto::KeyRing& keys,
                                          const FinishExchange& finish) {
    Parameters parameters;
    parameters.add(bytea_of(finish.transaction)).add(finish.imsi.str());
    const auto rows = session.run(statement::exchange_secret, parameters);
    if (rows.empty()) return std::optional<ProvenKey>();
    auto secret = open_secret(keys, octets_in(rows[0][2]), finish.imsi, finish.transaction);
    if (!secret) return does_not_open();
    ProvenKey key{imei_of(rows[0][0].as<std::uint64_t>()), rows[0][1].as<std::uint32_t>(),
                  std::move(secret->first)};
    return std::optional(std::move(key));
}

/// `from_row`: of an exchange that has established a key, and whoever finishes it has not that key at hand.
Result<Finished> finish_alone(Session& session, const crypto::KeyRing& keys, Random& random,
                              FinishRequest request, bool from_row) {
    const auto& finish = request.finish;
    if (from_row) {
        auto key = load_key(session, keys, finish);
        if (!key) return key.error();
        if (!*key) return Finished{};
        request.key = stored_key(keys, random, **key);
    }
    if (finish.reattach) return tried([&] { return finish_with_reattach(session, request); });
    return tried([&] { return std::move(finish_together(session, {&request})[0]); });
}

Result<std::optional<RestrictedProfile>> load_restricted_profile(Session& session, const Imsi& imsi,
                                                                 const std::string& profile) {
    const auto rows =
        session.run(statement::load_restricted, Parameters().add(imsi.str()).add(column_text(profile)));
    if (rows.empty()) return unknown_subscription();
    const auto& row = rows[0];
    if (row[1].is_null()) return std::optional<RestrictedProfile>();
    RestrictedProfile result;
    result.version = {row[1].as<std::int64_t>(), "{}", row[0].c_str()};
    auto made =
        subscription::subscription_of(row[2].c_str(), result.version.override_json, result.version.msisdn);
    if (!made) return fail(Cause::unable_to_comply, "the restricted profile is none: " + made.error().detail);
    result.subscription = std::move(*made);
    return std::optional(std::move(result));
}

/// Their two transactions cost much to begin, and a device takes longer for its answer.
constexpr std::chrono::milliseconds exchanges_apart{40};

}  // namespace

struct PostgresExchanges::Impl {
    Impl(PostgresStore& store, const crypto::KeyRing& ring, Random& source)
        : others(store),
          jobs(store.jobs()),
          keys(ring),
          random(source),
          beginnings(make_kind<BeginRequest, Beginning>(
              [&ring](Session& session, const auto& requests) {
                  return begin_exchanges(session, ring, requests);
              },
              exchanges_apart)),
          endings(make_kind<FinishRequest, Finished>(
              [](Session& session, const auto& requests) {
                  return tried([&] { return finish_together(session, requests); });
              },
              exchanges_apart)),
          sessions(make_kind<SessionToKeep, Done>(keep_sessions)),
          absences(make_kind<Absence, bool>(have_come_again)) {}

    [[nodiscard]] bool time_to_sweep() { return begun++ % exchanges_between_sweeps == 0; }

    PostgresStore& others;
    JobLane& jobs;
    const crypto::KeyRing& keys;
    Random& random;
    const SharedKind<BeginRequest, Beginning> beginnings;
    const SharedKind<FinishRequest, Finished> endings;
    const SharedKind<SessionToKeep, Done> sessions;
    const SharedKind<Absence, bool> absences;
    std::atomic<std::uint32_t> begun{0};
};

PostgresExchanges::PostgresExchanges(PostgresStore& store, const crypto::KeyRing& keys, Random& random)
    : impl_(std::make_unique<Impl>(store, keys, random)) {}

PostgresExchanges::~PostgresExchanges() = default;

Awaitable<Beginning> PostgresExchanges::begin_exchange(BeginExchange exchange) {
    if (exchange.key && !is_valid(*exchange.key, exchange.now)) {
        if (const auto refused = refusal_of(exchange)) {
            const auto kept = co_await impl_->others.record_refusal(exchange.imsi, *refused);
            if (!kept) co_return kept.error();
        }
        co_return Beginning(NotBegun::no_public_key);
    }
    // Sealed here and not by the lane's thread, which has others to serve.
    BeginRequest request{std::move(exchange), {}, impl_->time_to_sweep()};
    request.sealed = seal_secret(impl_->keys, impl_->random, request.exchange);
    request.exchange.kme = SecretString();
    const auto imsi = request.exchange.imsi;
    co_return co_await run_shared<BeginRequest, Beginning>(impl_->jobs, Cause::unable_to_comply,
                                                           impl_->beginnings, imsi, std::move(request));
}

Awaitable<std::optional<PendingExchange>> PostgresExchanges::load_exchange(binding::TransactionId transaction,
                                                                           WallTime now) {
    using Found = std::optional<PendingExchange>;
    JobOf<Found>::Work work = [&keys = impl_->keys, transaction, now](Session& session) {
        return load(session, keys, transaction, now);
    };
    co_return co_await run_job<Found>(impl_->jobs, Cause::unable_to_comply, std::move(work));
}

Awaitable<Finished> PostgresExchanges::finish_exchange(FinishExchange finish) {
    const bool established = finish.outcome == binding::ExchangeOutcome::established;
    const bool from_row = established && !finish.key;
    const auto imsi = finish.imsi;
    FinishRequest request{std::move(finish), {}};
    if (established && !from_row) request.key = stored_key(impl_->keys, impl_->random, *request.finish.key);
    request.finish.key.reset();  // nothing that waits holds it open
    if (from_row || (established && request.finish.reattach)) {
        JobOf<Finished>::Work work = [&keys = impl_->keys, &random = impl_->random, from_row,
                                      waiting = std::move(request)](Session& session) {
            return finish_alone(session, keys, random, waiting, from_row);
        };
        co_return co_await run_job<Finished>(impl_->jobs, Cause::unable_to_comply, std::move(work));
    }
    co_return co_await run_shared<FinishRequest, Finished>(impl_->jobs, Cause::unable_to_comply,
                                                           impl_->endings, imsi, std::move(request));
}

Awaitable<Done> PostgresExchanges::abort_exchange(Imsi imsi, std::string host) {
    JobOf<Done>::Work work = [imsi, host](Session& session) -> Result<Done> {
        session.run(statement::abort_exchange, Parameters().add(imsi.str()).add(column_text(host)));
        return Done{};
    };
    co_return co_await run_job<Done>(impl_->jobs, Cause::unable_to_comply, std::move(work));
}

Awaitable<bool> PostgresExchanges::exchange_pending(Imsi imsi, WallTime now) {
    JobOf<bool>::Work work = [imsi, now](Session& session) -> Result<bool> {
        const auto parameters = Parameters().add(imsi.str()).add(milliseconds_of(now));
        return session.run(statement::exchange_pending, parameters)[0][0].as<bool>();
    };
    co_return co_await run_job<bool>(impl_->jobs, Cause::unable_to_comply, std::move(work));
}

Awaitable<bool> PostgresExchanges::has_come_again(Imsi imsi, ServingNode node, WallTime since) {
    Absence absence{imsi, std::move(node), since};
    co_return co_await run_shared<Absence, bool>(impl_->jobs, Cause::unable_to_comply, impl_->absences, imsi,
                                                 std::move(absence));
}

Awaitable<Done> PostgresExchanges::keep_session(Imsi imsi, binding::AkaSession session, WallTime until) {
    SessionToKeep kept{imsi, seal_session(impl_->keys, impl_->random, imsi, session), until,
                       impl_->time_to_sweep()};
    co_return co_await run_shared<SessionToKeep, Done>(impl_->jobs, Cause::unable_to_comply, impl_->sessions,
                                                       imsi, std::move(kept));
}

Awaitable<std::optional<RestrictedProfile>> PostgresExchanges::load_restricted(Imsi imsi,
                                                                               std::string profile) {
    using Found = std::optional<RestrictedProfile>;
    JobOf<Found>::Work work = [imsi, profile](Session& session) {
        return load_restricted_profile(session, imsi, profile);
    };
    co_return co_await run_job<Found>(impl_->jobs, Cause::unable_to_comply, std::move(work));
}

}  // namespace bindhss::store::postgres
