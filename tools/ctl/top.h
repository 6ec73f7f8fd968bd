// SPDX-License-Identifier: Apache-2.0
// `top`: a daemon at work, drawn again every second.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "ctl/add_command.h"

namespace bindhss::ctl {

struct Screen {
    std::size_t columns = 80;
    std::size_t lines = 0;  ///< 0: as many as are needed
};

/// One picture of what /v1/status and /v1/peers answer; whatever is missing in them is left out. No line is
/// longer than the screen, and of peers there are as many as fit.
[[nodiscard]] std::string top_picture(const boost::json::object& status, const boost::json::array& peers,
                                      const Screen& screen);

struct TopRequest {
    unsigned count = 0;  ///< pictures; 0: until q or ^C on a terminal, one elsewhere
    unsigned seconds = 1;
};
void top(Context& context, const TopRequest& request);

void add_top_command(CLI::App* program, const AddCommand& add);

}  // namespace bindhss::ctl
