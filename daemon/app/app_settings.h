// SPDX-License-Identifier: Apache-2.0
// From the configuration file to the settings of the procedures.
#pragma once

#include "config/settings.h"
#include "procedure/ports.h"

namespace bindhss {

/// Pure. The KME list is among the features only when keys are provisioned.
[[nodiscard]] procedure::Settings procedure_settings(const config::Settings& settings);

}  // namespace bindhss
