#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Disaster: the database is lost, and an old copy of it takes its place. No SQN that was issued after the backup is issued
# again, no card needs to re-synchronise, and the nodes are told that what they know may be newer than what the HSS knows.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/several.sh"

fleet_options=(--key-seed restore --imsi-first 001010800000000 --imsi-count 300)
database_create
hss_configure 1
hss_start 1
config=${hss_config[1]} port=${hss_port[1]}
make_fleet
load before --attach --duration 2s --state "$state_file"
expect_equal "exit code of the load ($(cat "$world/before"))" 0 "$code"

check "a backup of the running daemon's database"
"$postgresql/pg_dump" -h "$cluster" -U hss --format=custom --file="$world/backup" bindhss

check "the day goes on: vectors, and a subscriber who comes after the backup"
load day --attach --duration 2s --state "$state_file"
expect_equal "exit code of the load ($(cat "$world/day"))" 0 "$code"
highest=$(sql "SELECT max(seq) FROM auc")

check "the database is lost, and restored"
hss_stop 1 KILL
"$postgresql/dropdb" -h "$cluster" -U hss --force bindhss
"$postgresql/createdb" -h "$cluster" -U hss bindhss
"$postgresql/pg_restore" -h "$cluster" -U hss --no-owner --exit-on-error --dbname=bindhss "$world/backup"
expect_most "the highest SEQ of the copy" $((highest - 1)) "$(sql "SELECT max(seq) FROM auc")"

check "bindhssd --after-restore lifts every SEQ, drops what the copy had to send, and orders a Reset for each node"
sql "INSERT INTO node_request (kind, imsi, host, realm)
     SELECT 'cancel_location', imsi, host, realm FROM registration WHERE NOT purged ORDER BY imsi LIMIT 7" >/dev/null
lowest=$(sql "SELECT min(seq) FROM auc")
"$BINDHSSD" --config "$config" --after-restore --seq-ahead 100000 >>"$output" 2>&1 || fail "bindhssd --after-restore: expected it to succeed, came '$(tail -3 "$output")'"
expect_equal "events restore_finished" 1 "$(hss_events 1 'restore_finished subscriptions=300 seq_ahead=100000')"
expect_equal "the lowest SEQ" $((lowest + 100000)) "$(sql "SELECT min(seq) FROM auc")"
nodes=$(sql "SELECT count(*) FROM serving_node")
expect_least "nodes that are known" 1 "$nodes"
expect_match "what it says" "requests_dropped=7" "$(grep restore_finished "$output" "${hss_log[1]}" | tail -1)"
expect_equal "requests that are left of the copy" 0 "$(sql "SELECT count(*) FROM node_request WHERE kind <> 'reset'")"
expect_equal "nodes whose vectors of before prove anything" 0 \
    "$(sql "SELECT count(*) FROM auc, unnest(ind_pre_processed_at) t WHERE t IS NOT NULL")"
expect_equal "Resets ordered" "$nodes" "$(sql "SELECT count(*) FROM node_request WHERE kind = 'reset'")"
expect_match "the audit" "7 old requests to nodes dropped" "$(sql "SELECT detail FROM audit WHERE who = 'bindhssd --after-restore'" | tr '\n' ' ')"

check "it refuses to while a daemon serves"
hss_start 1
code=0
said=$("$BINDHSSD" --config "$config" --after-restore 2>&1) || code=$?
expect_equal "exit code" 1 "$code"
expect_match "what it says" "a bindhssd is connected to this database" "$said$(tail -3 "${hss_log[1]}")"
expect_equal "the lowest SEQ" $((lowest + 100000)) "$(sql "SELECT min(seq) FROM auc")"

check "no SQN comes twice, and every card takes its next vector as it comes"
load after --attach --duration 3s --state "$state_file"
expect_equal "exit code of the load ($(cat "$world/after"))" 0 "$code"
expect_equal "faults in the load after" 0 "$(number after faults)"
load all --authenticate-all --state "$state_file"
expect_equal "exit code of --authenticate-all ($(cat "$world/all"))" 0 "$code"
expect_match "USIMs" "USIMs +300 in step, 0 after one re-synchronisation, 0 refused" "$(cat "$world/all")"

check "the Resets have gone out as soon as the nodes were there"
resets_gone() { [ "$(sql "SELECT count(*) FROM node_request WHERE kind = 'reset'")" -eq 0 ]; }
wait_for 30 resets_gone || fail "Resets: expected them to be answered within 30 s"
hss_stop 1
expect_equal "exit code of the daemon" 0 "$code"
echo "passed"
