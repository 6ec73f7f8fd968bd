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

constexpr std::uint32_t no_state_maintained = 1;  // Auth-Session-State, RFC 6733 8.11

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

S6aPort::S6aPort(asio::io_context& io, const diameter_dict::Dictionary& dictionary, S6aSettings settings,
                 CancelLocation on_cancel_location, log::Logger& log)
    : settings_(std::move(settings)),
      on_cancel_location_(std::move(on_cancel_location)),
      dictionary_(dictionary),
      node_(
          io, dictionary, node_settings(settings_),
          [this](std::unique_ptr<diameter::IncomingRequest> incoming) { receive(std::move(incoming)); },
          log) {}

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

diameter::Message S6aPort::request(std::uint32_t command_code) {
    auto message = diameter::Message::request(dictionary_, command_code, diameter::application_s6a);
    message.add(avp_id::session_id, node_.new_session_id());
    message.add_group(avp_id::vendor_specific_application_id, [](diameter::Message::Group& group) {
        group.add(avp_id::vendor_id, vendor_3gpp);
        group.add(avp_id::auth_application_id, diameter::application_s6a);
    });
    message.add(avp_id::auth_session_state, no_state_maintained);
    message.add(avp_id::origin_host, settings_.identity.host);
    message.add(avp_id::origin_realm, settings_.identity.realm);
    if (!settings_.destination_host.empty())
        message.add(avp_id::destination_host, settings_.destination_host);
    message.add(avp_id::destination_realm, settings_.destination_realm);
    return message;
}

asio::awaitable<Result<s6a::AuthenticationInformationAnswer>> S6aPort::authentication_information(
    s6a::AuthenticationInformationRequest air) {
    auto message = request(diameter::command_authentication_information);
    encode(air, message);
    auto answer = co_await node_.send(std::move(message));
    if (!answer) co_return answer.error();
    co_return diameter::decode_authentication_information_answer(*answer);
}

asio::awaitable<Result<s6a::UpdateLocationAnswer>> S6aPort::update_location(
    s6a::UpdateLocationRequest ulr, std::optional<TerminalReport> terminal) {
    auto message = request(diameter::command_update_location);
    encode(ulr, message);
    if (terminal) {
        message.add_group(avp_id::terminal_information, [&terminal](diameter::Message::Group& group) {
            group.add(avp_id::imei, terminal->imei);
            if (!terminal->software_version.empty()) {
                group.add(avp_id::software_version, terminal->software_version);
            }
        });
    }
    auto answer = co_await node_.send(std::move(message));
    if (!answer) co_return answer.error();
    co_return diameter::decode_update_location_answer(*answer);
}

void S6aPort::receive(std::unique_ptr<diameter::IncomingRequest> incoming) {
    const auto& message = incoming->message();
    const auto code = message.header().command_code;
    if (code != diameter::command_cancel_location) {
        return incoming->reject({Cause::command_unsupported, "the emulator's MME serves CLR only", {}});
    }
    const auto decoded = diameter::decode_cancel_location(message);
    if (const auto* rejection = std::get_if<diameter::Rejection>(&decoded))
        return incoming->reject(*rejection);
    on_cancel_location_(std::get<s6a::CancelLocationRequest>(decoded));
    auto answer = incoming->make_answer();
    diameter::encode_success(answer);
    incoming->answer(answer);
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
