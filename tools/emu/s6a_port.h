// SPDX-License-Identifier: Apache-2.0
// A node's way to the HSS over Diameter (TS 29.272), directly or through a relay.
#pragma once

#include <deque>

#include "diameter/s6a_client.h"
#include "emu/hss_port.h"
#include "emu/node_reply.h"

namespace bindhss::emu {

struct S6aSettings {
    ServingNode identity;             ///< of the node
    diameter::Endpoint connect;       ///< where the HSS or a relay listens
    std::string peer_identity = "*";  ///< who has to answer there
    std::string peer_realm;           ///< empty: the destination realm
    std::string destination_realm;
    std::string destination_host;  ///< empty: not sent, as Open5GS does without hss_map
    std::chrono::milliseconds request_timeout{6'000};
    std::chrono::milliseconds reconnect_interval{1'000};
    std::chrono::milliseconds connect_timeout{10'000};
};

/// One Diameter node with one connection. Runs on `io`, to be called from its one thread; `io`, the
/// dictionary and the log outlive it.
class S6aPort final : public HssPort {
  public:
    /// What the node says to a request of the HSS.
    using OnRequest = std::function<NodeReply(const HssRequest&)>;

    S6aPort(boost::asio::io_context& io, const diameter_dict::Dictionary& dictionary,
            const S6aSettings& settings, OnRequest on_request, log::Logger& log);

    /// false when CER/CEA has not succeeded in settings.connect_timeout; it goes on trying.
    [[nodiscard]] boost::asio::awaitable<bool> connect() override;
    /// DPR, then closes.
    boost::asio::awaitable<void> disconnect() override;

    boost::asio::awaitable<Result<s6a::AuthenticationInformationAnswer>> authentication_information(
        s6a::AuthenticationInformationRequest request) override;
    boost::asio::awaitable<Result<s6a::UpdateLocationAnswer>> update_location(
        s6a::UpdateLocationRequest request, std::optional<TerminalReport> terminal) override;
    boost::asio::awaitable<Result<s6a::PurgeUeAnswer>> purge_ue(s6a::PurgeUeRequest request) override;
    boost::asio::awaitable<Result<s6a::NotifyAnswer>> notify(s6a::NotifyRequest request,
                                                             std::optional<TerminalReport> terminal) override;
    boost::asio::awaitable<Result<s6a::MeIdentityCheckAnswer>> check_me_identity(
        s6a::MeIdentityCheckRequest request, TerminalReport terminal) override;

    /// Requests that are kept without an answer; what is more is answered late, the oldest first.
    static constexpr std::size_t unanswered_max = 256;

  private:
    /// A node and its client: both are new after each disconnect().
    struct Connection {
        Connection(boost::asio::io_context& io, const diameter_dict::Dictionary& dictionary,
                   const S6aSettings& settings, diameter::S6aClient::Serve serve, log::Logger& log);
        diameter::S6aClient client;
        diameter::Node node;
    };

    [[nodiscard]] bool is_open() const;
    void serve(std::unique_ptr<diameter::IncomingRequest> incoming, const HssRequest& request);
    void send(std::unique_ptr<diameter::IncomingRequest> incoming, const NodeReply& reply);
    static void answer(diameter::IncomingRequest& incoming, const NodeReply& reply);

    boost::asio::io_context& io_;
    const diameter_dict::Dictionary& dictionary_;
    const S6aSettings settings_;
    const OnRequest on_request_;
    log::Logger& log_;
    std::unique_ptr<Connection> connection_;  // none: as if nobody listened
    std::deque<std::unique_ptr<diameter::IncomingRequest>> unanswered_;
};

/// "host:port", "host", "[::1]:port"; the port is 3868 when none is given.
[[nodiscard]] std::optional<diameter::Endpoint> parse_endpoint(std::string_view text);

}  // namespace bindhss::emu
