// SPDX-License-Identifier: Apache-2.0
#include "store/exchange.h"

#include "store/cancellations.h"
#include "store/exchange_rules.h"

namespace bindhss::store {

std::string_view name_of(ExchangeWay way) {
    return way == ExchangeWay::s6a ? "s6a" : "https";
}

bool is_valid(const DeviceKey& key, WallTime now) {
    return !key.revoked_at && (!key.valid_from || *key.valid_from <= now) &&
           (!key.valid_until || now < *key.valid_until);
}

bool counts_as_failure(binding::ExchangeOutcome outcome) {
    return outcome != binding::ExchangeOutcome::established &&
           outcome != binding::ExchangeOutcome::superseded;
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
