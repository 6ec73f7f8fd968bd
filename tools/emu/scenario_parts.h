// SPDX-License-Identifier: Apache-2.0
// The parts of a scenario file, each read by a function; they throw ScenarioError.
#pragma once

#include "emu/scenario_reader.h"

namespace bindhss::emu {

[[nodiscard]] UsimDefinition read_usim(const ScenarioNode& node);
[[nodiscard]] DeviceDefinition read_device(const ScenarioNode& node);
/// The name is that in the trace.
[[nodiscard]] NodeDefinition read_node(const std::string& name, const ScenarioNode& node);
[[nodiscard]] s6a::Features read_features(const ScenarioNode& node);
/// Reads the commands that the node has: {IDR: 5012, CLR: [silent, success]}.
[[nodiscard]] ScriptedReplies read_replies(const ScenarioNode& node);
/// What stands under KME: how containers fare.
[[nodiscard]] std::vector<ScriptedRelay> read_relays(const ScenarioNode& node);
/// What a device has for the exchange of keys; the keys of the mapping are exchange_keys.
void read_exchange(const ScenarioNode& node, DeviceDefinition& device);
inline const std::vector<std::string_view> exchange_keys{"private_key", "conduct", "requires_home_mac",
                                                         "answers_after", "nas_container_type"};
/// A list of provisioning, provisioning_only, auth_failure_report, or "all".
[[nodiscard]] std::uint32_t read_kme_features(const ScenarioNode& node);

/// The keys of an attach that are no reference to a party; `type` is that of the node it is for.
[[nodiscard]] AttachOptions read_attach_options(const ScenarioNode& node, NodeType type, bool initial);
inline const std::vector<std::string_view> attach_option_keys{
    "domain",     "vectors",     "number",       "others",   "immediate", "usage_type",   "rat_type",
    "flags",      "features",    "plmn",         "ue_srvcc", "ims_voice", "sms_register", "active_apns",
    "mme_number", "sgsn_number", "coupled_node", "ue",       "again"};
[[nodiscard]] s6a::ActiveApn read_active_apn(const ScenarioNode& node);
[[nodiscard]] s6a::NorFlags read_nor_flags(const ScenarioNode& node);

/// REQUIRES: the parties of the scenario have been read.
[[nodiscard]] Step read_step(const ScenarioNode& node, const Scenario& scenario);

}  // namespace bindhss::emu
