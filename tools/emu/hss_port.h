// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>

#include "types/s6a.h"

namespace bindhss::emu {

/// Terminal-Information as it is sent, octet by octet: a node may report an IMEI of 14, 15 or 16 digits.
struct TerminalReport {
    std::string imei;
    std::string software_version;  ///< empty: not sent
};

/// The HSS as a node sees it: over Diameter in the program, in memory in tests. Called on the node's
/// executor. REQUIRES: terminal_information of a request is empty; `terminal` says it.
class HssPort {
  public:
    virtual ~HssPort() = default;
    virtual boost::asio::awaitable<Result<s6a::AuthenticationInformationAnswer>> authentication_information(
        s6a::AuthenticationInformationRequest request) = 0;
    virtual boost::asio::awaitable<Result<s6a::UpdateLocationAnswer>> update_location(
        s6a::UpdateLocationRequest request, std::optional<TerminalReport> terminal) = 0;
    virtual boost::asio::awaitable<Result<s6a::PurgeUeAnswer>> purge_ue(s6a::PurgeUeRequest request) = 0;
    virtual boost::asio::awaitable<Result<s6a::NotifyAnswer>> notify(
        s6a::NotifyRequest request, std::optional<TerminalReport> terminal) = 0;
    /// S13: the EIR.
    virtual boost::asio::awaitable<Result<s6a::MeIdentityCheckAnswer>> check_me_identity(
        s6a::MeIdentityCheckRequest request, TerminalReport terminal) = 0;

    /// The connection goes (with a DPR), and comes again. false: it could not be opened.
    virtual boost::asio::awaitable<bool> connect() = 0;
    virtual boost::asio::awaitable<void> disconnect() = 0;
};

}  // namespace bindhss::emu
