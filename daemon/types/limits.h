// SPDX-License-Identifier: Apache-2.0
// Every queue, pool and loop has its limit here, unit last; relations between them are asserted at the end.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bindhss::limits {

/// A Diameter message on the wire (24-bit length field). Our largest answer is about 4 KB.
inline constexpr std::size_t message_octets_max = 65'536;
/// What one read from a peer may return; holds at least one whole message.
inline constexpr std::size_t read_buffer_octets = 131'072;
/// Nesting of grouped AVPs that a request may have; S6a needs 5.
inline constexpr std::size_t avp_depth_max = 8;
/// AVPs in one message, all levels together.
inline constexpr std::size_t avp_count_max = 1'024;
/// Octets of a value at fault that an error answer gives back in Failed-AVP.
inline constexpr std::size_t failed_avp_octets_max = 1'024;
/// Requests of one peer that may be unanswered at once; reading from the peer stops at this number.
inline constexpr std::size_t peer_requests_in_flight_max = 512;
/// Octets that may wait to be written to one peer before it is closed as unable to read.
inline constexpr std::size_t peer_output_octets_max = 8 * 1024 * 1024;
/// Octets waiting to be written to one peer at which reading from it pauses: who does not read is not served.
inline constexpr std::size_t peer_output_octets_pause = 256 * 1024;
/// Our own requests to one peer that may await their answer.
inline constexpr std::size_t peer_requests_outstanding_max = 1'024;
/// Connections over which one request of ours is tried in turn.
inline constexpr std::size_t request_routes_max = 4;
/// Retransmissions of one request that may wait for the answer to the first; further ones are TOO_BUSY.
inline constexpr std::size_t duplicates_joined_max = 8;
/// Failed requests, and refused connections, that the log tells of in a second; the rest is counted there.
inline constexpr std::uint64_t failure_events_per_second_max = 20;
/// Connections that may be open but have not yet completed CER/CEA, a TLS handshake before it included; and
/// those of them that may come from one address (IPv6: one network of 64 bits).
inline constexpr std::size_t connections_unidentified_max = 256;
inline constexpr std::size_t connections_unidentified_per_address_max = 64;
inline constexpr std::size_t connections_max = 1'024;
/// The grain of the few waits that are not driven by events: stopping, and probing a connection.
inline constexpr int poll_ms = 5;
/// A connection's read buffer at first; it grows to read_buffer_octets when a message needs it.
inline constexpr std::size_t read_buffer_octets_min = 16'384;
/// How long an open peer may take to show that it lives when another connection claims its identity.
inline constexpr int peer_probe_ms = 1'000;
/// How long DPA may take when we disconnect.
inline constexpr int disconnect_answer_ms = 500;
/// How long DPA waits for the answers to a peer's requests in flight when the peer disconnects.
inline constexpr int farewell_ms = 2'000;
/// How many times diameter.reconnect we stay away from a peer that was busy, or does not want to talk to us.
inline constexpr int reconnect_busy_factor = 12;
inline constexpr int reconnect_unwanted_factor = 120;
/// Octets of TLS that one read takes from a socket, and that are encrypted before they are sent.
inline constexpr std::size_t tls_read_octets = 16'384;
inline constexpr std::size_t tls_write_octets = 65'536;
/// How often the files of TLS are looked at for changes, and a certificate near its end is told of again.
inline constexpr int tls_files_check_ms = 30'000;
inline constexpr int tls_expiry_warning_days = 30;
inline constexpr int tls_expiry_reminder_hours = 24;

/// E-UTRAN vectors in one AIA (spec 1.4: MAP's limit); one for a subscription bound by KME.
inline constexpr std::uint32_t vectors_max = 5;
inline constexpr std::uint32_t vectors_bound_max = 1;

