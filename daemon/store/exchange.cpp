// SPDX-License-Identifier: Apache-2.0
#include "store/exchange.h"

#include "store/cancellations.h"
#include "store/exchange_rules.h"
#include "store/import_plan.h"
#include "types/limits.h"

namespace bindhss::store {

std::string_view name_of(ExchangeWay way) {
    return way == ExchangeWay::s6a ? "s6a" : "https";
}

bool is_valid(const DeviceKey& key, WallTime now) {
    return !key.revoked_at && (!key.valid_from || *key.valid_from <= now) &&
           (!key.valid_until || now < *key.valid_until);
}

std::optional<Refusal> refusal_of(const BeginExchange& exchange) {
    if (!exchange.seen) return std::nullopt;
    Refusal refusal;
    refusal.node = exchange.node;
    refusal.terminal_information = TerminalInformation{exchange.imei, exchange.seen->svn, false};
    refusal.provenance = exchange.seen->provenance;
    refusal.now = exchange.now;
    return refusal;
}

bool counts_as_failure(binding::ExchangeOutcome outcome) {
    return outcome != binding::ExchangeOutcome::established &&
           outcome != binding::ExchangeOutcome::superseded;
}

EndedExchanges exchanges_ended_by(const ImportPlan& plan) {
    EndedExchanges ended;
    ended.all = !plan.terms.empty() || !plan.default_terms.empty() || !plan.subscription_groups.empty() ||
                !plan.members.empty() || !plan.removed_subscription_groups.empty() ||
                !plan.removed_terms.empty() || !plan.rules.empty() || !plan.removed_rules.empty() ||
                !plan.devices.empty() || !plan.device_models.empty() ||
                plan.bindings.size() > limits::import_chunk_rows;
    if (ended.all) return ended;
    const auto add = [&ended](const auto& decisions) {
        for (const auto& [put, line] : decisions) ended.imsis.push_back(put->imsi);
    };
    add(plan.bindings);
    add(plan.authorisations);
    add(plan.refusals);
    return ended;
}

NodeRequest reattach(const Imsi& imsi, const Registration& registered, WallTime now) {
    auto request = cancel(imsi, registered, s6a::CancellationType::subscription_withdrawal, now);
    request.reattach_required = true;
    return request;
}

Failure no_further_generation() {
    return fail(Cause::unable_to_comply, "the device has had the last generation of its key");
}

Failure no_room_for_device() {
    return fail(Cause::unable_to_comply, "the binding lists as many devices as it may, and not this one");
}

}  // namespace bindhss::store
