#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One change of a profile that 100,000 registered subscribers share: each node is told of each subscriber exactly once,
# at the configured pace; with kill -9 of the daemon half way none is lost, and only who was being told in that moment
# may be told twice.
#
#   profile_change.sh [SUBSCRIBERS]
. "$(dirname "$0")/lib.sh"
subscribers=${1:-100000}
in_flight_max=256 # limits::untold_in_flight_max

# configure UPDATES_PER_SECOND
configure() {
    write_config "  request_timeout: 1s" "subscription: {update_rate: $1}" "database: {connections: 16}"
}
# provision NAME FIRST COUNT PROFILE: imports them.
provision() {
    "$BINDHSS_EMU" fleet --key-seed profile --imsi-first "$2" --imsi-count "$3" --bound none --out-dir "$world/fleet-$1" \
        >/dev/null
    sed -i "1s/\$/,profile/; 2,\$s/\$/,$4/" "$world/fleet-$1/subscribers.csv"
    ctl import "$world/fleet-$1/subscribers.csv"
}
# hold NAME FIRST COUNT [options...]: nodes that register them and stay; sets `holder`.
hold() {
    local name=$1 first=$2 count=$3
    shift 3
    "$BINDHSS_EMU" hold --connect "127.0.0.1:$port" --name "$name" --imsi-first "$first" --imsi-count "$count" \
        --nodes 4 --duration 5m --status "$world/$name.status" --expect-idr "$@" >"$world/$name" 2>&1 &
    holder=$!
    background+=("$holder")
}
status() { sed -n "s/^$2 //p" "$world/$1.status" 2>/dev/null | grep . || echo 0; }
reached() { [ "$(status "$1" "$2")" -ge "$3" ]; }
wait_until() { # NAME WHAT LEAST SECONDS
    wait_for "$4" reached "$1" "$2" "$3" || fail "$1: expected $2 to reach $3, came '$(status "$1" "$2")'"
}
hold_end() {
    code=0
    wait "$holder" || code=$?
    cat "$world/$1"
    expect_equal "exit code of the nodes" 0 "$code"
}
began=$SECONDS
lap() { echo "   ($((SECONDS - began)) s)"; }

ctl_profiles() {
    local profile='{"ambr": {"uplink": "50M", "downlink": "100M"}, "apns": {"1": {"apn": "internet"}}}'
    ctl profile set few "$profile"
    ctl profile set many "$profile"
}

check "a low pace is kept: 200 nodes in a second are told, no more"
configure 200
daemon_start
ctl_profiles
provision few 001010300000000 600 few
hold few 001010300000000 600 --expect-data ambr.uplink=1000000
wait_until few registered 600 60
before=$(date +%s%3N)
ctl profile edit few ambr.uplink=1M
# Two ticks of 50 ms may be saved up: 20 nodes. Who is held up on the way comes later, never sooner; so what has come since
# the change is counted, and not what comes in some one second.
while alive "$holder"; do
    idrs=$(status few idr)
    expect_most "IDRs so far" $((20 + ($(date +%s%3N) - before) * 200 / 1000)) "$idrs"
    sleep 0.1
done
hold_end few
expect_least "milliseconds from the change to the last IDR" 2900 $(($(date +%s%3N) - before))
daemon_stop
lap

check "$subscribers subscribers with one profile register"
configure 5000
daemon_start
provision many 001010400000000 "$subscribers" many
lap
hold many 001010400000000 "$subscribers" --window 32 --repeats-max "$in_flight_max" \
    --expect-data ambr.uplink=77000000 --expect-data ambr.downlink=88000000 --expect-data parts=ambr
wait_until many registered "$subscribers" 240
expect_equal "IDRs before the change" 0 "$(status many idr)"
lap

check "its AMBR changes, and the daemon is killed when half of the nodes have been told"
ctl profile edit many ambr.uplink=77M ambr.downlink=88M
wait_until many told $((subscribers / 2)) 120
kill -9 "$daemon"
wait "$daemon" 2>/dev/null || true
told=$(status many told)
expect_most "subscribers told before the kill" $((subscribers - 1)) "$told"
lap
daemon_start

check "none is lost, and none told twice but those that were being told"
hold_end many
lap
expect_match "the nodes' count" "$subscribers subscribers, 0 refused" "$(cat "$world/many")"
expect_match "the nodes' count" " 0 never" "$(cat "$world/many")"
daemon_stop
expect_equal "exit code of the daemon" 0 "$code"
echo "passed"
