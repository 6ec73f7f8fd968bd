// SPDX-License-Identifier: Apache-2.0
// Nodes that announced the KME AVPs and do not answer by them (spec 4.4): served as stock MMEs until the
// daemon is restarted.
#pragma once

#include <mutex>
#include <string>
#include <unordered_set>

namespace bindhss::procedure {

/// limits::unfit_nodes_max at most; beyond it nothing more is remembered, and such a node is asked again. Any
/// thread may call it.
class UnfitNodes {
  public:
    void add(const std::string& host);
    [[nodiscard]] bool contains(const std::string& host) const;

  private:
    mutable std::mutex mutex_;
    std::unordered_set<std::string> hosts_;
};

}  // namespace bindhss::procedure