/// Requests that one statement of the batched AIR path serves.
inline constexpr std::size_t batch_rows_max = 256;
/// Requests of another kind that share their statements.
inline constexpr std::size_t jobs_together_max = 128;
/// Requests that may wait for a database connection; beyond it the answer is TOO_BUSY at the door.
inline constexpr std::size_t store_queue_max = 8'192;
/// Notices of alarms that may wait for the table, a file, syslog or a webhook; further ones are counted
/// there.
inline constexpr std::size_t alarm_queue_max = 1'024;
/// Notices that one transaction writes into the table of alarms.
inline constexpr std::size_t alarms_together_max = 256;
/// Alarms of one kind and object that the detector knows apart, and for how long a quiet one; of too many the
/// one that was quiet longest is forgotten.
inline constexpr std::size_t alarm_states_max = 32'768;
inline constexpr int alarm_quiet_hours = 24;
/// Peers whose alarms are counted one by one; those of further ones together.
inline constexpr std::size_t alarm_peers_max = 1'024;
/// Repetitions that the detector tells of at a time, and how often it looks for them.
inline constexpr std::size_t alarm_notices_per_tick_max = 256;
inline constexpr int alarm_tick_ms = 1'000;
/// What operators did with alarms that a daemon reads at a time, and how often it looks.
inline constexpr std::uint32_t alarm_acts_page_max = 200;
inline constexpr int alarm_acts_poll_ms = 1'000;
/// Old records that are deleted at a time, and the pauses: while there are more, and until there are.
inline constexpr std::uint32_t retention_page_max = 500;
inline constexpr int retention_page_pause_ms = 1'000;
inline constexpr int retention_pause_ms = 600'000;
/// How long a change that was asked for under a key is not done again.
inline constexpr int idempotency_kept_hours = 24;
/// Octets of an alarm's text in the configuration.
inline constexpr std::size_t alarm_text_octets_max = 256;
/// How long one attempt to deliver a notice over the network may take, and the pauses between attempts:
/// doubled from the first to the second.
inline constexpr int alarm_delivery_ms = 10'000;
inline constexpr int alarm_retry_ms_min = 1'000;
inline constexpr int alarm_retry_ms_max = 300'000;
/// A message of syslog, which every receiver should take (RFC 5426 3.2).
inline constexpr std::size_t syslog_octets_max = 2'048;
/// What a webhook may answer, and its secret in a file.
inline constexpr std::size_t webhook_answer_octets_max = 65'536;
inline constexpr std::size_t webhook_secret_octets_min = 16;
inline constexpr std::size_t webhook_secret_octets_max = 4'096;
/// Serving nodes whose number one daemon remembers; beyond it the memory starts afresh.
inline constexpr std::size_t serving_nodes_cached_max = 16'384;
/// Devices that one binding names by itself.
inline constexpr std::size_t binding_devices_max = 64;
/// Devices of a subscription that are remembered although no node that reported them had authenticated the
/// UE.
inline constexpr std::size_t unproven_devices_max = 64;
/// Rules that may decide on one access; and groups that one subscription is in.
inline constexpr std::size_t rules_per_access_max = 256;
inline constexpr std::size_t subscription_groups_max = 16;
/// Keys under which one AUTS is tried, the active one and the plain RAND not counted (spec 4.3).
inline constexpr std::size_t resync_keys_max = 8;
/// Names of groups, and the operator's comment on a device.
inline constexpr std::size_t name_octets_max = 64;
inline constexpr std::size_t comment_octets_max = 256;
/// How long a request may wait for the database, queue included; a connection silent for as long is given up.
inline constexpr int store_deadline_ms = 2'000;
/// How long a statement waits for a row that somebody else has locked (an import, another daemon) before
/// those that share its connection get their turn.
inline constexpr int store_lock_wait_ms = 20;
/// Pauses between attempts to reach a database that is down: doubled from the first to the second.
inline constexpr int store_retry_ms_min = 50;
inline constexpr int store_retry_ms_max = 1'000;
/// How long the thread that hears notices of the database waits before it looks whether it is to end.
inline constexpr int listener_wait_ms = 100;
/// How often a transaction is tried again that another one got ahead of; and how often where a request waits
/// for it.
inline constexpr int transaction_tries_max = 5;
inline constexpr int request_transaction_tries_max = 3;
/// Pages of counts that are folded at a time; what is left is there the next time.
inline constexpr int fold_pages_max = 1'000;
/// Rows that one statement of an import stores.
inline constexpr std::size_t import_chunk_rows = 1'000;

