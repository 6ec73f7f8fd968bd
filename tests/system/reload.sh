#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The configuration is read again while the daemon serves: twenty reloads under full load lose no request and no connection
# of a peer that stays, take memory from nobody, and change what they say; a wrong file changes nothing; what needs a
# restart is named; the environment, a password in a file and credentials.
. "$(dirname "$0")/lib.sh"

# A socket of a service manager, whose notices become lines.
python3 - "$world/notify" "$world/notices" <<'P' &
import socket, sys
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(sys.argv[1])
with open(sys.argv[2], "w", buffering=1) as notices:
    while True:
        notices.write(server.recv(4096).decode().replace("\n", " ") + "\n")
P
background+=($!)
bound() { [ -S "$world/notify" ]; }
wait_for 10 bound

off="{air: off, resync: off, update: off}"
# configure PEERS [LINE...]: names of peers, and lines that are added.
configure() {
    local name peers=$1
    shift
    {
        echo "state_directory: $state"
        echo "diameter:"
        echo "  identity: hss.$realm"
        echo "  realm: $realm"
        echo "  listen: [\"127.0.0.1:$port\"]"
        echo "  peers:"
        for name in $peers; do echo "    - {identity: $name.$realm, transport: tcp, addresses: [127.0.0.1]}"; done
        [ $# -eq 0 ] || printf '%s\n' "$@"
        case "$*" in *limits:*) ;; *) echo "limits: {imsi: $off, connection: $off}" ;; esac
        case "$*" in *log:*) ;; *) echo "log: {file: $log, level: info}" ;; esac
    } >"$config"
}
# reload [EVENT]: SIGHUP, and the event that tells of its end; sets `told` to its line.
reload() {
    local event=${1:-reloaded} before
    before=$(events " $event ")
    kill -HUP "$daemon"
    reload_told() { [ "$(events " $event ")" -gt "$before" ]; }
    wait_for 20 reload_told || fail "reload: expected the event $event, came '$(tail -3 "$log")'"
    told=$(grep " $event " "$log" | tail -1)
}
resident_kb() { awk '/^VmRSS:/ { print $2 }' "/proc/$daemon/status"; }

configure "mme1 mme2"
NOTIFY_SOCKET=$world/notify daemon_start
make_fleet >/dev/null

check "twenty reloads under full load: peers come and go, limits, policies, level and format of the log"
load_begin under_load --attach --state "$state_file"
served() { [ "$(events 'peer_open .*peer=mme')" -ge 2 ]; }
wait_for 30 served || fail "expected both MMEs of the load to be connected"
sleep 3
for i in $(seq 1 20); do
    case $((i % 4)) in
    0) configure "mme1 mme2" ;;
    1) configure "mme1 mme2 other$i" "limits: {imsi: {air: 100000/1s, resync: off, update: off}, connection: $off}" ;;
    2) configure "mme2 mme1 other" "binding: {reject_code: 5421, evidence_window: ${i}0s}" "eir: {unknown: unknown}" ;;
    3) configure "other$i mme1 mme2" "nodes: [{identity: mme1.$realm, quirks: [ula_error_stub]}]" \
        "roaming: {unlisted_realms: allow}" "authentication: {vectors_max: 2}" ;;
    esac
    reload
    expect_match "what the reload changed" "changed=\"?[a-z.]+" "$told"
    [ "$i" -ne 5 ] || early=$(resident_kb)
    sleep 0.3
done
late=$(resident_kb)
sleep 1
load_end
cat "$world/under_load"
expect_equal "faults" 0 "$(number under_load faults)"
expect_equal "requests without an answer" 0 "$(number under_load 'no answer')"
expect_equal "results" "2001" "$(sed -n 's/^[AU][IL]R result *\([0-9]*\):.*/\1/p' "$world/under_load" | sort -u | tr '\n' ' ' | sed 's/ $//')"
expect_equal "connections of the MMEs" 2 "$(events 'peer_open .*peer=mme')"
expect_equal "connections that a reload ended" 0 "$(events peer_disconnected_by_configuration)"
expect_equal "reloads" 20 "$(events ' reloaded ')"
grep -qa __asan_init "$BINDHSSD" || expect_most "resident kB after the twentieth reload (after the fifth: $early)" $((early + 16384)) "$late"

check "a peer that is taken out is told to go, and may not come again; one that is added may"
configure "mme1 held1"
reload
"$BINDHSS_EMU" hold --connect "127.0.0.1:$port" --imsi-first 001010000000001 --imsi-count 1 --name held --duration 60s \
    >"$world/held" 2>&1 &
background+=($!)
held() { [ "$(events "peer_open .*peer=held1")" -ge 1 ]; }
wait_for 20 held || fail "expected the added peer to be let in, came '$(tail -3 "$log")'"
configure "mme1"
reload
gone() { [ "$(events "peer_closed .*peer=held1")" -ge 1 ]; }
wait_for 20 gone || fail "expected the connection to end, came '$(tail -3 "$log")'"
expect_match "why" "configured no more" "$(grep peer_disconnected_by_configuration "$log")"
expect_equal "connections of it" 1 "$(events 'peer_open .*peer=held1')"

