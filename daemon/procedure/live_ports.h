// SPDX-License-Identifier: Apache-2.0
// The ports in force, which a reload of the configuration may change while requests are under way.
#pragma once

#include <memory>
#include <mutex>

#include "procedure/ports.h"

namespace bindhss::procedure {

/// A handle: copies are one and the same. A request takes the ports once, holds them until it has ended, and
/// so sees one configuration from its beginning to its end. Any thread may call it.
class LivePorts {
  public:
    /// Implicit: where nothing is reloaded, ports are as good.
    LivePorts(Ports ports) : state_(std::make_shared<State>(std::move(ports))) {}  // NOLINT(*-explicit-*)

    [[nodiscard]] std::shared_ptr<const Ports> now() const {
        const std::lock_guard lock(state_->mutex);
        return state_->ports;
    }
    /// Requests that begin from now on have these.
    void replace(Ports ports) {
        auto next = std::make_shared<const Ports>(std::move(ports));
        const std::lock_guard lock(state_->mutex);
        state_->ports.swap(next);
    }

  private:
    struct State {
        explicit State(Ports first) : ports(std::make_shared<const Ports>(std::move(first))) {}
        std::mutex mutex;
        std::shared_ptr<const Ports> ports;  // guarded by mutex
    };
    std::shared_ptr<State> state_;
};

}  // namespace bindhss::procedure
