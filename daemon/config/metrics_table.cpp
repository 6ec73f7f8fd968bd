// SPDX-License-Identifier: Apache-2.0
// metrics.*: who may read numbers, and where.
#include "config/table.h"

namespace bindhss::config {

void add_metrics(std::vector<Setting<Settings>>& table) {
    constexpr std::uint16_t port_default = 9'464;
    table.push_back(list_of<Settings>(
        "metrics.listen", "list of host:port", false,
        "Where they may be read; [] for nowhere. An address that is in use already is told of in the log, "
        "and "
        "S6a is served without it.",
        [](auto& s) -> auto& { return s.metrics.listen; },
        [](const YAML::Node& node) { return read_endpoint(node, port_default); }, write_endpoint));
}

}  // namespace bindhss::config
