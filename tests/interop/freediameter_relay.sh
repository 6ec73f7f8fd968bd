#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The demo's scenario through Debian's freeDiameterd as relay; arguments as relays.sh has them.
. "$(dirname "$0")/relays.sh"

start_all
ctl import "$root"/config/demo/*.csv

say "the demo through the relay"
"$BINDHSS_EMU" run "$root/config/demo/demo.yaml" --connect "127.0.0.1:${plain_port[1]}" --connect-timeout 30s \
    --quiet --colour never || die "not everything came as expected through the relay"

say "what the relay and the daemon saw"
# The daemon has one peer, and two MMEs behind it: their requests, and a CLR on the way back.
by_way_of_the_relay() { count " s6a_request .*peer=$last origin_host=$1\.$realm" "$log"; }
last_is_logged() { [ "$(by_way_of_the_relay mme2)" -ge 2 ]; } # the log is written a moment later
wait_for 20 last_is_logged || die "the daemon has not logged the last request"
peers=$(grep -E ' peer_open ' "$log" | grep -oE ' peer=[^ ]+' | sort -u)
[ "$peers" = " peer=$last" ] || die "somebody else than the relay has connected to the daemon: $peers"
expect "requests of mme1 reached the daemon by the relay" "$(by_way_of_the_relay mme1)" 15
expect "requests of mme2 reached the daemon by the relay" "$(by_way_of_the_relay mme2)" 2
expect "AIRs passed to the daemon" "$(passed "$hops" 'SND to' "$hss" 318 R)" 10
expect "AIAs passed to mme1" "$(passed 1 'SND to' "mme1.$realm" 318 -)" 10
expect "ULRs passed to the daemon" "$(passed "$hops" 'SND to' "$hss" 316 R)" 7
expect "CLR from the daemon" "$(passed "$hops" 'RCV from' "$hss" 317 R)" 1
expect "CLR passed to mme1" "$(passed 1 'SND to' "mme1.$realm" 317 R)" 1
expect "CLA passed back to the daemon" "$(passed "$hops" 'SND to' "$hss" 317 -)" 1
expect_no_complaints
if [ "$protection" = tls ]; then
    say "a renewed certificate, and the relay stays connected"
    issue "$hss"
    kill -HUP "$daemon"
    wait_for 20 grep -q ' tls_reloaded' "$log" || die "the daemon has not read its new certificate"
    sleep 8 # longer than the relay's watchdog
    nothing_wrong || die "the daemon lost the relay when it read its certificate"
fi

say_good_bye
