// SPDX-License-Identifier: Apache-2.0
// Every statement of the store while it serves requests, in one table, each under a name that appears in the
// log.
#pragma once

#include <span>

namespace bindhss::store::postgres {

struct Statement {
    const char* name;
    const char* sql;
};

namespace statement {
inline constexpr const char* reserve = "reserve";
inline constexpr const char* locked_rows = "locked_rows";
inline constexpr const char* reserve_refusal = "reserve_refusal";
inline constexpr const char* take_refusal = "take_refusal";
inline constexpr const char* serving_node = "serving_node";
inline constexpr const char* load_authentication = "load_authentication";
inline constexpr const char* load_other_kmes = "load_other_kmes";
inline constexpr const char* load_subscriber = "load_subscriber";
inline constexpr const char* load_access = "load_access";
inline constexpr const char* has_list = "has_list";
inline constexpr const char* load_standing = "load_standing";
inline constexpr const char* store_standing = "store_standing";
inline constexpr const char* find_kme = "find_kme";
inline constexpr const char* prove_kme = "prove_kme";
inline constexpr const char* lock_binding = "lock_binding";
inline constexpr const char* refuse_next = "refuse_next";
inline constexpr const char* ask_operator = "ask_operator";
inline constexpr const char* forget_approvals = "forget_approvals";
inline constexpr const char* hold_binding = "hold_binding";
inline constexpr const char* acquire_device = "acquire_device";
inline constexpr const char* renew_kme = "renew_kme";
inline constexpr const char* take_open_vector = "take_open_vector";
inline constexpr const char* lock_subscriber = "lock_subscriber";
inline constexpr const char* lock_device = "lock_device";
inline constexpr const char* device_is_full = "device_is_full";
inline constexpr const char* register_node = "register_node";
inline constexpr const char* load_registrations = "load_registrations";
inline constexpr const char* update_registration = "update_registration";
inline constexpr const char* remember_device = "remember_device";
inline constexpr const char* remember_refused = "remember_refused";
inline constexpr const char* forget_devices = "forget_devices";
inline constexpr const char* forget_registration = "forget_registration";
inline constexpr const char* purge = "purge";
inline constexpr const char* store_location = "store_location";
inline constexpr const char* store_request = "store_request";
inline constexpr const char* take_requests = "take_requests";
inline constexpr const char* finish_request = "finish_request";
inline constexpr const char* postpone_request = "postpone_request";
inline constexpr const char* hand_over_request = "hand_over_request";
inline constexpr const char* announce_reach = "announce_reach";
inline constexpr const char* look_again = "look_again";
inline constexpr const char* pull_requests_forward = "pull_requests_forward";
inline constexpr const char* pull_telling_forward = "pull_telling_forward";
inline constexpr const char* notify_of_node_work = "notify_of_node_work";
inline constexpr const char* take_changed = "take_changed";
inline constexpr const char* take_due = "take_due";
inline constexpr const char* sweep_page = "sweep_page";
inline constexpr const char* take_swept = "take_swept";
inline constexpr const char* mark_told = "mark_told";
inline constexpr const char* postpone_telling = "postpone_telling";
inline constexpr const char* hand_over_telling = "hand_over_telling";
inline constexpr const char* mark_detached = "mark_detached";
inline constexpr const char* profile_versions = "profile_versions";
inline constexpr const char* profile_clock = "profile_clock";
inline constexpr const char* load_equipment = "load_equipment";
inline constexpr const char* record_alarms = "record_alarms";
inline constexpr const char* clear_alarm = "clear_alarm";
inline constexpr const char* last_alarm_act = "last_alarm_act";
inline constexpr const char* alarm_acts = "alarm_acts";
inline constexpr const char* delete_cleared_alarms = "delete_cleared_alarms";
inline constexpr const char* delete_audit = "delete_audit";
inline constexpr const char* delete_operator_requests = "delete_operator_requests";
inline constexpr const char* fold_tally = "fold_tally";
inline constexpr const char* census = "census";
inline constexpr const char* census_of_alarms = "census_of_alarms";
inline constexpr const char* begin_exchange = "begin_exchange";
inline constexpr const char* load_exchange = "load_exchange";
inline constexpr const char* exchange_secret = "exchange_secret";
inline constexpr const char* finish_exchange = "finish_exchange";
inline constexpr const char* reattach_unproven = "reattach_unproven";
inline constexpr const char* abort_exchange = "abort_exchange";
inline constexpr const char* exchange_pending = "exchange_pending";
inline constexpr const char* has_come_again = "has_come_again";
inline constexpr const char* keep_session = "keep_session";
inline constexpr const char* load_restricted = "load_restricted";
inline constexpr const char* sweep_exchanges = "sweep_exchanges";
}  // namespace statement

[[nodiscard]] std::span<const Statement> statements();
/// Those of registrations, and of what nodes have to be told.
[[nodiscard]] std::span<const Statement> registration_statements();
/// Those of evidence, keys and refusals.
[[nodiscard]] std::span<const Statement> binding_statements();
/// Those of what operators did with alarms, and of records that grow old.
[[nodiscard]] std::span<const Statement> upkeep_statements();
/// Those of the exchange that gives a device its key.
[[nodiscard]] std::span<const Statement> exchange_statements();

}  // namespace bindhss::store::postgres
