#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A database of somebody else that is not there yet, goes away under load and comes back: what cannot be served is
# answered so, the log says it once, and service returns by itself.
. "$(dirname "$0")/lib.sh"

cluster=$world/pg
as_postgres() { if [ "$(id -u)" -eq 0 ]; then setpriv --reuid postgres --regid postgres --clear-groups "$@"; else "$@"; fi; }
pg_start() {
    as_postgres "$postgresql/pg_ctl" -D "$cluster/data" -l "$cluster/log" -w -t 60 \
        -o "-c listen_addresses= -k $cluster" start >/dev/null
}
pg_stop() { as_postgres "$postgresql/pg_ctl" -D "$cluster/data" -m "$1" -w -t 60 stop >/dev/null; }
extra_end() { pg_stop immediate 2>/dev/null; }

mkdir "$cluster"
[ "$(id -u)" -ne 0 ] || chown postgres "$cluster"
cd "$cluster" || exit # the folder that PostgreSQL's programs are started in must be open to them
as_postgres "$postgresql/initdb" -D "$cluster/data" -U hss -A trust --no-sync >/dev/null
(umask 077 && echo "1 $(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')" >"$world/keys")
write_config "database: {url: \"host=$cluster user=hss dbname=bindhss\"}" "keys: {file: $world/keys}"

check "a daemon that starts before its database waits, says so once, and can be told to stop meanwhile"
daemon_launch
waiting() { [ "$(events waiting_for_database)" -gt 0 ]; }
wait_for 30 waiting || fail "the log: expected waiting_for_database"
sleep 3
expect_equal "events waiting_for_database after 3 s" 1 "$(events waiting_for_database)"
daemon_stop
expect_equal "exit code" 0 "$code"

check "when the database comes, it serves"
daemon_launch
sleep 1
alive "$daemon" || fail "the daemon: expected it to wait"
pg_start
as_postgres "$postgresql/createdb" -h "$cluster" -U hss bindhss
daemon_wait
make_fleet
load fine --attach --duration 1s
expect_equal "exit code of the load ($(cat "$world/fine"))" 0 "$code"

check "the database goes away under load: each AIR is answered 4181, each ULR 5012, none is left without answer"
for manner in immediate fast; do
    outage=$(events 'database_unreachable')
    told=$(events s6a_request)
    began=$SECONDS
    load_begin load --attach --tolerate-errors
    sleep 2
    pg_stop $manner
    sleep 4
    alive "$daemon" || fail "the daemon: expected it to stay up"
    load_end
    cat "$world/load"
    expect_equal "results of AIRs" "2001 4181 " "$(sed -n 's/^AIR result *\([0-9]*\):.*/\1/p' "$world/load" | tr '\n' ' ')"
    expect_match "results of ULRs" "^2001 (5012 )?$" "$(sed -n 's/^ULR result *\([0-9]*\):.*/\1/p' "$world/load" | tr '\n' ' ')"
    expect_least "answers 4181" 10 "$(number load 'AIR result  *4181:')"
    expect_equal "requests that had no answer" 0 "$(number load 'no answer')"
    expect_equal "faults" 0 "$(number load faults)"

    check "the log says it once for each of the three pools, not for each request"
    outage=$(($(events 'database_unreachable') - outage))
    expect_least "events database_unreachable" 1 "$outage"
    expect_most "events database_unreachable" 3 "$outage"

    expect_most "events about single requests" $(((SECONDS - began + 1) * 20)) "$(($(events s6a_request) - told))"
    expect_least "events s6a_failures_not_told" 1 "$(events s6a_failures_not_told)"

    check "bindhssctl says it in one line"
    code=0
    said=$(ctl subscriber list 2>&1) || code=$?
    expect_equal "exit code of bindhssctl" 3 "$code"
    expect_equal "lines of bindhssctl ($said)" 1 "$(wc -l <<<"$said")"

    check "an attach meanwhile fails by 4181"
    IFS=, read -r imsi k opc < <(sed -n 2p "$world/fleet/subscribers.csv")
    answer=$("$BINDHSS_EMU" attach --connect "127.0.0.1:$port" --imsi "$imsi" --k "$k" --opc "$opc" \
        --imei 35824005000001 --expect "error 4181" 2>&1) || true
    expect_match "attach" "4181" "$answer"

    check "the database returns, and service with it, by itself"
    reached=$(events database_reached)
    pg_start
    reached_again() { [ "$(events database_reached)" -gt "$reached" ]; }
    wait_for 60 reached_again || fail "the log: expected database_reached within 60 s"
    served() { load served --attach --duration 500ms && [ "$code" -eq 0 ]; }
    wait_for 60 served || fail "service: expected it again within 60 s, came '$(cat "$world/served")'"
done
daemon_stop
expect_equal "exit code of the daemon" 0 "$code"
echo "passed"
