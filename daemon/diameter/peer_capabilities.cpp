// SPDX-License-Identifier: Apache-2.0
// Peer: how a connection becomes open (RFC 6733 5.3, 5.6).
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "diameter/peer.h"
#include "diameter/result.h"
#include "types/diameter_identity.h"
#include "types/limits.h"

namespace bindhss::diameter {

namespace asio = boost::asio;

namespace {

// Tells which end gives way when both have connected: the lower identity's connection (RFC 6733 5.6.4).
bool we_win_election(const NodeSettings& settings, const std::string& other) {
    return lower_case(settings.identity) > lower_case(other);
}

}  // namespace

std::variant<PeerIdentity, Refusal> Peer::judge(const Message& message,
                                                const std::optional<Rejection>& rejection) const {
    if (expected_) {
        if (const auto failure = failure_of(message)) {
            return Refusal{
                0, "it refuses us: " + std::string(result_code(failure->cause).name) + " " + failure->detail};
        }
    }
    if (rejection) {
        return Refusal{result_code(rejection->cause).number, rejection->detail, rejection->failed_avp};
    }
    const RemoteEnd remote{stream_->remote_address(), stream_->certificate()};
    auto settings = node_->settings;
    settings.peers = node_->neighbours()->peers;
    auto judged = judge_capabilities(settings, message, remote);
    const auto* identity = std::get_if<PeerIdentity>(&judged);
    if (identity != nullptr && expected_ && expected_->identity != "*" &&
        !same_identity(identity->identity, expected_->identity)) {
        return Refusal{diameter_unknown_peer,
                       identity->identity + " answers where " + expected_->identity + " is configured"};
    }
    return judged;
}

asio::awaitable<void> Peer::exchange_capabilities(OctetString frame) {
    auto message = Message::parse(frame);
    const auto header = message ? message->header() : Header{};
    // RFC 6733 5.6: anything else before the capabilities are known ends the connection.
    if (!message || header.command_code != command_capabilities_exchange || header.application_id != 0 ||
        header.is_request() == expected_.has_value()) {
        co_return close("the first message is not the exchange of capabilities");
    }
    const auto rejection = message->check(node_->dictionary);
    const auto judged = judge(*message, rejection);
    if (const auto* refusal = std::get_if<Refusal>(&judged)) co_return refuse(*refusal, header);
    auto claimed = std::get<PeerIdentity>(judged);
    const auto lost = co_await admit(claimed);
    if (phase_ == Phase::closed) co_return;
    if (lost) co_return refuse(*lost, header);
    if (!expected_) {
        auto cea = make_cea(node_->settings, node_->dictionary, stream_->local_address(), header);
        encode_result(nullptr, cea);
        send(std::move(cea));
    }
    open(std::move(claimed));
}

// An identity has one connection. The older one keeps it if it is alive; one that died unnoticed does not
// lock a restarted peer out.
asio::awaitable<std::optional<Refusal>> Peer::admit(PeerIdentity claimed) {
    const auto self = shared_from_this();
    for (int attempt = 0; attempt < 3; ++attempt) {
        const auto standing = node_->table.claim(self, claimed.identity);
        if (!standing || standing == self) co_return std::nullopt;
        if (expected_) break;
        if (standing->state() == PeerState::waiting_cea) {
            if (!we_win_election(node_->settings, claimed.identity)) break;
            standing->close_soon("lost the election to the peer's own connection");
        } else {
            const bool alive =
                co_await asio::co_spawn(standing->strand(), standing->alive(), asio::use_awaitable);
            if (alive) break;
            standing->close_soon("replaced by a new connection of the same peer");
        }
        node_->table.remove(*standing);
    }
    co_return Refusal{diameter_election_lost, "the peer has a connection already"};
}

void Peer::refuse(const Refusal& refusal, const Header& cer) {
    const auto address = stream_->remote_address().to_string();
    node_->tell_of_stranger(
        log::Level::warning, "peer_refused",
        {{"address", address}, {"result", refusal.result_code}, {"detail", refusal.detail}});
    if (expected_) return close("refused");
    auto cea = make_cea(node_->settings, node_->dictionary, stream_->local_address(), cer);
    encode_result(&refusal, cea);
    send(std::move(cea));
    outbox_.seal();
    // The peer is to close, so that it has read the CEA by then; it has no long time for it.
    enter(Phase::closing, PeerState::connecting, std::chrono::milliseconds(limits::disconnect_answer_ms));
}

void Peer::open(PeerIdentity identity) {
    who_ = std::move(identity);
    who_.protection = stream_->protection();
    who_.secured = stream_->certificate() != nullptr;
    watchdog_.restart(std::chrono::steady_clock::now());
    enter(Phase::open, PeerState::open, {});
    const auto address = stream_->remote_address().to_string();
    node_->log.info("peer_open", {{"peer", who_.identity},
                                  {"realm", who_.realm},
                                  {"address", address},
                                  {"transport", who_.protection},
                                  {"connected_by", expected_ ? "us" : "the peer"}});
    const auto* entry = entry_now(*node_->neighbours());
    if (entry == nullptr) return spawn(part(DisconnectCause::do_not_want_to_talk_to_you));
    entry_ = *entry;
}

const PeerSettings* Peer::entry_now(const Neighbours& neighbours) const {
    return find_peer(neighbours.peers, who_.identity, who_.realm, stream_->remote_address());
}

void Peer::neighbours_changed() {
    asio::post(strand_, [self = shared_from_this()] { self->follow_neighbours(); });
}

/// One that is not open yet is judged by what is in force when it is.
void Peer::follow_neighbours() {
    if (phase_ != Phase::open || draining_ || !entry_) return;
    const auto neighbours = node_->neighbours();
    const auto* entry = entry_now(*neighbours);
    if (entry == nullptr) return spawn(part(DisconnectCause::do_not_want_to_talk_to_you));
    const bool same = entry->relay == entry_->relay && entry->transport == entry_->transport &&
                      entry->identity == entry_->identity &&
                      (!expected_ || entry->connect == expected_->connect);
    if (same) {
        entry_ = *entry;
    } else {
        spawn(part(DisconnectCause::rebooting));
    }
}

asio::awaitable<void> Peer::part(DisconnectCause cause) {
    node_->log.info("peer_disconnected_by_configuration",
                    {{"peer", who_.identity},
                     {"detail", cause == DisconnectCause::rebooting ? "it is configured otherwise now"
                                                                    : "it is configured no more"}});
    co_await disconnect(cause, std::chrono::steady_clock::now() + node_->settings.request_timeout);
}

}  // namespace bindhss::diameter
