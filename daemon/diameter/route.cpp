// SPDX-License-Identifier: Apache-2.0
#include "diameter/route.h"

#include "diameter/avp_id.h"
#include "diameter/peer.h"
#include "types/diameter_identity.h"
#include "types/limits.h"

namespace bindhss::diameter {

namespace {

bool is(const std::optional<AvpView>& avp, std::string_view identity) {
    return avp && same_identity(avp->text(), identity);
}

}  // namespace

std::vector<std::shared_ptr<Peer>> routes_of(const PeerTable& table, const Message& request) {
    const auto host = request.find(avp_id::destination_host);
    const auto realm = request.find(avp_id::destination_realm);
    return table.open(
        [&host, &realm](const PeerIdentity& who) -> std::optional<int> {
            const bool there = host ? is(host, who.identity) : !who.relay && is(realm, who.realm);
            if (there) return 0;
            if (!who.relay) return std::nullopt;
            return is(realm, who.realm) ? 1 : 2;
        },
        limits::request_routes_max);
}

bool try_another_route(const Message& request, const Result<Message>& answer) {
    if (!answer) {
        const auto cause = answer.error().cause;
        return cause == Cause::unable_to_deliver || cause == Cause::too_busy;
    }
    if (!answer->header().is_error()) return false;
    const auto code = answer->find(avp_id::result_code);
    const auto number = code ? code->u32() : 0;
    if (number != result_code(Cause::unable_to_deliver).number &&
        number != result_code(Cause::too_busy).number) {
        return false;
    }
    const auto origin = answer->find(avp_id::origin_host);
    return !origin || !is(request.find(avp_id::destination_host), origin->text());
}

std::optional<std::string> answered_by_another(const Message& request, const Message& answer) {
    const auto host = request.find(avp_id::destination_host);
    const auto origin = answer.find(avp_id::origin_host);
    if (!host || !origin || answer.header().is_error() || is(host, origin->text())) return std::nullopt;
    return std::string(origin->text());
}

}  // namespace bindhss::diameter
