// SPDX-License-Identifier: Apache-2.0
#include "diameter/incoming.h"

#include <algorithm>

#include "diameter/avp_id.h"
#include "diameter/result.h"
#include "types/diameter_identity.h"
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

// What follows the header of 8 octets: Route-Record has no vendor.
std::string_view route_record_text(OctetView record) {
    const auto host = record.subspan(std::min<std::size_t>(record.size(), 8));
    return {reinterpret_cast<const char*>(host.data()), host.size()};
}

// RFC 6733 7.1.5: a missing AVP is shown with a value of zeros, here of none.
OctetString empty_route_record() {
    return {0x00, 0x00, 0x01, 0x1a, 0x40, 0x00, 0x00, 0x08};
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
    if (passed_by(settings.identity))
        return Rejection{Cause::loop_detected, "a Route-Record names this node", {}};
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

bool PeerRequest::passed_by(std::string_view identity) const {
    return std::ranges::any_of(message_.encoded(avp_id::route_record), [identity](const OctetView& record) {
        return same_identity(route_record_text(record), identity);
    });
}

// A peer speaks for itself alone, unless it is a relay.
std::optional<Rejection> PeerRequest::judge_origin() const {
    const auto& who = peer_->who();
    const auto host = message_.find(avp_id::origin_host);
    const auto realm = message_.find(avp_id::origin_realm);
    if (!host || !realm) return std::nullopt;  // told by the dictionary's rules
    if (same_identity(host->text(), peer_->node().settings.identity)) {
        return Rejection{Cause::loop_detected, "Origin-Host is this node", {}};
    }
    if (who.relay && !same_identity(host->text(), who.identity)) return judge_hops();
    if (!same_identity(host->text(), who.identity)) {
        return Rejection{
            Cause::invalid_avp_value,
            "Origin-Host is not the peer's; if it is a relay, write relay: true in its entry under "
            "diameter.peers",
            first_encoded(message_, avp_id::origin_host)};
    }
    if (!same_identity(realm->text(), who.realm)) {
        return Rejection{Cause::invalid_avp_value, "Origin-Realm is not the peer's",
                         first_encoded(message_, avp_id::origin_realm)};
    }
    return std::nullopt;
}

// RFC 6733 6.1.9, 6.7.1: each relay records the peer from which it has the request. The first record is hence
// the node that made the request, and no relay names itself.
std::optional<Rejection> PeerRequest::judge_hops() const {
    const auto& who = peer_->who();
    if (quirks_of(peer_->node().neighbours()->quirks, who.identity).no_route_record) return std::nullopt;
    const auto records = message_.encoded(avp_id::route_record);
    if (records.empty()) {
        return Rejection{
            Cause::missing_avp,
            "it came through a relay, and no Route-Record tells the way; if the relay hides it, write "
            "under nodes: {identity: " +
                who.identity + ", quirks: [no_route_record]}",
            empty_route_record()};
    }
    const auto first = route_record_text(records.front());
    if (!same_identity(first, message_.find(avp_id::origin_host)->text()) || passed_by(who.identity)) {
        return Rejection{Cause::invalid_avp_value,
                         "the Route-Records are not the way from Origin-Host to the relay",
                         OctetString(records.front().begin(), records.front().end())};
    }
    return std::nullopt;
}

Quirks PeerRequest::quirks() const {
    const auto host = message_.find(avp_id::origin_host);
    return host ? quirks_of(peer_->node().neighbours()->quirks, host->text()) : Quirks{};
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

void PeerRequest::abandon() {
    if (std::exchange(answered_, true)) return;
    peer_->answer({});
}

}  // namespace bindhss::diameter
