// SPDX-License-Identifier: Apache-2.0
// What tests of bindings say often.
#pragma once

#include <catch2/catch.hpp>

#include "store/worlds.h"

namespace bindhss::test {

inline const auto own = imei("35824005111111");
inline const auto second = imei("35824005222222");
inline const auto stranger = imei("86000000333333");

inline TerminalInformation reporting(Imei device, std::optional<std::string> svn = std::nullopt) {
    return {device, std::move(svn), false};
}

template <class World>
void must_put(World& world, const std::vector<store::Item>& items) {
    for (const auto& error : world.provisioning.apply(items, false)) FAIL(error.text);
}

inline store::Item binding_of(binding::Policy policy, const std::vector<Imei>& devices = {},
                              const std::string& terms = "") {
    store::PutBinding put{imsi(known), policy, {}, "", terms};
    for (const auto& device : devices) put.devices.push_back(ImeiRange::of(device));
    return item(put);
}

inline store::Item rule_for(const std::string& subscriptions, const std::string& devices, bool allow,
                            std::int32_t priority = 0) {
    binding::Rule rule;
    rule.subscriptions = binding::SubscriptionSet::parse(subscriptions).value();
    rule.devices = binding::DeviceSet::parse(devices).value();
    rule.allow = allow;
    rule.priority = priority;
    return item(store::PutRule{rule});
}

inline store::Item terms_named(const std::string& name, binding::Policy policy,
                               binding::OnSuspicion on_suspicion = binding::OnSuspicion::alarm) {
    binding::Terms terms;
    terms.name = name;
    terms.policy = policy;
    terms.on_suspicion = on_suspicion;
    return item(store::PutTerms{terms});
}

template <class World>
store::SubscriberView view_of(World& world, std::optional<TerminalInformation> reported = std::nullopt,
                              int from = 1) {
    return seen_by(world.store, imsi(known), node(from), std::move(reported));
}

/// Whether the rules that the store gives allow the device; nothing: none decides.
template <class World>
std::optional<bool> allowed(World& world, Imei device, std::optional<std::string> svn = std::nullopt,
                            std::int64_t time = 0) {
    const auto reported = reporting(device, svn);
    const auto view = view_of(world, reported);
    const auto who = imsi(known);
    const binding::Pair pair{who, view.binding.groups, device, svn, view.device.groups};
    const auto* rule = binding::deciding_rule(view.binding.rules, pair, at(time));
    return rule == nullptr ? std::nullopt : std::optional(rule->allow);
}

inline store::RegisterNode placed(int at_node, std::optional<Imei> device, std::int64_t time) {
    store::RegisterNode request{{node(at_node), Plmn::parse("00101").value()}};
    if (device) request.registration.terminal_information = reporting(*device, "01");
    request.registration.time = at(time);
    return request;
}

template <class World>
void place(World& world, const store::RegisterNode& request, const std::string& of = known) {
    await(world.store.register_node(imsi(of), request, std::chrono::seconds(10))).value();
}

/// Why it was not.
template <class World>
Cause not_placed(World& world, const store::RegisterNode& request) {
    const auto result = await(world.store.register_node(imsi(known), request, std::chrono::seconds(10)));
    REQUIRE(result.has_error());
    return result.error().cause;
}

template <class World>
binding::Change signed_by(World& world, binding::Sign sign, std::int64_t time = 0,
                          std::optional<std::int64_t> kme_id = std::nullopt) {
    store::SignReport report;
    report.sign = sign;
    report.now = at(time);
    report.kme_id = kme_id;
    return await(world.store.record_sign(imsi(known), report)).value();
}

template <class World>
store::VectorReservation reserved(World& world, int from = 1, std::int64_t time = 0) {
    return await(world.store.reserve_vectors(request(imsi(known), 1, from, time))).value();
}

template <class World>
Cause refused(World& world, const store::VectorReservationRequest& wanted) {
    const auto result = await(world.store.reserve_vectors(wanted));
    REQUIRE(result.has_error());
    return result.error().cause;
}

/// A subscription bound by key to one device, or to two with keys of their own.
template <class World>
void bind_by_key(World& world, bool two = false) {
    std::vector<store::Item> items{item(put_subscriber(imsi(known))), item(store::PutKme{own, kme_key(1)})};
    if (two) items.push_back(item(store::PutKme{second, kme_key(2)}));
    items.push_back(binding_of(binding::Policy::kme, two ? std::vector{own, second} : std::vector{own}));
    must_put(world, items);
}

inline store::VectorReservationRequest resync(std::uint64_t seq, std::uint64_t fingerprint, int from = 1) {
    auto wanted = request(imsi(known), 1, from);
    wanted.seq_at_least = seq;
    wanted.resync = store::ReSynchronisation{seq * Sqn::ind_count, fingerprint};
    return wanted;
}

}  // namespace bindhss::test
