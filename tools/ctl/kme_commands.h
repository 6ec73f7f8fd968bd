// SPDX-License-Identifier: Apache-2.0
// kme list, retire, import, export; `kme set` is a record like others.
#pragma once

#include <filesystem>

#include "ctl/add_command.h"

namespace bindhss::ctl {

/// The subcommands of "kme" that show no key and take none on their command line.
void add_kme_commands(CLI::App* kme, const AddCommands& add);

/// All keys of a file, or none (docs/kme-transfer.md). The file is read twice: whole, before anything is
/// stored, and again while it is.
void import_kmes(Context& context, const std::string& file, const std::string& transport_key);

/// Writes the active keys to a new file; `range` is one of ImeiRange::parse(), empty: all devices and groups.
struct KmeExport {
    std::string file;
    std::string transport_key;
    std::string range;
    std::string wrap = "rfc3394";
};
void export_kmes(Context& context, const KmeExport& request);

}  // namespace bindhss::ctl
