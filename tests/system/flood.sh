#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Denial of service (R43, the editor's note of seed 000): nodes that ask for subscribers that nobody knows, and a
# population of unauthorised devices, while the authorised ones attach. The limits are low so that the test is short.
. "$(dirname "$0")/lib.sh"

others=other.example
write_config "    - {identity: \"*\", realm: $others, transport: tcp, addresses: [\"127.0.0.1\"]}" "limits:" \
    "  imsi: {air: off, resync: off, update: off}" \
    "  connection: {air: off, resync: off, update: off}" "  device: {update: off}" \
    "  refused: {air: 20/1s, update: 20/1s}" "  newcomers: {air: 50/1s, update: 50/1s}"
daemon_start
make_fleet
IFS=, read -r imsi k opc < <(sed -n 2p "$world/fleet/subscribers.csv")

# flood_begin REPORT [options...]: thousands of requests a second, of MMEs of their own, until flood_end.
flood_begin() {
    local report=$1
    shift
    "$BINDHSS_EMU" load --connect "127.0.0.1:$port" --realm "$others" --destination-realm "$realm" --peers 2 \
        --window 100 --verify none --tolerate-errors --duration 10m "$@" >"$world/$report" 2>&1 &
    flooder=$!
    background+=("$flooder")
    flood_began=$SECONDS
}
# Sets `flooded` to the seconds that it took, one too many.
flood_end() {
    kill -INT "$flooder"
    code=0
    wait "$flooder" || code=$?
    expect_most "exit code of the flood" 1 "$code"
    flooded=$((SECONDS - flood_began + 1))
    cat "$world/$1"
}

# authorised_attaches: by another MME, as if it came for the first time there. Sets `took`, in milliseconds.
attached=0
authorised_attaches() {
    local began
    attached=$((attached + 1))
    began=$(date +%s%N)
    "$BINDHSS_EMU" attach --connect "127.0.0.1:$port" --identity "mme-a$attached.$realm" --imsi "$imsi" --k "$k" \
        --opc "$opc" --imei 35824005000001 --seq 0 >"$world/attach" 2>&1 ||
        fail "the attach of an authorised UE: expected success, came '$(cat "$world/attach")'"
    took=$((($(date +%s%N) - began) / 1000000))
    echo "   attached in $took ms"
    expect_most "milliseconds of an attach" 5000 "$took"
}

# authorised_load REPORT: all that they ask they get.
authorised_load() {
    load "$1" --attach --sequential --duration 5s
    expect_equal "exit code of the load ($(cat "$world/$1"))" 0 "$code"
    expect_equal "results of AIRs" "2001 " "$(sed -n 's/^AIR result *\([0-9]*\):.*/\1/p' "$world/$1" | tr '\n' ' ')"
    expect_equal "results of ULRs" "2001 " "$(sed -n 's/^ULR result *\([0-9]*\):.*/\1/p' "$world/$1" | tr '\n' ' ')"
    expect_least "vectors" 300 "$(number "$1" verified)"
    sed -n 's/^AIR \(rate\|latency\)/   AIR \1/p' "$world/$1"
}

# limited: how many alarms tell of limits; nobody else's may be needed to find them.
limited() { ctl alarm list | sed -n '/rate_limited/p' | wc -l; }

check "the authorised alone"
authorised_load alone
lines=$(wc -l <"$log")

check "two nodes try one IMSI after the other: beyond 50 a second each that are unknown nothing is looked up"
flood_begin strangers --key-seed none --imsi-first 001019000000000 --imsi-count 1000000
sleep 2
authorised_attaches
authorised_load beside_strangers
flood_end strangers
expect_least "answers 4181" 1000 "$(number strangers 'AIR result  *4181:')"
expect_least "answers 5001" 50 "$(number strangers 'AIR result  *5001:')"
# Each node 50 at once and 50 a second; and the class of those that come again.
expect_most "answers 5001" $((2 * 50 * (flooded + 2) + 20 * (flooded + 2))) "$(number strangers 'AIR result  *5001:')"

check "a population of unauthorised devices has one share together, once it is known"
foreign=(--key-seed foreign --imsi-first 001010100000000 --imsi-count 2000 --imei-first 36000000000000 --bound none)
"$BINDHSS_EMU" fleet "${foreign[@]}" --out-dir "$world/foreign" >/dev/null
{
    echo "imsi,policy,devices,group"
    tail -n +2 "$world/foreign/subscribers.csv" | cut -d, -f1 | sed 's/$/,imei_enforce,35824005999999,/'
} >"$world/foreign/bindings.csv"
ctl import "$world/foreign/subscribers.csv" "$world/foreign/bindings.csv"
flood_begin unauthorised "${foreign[@]}" --attach
sleep 3
authorised_attaches
authorised_load beside_unauthorised
flood_end unauthorised
expect_equal "Update-Locations that were admitted" 0 "$(number unauthorised 'ULR result  *2001:')"
# Vectors once for each IMSI and node, more often for those that ask again meanwhile, and their share.
expect_most "answers 2001" $((2 * 2000 + 1000 + 20 * (flooded + 2))) "$(number unauthorised 'AIR result  *2001:')"
expect_least "answers 5003" 50 "$(number unauthorised 'ULR result  *5003:')"
expect_least "answers 4181" 1000 "$(number unauthorised 'AIR result  *4181:')"
# Each IMSI is refused once at each of the two nodes before it is known there; then their share.
expect_most "answers 5003" $((2 * 2000 + 20 * (flooded + 2))) "$(number unauthorised 'ULR result  *5003:')"

check "who becomes authorised attaches again, and is one of the others from then on"
IFS=, read -r other_imsi other_k other_opc < <(sed -n 2p "$world/foreign/subscribers.csv")
ctl binding set "$other_imsi" --policy off
for attempt in 1 2; do
    "$BINDHSS_EMU" attach --connect "127.0.0.1:$port" --realm "$others" --destination-realm "$realm" \
        --identity "mme1.$others" --imsi "$other_imsi" --k "$other_k" --opc "$other_opc" --imei 36000000000000 \
        --seq 0 >"$world/attach" 2>&1 ||
        fail "attach $attempt of a UE that was refused before: expected success, came '$(cat "$world/attach")'"
done

check "the alarms tell of nodes, not of each IMSI; the log has twenty failures a second at most"
ctl alarm list | sed -n '/rate_limited/p'
expect_least "alarms rate_limited" 1 "$(limited)"
expect_most "alarms rate_limited" 10 "$(limited)"
expect_most "events about single requests" $(((SECONDS + 2) * 20)) "$(events s6a_request)"
echo "   $(($(wc -l <"$log") - lines)) lines of log, $(events s6a_request) of them about single requests"

daemon_stop
expect_equal "exit code of the daemon" 0 "$code"
expect_equal "faults in the daemon's log" 0 "$(events ' (diameter_fault|s6a_fault|worker_fault|background_fault) ')"
echo "passed"
