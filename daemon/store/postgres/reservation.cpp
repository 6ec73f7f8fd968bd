// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/reservation.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <unordered_set>

#include "store/postgres/array_literal.h"
#include "store/postgres/binding_rows.h"
#include "store/postgres/statements.h"
#include "store/refusals.h"
#include "types/limits.h"

namespace bindhss::store::postgres {
namespace {

std::string_view text_of(const pqxx::field& field) {
    return {field.c_str(), field.size()};
}

std::int64_t milliseconds_of(WallTime time) {
    return time.time_since_epoch().count();
}

std::optional<std::int64_t> optional_milliseconds(const std::optional<WallTime>& time) {
    if (!time) return std::nullopt;
    return milliseconds_of(*time);
}

/// What both the reservation and the statement that tells why there was none look at.
struct Columns {
    ArrayLiteral imsis, counts, floors, times, regulars, last_regulars, sqns, fingerprints;

    void add(const VectorReservationRequest& request) {
        imsis.add_bare(request.imsi.digits());
        counts.add(request.count);
        floors.add(request.seq_at_least);
        times.add(milliseconds_of(request.now));
        regulars.add(static_cast<int>(request.regular));
        last_regulars.add(optional_milliseconds(request.last_reprovision));
        std::optional<std::int64_t> sqn;
        std::optional<std::int64_t> fingerprint;
        if (request.resync) {
            sqn = static_cast<std::int64_t>(request.resync->sqn_ms);
            fingerprint = static_cast<std::int64_t>(request.resync->fingerprint);
        }
        sqns.add(sqn);
        fingerprints.add(fingerprint);
    }
};

Parameters parameters_of(Session& session, NodeNumbers& nodes, const ReservationBatch& batch) {
    Columns columns;
    ArrayLiteral numbers;
    ArrayLiteral patient_since;
    ArrayLiteral kmes;
    for (const auto& entry : batch) {
        const auto& request = entry->request;
        columns.add(request);
        numbers.add(nodes.number(session, request.node));
        patient_since.add(milliseconds_of(request.now - request.unanswered_after));
        kmes.add(request.kme_id);
    }
    Parameters parameters;
    parameters.add(columns.imsis.str()).add(numbers.str()).add(columns.counts.str());
    parameters.add(columns.floors.str()).add(columns.times.str()).add(patient_since.str());
    parameters.add(columns.regulars.str()).add(columns.last_regulars.str());
    parameters.add(columns.sqns.str()).add(columns.fingerprints.str()).add(kmes.str());
    return parameters;
}

SealedReservation reservation_of(const pqxx::row& row) {
    SealedReservation result;
    const auto last = row[1].as<std::uint64_t>();
    const auto count = row[2].as<std::uint32_t>();
    result.sequence = {last - count + 1, count, static_cast<std::uint8_t>(row[3].as<int>())};
    result.subscription = sealed_of(row, 4);
    constexpr int after = 4 + sealed_columns;
    result.state = static_cast<binding::State>(row[after].as<int>());
    result.on_suspicion = static_cast<binding::OnSuspicion>(row[after + 1].as<int>());
    result.unanswered = row[after + 2].as<bool>();
    if (!row[after + 3].is_null()) result.reprovisions = times_of(row[after + 3]);
    return result;
}

/// One statement; completes and resets what got its SEQ.
void reserve(Session& session, NodeNumbers& nodes, ReservationBatch& batch) {
    const auto rows = session.run(statement::reserve, parameters_of(session, nodes, batch));
    for (const auto& row : rows) {
        auto& entry = batch.at(row[0].as<std::size_t>());
        entry->complete(reservation_of(row));
        entry.reset();
    }
}

Parameters imsis_of(const ReservationBatch& batch) {
    ArrayLiteral imsis;
    for (const auto& entry : batch) imsis.add_bare(entry->request.imsi.digits());
    return Parameters().add(imsis.str());
}

/// Takes those out of the batch whose rows somebody else has locked.
ReservationBatch take_locked(Session& session, ReservationBatch& batch) {
    std::set<std::string, std::less<>> locked_imsis;
    for (const auto& row : session.run(statement::locked_rows, imsis_of(batch)))
        locked_imsis.emplace(row[0].c_str());
    const auto locked = std::stable_partition(batch.begin(), batch.end(), [&](const auto& entry) {
        return !locked_imsis.contains(entry->request.imsi.digits());
    });
    ReservationBatch taken(std::make_move_iterator(locked), std::make_move_iterator(batch.end()));
    batch.erase(locked, batch.end());
    return taken;
}

/// An import may hold its rows for seconds: they must not hold up everybody else. Returns the requests that
/// have to wait for them.
ReservationBatch reserve_unlocked(Session& session, NodeNumbers& nodes, ReservationBatch& batch) {
    try {
        reserve(session, nodes, batch);
        return {};
    } catch (const pqxx::failure& error) {
        if (!worth_another_try(error)) throw;
    }
    auto locked = take_locked(session, batch);
    try {
        if (!batch.empty()) reserve(session, nodes, batch);
    } catch (const pqxx::failure& error) {
        if (!worth_another_try(error)) throw;
        locked.insert(locked.end(), std::make_move_iterator(batch.begin()),
                      std::make_move_iterator(batch.end()));
        batch.clear();
    }
    return locked;
}

/// Why a request got nothing; no value: nothing speaks against it any more. REQUIRES: a row of
/// statement::reserve_refusal.
std::optional<Failure> refusal(const pqxx::row& row) {
    if (!row[1].as<bool>()) return no_eps_subscription();
    if (row[2].as<bool>())
        return fail(Cause::binding_locked, "the binding is locked until the operator acts");
    if (row[3].as<bool>()) return fail(Cause::access_refused, "an Update-Location was refused a moment ago");
    if (row[4].as<bool>()) return fail(Cause::kme_missing, "no KME");
    if (row[5].as<bool>()) return fail(Cause::resync_replayed, "the AUTS is not newer than the last one");
    if (row[6].as<bool>()) return fail(Cause::rate_limited, "another request was given the regular vector");
    if (row[7].as<bool>()) return fail(Cause::sqn_exhausted, "SQN exhausted");
    return std::nullopt;
}

void remove_completed(ReservationBatch& batch) {
    batch.erase(std::remove(batch.begin(), batch.end(), nullptr), batch.end());
}

/// Why each request got nothing, by its place in the batch.
std::map<std::size_t, std::optional<Failure>> refusals(Session& session, const ReservationBatch& batch) {
    Columns columns;
    for (const auto& entry : batch) columns.add(entry->request);
    Parameters parameters;
    parameters.add(columns.imsis.str()).add(columns.counts.str()).add(columns.floors.str());
    parameters.add(columns.times.str()).add(columns.regulars.str()).add(columns.last_regulars.str());
    parameters.add(columns.sqns.str()).add(columns.fingerprints.str());
    std::map<std::size_t, std::optional<Failure>> result;
    for (const auto& row : session.run(statement::reserve_refusal, parameters))
        result.emplace(row[0].as<std::size_t>(), refusal(row));
    return result;
}

/// The refusal of an access counts once: of those places that it was found for, the ones that have it to
/// themselves.
std::set<std::size_t> take_refusals(Session& session, const ReservationBatch& batch,
                                    const std::map<std::size_t, std::optional<Failure>>& found) {
    ArrayLiteral imsis, times, places;
    std::set<std::size_t> taken;
    bool any = false;
    for (const auto& [place, failure] : found) {
        if (!failure || failure->cause != Cause::access_refused) continue;
        any = true;
        imsis.add_bare(batch[place]->request.imsi.digits());
        times.add(milliseconds_of(batch[place]->request.now));
        places.add(place);
    }
    if (!any) return taken;
    Parameters parameters;
    parameters.add(imsis.str()).add(times.str()).add(places.str());
    for (const auto& row : session.run(statement::take_refusal, parameters))
        taken.insert(row[0].as<std::size_t>());
    return taken;
}

void refuse(Session& session, ReservationBatch& batch) {
    auto found = refusals(session, batch);
    const auto taken = take_refusals(session, batch, found);
    for (std::size_t place = 0; place < batch.size(); ++place) {
        const auto known = found.find(place);
        auto failure = known == found.end() ? unknown_subscription() : std::move(known->second);
        if (!failure || (failure->cause == Cause::access_refused && !taken.contains(place))) continue;
        batch[place]->fail(std::move(*failure));
        batch[place].reset();
    }
    remove_completed(batch);
}

}  // namespace

SealedSubscription sealed_of(const pqxx::row& row, int first) {
    SealedSubscription sealed;
    sealed.k = octets_of(text_of(row[first]));
    sealed.opc = octets_of(text_of(row[first + 1]));
    sealed.amf = Amf::from(octets_of(text_of(row[first + 2]))).value_or(Amf{});
    sealed.policy = static_cast<binding::Policy>(row[first + 3].as<int>());
    sealed.algorithm = static_cast<AkaAlgorithm>(row[first + 4].as<int>());
    sealed.tuak_iterations = static_cast<std::uint8_t>(row[first + 5].as<int>());
    sealed.res_octets = static_cast<std::uint8_t>(row[first + 6].as<int>());
    sealed.sim_only = row[first + 7].as<bool>();
    sealed.kme = sealed_kme_of(row, first + 8);
    if (!row[first + 12].is_null())
        sealed.kme.not_after = WallTime(std::chrono::milliseconds(row[first + 12].as<std::int64_t>()));
    return sealed;
}

SealedKme sealed_kme_of(const pqxx::row& row, int first) {
    SealedKme sealed;
    sealed.id = row[first].as<std::int64_t>();
    if (sealed.id == 0) return sealed;
    sealed.key = octets_of(text_of(row[first + 1]));
    sealed.owner = text_of(row[first + 2]);
    sealed.generation = row[first + 3].as<std::uint32_t>();
    return sealed;
}

Result<binding::Kme> unseal(const crypto::KeyRing& keys, const SealedKme& sealed) {
    auto key = keys.open(sealed.key, {"kme", "key", kme_row(sealed.owner, sealed.generation)});
    if (!key || (key->size() != 16 && key->size() != 32))
        return fail(Cause::authentication_data_unavailable, "the KME of the subscription does not open");
    return binding::Kme{sealed.id, std::move(*key), sealed.generation, sealed.not_after};
}

Result<AuthenticationSubscription> unseal(const crypto::KeyRing& keys, const Imsi& imsi,
                                          const SealedSubscription& sealed) {
    auto k = keys.open(sealed.k, {"auc", "k", imsi.digits()});
    auto opc = keys.open(sealed.opc, {"auc", "opc", imsi.digits()});
    if (!k || !opc)
        return fail(Cause::authentication_data_unavailable, "the keys of the subscription do not open");
    AuthenticationSubscription result{
        {sealed.algorithm, std::move(*k), std::move(*opc), sealed.tuak_iterations, sealed.res_octets},
        sealed.amf,
        sealed.policy};
    result.sim_only = sealed.sim_only;
    if (auto fault = fault_of(result.keys))
        return fail(Cause::authentication_data_unavailable, std::move(*fault));
    if (sealed.kme.id != 0) {
        auto kme = unseal(keys, sealed.kme);
        if (!kme) return kme.error();
        result.kme = std::move(*kme);
    }
    for (const auto& other : sealed.other_kmes) {
        auto kme = unseal(keys, other);
        if (!kme) return kme.error();
        result.other_kmes.push_back(std::move(*kme));
    }
    return result;
}

Result<SealedSubscription> load_authentication(Session& session, const Imsi& imsi, const ServingNode& node,
                                               const KeyGrace& grace) {
    const auto rows = session.run(statement::load_authentication, Parameters().add(imsi.str()));
    if (rows.empty()) return unknown_subscription();
    if (!rows[0][0].as<bool>()) return no_eps_subscription();
    auto sealed = sealed_of(rows[0], 1);
    Parameters parameters;
    parameters.add(imsi.str()).add(column_text(node.host)).add(column_text(node.realm));
    parameters.add(std::to_string(milliseconds_of(grace.now))).add(std::to_string(grace.grace.count()));
    parameters.add(std::to_string(limits::resync_keys_max));
    for (const auto& row : session.run(statement::load_other_kmes, parameters))
        sealed.other_kmes.push_back(sealed_kme_of(row, 0));
    return sealed;
}

ReservationBatch take_batch(std::deque<std::unique_ptr<PendingReservation>>& waiting) {
    ReservationBatch batch;
    std::deque<std::unique_ptr<PendingReservation>> later;
    std::unordered_set<std::string_view> taken;
    while (!waiting.empty() && batch.size() < limits::batch_rows_max) {
        auto entry = std::move(waiting.front());
        waiting.pop_front();
        // The views stay good: a request stays where it is while its pointer moves.
        if (taken.insert(entry->request.imsi.digits()).second) {
            batch.push_back(std::move(entry));
        } else {
            later.push_back(std::move(entry));
        }
    }
    for (; !later.empty(); later.pop_back()) waiting.push_front(std::move(later.back()));
    return batch;
}

int NodeNumbers::number(Session& session, const ServingNode& node) {
    const auto host = column_text(node.host);
    const auto realm = column_text(node.realm);
    const auto key = host + '\n' + realm;
    {
        const std::lock_guard lock(mutex_);
        if (const auto found = numbers_.find(key); found != numbers_.end()) return found->second;
    }
    Parameters parameters;
    parameters.add(host).add(realm);
    const auto number = session.run(statement::serving_node, parameters).at(0).at(0).as<int>();
    const std::lock_guard lock(mutex_);
    if (numbers_.size() >= limits::serving_nodes_cached_max) numbers_.clear();
    numbers_.emplace(key, number);
    return number;
}

void NodeNumbers::forget() {
    const std::lock_guard lock(mutex_);
    numbers_.clear();
}

void serve_batch(Session& session, NodeNumbers& nodes, ReservationBatch& batch) {
    std::sort(batch.begin(), batch.end(),
              [](const auto& a, const auto& b) { return a->request.imsi < b->request.imsi; });
    auto locked = reserve_unlocked(session, nodes, batch);
    remove_completed(batch);
    if (!batch.empty()) refuse(session, batch);
    // What is left: a key was replaced while the statement ran, so that its row joined neither the old nor
    // the new one. It is as good as locked.
    std::move(locked.begin(), locked.end(), std::back_inserter(batch));
}

}  // namespace bindhss::store::postgres
