// SPDX-License-Identifier: Apache-2.0
// A connection that may not be busy for as long as it takes.
#pragma once

#include "store/provisioning.h"

namespace bindhss::store {

/// Thrown when what was asked for was given up: nothing of it was stored. The text is one clear line.
class Overdue : public Unavailable {
  public:
    enum class Why : std::uint8_t {
        statement,  ///< it took longer than it may
        lock,       ///< somebody else had locked for too long what it needs
        stopped,    ///< the daemon ends
    };
    Overdue(Why why, const std::string& text) : Unavailable(text), why_(why) {}
    [[nodiscard]] Why why() const { return why_; }

  private:
    Why why_;
};

}  // namespace bindhss::store
