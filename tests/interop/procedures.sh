#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Every procedure of S6a, S6d and S13 in both directions through Debian's freeDiameterd: the scenarios of
# config/scenarios with relays in between; arguments as relays.sh has them.
. "$(dirname "$0")/relays.sh"
. "$(dirname "$0")/../system/play.sh"

daemon_settings="provisioning: {enabled: true, without_tls: true, nodes: [\"*.$realm\"]}"
start_all
say "the scenarios over $hops relays"
play "127.0.0.1:${plain_port[1]}" "$root"/config/scenarios/*.yaml

say "what the relays carried"
# The first relay has the nodes, the last one the daemon.
for command in 316:ULR 318:AIR 321:PUR 323:NOR 324:ECR; do
    expect "${command#*:} to the daemon" "$(passed "$hops" 'SND to' "$hss" "${command%:*}" R)" 5
    expect "answers to ${command#*:} from the daemon" "$(passed "$hops" 'RCV from' "$hss" "${command%:*}" -)" 5
done
for command in 317:CLR 319:IDR 320:DSR 322:RSR; do
    expect "${command#*:} from the daemon" "$(passed "$hops" 'RCV from' "$hss" "${command%:*}" R)" 3
    expect "answers to ${command#*:} back to the daemon" "$(passed "$hops" 'SND to' "$hss" "${command%:*}" -)" 3
done
expect "CLR to an MME and an SGSN" \
    "$(($(passed 1 'SND to' "mme1.$realm" 317 R) + $(passed 1 'SND to' "sgsn1.$realm" 317 R)))" 2
say_good_bye
