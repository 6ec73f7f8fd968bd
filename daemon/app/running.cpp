// SPDX-License-Identifier: Apache-2.0
#include "app/running.h"

namespace bindhss {

namespace {

boost::json::array array_of(const std::vector<std::string>& texts) {
    boost::json::array array;
    for (const auto& text : texts) array.emplace_back(text);
    return array;
}

}  // namespace

boost::json::object RunningDaemon::reload() {
    const auto outcome = configuration_.reload();
    boost::json::object told;
    told["changed"] = array_of(outcome.changed);
    told["needs_restart"] = array_of(outcome.needs_restart);
    return told;
}

}  // namespace bindhss
