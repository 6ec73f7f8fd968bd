#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 of PostgreSQL in the middle of load, five times the whole server and once a backend: the daemon starts it
# again by itself, no SQN is ever issued twice, and every card works on.
. "$(dirname "$0")/lib.sh"

write_config
daemon_start
make_fleet
load_begin load --tolerate-errors --state "$state_file"

another_server() { [ -n "$(postmaster)" ] && [ "$(postmaster)" != "$server" ]; }
restarted() { [ "$(events 'database_server_restarted')" -eq "$round" ]; }
for round in 1 2 3 4 5; do
    sleep "1.$((RANDOM % 10))"
    check "kill -9 number $round of the server: the daemon starts it again by itself"
    server=$(postmaster)
    kill -9 "$server"
    wait_for 60 restarted || fail "the server: expected it to be started again within 60 s"
    another_server || fail "the server: expected another process than $server, came '$(postmaster)'"
    alive "$daemon" || fail "the daemon: expected it to stay up"
done

check "kill -9 of a backend: PostgreSQL recovers, the daemon connects anew"
sleep 1
backend=$(pgrep -P "$(postmaster)" -f 'postgres: bindhss' | head -1)
[ -n "$backend" ] || fail "backends: expected at least one"
server=$(postmaster)
reached=$(events database_reached)
kill -9 "$backend"
reached_again() { [ "$(events database_reached)" -gt "$reached" ]; }
wait_for 60 reached_again || fail "the database: expected it to be reached again within 60 s"
expect_equal "the server" "$server" "$(postmaster)"
sleep 1
load_end
cat "$world/load"
served() { load served --duration 500ms && [ "$code" -eq 0 ]; }
wait_for 60 served || fail "service: expected it again within 60 s, came '$(cat "$world/served")'"

check "the load that saw it all found no fault"
expect_equal "faults" 0 "$(number load faults)"
expect_least "answers 4181 (the kills struck)" 1 "$(number load 'AIR result  *4181:')"
expect_match "results" '^(2001|4181) $|^2001 4181 $' "$(sed -n 's/^AIR result *\([0-9]*\):.*/\1/p' "$world/load" | tr '\n' ' ')"
expect_least "vectors" 1000 "$(number load verified)"
expect_equal "requests that had no answer" 0 "$(number load 'no answer')"
expect_all_authenticate
check "an outage is told once for each pool, not for each request"
expect_most "events database_unreachable in six outages of three pools" 36 "$(events database_unreachable)"
daemon_stop
expect_equal "exit code of the daemon" 0 "$code"
echo "passed"
