// SPDX-License-Identifier: Apache-2.0
#include "store/cancellations.h"

#include <algorithm>

namespace bindhss::store {

namespace {

s6a::Domain other(s6a::Domain domain) {
    return domain == s6a::Domain::mme ? s6a::Domain::sgsn : s6a::Domain::mme;
}

s6a::CancellationType update_procedure(s6a::Domain domain) {
    return domain == s6a::Domain::mme ? s6a::CancellationType::mme_update_procedure
                                      : s6a::CancellationType::sgsn_update_procedure;
}

bool same_apn(const s6a::ActiveApn& a, const s6a::ActiveApn& b) {
    return a.service_selection.empty() ? a.context_identifier == b.context_identifier
                                       : a.service_selection == b.service_selection;
}

void put_gateway(std::vector<s6a::ActiveApn>& apns, const s6a::ActiveApn& told) {
    std::erase_if(apns, [&](const s6a::ActiveApn& apn) { return same_apn(told, apn); });
    if (told.gateway) apns.push_back(told);
}

}  // namespace

bool repeats(const Registrations& before, const RegisterNode& request) {
    const auto& now = request.registration;
    const auto& last = before.of(now.domain);
    return last && !last->purged && last->node == now.node && now.time - last->time <= repetition_window &&
           last->visited_plmn == now.visited_plmn && last->rat_type == now.rat_type &&
           last->terminal_information == now.terminal_information && last->features == now.features &&
           last->combined == now.combined && last->ue_srvcc_capability == now.ue_srvcc_capability &&
           last->homogeneous_ims_voice == now.homogeneous_ims_voice;
}

NodeRequest cancel(const Imsi& imsi, const Registration& registered, s6a::CancellationType type,
                   WallTime now) {
    NodeRequest request;
    request.kind = NodeRequest::Kind::cancel_location;
    request.imsi = imsi;
    request.node = registered.node;
    request.domain = registered.domain;
    request.cancellation_type = type;
    request.created = now;
    return request;
}

std::vector<NodeRequest> cancellations_of(const Imsi& imsi, const Registrations& before,
                                          const RegisterNode& request) {
    const auto& now = request.registration;
    std::vector<NodeRequest> requests;
    const auto& previous = before.of(now.domain);
    if (previous && !previous->purged && previous->node.host != now.node.host)
        requests.push_back(cancel(imsi, *previous, update_procedure(now.domain), now.time));
    const auto& beside = before.of(other(now.domain));
    if (!beside || beside->purged) return requests;
    if (request.single_registration && now.domain == s6a::Domain::mme) {
        requests.push_back(cancel(imsi, *beside, s6a::CancellationType::sgsn_update_procedure, now.time));
    } else if (request.initial_attach && !(repeats(before, request) && beside->time <= previous->time)) {
        // To the other half of the same combined node too: CLR-Flags tell it which half is meant (7.3.152).
        requests.push_back(cancel(imsi, *beside, s6a::CancellationType::initial_attach_procedure, now.time));
    }
    return requests;
}

std::vector<NodeRequest> cancellations_of(const Imsi& imsi, const Registrations& before,
                                          const NotifyNode& request) {
    std::vector<NodeRequest> requests;
    const auto& sgsn = before.sgsn;
    if (request.single_registration && request.domain == s6a::Domain::mme && sgsn && !sgsn->purged)
        requests.push_back(cancel(imsi, *sgsn, s6a::CancellationType::sgsn_update_procedure, request.now));
    if (request.withdraw) {
        requests.push_back(cancel(imsi, *before.of(request.domain),
                                  s6a::CancellationType::subscription_withdrawal, request.now));
    }
    return requests;
}

Registration merged(const Registrations& before, const RegisterNode& request) {
    auto result = request.registration;
    const auto& last = before.of(result.domain);
    // PDN-GWs are the UE's, not the node's: a list replaces them, and an initial attach ends what there was.
    if (last && result.active_apns.empty() && !request.initial_attach) result.active_apns = last->active_apns;
    // An emergency service goes with the UE too: nobody but its node tells of its end (TS 22.016 5).
    if (last && !last->purged && last->emergency && !request.initial_attach) result.emergency = true;
    return result;
}

void apply(const NotifyNode& request, Registration& registered) {
    if (request.terminal_information) registered.terminal_information = request.terminal_information;
    if (request.features) registered.features = request.features;
    if (request.pdn_gateway) put_gateway(registered.active_apns, *request.pdn_gateway);
    if (request.ue_srvcc_capability) registered.ue_srvcc_capability = request.ue_srvcc_capability;
    if (request.ims_voice_told) registered.homogeneous_ims_voice = request.homogeneous_ims_voice;
    if (request.area_restricted) registered.area_restricted = true;
    if (request.reachable) registered.urrp = false;
    if (request.remove_sms) {
        registered.sms_registered = false;
        registered.node_number.clear();
    }
    if (request.emergency) registered.emergency = *request.emergency;
    if (request.withdraw) registered.purged = true;
}

}  // namespace bindhss::store
