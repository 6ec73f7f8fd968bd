// SPDX-License-Identifier: Apache-2.0
// bindhssctl but for how it reaches the API, so that it is tested with the store in memory.
#pragma once

#include <functional>
#include <memory>

#include "ctl/commands.h"
#include "ctl/doctor.h"

namespace bindhss::ctl {

/// What the commands work on.
struct Stores {
    std::shared_ptr<store::Provisioning> provisioning;
    std::shared_ptr<store::DeviceKeys> device_keys;
    std::shared_ptr<ApiClient> api;  ///< through which they work; absent in tests of the stores alone
};
/// Opens them. May throw store::Unavailable and, for keys that cannot be read, std::runtime_error.
using Open = std::function<Stores(const Target&)>;

/// Runs one command; `arguments` without the program's name. Returns the exit code. `database`: for doctor.
int run(const std::vector<std::string>& arguments, Streams io, const Open& open,
        const LookAtDatabase& database = {});

}  // namespace bindhss::ctl
