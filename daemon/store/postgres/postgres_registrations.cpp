// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/postgres_registrations.h"

#include "store/cancellations.h"
#include "store/postgres/array_literal.h"
#include "store/postgres/postgres_binding.h"
#include "store/postgres/registration_rows.h"
#include "store/postgres/statements.h"
#include "store/refusals.h"
#include "types/limits.h"

namespace bindhss::store::postgres {

namespace {

Registrations registrations_of(const pqxx::result& rows) {
    Registrations registrations;
    for (const auto& row : rows) {
        if (auto registration = registration_of(row, 0))
            registrations.of(registration->domain) = std::move(registration);
    }
    return registrations;
}

std::vector<NodeRequest> stored(pqxx::transaction_base& transaction, std::vector<NodeRequest> requests,
                                WallTime not_before) {
    for (auto& request : requests) {
        auto parameters = parameters_of(request);
        parameters.add(milliseconds_of(not_before));
        request.id = Session::run(transaction, statement::store_request, parameters)[0][0].as<std::int64_t>();
    }
    return requests;
}

void forget_sgsn(pqxx::transaction_base& transaction, const Imsi& imsi) {
    Session::run(transaction, statement::forget_registration,
                 Parameters().add(imsi.str()).add(name_of(s6a::Domain::sgsn)));
}

/// The registration that was read, and no later one of the same node.
Parameters key_of(const Imsi& imsi, const Registration& registration) {
    Parameters parameters;
    parameters.add(imsi.str()).add(name_of(registration.domain)).add(column_text(registration.node.host));
    parameters.add(milliseconds_of(registration.time));
    return parameters;
}

bool store_place(pqxx::transaction_base& transaction, const Imsi& imsi, s6a::Domain domain,
                 const std::string& host, const std::optional<s6a::NodeLocation>& location, WallTime now) {
    if (!location) return false;
    Parameters parameters;
    parameters.add(imsi.str()).add(name_of(domain)).add(column_text(host));
    add_location(parameters, location);
    parameters.add(milliseconds_of(now));
    Session::run(transaction, statement::store_location, parameters);
    return true;
}

/// Is the UE registered at the node, in whatever domain?
bool serves(const Registrations& registrations, const ServingNode& node) {
    const auto there = [&](const std::optional<Registration>& registration) {
        return registration && !registration->purged && registration->node.host == column_text(node.host);
    };
    return there(registrations.mme) || there(registrations.sgsn);
}

/// After this no other Update-Location that counts the device's UICCs is between its count and its end.
void lock_device(pqxx::transaction_base& transaction, Imei imei) {
    Session::run(transaction, statement::lock_device, Parameters().add(std::to_string(imei.number())));
}

bool is_full(pqxx::transaction_base& transaction, const Imsi& imsi, Imei imei) {
    const auto parameters = Parameters().add(imsi.str()).add(std::to_string(imei.number()));
    return Session::run(transaction, statement::device_is_full, parameters)[0][0].as<bool>();
}

bool take_open_vector(pqxx::transaction_base& transaction, const Imsi& imsi, const ServingNode& node) {
    Parameters parameters;
    parameters.add(imsi.str()).add(column_text(node.host)).add(column_text(node.realm));
    return !Session::run(transaction, statement::take_open_vector, parameters).empty();
}

}  // namespace

Result<std::vector<NodeRequest>> register_node(Session& session, const Imsi& imsi,
                                               const RegisterNode& request, int node,
                                               std::chrono::milliseconds lease) {
    pqxx::work transaction(session.connection());
    const auto& terminal = request.registration.terminal_information;
    const auto counted = request.count_uiccs && terminal ? terminal->imei : std::nullopt;
    if (counted) lock_device(transaction, *counted);
    if (!lock_subscriber(transaction, imsi)) return unknown_subscription();
    if (counted && is_full(transaction, imsi, *counted)) return other_uiccs_were_first();
    const auto rows = Session::run(transaction, statement::register_node, parameters_of(imsi, request, node));
    if (rows.at(0)[registration_columns].as<bool>()) return locked_binding();
    if (rows[0][registration_columns + 1].as<bool>()) forget_devices(transaction, imsi);
    const auto before = registrations_of(rows);
    const auto& registration = request.registration;
    if (request.acquire && !acquire_device(transaction, imsi, *request.acquire))
        return another_device_was_first();
    if (request.proof && request.proven_kme) prove_kme(transaction, imsi, *request.proven_kme);
    if (request.ask) {
        ask_operator(transaction, imsi, *request.ask, registration.terminal_information, registration.node,
                     registration.time);
    }
    if (request.single_registration && registration.domain == s6a::Domain::mme && before.sgsn)
        forget_sgsn(transaction, imsi);
    auto requests = stored(transaction, cancellations_of(imsi, before, request), registration.time + lease);
    transaction.commit();
    return requests;
}

Result<PurgedHalves> purge(Session& session, const Imsi& imsi, const PurgeNode& request) {
    pqxx::work transaction(session.connection());
    if (!lock_subscriber(transaction, imsi)) return unknown_subscription();
    const auto served = serves(registrations_of(Session::run(transaction, statement::load_registrations,
                                                             Parameters().add(imsi.str()))),
                               request.node);
    const auto located = request.location.value_or(s6a::EpsLocationInformation{});
    const auto purge_half = [&](s6a::Domain domain, std::optional<bool> wanted, const auto& place) {
        if (!wanted.value_or(true)) return false;
        Parameters parameters;
        parameters.add(imsi.str()).add(name_of(domain)).add(column_text(request.node.host));
        if (Session::run(transaction, statement::purge, parameters).empty()) return false;
        store_place(transaction, imsi, domain, request.node.host, place, request.now);
        return true;
    };
    PurgedHalves halves;
    halves.mme = purge_half(s6a::Domain::mme, request.mme, located.mme);
    halves.sgsn = purge_half(s6a::Domain::sgsn, request.sgsn, located.sgsn);
    halves.vector_open = !served && take_open_vector(transaction, imsi, request.node);
    transaction.commit();
    return halves;
}

Result<std::vector<NodeRequest>> notify(Session& session, const Imsi& imsi, const NotifyNode& request,
                                        std::chrono::milliseconds lease) {
    pqxx::work transaction(session.connection());
    if (!lock_subscriber(transaction, imsi)) return unknown_subscription();
    const auto rows = Session::run(transaction, statement::load_registrations, Parameters().add(imsi.str()));
    const auto before = registrations_of(rows);
    auto registration = before.of(request.domain);
    if (!registration || registration->node.host != column_text(request.node.host))
        return not_registered_there();
    apply(request, *registration);
    Session::run(transaction, statement::update_registration, parameters_of(imsi, *registration));
    remember_device(transaction, imsi, request.terminal_information, request.node, registration->provenance,
                    request.now);
    if (request.lock) lock_binding(transaction, imsi);
    if (request.ask) {
        ask_operator(transaction, imsi, *request.ask, request.terminal_information, request.node,
                     request.now);
    }
    if (request.single_registration) forget_sgsn(transaction, imsi);
    auto requests = stored(transaction, cancellations_of(imsi, before, request), request.now + lease);
    transaction.commit();
    return requests;
}

Result<std::vector<NodeRequest>> take_requests(Session& session, const Claim& claim) {
    Parameters parameters;
    parameters.add(milliseconds_of(claim.now)).add(milliseconds_of(claim.now + claim.lease));
    parameters.add(std::to_string(claim.limit)).add(array_of(claim.reach.hosts)).add(claim.reach.daemon);
    std::vector<NodeRequest> requests;
    for (const auto& row : session.run(statement::take_requests, parameters))
        requests.push_back(node_request_of(row));
    return requests;
}

namespace {

Parameters key_of(const NodeRequest& request) {
    Parameters parameters;
    parameters.add(request.imsi ? request.imsi->str() : std::string()).add(std::to_string(request.id));
    return parameters;
}

}  // namespace

Result<Done> finish_request(Session& session, const NodeRequest& request) {
    session.run(statement::finish_request, key_of(request));
    return Done{};
}

Result<Done> postpone_request(Session& session, const NodeRequest& request, WallTime at) {
    session.run(statement::postpone_request, key_of(request).add(milliseconds_of(at)));
    return Done{};
}

Result<bool> hand_over_request(Session& session, const NodeRequest& request, const std::string& daemon,
                               WallTime now) {
    auto parameters = key_of(request);
    parameters.add(daemon).add(milliseconds_of(now));
    return !session.run(statement::hand_over_request, parameters).empty();
}

Result<Done> announce_reach(Session& session, const Reach& reach, const std::vector<std::string>& come,
                            WallTime now, WallTime until) {
    Parameters announced;
    announced.add(reach.daemon).add(array_of(reach.hosts)).add(milliseconds_of(until));
    session.run(statement::announce_reach, announced);
    session.run(statement::look_again, Parameters().add(array_of(come)).add(milliseconds_of(now)));
    if (come.empty()) return Done{};
    Parameters forward;
    forward.add(array_of(come)).add(milliseconds_of(now)).add(std::to_string(limits::pulled_forward_max));
    session.run(statement::pull_requests_forward, forward);
    session.run(statement::pull_telling_forward, forward);
    return Done{};
}

Result<Done> mark_told(Session& session, const Imsi& imsi, const Registration& registration,
                       const SubscriptionVersion& version, WallTime now) {
    pqxx::work transaction(session.connection());
    // A change of the subscriber comes wholly before this, and is seen, or wholly after, and leaves its hint.
    if (!lock_subscriber(transaction, imsi)) return Done{};
    auto parameters = key_of(imsi, registration);
    parameters.add(std::to_string(version.profile_version)).add(version.override_json).add(version.msisdn);
    parameters.add(milliseconds_of(now));
    Session::run(transaction, statement::mark_told, parameters);
    transaction.commit();
    return Done{};
}

Result<Done> postpone_telling(Session& session, const Imsi& imsi, const Registration& registration,
                              WallTime at) {
    session.run(statement::postpone_telling, key_of(imsi, registration).add(milliseconds_of(at)));
    return Done{};
}

Result<bool> hand_over_telling(Session& session, const Imsi& imsi, const Registration& registration,
                               const std::string& daemon, WallTime now) {
    auto parameters = key_of(imsi, registration);
    parameters.add(daemon).add(milliseconds_of(now));
    return !session.run(statement::hand_over_telling, parameters).empty();
}

Result<Done> mark_detached(Session& session, const Imsi& imsi, const Registration& registration) {
    session.run(statement::mark_detached, key_of(imsi, registration));
    return Done{};
}

Result<Done> store_location(Session& session, const Imsi& imsi, const ServingNode& node,
                            const s6a::EpsLocationInformation& location, WallTime now) {
    pqxx::work transaction(session.connection());
    store_place(transaction, imsi, s6a::Domain::mme, node.host, location.mme, now);
    store_place(transaction, imsi, s6a::Domain::sgsn, node.host, location.sgsn, now);
    transaction.commit();
    return Done{};
}

Result<std::uint64_t> profile_clock(Session& session) {
    return session.run(statement::profile_clock, Parameters())[0][0].as<std::uint64_t>();
}

}  // namespace bindhss::store::postgres