/// A subscription document (a profile, or what differs of one subscriber); complaints that are told of one;
/// characters of a text in it that a complaint repeats.
inline constexpr std::size_t document_octets_max = 65'536;
inline constexpr std::size_t document_complaints_max = 20;
inline constexpr std::size_t document_text_shown_max = 40;

/// Requests to nodes, and registrations to tell of a change, that a daemon takes from the store at a time.
inline constexpr std::size_t node_requests_taken_max = 64;
inline constexpr std::size_t untold_taken_max = 500;
/// Nodes that are being told of a change at once.
inline constexpr std::size_t untold_in_flight_max = 256;
/// Of what was postponed because a node could not be reached, so much of each kind is due when it connects.
inline constexpr std::size_t pulled_forward_max = 5'000;
/// Subscriptions whose SEQ one transaction lifts after a restore.
inline constexpr int restore_page_rows = 10'000;
/// How long a daemon that has ended may still be connected before a restore is refused.
inline constexpr int restore_wait_ms = 2'000;
/// Registrations that one statement looks through for those that have to be told.
inline constexpr std::size_t sweep_rows_max = 2'000;
/// Versions of profiles whose documents a daemon remembers; beyond it the memory starts afresh.
inline constexpr std::size_t profile_versions_cached_max = 256;

/// Token buckets of 16 octets that are remembered of IMSIs (at a node, and over a connection), of devices,
/// and of nodes, networks and connections (procedure/gate.h): only those that are not full take a place.
/// Re-synchronisations are rarer.
inline constexpr std::size_t gate_imsi_slots = 262'144;
inline constexpr std::size_t gate_imsi_resync_slots = 65'536;
inline constexpr std::size_t gate_device_slots = 65'536;
inline constexpr std::size_t gate_node_slots = 4'096;
/// Nodes that are remembered as known, by the connection they came by; of too many the one that was silent
/// longest is new again.
inline constexpr std::size_t gate_known_node_slots = 262'144;
/// UEs that are remembered as refused, and as admitted: 16 octets each, once they come.
inline constexpr std::size_t gate_refused_slots = 2'097'152;
inline constexpr std::size_t gate_admitted_slots = 1'048'576;
/// IMSIs and devices of one node that alarms about limits name in an hour; beyond it they name the node. How
/// often one of them is told of.
inline constexpr std::uint32_t gate_alarms_per_node_max = 20;
inline constexpr int gate_alarm_pause_ms = 10'000;

/// A file to import; and errors that are told of one before the rest is only counted.
inline constexpr std::size_t import_file_octets_max = 512 * 1024 * 1024;
inline constexpr std::size_t import_errors_shown_max = 100;
/// A line of a file of wrapped keys (docs/kme-transfer.md).
inline constexpr std::size_t kme_transfer_line_octets_max = 512;
/// A key in a file of devices' public keys, with what stands beside it: one of RSA 4096 bits in PEM has 800
/// octets. The same for a file with one key.
inline constexpr std::size_t device_key_record_octets_max = 8'192;
/// Device models that an operator may record; pairs that a report reads at a time, and days that it tells of;
/// subscribers that a re-evaluation detaches in a second.
inline constexpr std::size_t device_models_max = 1'000'000;
inline constexpr std::size_t seen_page_rows_max = 1'000;
inline constexpr std::size_t report_days_max = 3'660;
inline constexpr std::uint32_t detach_rate_max = 10'000;

