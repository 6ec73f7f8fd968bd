// SPDX-License-Identifier: Apache-2.0
// An MME's way to the HSS over Diameter (TS 29.272), directly or through a relay.
#pragma once

#include "diameter/s6a_client.h"
#include "emu/hss_port.h"

namespace bindhss::emu {

struct S6aSettings {
    ServingNode identity;             ///< of the MME
    diameter::Endpoint connect;       ///< where the HSS or a relay listens
    std::string peer_identity = "*";  ///< who has to answer there
    std::string peer_realm;           ///< empty: the destination realm
    std::string destination_realm;
    std::string destination_host;  ///< empty: not sent, as Open5GS does without hss_map
    std::chrono::milliseconds request_timeout{6'000};
    std::chrono::milliseconds reconnect_interval{1'000};
};

/// One Diameter node with one connection. Runs on `io`, to be called from its one thread; `io`, the
/// dictionary and the log outlive it.
class S6aPort final : public HssPort {
  public:
    using CancelLocation = diameter::S6aClient::CancelLocation;

    S6aPort(boost::asio::io_context& io, const diameter_dict::Dictionary& dictionary,
            const S6aSettings& settings, CancelLocation on_cancel_location, log::Logger& log);

    /// Connects; false when CER/CEA has not succeeded in time.
    [[nodiscard]] boost::asio::awaitable<bool> open(std::chrono::milliseconds timeout);
    /// DPR, then closes.
    [[nodiscard]] boost::asio::awaitable<void> close();

    boost::asio::awaitable<Result<s6a::AuthenticationInformationAnswer>> authentication_information(
        s6a::AuthenticationInformationRequest request) override;
    boost::asio::awaitable<Result<s6a::UpdateLocationAnswer>> update_location(
        s6a::UpdateLocationRequest request, std::optional<TerminalReport> terminal) override;

  private:
    [[nodiscard]] bool is_open() const;

    diameter::S6aClient client_;
    diameter::Node node_;
};

/// "host:port", "host", "[::1]:port"; the port is 3868 when none is given.
[[nodiscard]] std::optional<diameter::Endpoint> parse_endpoint(std::string_view text);

}  // namespace bindhss::emu
