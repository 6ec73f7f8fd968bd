// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>

#include "types/s6a.h"

namespace bindhss::emu {

/// Terminal-Information as it is sent, octet by octet: an MME may report an IMEI of 14, 15 or 16 digits.
struct TerminalReport {
    std::string imei;
    std::string software_version;  ///< empty: not sent
};

/// The HSS as an MME sees it: over Diameter in the program, in memory in tests. Called on the MME's executor.
class HssPort {
  public:
    virtual ~HssPort() = default;
    virtual boost::asio::awaitable<Result<s6a::AuthenticationInformationAnswer>> authentication_information(
        s6a::AuthenticationInformationRequest request) = 0;
    /// REQUIRES: request.terminal_information is empty; `terminal` says it.
    virtual boost::asio::awaitable<Result<s6a::UpdateLocationAnswer>> update_location(
        s6a::UpdateLocationRequest request, std::optional<TerminalReport> terminal) = 0;
};

}  // namespace bindhss::emu
