// SPDX-License-Identifier: Apache-2.0
#include "metrics/catalogue.h"

#include <algorithm>

namespace bindhss::metrics {

namespace {

// A row is read by scripts/metrics_manual.py too: one literal for each field.
// clang-format off
constexpr Metric table[] = {
    {"bindhss_build_info", Type::gauge, "version, identity",
     "1, with the version of the daemon and its Diameter identity."},
    {"bindhss_ready", Type::gauge, "",
     "1 while the daemon serves all that it is asked for: what /ready says."},
    {"bindhss_check_good", Type::gauge, "check",
     "1 for each check of /ready that is good: diameter, database, serving."},
    {"bindhss_loop_delay_seconds", Type::gauge, "",
     "How late the threads that serve requests came to a timer, at the last look."},

    {"bindhss_s6a_requests_total", Type::counter, "command, result",
     "Requests of nodes that were answered, by the result that they were answered with."},
    {"bindhss_s6a_request_seconds", Type::histogram, "command",
     "Time from a request's arrival to its answer."},
    {"bindhss_s6a_requests_in_flight", Type::gauge, "",
     "Requests of nodes that are not answered yet."},
    {"bindhss_s6a_retransmissions_total", Type::counter, "outcome",
     "Retransmissions of a request that was not answered yet: joined to it, or refused because too many wait."},
    {"bindhss_node_requests_total", Type::counter, "command, result",
     "Requests of ours to nodes, by what they answered; DIAMETER_UNABLE_TO_DELIVER: nothing in time."},
    {"bindhss_node_request_seconds", Type::histogram, "command",
     "Time from a request of ours to its answer, or until it was given up."},

    {"bindhss_peer_up", Type::gauge, "peer",
     "1 while the peer is connected and answers; 0 of one that is configured and is not there."},
    {"bindhss_peer_state", Type::gauge, "peer",
     "0 closed, 1 connecting, 2 capabilities exchanged, 3 open, 4 suspect (no answer to a watchdog), 5 closing."},
    {"bindhss_peer_requests_received_total", Type::counter, "peer",
     "Requests that came over the peer's connection, since it was opened."},
    {"bindhss_peer_requests_sent_total", Type::counter, "peer",
     "Requests that were sent over the peer's connection, since it was opened."},
    {"bindhss_peer_answers_dropped_total", Type::counter, "peer",
     "Answers of the peer that came too late, or to no request of ours."},
    {"bindhss_connections", Type::gauge, "",
     "Connections of peers, those included that have not said who they are."},

    {"bindhss_vectors_issued_total", Type::counter, "kind",
     "Authentication vectors: regular, or pre_processed under a device's key."},
    {"bindhss_resyncs_total", Type::counter, "outcome",
     "Re-synchronisations that a USIM asked for: accepted, or refused because AUTS does not verify."},
    {"bindhss_sequence_used_ratio", Type::gauge, "",
     "The largest SEQ that was issued since the start, as a share of the largest that may be: at 1 a card gets no more vectors."},
    {"bindhss_access_decisions_total", Type::counter, "policy, outcome",
     "Verdicts of the binding on Update-Locations: admitted, limited or refused, by policy."},
    {"bindhss_device_decisions_total", Type::counter, "policy, outcome",
     "The same on devices that are reported otherwise: by Notify, ME-Identity-Check, or by HTTPS."},
    {"bindhss_evidence_total", Type::counter, "sign, outcome",
     "Signs for and against devices' keys, and what they made of the binding: unchanged, suspect, locked or cleared."},
    {"bindhss_key_exchanges_total", Type::counter, "way, outcome",
     "Exchanges of a device's key, by s6a or https: begun, and how they ended or why they did not begin."},
    {"bindhss_gate_refusals_total", Type::counter, "limit",
     "Requests that a limit refused before a key or the database was touched."},

    {"bindhss_alarms_raised_total", Type::counter, "alarm, severity",
     "Occurrences of alarms at this daemon."},
    {"bindhss_alarms_open", Type::gauge, "alarm, severity",
     "Alarms of all daemons that are open in the table, 100,000 at most."},

    {"bindhss_database_up", Type::gauge, "",
     "1 while the database can be used."},
    {"bindhss_store_queue_length", Type::gauge, "lane",
     "Requests that wait for a connection of the database: authentication (AIR alone), general (the rest)."},
    {"bindhss_store_queue_limit", Type::gauge, "lane",
     "How many may wait; further ones are answered TOO_BUSY."},
    {"bindhss_store_connections", Type::gauge, "lane, state",
     "Connections of the database: wanted, open, and busy with a request."},
    {"bindhss_store_batch_size", Type::histogram, "lane",
     "Requests that shared the statements of one turn."},
    {"bindhss_store_busy_seconds_total", Type::counter, "lane",
     "Time that connections were busy, all together: its rate over the open ones is their load."},
    {"bindhss_store_errors_total", Type::counter, "lane, kind",
     "unreachable: attempts to connect; failed: turns that the database failed; retried: turns that gave way to another transaction; late: requests past their deadline; busy and down: requests that were refused at the door."},

    {"bindhss_subscribers", Type::gauge, "",
     "Subscribers in the database, as its statistics estimate."},
    {"bindhss_registrations", Type::gauge, "",
     "Registrations in the database, as its statistics estimate."},
    {"bindhss_exchanges_open", Type::gauge, "",
     "Exchanges of keys under way at all daemons, 100,000 at most."},
    {"bindhss_node_requests_waiting", Type::gauge, "",
     "Requests to nodes that wait to be sent or repeated, of all daemons, 100,000 at most."},
    {"bindhss_approvals_waiting", Type::gauge, "",
     "Devices that wait for an operator's approval, 100,000 at most."},
    {"bindhss_census_age_seconds", Type::gauge, "",
     "How old the numbers are that are read from the database now and then: alarms_open and the five above."},

    {"bindhss_tls_certificate_expiry_timestamp_seconds", Type::gauge, "listener",
     "When the certificate of a listener, or one of the CAs sent with it, becomes invalid."},

    {"process_cpu_seconds_total", Type::counter, "",
     "CPU time of the daemon."},
    {"process_resident_memory_bytes", Type::gauge, "",
     "Memory of the daemon that is in use."},
    {"process_virtual_memory_bytes", Type::gauge, "",
     "Its address space."},
    {"process_open_fds", Type::gauge, "",
     "Open file descriptors."},
    {"process_max_fds", Type::gauge, "",
     "The most that it may have."},
    {"process_threads", Type::gauge, "",
     "Threads."},
    {"process_start_time_seconds", Type::gauge, "",
     "When the daemon was started."},
};
// clang-format on

}  // namespace

std::string_view name_of(Type type) {
    switch (type) {
        case Type::counter:
            return "counter";
        case Type::gauge:
            return "gauge";
        case Type::histogram:
            break;
    }
    return "histogram";
}

std::span<const Metric> catalogue() {
    return table;
}

const Metric* find_metric(std::string_view name) {
    const auto* found = std::ranges::find(table, name, &Metric::name);
    return found == std::end(table) ? nullptr : found;
}

}  // namespace bindhss::metrics
