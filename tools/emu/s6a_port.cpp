// SPDX-License-Identifier: Apache-2.0
#include "emu/s6a_port.h"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <charconv>

#include "diameter/avp_id.h"
#include "diameter/s6a_codec.h"

namespace bindhss::emu {

namespace asio = boost::asio;
namespace avp_id = diameter::avp_id;

namespace {

diameter::NodeSettings node_settings(const S6aSettings& settings) {
    diameter::PeerSettings peer;
    peer.identity = settings.peer_identity;
    peer.realm = settings.peer_realm.empty() ? settings.destination_realm : settings.peer_realm;
    peer.connect = settings.connect;
    peer.relay = true;  // whoever answers there is our only way to the HSS
    diameter::NodeSettings node;
    node.identity = settings.identity.host;
    node.realm = settings.identity.realm;
    node.product_name = "bindhss-emu";
    node.peers.push_back(peer);
    node.request_timeout = settings.request_timeout;
    node.reconnect_interval = settings.reconnect_interval;
    return node;
}

void add(const std::optional<TerminalReport>& terminal, diameter::Message& message) {
    if (!terminal) return;
    message.add_group(avp_id::terminal_information, [&terminal](diameter::Message::Group& group) {
        group.add(avp_id::imei, terminal->imei);
        if (!terminal->software_version.empty()) {
            group.add(avp_id::software_version, terminal->software_version);
        }
    });
}

Failure not_connected() {
    return fail(Cause::unable_to_deliver, "the node is not connected");
}

}  // namespace

S6aPort::Connection::Connection(asio::io_context& io, const diameter_dict::Dictionary& dictionary,
                                const S6aSettings& settings, diameter::S6aClient::Serve serve,
                                log::Logger& log)
    : client({settings.destination_realm, settings.destination_host, {}}, std::move(serve)),
      node(io, dictionary, node_settings(settings), client.handler(), log) {
    client.attach(node);
}

S6aPort::S6aPort(asio::io_context& io, const diameter_dict::Dictionary& dictionary,
                 const S6aSettings& settings, OnRequest on_request, log::Logger& log)
    : io_(io), dictionary_(dictionary), settings_(settings), on_request_(std::move(on_request)), log_(log) {}

bool S6aPort::is_open() const {
    for (const auto& peer : connection_->node.peers()) {
        if (peer.state == diameter::PeerState::open) return true;
    }
    return false;
}

asio::awaitable<bool> S6aPort::connect() {
    if (!connection_) {
        diameter::S6aClient::Serve serving = [this](std::unique_ptr<diameter::IncomingRequest> incoming,
                                                    const HssRequest& request) {
            serve(std::move(incoming), request);
        };
        connection_ = std::make_unique<Connection>(io_, dictionary_, settings_, std::move(serving), log_);
        connection_->node.start();
    }
    asio::steady_timer timer(co_await asio::this_coro::executor);
    const auto deadline = std::chrono::steady_clock::now() + settings_.connect_timeout;
    while (!is_open()) {
        if (std::chrono::steady_clock::now() >= deadline) co_return false;
        timer.expires_after(std::chrono::milliseconds(5));
        co_await timer.async_wait(asio::use_awaitable);
    }
    co_return true;
}

asio::awaitable<void> S6aPort::disconnect() {
    if (!connection_) co_return;
    unanswered_.clear();
    co_await connection_->node.stop(diameter::DisconnectCause::rebooting, std::chrono::milliseconds(1'000));
    connection_.reset();
}

void S6aPort::serve(std::unique_ptr<diameter::IncomingRequest> incoming, const HssRequest& request) {
    const auto reply = on_request_(request);
    if (reply.delay.count() == 0) return send(std::move(incoming), reply);
    auto timer = std::make_shared<asio::steady_timer>(io_, reply.delay);
    timer->async_wait(
        [timer, reply, held = std::shared_ptr(std::move(incoming))](const boost::system::error_code& error) {
            if (!error) answer(*held, reply);
        });
}

void S6aPort::send(std::unique_ptr<diameter::IncomingRequest> incoming, const NodeReply& reply) {
    if (!std::holds_alternative<Silence>(reply.answer)) return answer(*incoming, reply);
    if (unanswered_.size() == unanswered_max) unanswered_.pop_front();
    unanswered_.push_back(std::move(incoming));
}

void S6aPort::answer(diameter::IncomingRequest& incoming, const NodeReply& reply) {
    if (const auto* refusal = std::get_if<Refusal>(&reply.answer)) {
        diameter::S6aClient::refuse(incoming, refusal->number, refusal->experimental);
    } else if (const auto* right = std::get_if<NodeAnswer>(&reply.answer)) {
        diameter::S6aClient::answer(incoming, *right);
    }
}

asio::awaitable<Result<s6a::AuthenticationInformationAnswer>> S6aPort::authentication_information(
    s6a::AuthenticationInformationRequest request) {
    if (!connection_) co_return not_connected();
    co_return co_await connection_->client.authentication_information(std::move(request));
}

asio::awaitable<Result<s6a::UpdateLocationAnswer>> S6aPort::update_location(
    s6a::UpdateLocationRequest request, std::optional<TerminalReport> terminal) {
    if (!connection_) co_return not_connected();
    auto message = connection_->client.make_request(diameter::command_update_location);
    encode(request, message);
    add(terminal, message);
    const auto answer = co_await connection_->client.exchange(std::move(message));
    if (!answer) co_return answer.error();
    co_return diameter::decode_update_location_answer(*answer);
}

asio::awaitable<Result<s6a::PurgeUeAnswer>> S6aPort::purge_ue(s6a::PurgeUeRequest request) {
    if (!connection_) co_return not_connected();
    co_return co_await connection_->client.purge_ue(std::move(request));
}

asio::awaitable<Result<s6a::NotifyAnswer>> S6aPort::notify(s6a::NotifyRequest request,
                                                           std::optional<TerminalReport> terminal) {
    if (!connection_) co_return not_connected();
    auto message = connection_->client.make_request(diameter::command_notify);
    encode(request, message);
    add(terminal, message);
    const auto answer = co_await connection_->client.exchange(std::move(message));
    if (!answer) co_return answer.error();
    co_return diameter::decode_notify_answer(*answer);
}

asio::awaitable<Result<s6a::MeIdentityCheckAnswer>> S6aPort::check_me_identity(
    s6a::MeIdentityCheckRequest request, TerminalReport terminal) {
    if (!connection_) co_return not_connected();
    auto message = connection_->client.make_request(diameter::command_me_identity_check);
    if (request.imsi) message.add(avp_id::user_name, request.imsi->digits());
    add(terminal, message);
    const auto answer = co_await connection_->client.exchange(std::move(message));
    if (!answer) co_return answer.error();
    co_return diameter::decode_me_identity_check_answer(*answer);
}

std::optional<diameter::Endpoint> parse_endpoint(std::string_view text) {
    diameter::Endpoint endpoint;
    std::string_view port;
    if (text.starts_with('[')) {
        const auto bracket = text.find(']');
        if (bracket == std::string_view::npos) return std::nullopt;
        endpoint.host = text.substr(1, bracket - 1);
        text.remove_prefix(bracket + 1);
        if (!text.empty() && !text.starts_with(':')) return std::nullopt;
        if (!text.empty()) port = text.substr(1);
        if (!text.empty() && port.empty()) return std::nullopt;
    } else {
        const auto colon = text.find(':');
        endpoint.host = text.substr(0, colon);
        if (colon != std::string_view::npos) {
            port = text.substr(colon + 1);
            if (port.empty()) return std::nullopt;
        }
    }
    if (endpoint.host.empty()) return std::nullopt;
    if (port.empty()) return endpoint;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), endpoint.port);
    if (error != std::errc() || end != port.data() + port.size() || endpoint.port == 0) return std::nullopt;
    return endpoint;
}

}  // namespace bindhss::emu
