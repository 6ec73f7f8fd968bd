// SPDX-License-Identifier: Apache-2.0
// device-key: the registry of devices' public keys; kme renew and exchange list: what is provisioned with
// them.
#pragma once

#include "ctl/add_command.h"

namespace bindhss::ctl {

/// The subcommands of "device-key".
void add_device_key_commands(CLI::App* device_key, const AddCommands& add);
/// "kme renew".
void add_renew_command(CLI::App* kme, const AddCommands& add);
/// The subcommands of "exchange".
void add_exchange_commands(CLI::App* exchange, const AddCommands& add);

/// A manufacturer's file; '-' is standard input. What is right is stored, and every line that is not is told
/// of on io.err: then Refused says how many there were. With options.strict one of them keeps all out.
void import_device_keys(Context& context, const std::string& file,
                        const store::DeviceKeyImportOptions& options);

}  // namespace bindhss::ctl
