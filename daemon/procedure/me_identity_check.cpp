// SPDX-License-Identifier: Apache-2.0
#include "procedure/me_identity_check.h"

#include "procedure/judgement.h"

namespace bindhss::procedure {

namespace {

using boost::asio::awaitable;
using s6a::EquipmentStatus;

void raise(const Ports& ports, const s6a::MeIdentityCheckRequest& request, alarm::Id id, std::string detail,
           WallTime now) {
    ports.alarms.raise({id, request.imsi, request.terminal_information.imei, request.origin.host,
                        std::move(detail), now, request.arrival.session});
}

/// Does the binding allow this device? Also when nothing binds the subscription, or it is not one of ours.
awaitable<Result<bool>> pair_allowed(const Ports& ports, const s6a::MeIdentityCheckRequest& request,
                                     WallTime now) {
    if (!request.imsi) co_return true;
    const std::optional<TerminalInformation> reported = request.terminal_information;
    const auto subscriber = co_await ports.store.load_subscriber(*request.imsi, request.origin, reported);
    if (!subscriber) {
        // The EIR also serves cards of other networks (TS 22.016 3).
        if (subscriber.error().cause == Cause::user_unknown) co_return true;
        co_return subscriber.error();
    }
    const Report report{
        *request.imsi,          request.origin, reported, now, has_emergency(subscriber->registrations),
        request.arrival.session};
    co_return !judge_device_report(ports, report, *subscriber, Consequences::none).refused();
}

std::string describe(const store::EquipmentEntry& entry) {
    return "listed " + std::string(store::name_of(entry.status)) + " by " + entry.range.str() +
           (entry.svn ? " with software version " + *entry.svn : "");
}

}  // namespace

awaitable<Result<s6a::MeIdentityCheckAnswer>> me_identity_check(const Ports& ports,
                                                                s6a::MeIdentityCheckRequest request) {
    const auto now = ports.clock.now();
    const auto allowed = co_await pair_allowed(ports, request, now);
    if (!allowed) co_return allowed.error();
    const auto& terminal = request.terminal_information;
    if (!terminal.imei) co_return fail(Cause::equipment_unknown, "no valid IMEI was reported");

    const auto entry = co_await ports.store.load_equipment(*terminal.imei, terminal.svn);
    if (!entry) co_return entry.error();
    if (*entry && (*entry)->status == EquipmentStatus::prohibited)
        raise(ports, request, alarm::Id::equipment_prohibited, describe(**entry), now);

    s6a::MeIdentityCheckAnswer answer;
    const auto listed = *entry ? std::optional((*entry)->status) : ports.settings.unlisted_equipment;
    if (!*allowed) {
        answer.equipment_status = EquipmentStatus::prohibited;
    } else if (listed) {
        answer.equipment_status = *listed;
    } else {
        co_return fail(Cause::equipment_unknown, "the device is in no list");
    }
    co_return answer;
}

}  // namespace bindhss::procedure
