# SPDX-License-Identifier: Apache-2.0
# What the system tests share: a daemon in a world of its own, and checks that say what was expected and what came.
# Sourced, not run. The programs are named by BINDHSSD, BINDHSSCTL and BINDHSS_EMU (ctest does).
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib.sh"
BINDHSSD=${BINDHSSD:-$root/build/test/daemon/bindhssd}
BINDHSSCTL=${BINDHSSCTL:-$root/build/test/tools/ctl/bindhssctl}
BINDHSS_EMU=${BINDHSS_EMU:-$root/build/test/tools/emu/bindhss-emu}
postgresql=/usr/lib/postgresql/15/bin

world=$(mktemp -d /tmp/bindhss-system.XXXXXX)
chmod 711 "$world" # started as root, PostgreSQL runs as a user of its own
config=$world/bindhssd.yaml
log=$world/bindhssd.log
output=$world/bindhssd.output
state=$world/state
realm=epc.mnc001.mcc001.3gppnetwork.org
port=$(free_port)
daemon=
background=()

# --- checks ---

check() { echo "-- $*"; }
fail() {
    echo "FAILED: $*" >&2
    exit 1
}
expect_equal() { # WHAT EXPECTED CAME
    [ "$2" = "$3" ] || fail "$1: expected '$2', came '$3'"
}
expect_match() { # WHAT REGEX TEXT
    grep -qE -- "$2" <<<"$3" || fail "$1: expected /$2/, came '$3'"
}
expect_no_match() { # WHAT REGEX TEXT
    ! grep -qE -- "$2" <<<"$3" || fail "$1: expected nothing like /$2/, came '$(grep -E -- "$2" <<<"$3" | head -3)'"
}
expect_least() { # WHAT LEAST NUMBER
    [ "$3" -ge "$2" ] || fail "$1: expected at least $2, came '$3'"
}
expect_most() { # WHAT MOST NUMBER
    [ "$3" -le "$2" ] || fail "$1: expected at most $2, came '$3'"
}

# --- the daemon ---

# write_config [LINE...]: the demo's configuration on a free port, without limits for each card; the lines are added.
write_config() {
    {
        echo "state_directory: $state"
        sed "s/127.0.0.1:3868/127.0.0.1:$port/" "$root/config/demo/bindhssd.yaml"
        [ $# -eq 0 ] || printf '%s\n' "$@"
        # Few cards are driven harder here than any phone drives its own.
        case "$*" in *"limits:"*) ;; *)
            echo "limits: {imsi: {air: off, resync: off, update: off}, device: {update: off}," \
                "connection: {air: off, resync: off, update: off}}" ;;
        esac
        case "$*" in *"log:"*) ;; *) echo "log: {file: $log, level: ${log_level:-info}}" ;; esac
    } >"$config"
}

# How many events of the log match.
events() { [ ! -f "$log" ] && echo 0 || grep -cE "$1" "$log" || true; }
alive() { kill -0 "$1" 2>/dev/null; }

# daemon_launch: starts it. daemon_start: and waits until it serves.
daemon_launch() {
    readies=$(events ' ready ')
    "$BINDHSSD" --config "$config" >>"$output" 2>&1 &
    daemon=$!
}
daemon_ready() { [ "$(events ' ready ')" -gt "$readies" ]; }
ready_or_ended() { daemon_ready || ! alive "$daemon"; }
daemon_wait() {
    wait_for 90 ready_or_ended || fail "bindhssd: expected it to be ready within 90 s"
    daemon_ready || fail "bindhssd: expected it to start, came '$(tail -3 "$output")'"
}
daemon_start() {
    daemon_launch
    daemon_wait
}
# daemon_stop [SIGNAL]: sets `code` to its exit code.
daemon_stop() {
    local pid=$daemon
    kill "-${1:-TERM}" "$pid"
    ended() { ! alive "$pid"; }
    wait_for 60 ended || fail "bindhssd: expected it to end within 60 s of SIG${1:-TERM}"
    daemon=
    code=0
    wait "$pid" 2>/dev/null || code=$?
}

ctl() { "$BINDHSSCTL" --config "$config" "$@"; }

# The embedded server's main process; nothing when there is none.
postmaster() {
    local pid
    pid=$(head -1 "$state/data/postmaster.pid" 2>/dev/null) || return 0
    [ "$(readlink "/proc/$pid/cwd")" = "$state/data" ] && echo "$pid" || true
}

# --- fleets and load ---

fleet_options=(--key-seed system --imsi-count 300)
make_fleet() {
    "$BINDHSS_EMU" fleet "${fleet_options[@]}" --out-dir "$world/fleet" >/dev/null
    ctl import "$world"/fleet/*.csv
}
# load REPORT [options...]: the report is kept in a file of that name; sets `code`.
load() {
    local report=$world/$1
    shift
    code=0
    "$BINDHSS_EMU" load "${fleet_options[@]}" --connect "127.0.0.1:$port" --peers 2 --window 16 "$@" \
        >"$report" 2>&1 || code=$?
}
# The number behind a label of a report: `number report "AIR result   2001:"`.
number() { sed -n "s|^ *$2 *\([0-9]*\).*|\1|p" "$world/$1" | head -1 | grep . || echo 0; }

# load_begin REPORT [options...]: the same behind the script's back, until load_end; sets `loader`.
load_begin() {
    loader_report=$1
    shift
    "$BINDHSS_EMU" load "${fleet_options[@]}" --connect "127.0.0.1:$port" --peers 2 --window 16 --duration 10m "$@" \
        >"$world/$loader_report" 2>&1 &
    loader=$!
    background+=("$loader")
}
load_end() {
    kill -INT "$loader"
    code=0
    wait "$loader" || code=$?
    expect_equal "exit code of the load ($(cat "$world/$loader_report"))" 0 "$code"
}

# What must hold after each crash: nothing seen twice, and every card authenticates again.
state_file=$world/sqn.state
expect_all_authenticate() {
    check "no SQN comes twice after all that, and each USIM authenticates with one re-synchronisation at most"
    load after --duration 2s --state "$state_file"
    expect_equal "exit code of the load after ($(cat "$world/after"))" 0 "$code"
    expect_equal "faults in the load after" 0 "$(number after faults)"
    load all --authenticate-all --state "$state_file"
    expect_equal "exit code of --authenticate-all ($(cat "$world/all"))" 0 "$code"
    cat "$world/all"
    expect_match "USIMs" "USIMs +[0-9]+ in step, [0-9]+ after one re-synchronisation, 0 refused" "$(cat "$world/all")"
    expect_equal "USIMs that authenticated" 300 \
        "$(sed -n 's/^USIMs *\([0-9]*\) in step, \([0-9]*\) after.*/\1 + \2/p' "$world/all" | { read -r sum; echo $((sum)); })"
}

# --- the end ---

system_test_end() {
    local outcome=$? pid
    set +e
    if [ $outcome -ne 0 ]; then
        echo "--- last lines of the daemon's log:" >&2
        tail -n 15 "$log" "$output" >&2
    fi
    for pid in "${background[@]}" $daemon; do kill "$pid" 2>/dev/null; done
    [ -z "$daemon" ] || wait_for 20 eval "! kill -0 $daemon" || kill -9 "$daemon"
    pid=$(postmaster)
    [ -z "$pid" ] || kill -QUIT "$pid"
    [ -z "$(type -t extra_end)" ] || extra_end
    wait 2>/dev/null
    rm -rf "$world"
    exit $outcome
}
trap system_test_end EXIT
trap 'exit 130' INT TERM
