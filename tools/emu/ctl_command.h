// SPDX-License-Identifier: Apache-2.0
// bindhssctl as the operator of a scenario.
#pragma once

#include <boost/asio/io_context.hpp>

#include "emu/operator_port.h"

namespace bindhss::emu {

/// Runs "PROGRAM [its arguments] [the step's arguments]"; there is no shell. The processes have standard
/// input from /dev/null. `io` outlives it.
class CtlCommand final : public OperatorPort {
  public:
    /// `command`: the program and its first arguments, separated by spaces.
    CtlCommand(boost::asio::io_context& io, const std::string& command);

    boost::asio::awaitable<CtlResult> run(std::vector<std::string> arguments) override;

    static constexpr std::size_t output_octets_max = 65'536;

  private:
    boost::asio::io_context& io_;
    std::vector<std::string> command_;
};

}  // namespace bindhss::emu
