// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

namespace bindhss::emu {

struct CtlResult {
    int exit_code = -1;  ///< -1: it did not run, or ended by a signal
    std::string output;  ///< standard output and error, the first 64 KiB
};

/// The operator, who runs commands while the nodes go on: bindhssctl in the program, anything in tests.
class OperatorPort {
  public:
    virtual ~OperatorPort() = default;
    virtual boost::asio::awaitable<CtlResult> run(std::vector<std::string> arguments) = 0;
};

}  // namespace bindhss::emu
