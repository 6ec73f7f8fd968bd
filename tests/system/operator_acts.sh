#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What an operator does with alarms by bindhssctl reaches the receivers of a running daemon, and its detector; and what
# is kept for a time is deleted after it.
. "$(dirname "$0")/lib.sh"

lines=$world/alarms.jsonl
write_config "alarms: {json_lines: $lines, keep_cleared: 1h}" "audit: {keep: 24h}"
daemon_start
make_fleet
IFS=, read -r imsi k opc < <(sed -n 2p "$world/fleet/subscribers.csv")
ctl binding set "$imsi" --policy imei_enforce --device 35824005999999

# told CHANGE [BY]: how many lines tell so of this alarm.
told() { grep -F '"id":"pair_unauthorised"' "$lines" 2>/dev/null | grep -F "\"change\":\"$1\"" | grep -cF "\"by\":\"${2:-}\"" || true; }
reached() { [ "$(told "$1" "${3:-}")" -ge "$2" ]; }
expect_told() { # CHANGE TIMES [BY]
    wait_for 15 reached "$@" || fail "alarms.jsonl: expected $2 x $1 by '${3:-}', came '$(cat "$lines")'"
    expect_equal "times that $1 by '${3:-}' is told" "$2" "$(told "$1" "${3:-}")"
}
wrong_device() {
    "$BINDHSS_EMU" attach --connect "127.0.0.1:$port" --imsi "$imsi" --k "$k" --opc "$opc" \
        --imei 35824005000001 --seq 0 --expect "rejected 5003" >"$world/attach" 2>&1 ||
        fail "the attach: expected to be rejected, came '$(cat "$world/attach")'"
}
who=$(ctl alarm list >/dev/null; ctl audit list | sed -n 's/.* \([^ ]*@[^ ]*\) .*/\1/p' | head -1)

check "an acknowledgement and an end by an operator are told once, and the next occurrence is a new alarm"
wrong_device
expect_told raised 1
ctl alarm acknowledge --name pair_unauthorised
expect_told acknowledged 1 "$who"
ctl alarm clear --name pair_unauthorised
expect_told cleared 1 "$who"
wrong_device
expect_told raised 2

check "so is what was done while the daemon could not look"
kill -STOP "$daemon"
beside() { ctl --database "host=$state/run user=bindhss dbname=bindhss" "$@"; }
beside alarm acknowledge --name pair_unauthorised
beside alarm clear --name pair_unauthorised
sleep 2
kill -CONT "$daemon"
expect_told acknowledged 2 "$who"
expect_told cleared 2 "$who"
wrong_device
expect_told raised 3

check "a restart tells nothing twice"
daemon_stop
expect_equal "exit code" 0 "$code"
daemon_start
sleep 3
expect_equal "acknowledgements told" 2 "$(told acknowledged "$who")"
expect_equal "ends told" 2 "$(told cleared "$who")"

check "what was cleared longer ago than it is kept is deleted, and so are old entries of the audit"
sql() { "$postgresql/psql" -h "$state/run" -U bindhss -Atc "$1" bindhss; }
entries=$(sql "SELECT count(*) FROM audit")
expect_equal "cleared alarms of this kind" 2 "$(sql "SELECT count(*) FROM alarm WHERE name = 'pair_unauthorised' AND cleared_at IS NOT NULL")"
sql "INSERT INTO alarm (name, severity, first_at, last_at, cleared_at) SELECT 'old', 'info', now(), now(),
     now() - interval '2 hours' FROM generate_series(1, 1200)" >/dev/null
sql "INSERT INTO audit (at, who, what) SELECT now() - interval '2 days', 'somebody', 'something' FROM generate_series(1, 700)" >/dev/null
daemon_stop
daemon_start
gone() { [ "$(sql "SELECT (SELECT count(*) FROM alarm WHERE name = 'old') + (SELECT count(*) FROM audit WHERE who = 'somebody')")" -eq 0 ]; }
wait_for 30 gone || fail "the tables: expected old records to be deleted"
expect_equal "cleared alarms that are kept" 2 "$(sql "SELECT count(*) FROM alarm WHERE name = 'pair_unauthorised' AND cleared_at IS NOT NULL")"
expect_equal "entries of the audit that are kept" "$entries" "$(sql "SELECT count(*) FROM audit")"
said() { [ "$(events 'old_records_deleted.*alarms=1200.*audit=700')" -eq 1 ]; }
wait_for 15 said || fail "the log: expected old_records_deleted with their numbers, came '$(grep old_records "$log")'"
