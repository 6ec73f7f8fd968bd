// SPDX-License-Identifier: Apache-2.0
// From the configuration file to the settings of the Diameter node, and to others that are read in one line.
#pragma once

#include "app/retention.h"
#include "config/settings.h"
#include "diameter/node.h"

namespace bindhss {

/// Origin-State-Id is made of the time.
[[nodiscard]] diameter::NodeSettings node_settings(const config::Settings& settings);
[[nodiscard]] std::vector<diameter::PeerSettings> peer_settings(const config::DiameterSettings& settings);
[[nodiscard]] std::vector<diameter::NodeQuirks> quirk_settings(const config::Settings& settings);
[[nodiscard]] crypto::TlsFiles tls_files(const config::TlsSettings& settings);

[[nodiscard]] Retention::Settings retention_settings(const config::Settings& settings);

}  // namespace bindhss