/// bindhss-emu: steps of a scenario, devices and cards in it; peers and requests outstanding in load mode;
/// CLRs that an MME remembers.
inline constexpr std::size_t emu_steps_max = 10'000;
inline constexpr std::size_t emu_parties_max = 10'000;
inline constexpr std::size_t emu_peers_max = 64;
inline constexpr std::size_t emu_window_max = 512;
/// Subscribers of a derived fleet, and the most whose every SQN is remembered (the others: the newest 64
/// each).
inline constexpr std::uint64_t emu_fleet_max = 100'000'000;
inline constexpr std::uint64_t emu_exact_ledger_max = 100'000;

/// The provisioning of a key (procedure/kme_update.h): what is kept back of its deadline for the store; how
/// often a joined request looks; how long a renewal lets the ULA go ahead.
inline constexpr int exchange_store_ms = 500;
inline constexpr int exchange_poll_ms = 200;
inline constexpr int exchange_behind_answer_ms = 200;

/// What a daemon remembers of what has happened (metrics/journal.h): of what is noteworthy, of ordinary
/// requests, fields of an event and octets of its texts together; subscribers that are traced at once, and
/// how long after the trace was last asked for.
inline constexpr std::size_t journal_events_max = 8'192;
inline constexpr std::size_t journal_ordinary_events_max = 4'096;
inline constexpr std::size_t journal_fields_max = 16;
inline constexpr std::size_t journal_octets_max = 1'024;
inline constexpr std::size_t journal_traced_max = 32;
inline constexpr int journal_traced_ms = 30'000;
/// Events that one request of the API returns.
inline constexpr std::size_t journal_page_max = 1'000;
/// Octets of a Session-Id that are kept of it.
inline constexpr std::size_t session_id_octets_max = 128;
/// Peers whose metrics are told one by one; those of further ones together.
inline constexpr std::size_t metrics_peers_max = 256;
/// Connections of who reads the metrics, and the pauses: between two looks at what changes fast, and at the
/// database.
inline constexpr std::size_t metrics_connections_max = 32;
inline constexpr int metrics_sample_ms = 1'000;
inline constexpr int metrics_census_ms = 15'000;
/// Seconds that rates and percentiles of `bindhssctl top` are of; and open alarms, or requests to nodes, that
/// are counted one by one.
inline constexpr std::size_t metrics_window_samples = 5;
inline constexpr std::size_t metrics_census_rows_max = 100'000;
/// The main threads have not come round for so long: the daemon is not alive.
inline constexpr int metrics_stalled_ms = 30'000;

/// Nodes that are remembered as not having what they announced.
inline constexpr std::size_t unfit_nodes_max = 4'096;

