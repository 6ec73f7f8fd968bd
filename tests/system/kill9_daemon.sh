#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 of the daemon in the middle of load, five times: no SQN is ever issued twice, what was acknowledged is there
# afterwards, and every card works on.
. "$(dirname "$0")/lib.sh"

write_config
daemon_start
make_fleet
load_begin load --tolerate-errors --state "$state_file"
cards=$world/fleet/subscribers.csv

# attach LINE: the regular (not bound) subscriber of that line of subscribers.csv attaches, once.
attach() {
    IFS=, read -r imsi k opc < <(sed -n "$1p" "$cards")
    "$BINDHSS_EMU" attach --connect "127.0.0.1:$port" --identity "mme9.$realm" --imsi "$imsi" --k "$k" --opc "$opc" \
        --imei 35824005000001 --seq 0 >"$world/attach" 2>&1 ||
        fail "attach of $imsi: expected success, came '$(tail -4 "$world/attach")'"
}

for round in 1 2 3 4 5; do
    sleep "1.$((RANDOM % 10))"
    check "kill -9 number $round: the daemon starts again on what is left, and an acknowledged registration is there"
    attach $((2 * round))
    server=$(postmaster)
    kill -9 "$daemon"
    wait "$daemon" 2>/dev/null || true
    [ "$round" -ne 3 ] || sleep 2 # once so late that the orphaned server is gone, otherwise at once
    daemon_start
    [ "$(postmaster)" != "$server" ] || fail "the server: expected another one than the killed daemon's"
    expect_match "registrations" "^$imsi +mme9[.]" "$(ctl registration list)"
done
check "the load that saw it all found no fault"
sleep 1
load_end
cat "$world/load"
expect_equal "faults" 0 "$(number load faults)"
expect_least "requests that had no answer (the kills struck)" 1 "$(number load 'no answer')"
expect_least "vectors" 1000 "$(number load verified)"
expect_all_authenticate
daemon_stop
expect_equal "exit code of the daemon" 0 "$code"
echo "passed"
