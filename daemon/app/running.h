// SPDX-License-Identifier: Apache-2.0
// The running daemon as its API sees it.
#pragma once

#include "app/configuration.h"
#include "app/monitor.h"
#include "management/running.h"

namespace bindhss {

/// Borrows both.
class RunningDaemon final : public management::Running {
  public:
    RunningDaemon(Monitor& monitor, Configuration& configuration)
        : monitor_(monitor), configuration_(configuration) {}

    [[nodiscard]] boost::json::array peers() override { return monitor_.peers(); }
    [[nodiscard]] boost::json::object status() override { return monitor_.status(); }
    [[nodiscard]] boost::json::array events(std::uint64_t after, const std::optional<Imsi>& imsi,
                                            std::size_t limit) override {
        return monitor_.observer().journal().events(after, imsi, limit);
    }
    [[nodiscard]] boost::json::object health() override { return monitor_.health(); }
    [[nodiscard]] std::string configuration() override { return configuration_.shown(); }
    boost::json::object reload() override;

  private:
    Monitor& monitor_;
    Configuration& configuration_;
};

}  // namespace bindhss
