#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a flood of unauthorised requests takes from the authorised subscribers: the same load alone, beside a flood
# with the default limits, and beside the same flood without them, in turn, in one run.
#
#   bench/flood.sh [ROUNDS [SECONDS]]      default: 3 rounds of 6 s, 20,000 subscribers
#
# The programs are those of build/test, or what BINDHSSD, BINDHSSCTL and BINDHSS_EMU name.
rounds=${1:-3} seconds=${2:-6} subscribers=20000
. "$(dirname "$0")/../tests/system/lib.sh"

others=other.example
fleet_options=(--key-seed bench --imsi-count "$subscribers")
# What a node may ask for is off: one emulator is all MMEs of a network here.
own="peer: {air: off}, imsi: {air: off}, connection: {air: off}"
write_limits() {
    write_config "    - {identity: \"*\", realm: $others, transport: tcp, addresses: [\"127.0.0.1\"]}" "limits: {$1}"
}

# authorised NAME: its rate and p99 are added to $world/NAME.
authorised() {
    "$BINDHSS_EMU" load "${fleet_options[@]}" --connect "127.0.0.1:$port" --peers 4 --window 8 --verify none \
        --duration "${seconds}s" >"$world/report" 2>&1 || die "the load: $(cat "$world/report")"
    sed -n 's|^AIR rate *\([0-9]*\).*|\1|p; s|^AIR latency.*p99 \([0-9.]*\) ms, p99.9.*|\1|p' "$world/report" |
        paste -sd' ' >>"$world/$1"
}
# A million IMSIs that nobody knows, of two nodes: as many requests as find room, 40,000/s at most.
beside_flood() {
    local flooder
    "$BINDHSS_EMU" load --connect "127.0.0.1:$port" --realm "$others" --destination-realm "$realm" --peers 4 \
        --window 500 --verify none --tolerate-errors --duration 10m --key-seed none \
        --imsi-first 001019000000000 >"$world/flood" 2>&1 &
    flooder=$!
    background+=("$flooder")
    sleep 3
    "$@"
    kill -INT "$flooder"
    wait "$flooder" || [ $? -eq 1 ]
}
flood_rate() { sed -n 's|^AIR rate *\([0-9]*\).*|\1|p' "$world/flood"; }
# cpu_of_flood NAME: microseconds of CPU, database included, that one request of the flood costs, by itself.
cpu_of_flood() {
    local before after answers
    # shellcheck disable=SC2046
    before=$(cpu_of $(family "$daemon"))
    beside_flood sleep "$seconds"
    # shellcheck disable=SC2046
    after=$(cpu_of $(family "$daemon"))
    answers=$(sed -n 's|^AIR answers *\([0-9]*\).*|\1|p' "$world/flood")
    awk -v "a=$after" -v "b=$before" -v "n=$answers" 'BEGIN { printf "%.1f\n", 1e6 * (a - b) / n }' >>"$world/$1.cpu"
}
flooded() { # NAME
    beside_flood authorised "$1"
    flood_rate >>"$world/$1.flood"
    cpu_of_flood "$1"
}
median() { sort -n | awk '{ a[NR] = $1 } END { print a[int((NR + 1) / 2)] }'; }
row() { # TITLE NAME
    local flood=- cpu=-
    [ ! -f "$world/$2.flood" ] || flood=$(median <"$world/$2.flood") cpu=$(median <"$world/$2.cpu")
    printf '%-42s %10s %10s %12s %24s\n' "$1" "$(cut -d' ' -f1 "$world/$2" | median)" \
        "$(cut -d' ' -f2 "$world/$2" | median)" "$flood" "$cpu"
}

write_limits "$own"
daemon_start
make_fleet
authorised warm_up
for ((round = 0; round < rounds; round++)); do
    authorised alone
    flooded limited
    daemon_stop
    write_limits "$own, newcomers: {air: off}, refused: {air: off}"
    daemon_start
    flooded unlimited
    daemon_stop
    write_limits "$own"
    daemon_start
done
printf '%-42s %10s %10s %12s %24s\n' "authorised load, medians of $rounds rounds" "AIR/s" "p99 ms" "flood/s" \
    "us of CPU a flood AIR"
row "alone" alone
row "beside a flood, default limits" limited
row "beside a flood, no limits" unlimited
