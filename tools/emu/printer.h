// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>

#include "emu/scenario_runner.h"

namespace bindhss::emu {

/// Prints a scenario as a readable sequence, and its table at the end. Borrows the stream.
class Printer final : public Trace {
  public:
    /// `colour`: the stream is a terminal.
    Printer(std::ostream& out, bool colour) : out_(out), colour_(colour) {}

    void step(std::size_t number, const std::string& title);
    void event(const Event& event) override;
    /// Title, expected, came for each step.
    void table(const std::vector<StepReport>& reports);

  private:
    [[nodiscard]] std::string painted(const char* code, const std::string& text) const;

    std::ostream& out_;
    bool colour_;
};

}  // namespace bindhss::emu
