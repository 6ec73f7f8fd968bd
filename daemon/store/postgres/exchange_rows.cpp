// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/exchange_rows.h"

#include <algorithm>

#include "crypto/aes.h"
#include "store/exchange_rules.h"
#include "store/import_plan.h"
#include "store/kept.h"
#include "store/postgres/array_literal.h"
#include "store/postgres/registration_rows.h"
#include "store/postgres/reservation.h"
#include "store/postgres/statements.h"
#include "store/postgres/subscriber_view.h"
#include "store/refusals.h"
#include "types/limits.h"

namespace bindhss::store::postgres {
namespace {

constexpr std::size_t nonce_octets = std::tuple_size_v<binding::Nonce>;
constexpr std::size_t session_octets = 16 + 16 + Autn::size;

OctetString octets_in(const pqxx::field& field) {
    return octets_of({field.c_str(), field.size()});
}

std::optional<WallTime> optional_time(const pqxx::field& field) {
    if (field.is_null()) return std::nullopt;
    return time_of(field.as<std::int64_t>());
}

std::int64_t number_of(WallTime time) {
    return time.time_since_epoch().count();
}

std::optional<std::int64_t> optional_number(const std::optional<WallTime>& time) {
    if (!time) return std::nullopt;
    return number_of(*time);
}

std::string_view flag(bool set) {
    return set ? "t" : "f";
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

void sweep(Session& session, WallTime now) {
    Parameters parameters;
    parameters.add(milliseconds_of(now)).add(std::to_string(exchanges_swept_max));
    parameters.add(std::to_string(exchange_overdue.count()));
    parameters.add(std::to_string(std::chrono::seconds(failure_remembered).count()));
    session.run(statement::sweep_exchanges, parameters);
}

Parameters parameters_of(const std::vector<const BeginRequest*>& requests) {
    ArrayLiteral imsis, imeis, owners, transactions, secrets, algorithms, not_after, occasions, ways, hosts,
        realms, end_to_end, with_key, deadlines, now, svns, provenances;
    for (const auto* request : requests) {
        const auto& exchange = request->exchange;
        imsis.add_bare(exchange.imsi.digits());
        imeis.add(exchange.imei.number());
        owners.add_text(owner_name(exchange.imei));
        transactions.add_octets(exchange.transaction);
        secrets.add_octets(request->sealed);
        algorithms.add(static_cast<int>(exchange.rand_algorithm));
        not_after.add(optional_number(exchange.not_after));
        occasions.add(static_cast<int>(exchange.occasion));
        ways.add(static_cast<int>(exchange.way));
        hosts.add_text(column_text(exchange.node.host));
        realms.add_text(column_text(exchange.node.realm));
        end_to_end.add(exchange.end_to_end);
        with_key.add_bare(flag(exchange.key.has_value()));
        deadlines.add(number_of(exchange.deadline));
        now.add(number_of(exchange.now));
        const auto seen = exchange.seen.value_or(SeenDevice{});
        svns.add_text(column_text(seen.svn.value_or("")));
        provenances.add(exchange.seen ? std::optional(static_cast<int>(seen.provenance)) : std::nullopt);
    }
    Parameters parameters;
    for (auto* column : {&imsis, &imeis, &owners, &transactions, &secrets, &algorithms, &not_after,
                         &occasions, &ways, &hosts, &realms, &end_to_end, &with_key, &deadlines, &now})
        parameters.add(column->str());
    parameters.add(std::to_string(limits::binding_devices_max)).add(svns.str()).add(provenances.str());
    parameters.add(std::to_string(devices_kept_max));
    return parameters;
}

DeviceKey key_of(const pqxx::row& row, Imei imei) {
    DeviceKey key{imei};
    key.type = static_cast<crypto::KeyType>(row[4].as<int>());
    const auto fingerprint = octets_in(row[5]);
    std::copy_n(fingerprint.begin(), std::min(fingerprint.size(), key.fingerprint.size()),
                key.fingerprint.begin());
    key.der = octets_in(row[6]);
    key.origin = row[7].c_str();
    key.valid_from = optional_time(row[8]);
    key.valid_until = optional_time(row[9]);
    if (!row[10].is_null()) key.secure = row[10].as<bool>();
    key.added = time_of(row[11].as<std::int64_t>());
    return key;
}

Result<Beginning> beginning_of(const pqxx::row& row, const crypto::KeyRing& keys,
                               const BeginExchange& exchange) {
    if (!row[1].is_null()) {
        const auto why = row[1].as<int>();
        if (why == 3) return no_further_generation();
        if (why == 4) return no_room_for_device();
        return Beginning(static_cast<NotBegun>(why));
    }
    Begun begun{row[2].as<std::uint32_t>(), exchange.key ? *exchange.key : key_of(row, exchange.imei),
                open_session(keys, row[3], exchange.imsi)};
    return Beginning(std::move(begun));
}

}  // namespace

OctetString seal_secret(const crypto::KeyRing& keys, Random& random, const BeginExchange& exchange) {
    const auto row = exchange_row(exchange.imsi, exchange.transaction);
    const SecretString secret(joined({exchange.kme.view(), exchange.nonce}));
    return keys.seal(secret.view(), {"kme_exchange", "secret", row}, random);
}

std::optional<std::pair<SecretString, binding::Nonce>> open_secret(
    const crypto::KeyRing& keys, OctetView sealed, const Imsi& imsi,
    const binding::TransactionId& transaction) {
    const auto row = exchange_row(imsi, transaction);
    const auto secret = keys.open(sealed, {"kme_exchange", "secret", row});
    if (!secret || secret->size() <= nonce_octets) return std::nullopt;
    const auto octets = secret->view();
    const auto key_octets = octets.size() - nonce_octets;
    std::pair<SecretString, binding::Nonce> result{SecretString(octets.first(key_octets)), {}};
    std::copy_n(octets.begin() + static_cast<std::ptrdiff_t>(key_octets), nonce_octets,
                result.second.begin());
    return result;
}

OctetString seal_session(const crypto::KeyRing& keys, Random& random, const Imsi& imsi,
                         const binding::AkaSession& session) {
    const SecretString secret(joined({session.ck.view(), session.ik.view(), session.autn.view()}));
    return keys.seal(secret.view(), {"kme_session", "secret", imsi.digits()}, random);
}

StoredKey stored_key(const crypto::KeyRing& keys, Random& random, const ProvenKey& key) {
    StoredKey stored{owner_name(key.imei)};
    const auto row = kme_row(stored.owner, key.generation);
    stored.sealed = keys.seal(key.kme.view(), {"kme", "key", row}, random);
    stored.check_value = to_hex(crypto::key_check_value(key.kme.view()));
    return stored;
}

std::vector<Result<Beginning>> begin_exchanges(Session& session, const crypto::KeyRing& keys,
                                               const std::vector<const BeginRequest*>& requests) {
    for (const auto* request : requests)
        if (request->sweeps) sweep(session, request->exchange.now);
    std::vector<Result<Beginning>> results(requests.size(), unknown_subscription());
    for (const auto& row : session.run(statement::begin_exchange, parameters_of(requests))) {
        const auto place = row[0].as<std::size_t>();
        try {
            results.at(place) = beginning_of(row, keys, requests[place]->exchange);
        } catch (const std::exception&) {
            // It is stored, and ends by its deadline; those beside it go on.
            results.at(place) = fail(Cause::unable_to_comply, "the key on record cannot be read");
        }
    }
    return results;
}

std::vector<bool> finish_exchanges(pqxx::transaction_base& transaction,
                                   const std::vector<const FinishRequest*>& requests) {
    ArrayLiteral imsis, transactions, owners, established, sealed, check_values, pauses, now;
    for (const auto* request : requests) {
        const auto& finish = request->finish;
        ArrayLiteral of_this;
        if (counts_as_failure(finish.outcome))
            for (const auto pause : finish.pauses) of_this.add(pause.count());
        imsis.add_bare(finish.imsi.digits());
        transactions.add_octets(finish.transaction);
        owners.add_text(request->key.owner);
        established.add_bare(flag(finish.outcome == binding::ExchangeOutcome::established));
        sealed.add_octets(request->key.sealed);
        check_values.add_text(request->key.check_value);
        pauses.add_text(of_this.str());
        now.add(number_of(finish.now));
    }
    Parameters parameters;
    parameters.add(imsis.str()).add(transactions.str()).add(owners.str()).add(established.str());
    parameters.add(sealed.str()).add(check_values.str()).add(pauses.str());
    parameters.add(std::to_string(limits::binding_devices_max)).add(now.str());
    std::vector<bool> stored(requests.size());
    for (const auto& row : Session::run(transaction, statement::finish_exchange, parameters))
        stored.at(row[0].as<std::size_t>()) = row[1].as<bool>();
    return stored;
}

std::vector<Result<bool>> have_come_again(Session& session, const std::vector<const Absence*>& absences) {
    ArrayLiteral imsis, hosts, realms, since;
    for (const auto* absence : absences) {
        imsis.add_bare(absence->imsi.digits());
        hosts.add_text(column_text(absence->node.host));
        realms.add_text(column_text(absence->node.realm));
        since.add(number_of(absence->since));
    }
    Parameters parameters;
    parameters.add(imsis.str()).add(hosts.str()).add(realms.str()).add(since.str());
    std::vector<Result<bool>> results(absences.size(), unknown_subscription());
    for (const auto& row : session.run(statement::has_come_again, parameters))
        results.at(row[0].as<std::size_t>()) = row[1].as<bool>();
    return results;
}

std::vector<Result<Done>> keep_sessions(Session& session, const std::vector<const SessionToKeep*>& sessions) {
    ArrayLiteral imsis, secrets, until;
    for (const auto* kept : sessions) {
        // Who is told when it ends does not know what time it is: what ended this long before it is over.
        if (kept->sweeps) sweep(session, kept->until - failure_remembered);
        imsis.add_bare(kept->imsi.digits());
        secrets.add_octets(kept->sealed);
        until.add(number_of(kept->until));
    }
    session.run(statement::keep_session, Parameters().add(imsis.str()).add(secrets.str()).add(until.str()));
    return std::vector<Result<Done>>(sessions.size(), Done{});
}

}  // namespace bindhss::store::postgres