check "limits are those of the last reload"
configure "mme1 mme2" "limits: {imsi: $off, connection: $off, peer: {air: 5/1h}}"
reload
load limited --duration 1s --tolerate-errors
expect_equal "AIRs that passed, five of each MME" 10 "$(number limited 'AIR result   2001:')"
configure "mme1 mme2"
reload
load free --duration 1s
expect_equal "exit code of the load ($(cat "$world/free"))" 0 "$code"

check "level, format and file of the log"
configure "mme1 mme2" "log: {file: $world/other.log, level: debug, format: json}"
kill -HUP "$daemon"
moved() { grep -q '"event":"reloaded"' "$world/other.log" 2>/dev/null; }
wait_for 20 moved || fail "expected the log to go on in the other file"
load traced --duration 1s
expect_least "events of level debug" 1 "$(grep -c '"level":"debug"' "$world/other.log")"
mv "$world/other.log" "$world/rotated.log"
kill -HUP "$daemon"
wait_for 20 moved || fail "expected a file that was rotated to be made anew"
configure "mme1 mme2"
reload

check "a wrong file is refused line by line, and nothing changes"
configure "mme1 mme2" "eir: {unknown: maybe}" "subscription: {update_rate: 0}"
reload reload_refused
expect_match "the first line" "$config:[0-9]+: eir.unknown: 'maybe' is none of" "$told"
expect_match "the second line" "$config:[0-9]+: subscription.update_rate: is outside" "$told"
configure "mme1 mme2" "alarms: {webhook: {url: 'https://localhost/a', secret_file: $world/absent}}" "log: {file: $log, level: error}"
reload reload_refused
expect_match "the file that is missing" "$world/absent: No such file" "$told"
load after_refusal --duration 1s
expect_equal "exit code of the load ($(cat "$world/after_refusal"))" 0 "$code"

check "what needs a restart is named until there is one"
for i in 1 2; do
    configure "mme1 mme2" "threads: 3" "database: {connections: 5}" "audit: {keep: ${i}h}"
    reload
    expect_match "what changed" " changed=audit.keep " "$told"
    expect_match "what waits" " needs_restart=\"threads database.connections\"" "$told"
done

check "the service manager is told"
expect_match "notices" "^RELOADING=1" "$(cat "$world/notices")"
expect_match "notices" "READY=1 STATUS=Serving S6a; the last reload was refused" "$(cat "$world/notices")"
expect_match "the last notice" "^READY=1 STATUS=Serving S6a *$" "$(tail -1 "$world/notices")"
daemon_stop
expect_equal "exit code" 0 "$code"

check "the environment goes before the file; what is shown says so"
configure "mme1 mme2"
export BINDHSS_LOG_LEVEL=debug BINDHSS_DIAMETER_PEERS="[{identity: m.e, transport: tcp, addresses: [127.0.0.1]}]"
shown=$("$BINDHSSD" --print-config --config "$config")
expect_match "shown" "^  # BINDHSS_LOG_LEVEL:" "$shown"
expect_match "shown" "^  level: debug" "$shown"
expect_match "shown" "^  # $config:[0-9]+:" "$shown"
expect_match "shown" "^    - identity: m.e" "$shown"
unset BINDHSS_LOG_LEVEL BINDHSS_DIAMETER_PEERS
code=0
said=$(BINDHSS_LOG_LEVL=x "$BINDHSSD" --check-config --config "$config" 2>&1) || code=$?
expect_equal "exit code" 1 "$code"
expect_equal "message" "BINDHSS_LOG_LEVL: is the variable of no key, did you mean 'BINDHSS_LOG_LEVEL'?" "$said"
code=0
said=$(BINDHSS_LOG_LEVEL=loud "$BINDHSSD" --check-config --config "$config" 2>&1) || code=$?
expect_equal "exit code" 1 "$code"
expect_equal "message" "BINDHSS_LOG_LEVEL: log.level: 'loud' is none of debug, info, warning, error" "$said"

check "a key that the service manager hands over is a credential"
mkdir "$world/credentials"
cp "$state/keys" "$world/credentials/kek"
chmod 400 "$world/credentials/kek"
mv "$state/keys" "$world/keys.elsewhere"
configure "mme1 mme2" "keys: {file: 'credential:kek'}"
code=0
said=$("$BINDHSSD" --check-config --config "$config" 2>&1) || code=$?
expect_equal "exit code without credentials" 1 "$code"
expect_match "message" "keys.file: is a credential, and there is no .CREDENTIALS_DIRECTORY" "$said"
CREDENTIALS_DIRECTORY=$world/credentials daemon_start
load with_credential --duration 1s
expect_equal "exit code of the load ($(cat "$world/with_credential"))" 0 "$code"
daemon_stop
echo "passed"
