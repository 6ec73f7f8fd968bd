// SPDX-License-Identifier: Apache-2.0
// Lists that can be long, and what narrows them: subscribers, devices, registrations, open alarms, the audit.
#pragma once

#include "ctl/add_command.h"

namespace bindhss::ctl {

/// Each adds "list" to its noun. What is narrowed down is narrowed down in the database.
void add_subscriber_list(CLI::App* subscriber, const AddCommands& add);
void add_device_list(CLI::App* device, const AddCommands& add);
void add_registration_list(CLI::App* registration, const AddCommands& add);
void add_alarm_list(CLI::App* alarm, const AddCommands& add);
void add_audit_list(CLI::App* audit, const AddCommands& add);

}  // namespace bindhss::ctl
