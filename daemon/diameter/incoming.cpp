// SPDX-License-Identifier: Apache-2.0
#include "diameter/incoming.h"

#include <algorithm>

#include "diameter/avp_id.h"
#include "diameter/result.h"
#include "types/limits.h"

namespace bindhss::diameter {

namespace {

constexpr std::uint32_t no_state_maintained = 1;  // Auth-Session-State, RFC 6733 8.11

bool serves(const NodeSettings& settings, std::uint32_t application) {
    return std::ranges::find(settings.applications, application) != settings.applications.end();
}

OctetString first_encoded(const Message& message, AvpId id) {
    const auto found = message.encoded(id);
    return found.empty() ? OctetString{} : OctetString(found.front().begin(), found.front().end());
}

}  // namespace

PeerRequest::PeerRequest(std::shared_ptr<Peer> peer, Message message)
    : peer_(std::move(peer)), message_(std::move(message)) {}

PeerRequest::~PeerRequest() {
    if (answered_ || peer_->node().gone) return;
    try {
        reject({Cause::unable_to_comply, "the request was given up", {}});
    } catch (const std::exception& e) {
        peer_->node().log.error("diameter_answer_lost", {{"peer", peer()}, {"detail", e.what()}});
    }
}

std::optional<Rejection> PeerRequest::judge() {
    auto rejection = message_.check(peer_->node().dictionary);
    if (message_.header().is_error())
        return Rejection{Cause::invalid_hdr_bits, "a request has the E bit", {}};
    if (auto wrong = judge_application()) return wrong;
    if (rejection) return rejection;
    return judge_route();
}

// The dictionary knows more applications than this node serves.
std::optional<Rejection> PeerRequest::judge_application() const {
    const auto header = message_.header();
    if (serves(peer_->node().settings, header.application_id)) return std::nullopt;
    if (header.application_id == 0) {
        return Rejection{Cause::command_unsupported,
                         "command " + std::to_string(header.command_code) + " of the base protocol",
                         {}};
    }
    return Rejection{Cause::application_unsupported,
                     "application " + std::to_string(header.application_id) + " is not served here",
                     {}};
}

std::optional<Rejection> PeerRequest::judge_route() const {
    const auto& settings = peer_->node().settings;
    bool loop = false;
    for (const auto& record : message_.encoded(avp_id::route_record)) {
        // The payload is what follows the header of 8 octets: Route-Record has no vendor.
        const auto host = record.subspan(std::min<std::size_t>(record.size(), 8));
        loop = loop ||
               same_identity({reinterpret_cast<const char*>(host.data()), host.size()}, settings.identity);
    }
    if (loop) return Rejection{Cause::loop_detected, "a Route-Record names this node", {}};
    const auto realm = message_.find(avp_id::destination_realm);
    if (realm && !same_identity(realm->text(), settings.realm)) {
        return Rejection{
            Cause::realm_not_served, "Destination-Realm is another one, and this is no relay", {}};
    }
    const auto host = message_.find(avp_id::destination_host);
    if (host && !same_identity(host->text(), settings.identity)) {
        return Rejection{
            Cause::unable_to_deliver, "Destination-Host is another one, and this is no relay", {}};
    }
    return judge_origin();
}

// A peer speaks for itself alone, unless it is a relay.
std::optional<Rejection> PeerRequest::judge_origin() const {
    const auto& who = peer_->who();
    if (who.relay) return std::nullopt;
    const auto host = message_.find(avp_id::origin_host);
    if (host && !same_identity(host->text(), who.identity)) {
        return Rejection{Cause::invalid_avp_value, "Origin-Host is not the peer's, which is no relay",
                         first_encoded(message_, avp_id::origin_host)};
    }
    const auto realm = message_.find(avp_id::origin_realm);
    if (realm && !same_identity(realm->text(), who.realm)) {
        return Rejection{Cause::invalid_avp_value, "Origin-Realm is not the peer's, which is no relay",
                         first_encoded(message_, avp_id::origin_realm)};
    }
    return std::nullopt;
}

Message PeerRequest::make_answer() {
    const auto& node = peer_->node();
    const auto header = message_.header();
    auto answer = Message::answer(node.dictionary, header);
    // RFC 6733 8.8: Session-Id comes first, and an error answer has it too if the request had.
    const auto session = message_.find(avp_id::session_id);
    if (session && !session->octets().empty()) answer.add(avp_id::session_id, session->octets());
    if (serves(node.settings, header.application_id)) {
        answer.add_group(avp_id::vendor_specific_application_id, [&header](Message::Group& group) {
            group.add(avp_id::vendor_id, vendor_3gpp);
            group.add(avp_id::auth_application_id, header.application_id);
        });
        // TS 29.272 7.2; MMEs drop even an error answer without it, and their UE waits in vain.
        answer.add(avp_id::auth_session_state, no_state_maintained);
    }
    answer.add(avp_id::origin_host, node.settings.identity);
    answer.add(avp_id::origin_realm, node.settings.realm);
    // RFC 6733 6.2: back to each relay what it had put in.
    for (const auto& info : message_.encoded(avp_id::proxy_info)) answer.add_raw(info);
    return answer;
}

void PeerRequest::answer(const Message& answer) {
    if (answered_) return;
    const auto octets = answer.serialise();
    if (octets.size() > limits::message_octets_max) {
        return reject({Cause::unable_to_comply, "the answer would be too long", {}});
    }
    answered_ = true;
    peer_->answer(octets);
}

void PeerRequest::reject(const Rejection& rejection) {
    if (answered_) return;
    auto answer_message = make_answer();
    encode(rejection, answer_message);
    const auto octets = answer_message.serialise();
    answered_ = true;
    peer_->answer(octets);
}

}  // namespace bindhss::diameter
