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

}  // namespace

S6aPort::S6aPort(asio::io_context& io, const diameter_dict::Dictionary& dictionary,
                 const S6aSettings& settings, CancelLocation on_cancel_location, log::Logger& log)
    : client_({settings.destination_realm, settings.destination_host, {}}, std::move(on_cancel_location)),
      node_(io, dictionary, node_settings(settings), client_.handler(), log) {
    client_.attach(node_);
}

bool S6aPort::is_open() const {
    for (const auto& peer : node_.peers()) {
        if (peer.state == diameter::PeerState::open) return true;
    }
    return false;
}

asio::awaitable<bool> S6aPort::open(std::chrono::milliseconds timeout) {
    node_.start();
    asio::steady_timer timer(co_await asio::this_coro::executor);
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    while (!is_open()) {
        if (std::chrono::steady_clock::now() >= deadline) co_return false;
        timer.expires_after(std::chrono::milliseconds(5));
        co_await timer.async_wait(asio::use_awaitable);
    }
    co_return true;
}

asio::awaitable<void> S6aPort::close() {
    co_await node_.stop(diameter::DisconnectCause::rebooting, std::chrono::milliseconds(1'000));
}

asio::awaitable<Result<s6a::AuthenticationInformationAnswer>> S6aPort::authentication_information(
    s6a::AuthenticationInformationRequest request) {
    return client_.authentication_information(std::move(request));
}

asio::awaitable<Result<s6a::UpdateLocationAnswer>> S6aPort::update_location(
    s6a::UpdateLocationRequest request, std::optional<TerminalReport> terminal) {
    auto message = client_.make_request(diameter::command_update_location);
    encode(request, message);
    if (terminal) {
        message.add_group(avp_id::terminal_information, [&terminal](diameter::Message::Group& group) {
            group.add(avp_id::imei, terminal->imei);
            if (!terminal->software_version.empty()) {
                group.add(avp_id::software_version, terminal->software_version);
            }
        });
    }
    const auto answer = co_await client_.exchange(std::move(message));
    if (!answer) co_return answer.error();
    co_return diameter::decode_update_location_answer(*answer);
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