/// A listener of HTTP: connections at once, those of them from one address (IPv6: one network of 64 bits),
/// and requests that one of them may bring before it is closed.
inline constexpr std::size_t http_connections_max = 512;
inline constexpr std::size_t http_connections_per_address_max = 64;
inline constexpr std::size_t http_requests_per_connection_max = 1'000;
/// A request: its line and fields, and its body where a listener does not want less.
inline constexpr std::uint32_t http_header_octets_max = 8'192;
inline constexpr std::size_t http_body_octets_max = 65'536;
/// How long may be taken by a TLS handshake, a request from its first octet to its last, the writing of the
/// answer, and the silence between two requests.
inline constexpr int http_handshake_ms = 10'000;
inline constexpr int http_request_ms = 10'000;
inline constexpr int http_response_ms = 10'000;
inline constexpr int http_idle_ms = 30'000;
/// What is still read of a request that was refused before its end, so that the answer gets through.
inline constexpr int http_linger_ms = 1'000;
inline constexpr std::size_t http_linger_octets_max = 1'048'576;
/// Who may use a listener by a token: entries of a file, and its size.
inline constexpr std::size_t bearer_tokens_max = 64;
inline constexpr std::size_t bearer_file_octets_max = 65'536;
/// A token of ours in a file.
inline constexpr std::size_t bearer_token_octets_min = 16;
inline constexpr std::size_t bearer_token_octets_max = 4'096;
/// The provisioning of keys by https: octets of a request's body, token buckets of addresses, of IMSIs and
/// of devices.
inline constexpr std::size_t key_request_octets_max = 4'096;
inline constexpr std::size_t key_request_address_slots = 16'384;
inline constexpr std::size_t key_request_identity_slots = 65'536;
/// The API of operators: connections at once, over TCP from one address; requests that wait for a worker, and
/// workers; octets of a request's body, and where many changes come at once; how long a request may take to
/// come.
inline constexpr std::size_t api_connections_max = 64;
inline constexpr std::size_t api_connections_per_address_max = 32;
inline constexpr std::size_t api_queue_max = 32;
inline constexpr unsigned api_workers_max = 32;
inline constexpr std::size_t api_body_octets_max = 1024 * 1024;
inline constexpr std::size_t api_change_octets_max = 16 * 1024 * 1024;
inline constexpr int api_request_ms = 60'000;
/// Connections over the Unix socket, which those over TCP cannot use up; how long a statement of a request
/// may take, and wait for what somebody else has locked.
inline constexpr std::size_t api_local_connections_max = 64;
inline constexpr int api_statement_ms = 60'000;
inline constexpr int api_lock_wait_ms = 10'000;
/// Nesting of a body in JSON; prefixes of IMSIs in an order to reset (TS 29.272 7.2.15 sets no limit); keys
/// of one device, or of one owner, that a request looks at.
inline constexpr std::size_t api_json_depth_max = 32;
inline constexpr std::size_t api_reset_prefixes_max = 500;
inline constexpr std::size_t api_keys_of_one_max = 10'000;
/// Rows of a page, and of one that names no limit; names of requests and idempotency keys.
inline constexpr std::size_t api_page_rows_max = 1'000;
inline constexpr std::size_t api_page_rows = 100;
inline constexpr std::size_t api_request_id_octets_max = 64;
inline constexpr std::size_t api_idempotency_key_octets_max = 128;

/// bindhssctl: times that an API too busy to answer is asked again, and seconds for which an import waits for
/// one that does not answer at all; records and octets of one transaction of a large import, and how many of
/// them are under way at once; octets of a line of CSV; seconds between two looks of --watch.
inline constexpr int ctl_busy_tries = 20;
inline constexpr int ctl_import_patience_s = 60;
inline constexpr std::size_t ctl_import_chunk_records = 5'000;
inline constexpr std::size_t ctl_import_chunk_octets_max = 4 * 1024 * 1024;
inline constexpr unsigned ctl_import_requests_max = 3;
inline constexpr std::size_t import_line_octets_max = 1024 * 1024;
inline constexpr int ctl_watch_seconds_max = 86'400;
/// Tokens of nobody that one origin may show in a minute; origins that are remembered for it.
inline constexpr std::size_t api_failures_per_minute_max = 20;
inline constexpr std::size_t api_origins_max = 1'024;
/// A registry of public keys outside: octets of its answer, look-ups under way, requests that may wait for
/// one of them, answers that are remembered.
inline constexpr std::size_t registry_answer_octets_max = 16'384;
inline constexpr std::size_t registry_lookups_max = 64;
inline constexpr std::size_t registry_waiting_max = 1'024;
inline constexpr std::size_t registry_cached_max = 65'536;

static_assert(read_buffer_octets >= message_octets_max);
static_assert(peer_output_octets_pause + message_octets_max <= peer_output_octets_max);
static_assert(connections_unidentified_per_address_max < connections_unidentified_max);
static_assert(connections_unidentified_max < connections_max);
static_assert(http_connections_per_address_max < http_connections_max);
static_assert(key_request_octets_max <= http_body_octets_max);
static_assert(api_body_octets_max <= api_change_octets_max);
static_assert(ctl_import_chunk_octets_max <= api_change_octets_max / 2);
static_assert(api_connections_per_address_max <= api_connections_max);
static_assert(batch_rows_max <= store_queue_max);
static_assert(vectors_bound_max <= vectors_max);
static_assert(emu_window_max <= peer_requests_outstanding_max);

}  // namespace bindhss::limits
