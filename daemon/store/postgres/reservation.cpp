// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/reservation.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <unordered_set>

#include "store/postgres/array_literal.h"
#include "store/postgres/statements.h"
#include "store/refusals.h"
#include "types/limits.h"

namespace bindhss::store::postgres {
namespace {

std::string_view text_of(const pqxx::field& field) {
    return {field.c_str(), field.size()};
}

Parameters parameters_of(Session& session, NodeNumbers& nodes, const ReservationBatch& batch) {
    ArrayLiteral imsis;
    ArrayLiteral numbers;
    ArrayLiteral counts;
    ArrayLiteral floors;
    ArrayLiteral times;
    for (const auto& entry : batch) {
        const auto& request = entry->request;
        imsis.add_bare(request.imsi.digits());
        numbers.add(nodes.number(session, request.node));
        counts.add(request.count);
        floors.add(request.seq_at_least);
        times.add(request.now.time_since_epoch().count());
    }
    Parameters parameters;
    parameters.add(imsis.str()).add(numbers.str()).add(counts.str()).add(floors.str()).add(times.str());
    return parameters;
}

SealedReservation reservation_of(const pqxx::row& row) {
    SealedReservation result;
    const auto last = row[1].as<std::uint64_t>();
    const auto count = row[2].as<std::uint32_t>();
    result.sequence = {last - count + 1, count, static_cast<std::uint8_t>(row[3].as<int>())};
    result.subscription = sealed_of(row, 4);
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
    } catch (const pqxx::sql_error& error) {
        if (!worth_another_try(error)) throw;
    }
    auto locked = take_locked(session, batch);
    try {
        if (!batch.empty()) reserve(session, nodes, batch);
    } catch (const pqxx::sql_error& error) {
        if (!worth_another_try(error)) throw;
        locked.insert(locked.end(), std::make_move_iterator(batch.begin()),
                      std::make_move_iterator(batch.end()));
        batch.clear();
    }
    return locked;
}

struct Standing {
    bool has_eps;
    bool lacks_kme;
    std::uint64_t seq;
};

std::map<std::string, Standing, std::less<>> standings(Session& session, const ReservationBatch& batch) {
    std::map<std::string, Standing, std::less<>> result;
    for (const auto& row : session.run(statement::reserve_refusal, imsis_of(batch))) {
        result.emplace(row[0].c_str(),
                       Standing{row[1].as<bool>(), row[2].as<bool>(), row[3].as<std::uint64_t>()});
    }
    return result;
}

/// Why a request got nothing; no value: nothing speaks against it any more.
std::optional<Failure> refusal(const VectorReservationRequest& request, const Standing* standing) {
    if (standing == nullptr) return unknown_subscription();
    if (!standing->has_eps) return no_eps_subscription();
    if (standing->lacks_kme) return fail(Cause::kme_missing, "no KME");
    const auto base = std::max(standing->seq, request.seq_at_least.value_or(0));
    if (base > Sqn::seq_issue_max - request.count) return fail(Cause::sqn_exhausted, "SQN exhausted");
    return std::nullopt;
}

void remove_completed(ReservationBatch& batch) {
    batch.erase(std::remove(batch.begin(), batch.end(), nullptr), batch.end());
}

void refuse(Session& session, ReservationBatch& batch) {
    const auto known = standings(session, batch);
    for (auto& entry : batch) {
        const auto found = known.find(entry->request.imsi.digits());
        auto failure = refusal(entry->request, found == known.end() ? nullptr : &found->second);
        if (!failure) continue;
        entry->fail(std::move(*failure));
        entry.reset();
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
    sealed.kme_id = row[first + 8].as<std::int64_t>();
    if (sealed.kme_id == 0) return sealed;
    sealed.kme = octets_of(text_of(row[first + 9]));
    sealed.kme_owner = text_of(row[first + 10]);
    sealed.kme_generation = row[first + 11].as<std::uint32_t>();
    return sealed;
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
        sealed.policy,
        std::nullopt,
        sealed.sim_only};
    if (auto fault = fault_of(result.keys))
        return fail(Cause::authentication_data_unavailable, std::move(*fault));
    if (sealed.kme_id == 0) return result;
    auto kme = keys.open(sealed.kme, {"kme", "key", kme_row(sealed.kme_owner, sealed.kme_generation)});
    if (!kme || (kme->size() != 16 && kme->size() != 32))
        return fail(Cause::authentication_data_unavailable, "the KME of the subscription does not open");
    result.kme = binding::Kme{sealed.kme_id, std::move(*kme), sealed.kme_generation};
    return result;
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
