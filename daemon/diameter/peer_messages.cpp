// SPDX-License-Identifier: Apache-2.0
// Peer: what comes in over an open connection.
#include "diameter/avp_id.h"
#include "diameter/incoming.h"
#include "diameter/peer.h"
#include "diameter/result.h"
#include "types/limits.h"

namespace bindhss::diameter {

// The boundary of one message: nothing that is thrown beyond this point ends more than its processing.
void Peer::receive(OctetView frame) {
    try {
        auto message = Message::parse(frame);
        if (!message) return close("a message cannot be read");
        const auto header = message->header();
        const bool base =
            header.application_id == 0 && (header.command_code == command_capabilities_exchange ||
                                           header.command_code == command_device_watchdog ||
                                           header.command_code == command_disconnect_peer);
        if (phase_ == Phase::closing) {
            const bool dpa = header.command_code == command_disconnect_peer && !header.is_request();
            if (base && dpa) close("disconnected");
        } else if (!header.is_request()) {
            if (base && header.command_code == command_device_watchdog) {
                heard(std::chrono::steady_clock::now(), true);
            }
            if (!base) receive_answer(std::move(*message));
        } else if (base) {
            receive_base_request(std::move(*message));
        } else {
            receive_request(std::move(*message));
        }
    } catch (const std::exception& e) {
        node_->log.error("diameter_fault", {{"peer", who_.identity}, {"detail", e.what()}});
    }
}

void Peer::receive_base_request(Message message) {
    auto rejection = message.check(node_->dictionary);
    const auto header = message.header();
    auto answer = Message::answer(node_->dictionary, header);
    answer.add(avp_id::origin_host, node_->settings.identity);
    answer.add(avp_id::origin_realm, node_->settings.realm);
    if (!rejection && header.command_code == command_capabilities_exchange) {
        rejection = Rejection{Cause::unable_to_comply, "capabilities were exchanged already", {}};
    }
    if (header.is_error()) rejection = Rejection{Cause::invalid_hdr_bits, "a request has the E bit", {}};
    if (rejection) {
        encode(*rejection, answer);
        return send(std::move(answer));
    }
    encode_success(answer);
    if (header.command_code != command_disconnect_peer) return send(std::move(answer));
    if (state() == PeerState::closing) return;  // it has said so before
    hear_goodbye(message);
    spawn(take_leave(std::move(answer)));
}

void Peer::hear_goodbye(const Message& dpr) {
    draining_ = true;
    state_.store(PeerState::closing, std::memory_order_release);
    const auto told = dpr.find(avp_id::disconnect_cause);
    const auto cause = told ? told->u32() : static_cast<std::uint32_t>(DisconnectCause::rebooting);
    // RFC 6733 5.4.3: whoever is rebooting wants to be connected again, the others do not.
    int factor = 0;
    if (cause == static_cast<std::uint32_t>(DisconnectCause::busy)) factor = limits::reconnect_busy_factor;
    if (cause == static_cast<std::uint32_t>(DisconnectCause::do_not_want_to_talk_to_you))
        factor = limits::reconnect_unwanted_factor;
    const auto away = factor * node_->settings.reconnect_interval;
    if (factor != 0) node_->table.stay_away(who_.identity, std::chrono::steady_clock::now() + away);
    node_->log.info("peer_disconnects",
                    {{"peer", who_.identity}, {"cause", cause}, {"not_connected_for_ms", away.count()}});
}

void Peer::receive_request(Message message) {
    ++requests_received_;
    outbox_.request_in_flight();
    auto request = std::make_unique<PeerRequest>(shared_from_this(), std::move(message));
    // From here on the request answers itself, whatever is thrown.
    if (const auto rejection = request->judge()) {
        node_->log.info("request_rejected", {{"peer", who_.identity},
                                             {"command", request->message().header().command_code},
                                             {"result", result_code(rejection->cause).name},
                                             {"detail", rejection->detail}});
        return request->reject(*rejection);
    }
    if (draining_) return request->reject({Cause::too_busy, "the connection is about to end", {}});
    if (!node_->gone) node_->handler(std::move(request));
}

void Peer::receive_answer(Message message) {
    const auto rejection = message.check(node_->dictionary);
    const auto waiter = outstanding_.take(message.header());
    if (!waiter) {
        ++answers_dropped_;
        return;
    }
    --outstanding_count_;
    if (rejection) {
        return waiter->complete(fail(rejection->cause, "the answer cannot be used: " + rejection->detail));
    }
    waiter->complete(std::move(message));
}

Message Peer::base_request(std::uint32_t command_code) {
    auto message = Message::request(node_->dictionary, command_code, 0);
    message.add(avp_id::origin_host, node_->settings.identity);
    message.add(avp_id::origin_realm, node_->settings.realm);
    return message;
}

void Peer::send(Message message) {
    if (message.header().is_request()) {
        message.set_hop_by_hop(next_hop_by_hop_++);
        message.set_end_to_end(node_->next_end_to_end++);
    }
    handle(outbox_.put(message.serialise()));
}

}  // namespace bindhss::diameter
