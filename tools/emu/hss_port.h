// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>

#include "types/s6a.h"

namespace bindhss::emu {

/// The HSS as an MME sees it: over Diameter in the program, in memory in tests. Called on the MME's executor.
class HssPort {
  public:
    virtual ~HssPort() = default;
    virtual boost::asio::awaitable<Result<s6a::AuthenticationInformationAnswer>> authentication_information(
        s6a::AuthenticationInformationRequest request) = 0;
    virtual boost::asio::awaitable<Result<s6a::UpdateLocationAnswer>> update_location(
        s6a::UpdateLocationRequest request) = 0;
};

}  // namespace bindhss::emu
