#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Starts and stops: SIGTERM and SIGINT under load, the state directory used again, the service manager's notices, no
# core dumps, an address in use.
. "$(dirname "$0")/lib.sh"

# A service manager's socket: each datagram becomes a line of notices.
python3 - "$world/notify" "$world/notices" <<'P' &
import os, socket, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(sys.argv[1])
with open(sys.argv[2], "w", buffering=1) as notices:
    while True:
        notices.write(server.recv(4096).decode().replace("\n", " ") + "\n")
P
background+=($!)
bound() { [ -S "$world/notify" ]; }
wait_for 10 bound

write_config
check "READY=1 is sent when it serves"
NOTIFY_SOCKET=$world/notify daemon_start
ready_sent() { grep -q 'READY=1' "$world/notices"; }
wait_for 5 ready_sent || fail "notices: expected READY=1, came '$(cat "$world/notices")'"
make_fleet

check "no core dumps, and no other process of the user may look into it"
expect_match "limits" "Max core file size +0 +0 " "$(cat "/proc/$daemon/limits")"
# PR_SET_DUMPABLE 0 gives /proc/PID to root; when everything is root's there is nothing to see. (ASan must look in.)
if [ "$(id -u)" -ne 0 ] && ! grep -qa __asan_init "$BINDHSSD"; then
    expect_equal "owner of /proc/PID/environ" 0 "$(stat -c %u "/proc/$daemon/environ")"
fi

check "an address in use is one clear line"
sed "s|$state|$state.2|; s|$log|$log.2|" "$config" >"$config.2"
code=0
said=$(timeout 120 "$BINDHSSD" --config "$config.2" 2>&1) || code=$?
expect_equal "exit code" 1 "$code"
expect_equal "message" "bindhssd: cannot listen on 127.0.0.1 port $port: Address already in use" "$said"
[ ! -e "$state.2/data/postmaster.pid" ] || fail "the database of the refused daemon: expected it to be stopped"

check "a state directory that cannot be made, and one for the API's socket, are one clear line"
refused() { # EXPRESSION OF sed, LINE
    sed "s|$log|$log.2|; $1" "$config" >"$config.2"
    code=0
    said=$(timeout 120 "$BINDHSSD" --config "$config.2" 2>&1) || code=$?
    expect_equal "exit code" 1 "$code"
    expect_equal "message" "bindhssd: $2" "$said"
}
refused "s|$state|/proc/nowhere|" "cannot make the directory /proc/nowhere: No such file or directory"
refused "s|$state|$state.2|; \$ a api: {socket: /proc/nowhere/api.sock}" "the folder /proc/nowhere of the API's socket cannot be \
made: No such file or directory: give the daemon's user a state_directory, or set api.socket"

for signal in TERM INT; do
    check "SIG$signal under load: the daemon ends in order within seconds, and its database with it"
    load_begin load --tolerate-errors --attach --state "$state_file"
    sleep 2
    server=$(postmaster)
    SECONDS=0
    daemon_stop $signal
    expect_equal "exit code" 0 "$code"
    expect_most "seconds" 15 $SECONDS
    ! alive "$server" || fail "the database server: expected it to have ended with the daemon"
    [ ! -e "$state/data/postmaster.pid" ] || fail "postmaster.pid: expected it to be gone"
    load_end
    expect_equal "faults" 0 "$(number load faults)"
    # DIAMETER_TOO_BUSY: what comes when the DPR is on its way already
    expect_match "results" "^2001 (3004 )?$" "$(sed -n 's/^AIR result *\([0-9]*\):.*/\1/p' "$world/load" | tr '\n' ' ')"
    expect_match "last event" " stopped$" "$(tail -1 "$log")"
    expect_equal "events of level error" 0 "$(events '^[^ ]+ error ')"
    expect_least "events peer_closed" 2 "$(events peer_closed)"

    check "the next start takes the same data"
    before=$(events database_initialising)
    NOTIFY_SOCKET=$world/notify daemon_start
    expect_equal "events database_initialising" "$before" "$(events database_initialising)"
    load again --duration 1s --attach --state "$state_file"
    expect_equal "exit code of a load ($(cat "$world/again"))" 0 "$code"
done
expect_match "notices" "STOPPING=1" "$(cat "$world/notices")"

check "a daemon that is told to stop while it makes its database ends in order"
daemon_stop
write_config
rm -rf "${state:?}"
daemon_launch
initialising() { [ -e "$state/data.new" ] || [ -e "$state/data" ]; }
wait_for 20 initialising || fail "expected the database to be made"
daemon_stop
expect_equal "exit code" 0 "$code"
[ -z "$(postmaster)" ] || fail "the database server: expected it to have ended"

check "bindhssctl finds a daemon that the environment configures, in the same environment"
export BINDHSS_API_SOCKET=$world/elsewhere.sock
daemon_start
expect_match "doctor" "^ok +daemon" "$(ctl doctor)"
unset BINDHSS_API_SOCKET
code=0
said=$(ctl status 2>&1) || code=$?
expect_equal "exit code without the variable ($said)" 3 "$code"
export BINDHSS_API_SOKET=/x
code=0
said=$(ctl status 2>&1) || code=$?
expect_equal "exit code with one of no key" 1 "$code"
expect_match "what it says" "BINDHSS_API_SOKET: is the variable of no key, did you mean 'BINDHSS_API_SOCKET'" "$said"
unset BINDHSS_API_SOKET
daemon_stop
echo "passed"
