// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/exchanges.h"

#include "crypto/aes.h"
#include "store/exchange_rules.h"
#include "store/import_plan.h"
#include "store/postgres/array_literal.h"
#include "store/postgres/jobs.h"
#include "store/postgres/registration_rows.h"
#include "store/postgres/reservation.h"
#include "store/postgres/statements.h"
#include "store/postgres/subscriber_view.h"
#include "store/refusals.h"
#include "subscription/merge.h"
#include "types/limits.h"

namespace bindhss::store::postgres {
namespace {

constexpr std::size_t nonce_octets = std::tuple_size_v<binding::Nonce>;
constexpr std::size_t session_octets = 16 + 16 + Autn::size;
/// How often a transaction is tried that an import got ahead of.
constexpr int attempts_max = 3;

using Beginning = std::variant<Begun, NotBegun>;

OctetString octets_in(const pqxx::field& field) {
    return octets_of({field.c_str(), field.size()});
}

std::optional<WallTime> optional_time(const pqxx::field& field) {
    if (field.is_null()) return std::nullopt;
    return time_of(field.as<std::int64_t>());
}

std::optional<std::string> optional_milliseconds(const std::optional<WallTime>& time) {
    if (!time) return std::nullopt;
    return milliseconds_of(*time);
}

template <class Enum>
std::string number_of(Enum value) {
    return std::to_string(static_cast<int>(value));
}

/// An exchange that takes another one's row has other secrets: neither opens in the other's place.
std::string exchange_row(const Imsi& imsi, const binding::TransactionId& transaction) {
    return imsi.str() + ":" + to_hex(transaction);
}

OctetString joined(std::initializer_list<OctetView> parts) {
    std::size_t size = 0;
    for (const auto part : parts) size += part.size();
    OctetString octets;
    octets.reserve(size);  // no copy of a secret stays behind
    for (const auto part : parts) octets.insert(octets.end(), part.begin(), part.end());
    return octets;
}

Failure does_not_open() {
    return fail(Cause::unable_to_comply, "the secret of the exchange does not open");
}

/// KME and N_HSS of an exchange; nothing when the seal does not open.
std::optional<std::pair<SecretString, binding::Nonce>> open_secret(
    const crypto::KeyRing& keys, const pqxx::field& sealed, const Imsi& imsi,
    const binding::TransactionId& transaction) {
    const auto row = exchange_row(imsi, transaction);
    const auto secret = keys.open(octets_in(sealed), {"kme_exchange", "secret", row});
    if (!secret || secret->size() <= nonce_octets) return std::nullopt;
    const auto octets = secret->view();
    const auto key_octets = octets.size() - nonce_octets;
    std::pair<SecretString, binding::Nonce> result{SecretString(octets.first(key_octets)), {}};
    std::copy_n(octets.begin() + static_cast<std::ptrdiff_t>(key_octets), nonce_octets,
                result.second.begin());
    return result;
}

/// Without what does not open the exchange is one without HOME-MAC.
std::optional<binding::AkaSession> open_session(const crypto::KeyRing& keys, const pqxx::field& sealed,
                                                const Imsi& imsi) {
    if (sealed.is_null()) return std::nullopt;
    const auto secret = keys.open(octets_in(sealed), {"kme_session", "secret", imsi.digits()});
    if (!secret || secret->size() != session_octets) return std::nullopt;
    const auto octets = secret->view();
    return binding::AkaSession{Secret<16>::from(octets.first(16)).value(),
                               Secret<16>::from(octets.subspan(16, 16)).value(),
                               Autn::from(octets.subspan(32)).value()};
}

Parameters parameters_of(const BeginExchange& exchange, const OctetString& sealed) {
    Parameters parameters;
    parameters.add(exchange.imsi.str()).add(std::to_string(exchange.imei.number()));
    parameters.add(owner_name(exchange.imei)).add(bytea_of(exchange.transaction)).add(bytea_of(sealed));
    parameters.add(number_of(exchange.rand_algorithm)).add(optional_milliseconds(exchange.not_after));
    parameters.add(number_of(exchange.occasion)).add(number_of(exchange.way));
    parameters.add(column_text(exchange.node.host)).add(column_text(exchange.node.realm));
    parameters.add(std::to_string(exchange.end_to_end)).add(std::string(exchange.key ? "t" : "f"));
    parameters.add(std::to_string(limits::binding_devices_max));
    parameters.add(milliseconds_of(exchange.deadline)).add(milliseconds_of(exchange.now));
    return parameters;
}

DeviceKey key_of(const pqxx::row& row, Imei imei) {
    DeviceKey key{imei};
    key.type = static_cast<crypto::KeyType>(row[3].as<int>());
    const auto fingerprint = octets_in(row[4]);
    std::copy_n(fingerprint.begin(), std::min(fingerprint.size(), key.fingerprint.size()),
                key.fingerprint.begin());
    key.der = octets_in(row[5]);
    key.origin = row[6].c_str();
    key.valid_from = optional_time(row[7]);
    key.valid_until = optional_time(row[8]);
    if (!row[9].is_null()) key.secure = row[9].as<bool>();
    key.added = time_of(row[10].as<std::int64_t>());
    return key;
}

void sweep(Session& session, WallTime now) {
    Parameters parameters;
    parameters.add(milliseconds_of(now)).add(std::to_string(exchanges_swept_max));
    parameters.add(std::to_string(exchange_overdue.count()));
    parameters.add(std::to_string(std::chrono::seconds(failure_remembered).count()));
    session.run(statement::sweep_exchanges, parameters);
}

Result<Beginning> begin(Session& session, const crypto::KeyRing& keys, const BeginExchange& exchange,
                        const Parameters& parameters) {
    const auto rows = session.run(statement::begin_exchange, parameters);
    if (rows.empty()) return unknown_subscription();
    const auto& row = rows[0];
    if (!row[0].is_null()) {
        const auto why = row[0].as<int>();
        if (why == 3) return no_further_generation();
        if (why == 4) return no_room_for_device();
        return Beginning(static_cast<NotBegun>(why));
    }
    Begun begun{row[1].as<std::uint32_t>(), exchange.key ? *exchange.key : key_of(row, exchange.imei),
                open_session(keys, row[2], exchange.imsi)};
    return Beginning(std::move(begun));
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
    auto secret = open_secret(keys, row[3], *imsi, transaction);
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

/// The key of an exchange on its way from one table to the other.
struct Moving {
    std::string owner;
    OctetString sealed;
    std::string check_value;
};

/// Nothing: there is no such exchange any more.
Result<std::optional<Moving>> moving_of(Session& session, const crypto::KeyRing& keys, Random& random,
                                        const FinishExchange& finish) {
    Parameters parameters;
    parameters.add(bytea_of(finish.transaction)).add(finish.imsi.str());
    const auto rows = session.run(statement::exchange_secret, parameters);
    if (rows.empty()) return std::optional<Moving>();
    const auto secret = open_secret(keys, rows[0][2], finish.imsi, finish.transaction);
    if (!secret) return does_not_open();
    Moving moving{owner_name(imei_of(rows[0][0].as<std::uint64_t>()))};
    const auto row = kme_row(moving.owner, rows[0][1].as<std::uint32_t>());
    moving.sealed = keys.seal(secret->first.view(), {"kme", "key", row}, random);
    moving.check_value = to_hex(crypto::key_check_value(secret->first.view()));
    return std::optional(std::move(moving));
}

Parameters parameters_of(const FinishExchange& finish, const Moving& moving) {
    ArrayLiteral pauses;
    if (counts_as_failure(finish.outcome))
        for (const auto pause : finish.pauses) pauses.add(pause.count());
    const bool established = finish.outcome == binding::ExchangeOutcome::established;
    Parameters parameters;
    parameters.add(finish.imsi.str()).add(bytea_of(finish.transaction)).add(moving.owner);
    parameters.add(std::string(established ? "t" : "f")).add(bytea_of(moving.sealed)).add(moving.check_value);
    parameters.add(pauses.str()).add(std::to_string(limits::binding_devices_max));
    parameters.add(milliseconds_of(finish.now));
    return parameters;
}

std::vector<NodeRequest> reattach_unproven(pqxx::transaction_base& transaction,
                                           const FinishExchange& finish) {
    Parameters parameters;
    parameters.add(finish.imsi.str()).add(number_of(s6a::CancellationType::subscription_withdrawal));
    parameters.add(milliseconds_of(finish.now)).add(milliseconds_of(finish.now + reattach_lease));
    std::vector<NodeRequest> requests;
    for (const auto& row : Session::run(transaction, statement::reattach_unproven, parameters))
        requests.push_back(node_request_of(row));
    return requests;
}

Finished finish_once(Session& session, const FinishExchange& finish, const Parameters& parameters) {
    Finished finished;
    if (!finish.reattach || finish.outcome != binding::ExchangeOutcome::established) {
        finished.stored = session.run(statement::finish_exchange, parameters)[0][0].as<bool>();
        return finished;
    }
    pqxx::work transaction(session.connection());
    finished.stored = Session::run(transaction, statement::finish_exchange, parameters)[0][0].as<bool>();
    if (finished.stored) finished.cancellations = reattach_unproven(transaction, finish);
    transaction.commit();
    return finished;
}

Result<Finished> finish_exchange(Session& session, const crypto::KeyRing& keys, Random& random,
                                 const FinishExchange& finish) {
    Moving moving;
    if (finish.outcome == binding::ExchangeOutcome::established) {
        auto found = moving_of(session, keys, random, finish);
        if (!found) return found.error();
        if (!*found) return Finished{};
        moving = std::move(**found);
    }
    const auto parameters = parameters_of(finish, moving);
    for (int attempt = 1;; ++attempt) {
        try {
            return finish_once(session, finish, parameters);
        } catch (const pqxx::unique_violation&) {
            // An import stored a key of the device between two looks at it; it is seen now.
            if (attempt == attempts_max) throw;
        }
    }
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

}  // namespace

bool PostgresExchanges::time_to_sweep() {
    return begun_++ % exchanges_between_sweeps == 0;
}

Awaitable<Beginning> PostgresExchanges::begin_exchange(BeginExchange exchange) {
    if (exchange.key && !is_valid(*exchange.key, exchange.now)) co_return Beginning(NotBegun::no_public_key);
    // Sealed here and not by the lane's thread, which has others to serve.
    const auto row = exchange_row(exchange.imsi, exchange.transaction);
    const SecretString secret(joined({exchange.kme.view(), exchange.nonce}));
    const auto sealed = keys_.seal(secret.view(), {"kme_exchange", "secret", row}, random_);
    exchange.kme = SecretString();
    const auto parameters = parameters_of(exchange, sealed);
    JobOf<Beginning>::Work work = [&keys = keys_, exchange, parameters,
                                   sweeps = time_to_sweep()](Session& session) {
        if (sweeps) sweep(session, exchange.now);
        return begin(session, keys, exchange, parameters);
    };
    co_return co_await run_job<Beginning>(jobs_, Cause::unable_to_comply, std::move(work));
}

Awaitable<std::optional<PendingExchange>> PostgresExchanges::load_exchange(binding::TransactionId transaction,
                                                                           WallTime now) {
    using Found = std::optional<PendingExchange>;
    JobOf<Found>::Work work = [&keys = keys_, transaction, now](Session& session) {
        return load(session, keys, transaction, now);
    };
    co_return co_await run_job<Found>(jobs_, Cause::unable_to_comply, std::move(work));
}

Awaitable<Finished> PostgresExchanges::finish_exchange(FinishExchange finish) {
    JobOf<Finished>::Work work = [&keys = keys_, &random = random_, finish](Session& session) {
        return postgres::finish_exchange(session, keys, random, finish);
    };
    co_return co_await run_job<Finished>(jobs_, Cause::unable_to_comply, std::move(work));
}

Awaitable<Done> PostgresExchanges::abort_exchange(Imsi imsi, std::string host) {
    JobOf<Done>::Work work = [imsi, host](Session& session) -> Result<Done> {
        session.run(statement::abort_exchange, Parameters().add(imsi.str()).add(column_text(host)));
        return Done{};
    };
    co_return co_await run_job<Done>(jobs_, Cause::unable_to_comply, std::move(work));
}

Awaitable<bool> PostgresExchanges::exchange_pending(Imsi imsi, WallTime now) {
    JobOf<bool>::Work work = [imsi, now](Session& session) -> Result<bool> {
        const auto parameters = Parameters().add(imsi.str()).add(milliseconds_of(now));
        return session.run(statement::exchange_pending, parameters)[0][0].as<bool>();
    };
    co_return co_await run_job<bool>(jobs_, Cause::unable_to_comply, std::move(work));
}

Awaitable<Done> PostgresExchanges::keep_session(Imsi imsi, binding::AkaSession session, WallTime until) {
    const SecretString secret(joined({session.ck.view(), session.ik.view(), session.autn.view()}));
    const auto sealed = keys_.seal(secret.view(), {"kme_session", "secret", imsi.digits()}, random_);
    Parameters parameters;
    parameters.add(imsi.str()).add(bytea_of(sealed)).add(milliseconds_of(until));
    // Who is told when it ends does not know what time it is: what ended this long before it is over.
    const auto past = until - failure_remembered;
    JobOf<Done>::Work work = [parameters, past, sweeps = time_to_sweep()](Session& on) -> Result<Done> {
        if (sweeps) sweep(on, past);
        on.run(statement::keep_session, parameters);
        return Done{};
    };
    co_return co_await run_job<Done>(jobs_, Cause::unable_to_comply, std::move(work));
}

Awaitable<std::optional<RestrictedProfile>> PostgresExchanges::load_restricted(Imsi imsi,
                                                                               std::string profile) {
    using Found = std::optional<RestrictedProfile>;
    JobOf<Found>::Work work = [imsi, profile](Session& session) {
        return load_restricted_profile(session, imsi, profile);
    };
    co_return co_await run_job<Found>(jobs_, Cause::unable_to_comply, std::move(work));
}

}  // namespace bindhss::store::postgres
