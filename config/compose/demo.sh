#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What `docker compose run --rm demo` plays: imports a small fleet over the API, as an operator does, and lets emulated
# MMEs with devices behind them attach. Ends with what was expected and what came; exit code 0 only when they agree.
#   demo [HSS...]         cards, devices and keys, through hss1 and hss2 or those that are named
#   scenarios [HSS...]    each file of config/scenarios; needs a new database
set -euo pipefail
what=${1:-demo}
[ $# -eq 0 ] || shift
[ $# -gt 0 ] || set -- hss1 hss2
connect=()
for hss; do connect+=(--connect "$hss:3868"); done

# The API of the first one, by the socket that it shares with this container.
export BINDHSS_API=/run/$1/api.sock
ctl() { bindhssctl "$@"; }
say() { echo "== $*"; }

# Who starts this by hand may be early.
deadline=$((SECONDS + 90))
until ctl status >/dev/null 2>&1; do
    [ $SECONDS -lt $deadline ] || { ctl status; exit 1; }
    sleep 1
done

outcome=0
play() { # FILE [OPTION...]
    say "playing $(basename "$1" .yaml) through ${hss_names}"
    bindhss-emu run "$1" "${connect[@]}" --connect-timeout 30s --ctl bindhssctl --colour never "${@:2}" || outcome=1
}
hss_names=$*

case "$what" in
demo)
    say "importing a fleet: config/demo/*.csv"
    # Whoever is there from the time before has to begin anew.
    for imsi in 001010000000001 00101000000000{3,4,5,6}; do
        ctl subscriber show "$imsi" >/dev/null 2>&1 && ctl subscriber remove "$imsi" >/dev/null
    done
    ctl import /config/demo/*.csv
    ctl subscriber list
    play /config/demo/demo.yaml --quiet
    if ctl kme list 35824005666666 | grep -q '[0-9]'; then
        say "the devices of config/demo/keys have their keys already; 'down -v' makes a new beginning"
    else
        ctl import /config/demo/keys/*.csv
        play /config/demo/keys/keys.yaml --quiet
    fi
    say "alarms, as the operator sees them"
    ctl alarm list
    ;;
scenarios)
    for file in /config/scenarios/*.yaml; do play "$file" --quiet; done
    ;;
*)
    echo "demo.sh: knows demo and scenarios" >&2
    exit 2
    ;;
esac
[ $outcome -eq 0 ] || { echo "== not everything came as expected" >&2; exit 1; }
say "everything came as expected"
