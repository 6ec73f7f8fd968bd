#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The demo's scenario through Debian's freeDiameterd as relay: bindhss-emu - freeDiameterd - bindhssd.
#
#   freediameter_relay.sh relay     the relay connects to the daemon
#   freediameter_relay.sh daemon    the daemon connects to the relay
#
# The programs are named by BINDHSSD, BINDHSSCTL, BINDHSS_EMU and FREEDIAMETERD (ctest does).
. "$(dirname "$0")/../../scripts/lib.sh"
connects=${1:-relay}
BINDHSSD=${BINDHSSD:-$root/build/test/daemon/bindhssd}
BINDHSSCTL=${BINDHSSCTL:-$root/build/test/tools/ctl/bindhssctl}
BINDHSS_EMU=${BINDHSS_EMU:-$root/build/test/tools/emu/bindhss-emu}
FREEDIAMETERD=${FREEDIAMETERD:-freeDiameterd}
extensions=/usr/lib/freeDiameter

realm=epc.mnc001.mcc001.3gppnetwork.org
hss=hss.$realm
dra=dra.$realm
world=$(mktemp -d "${TMPDIR:-/tmp}/bindhss-interop.XXXXXX")
chmod 711 "$world" # started as root, PostgreSQL runs as a user of its own
config=$world/bindhssd.yaml
log=$world/bindhssd.log
relay_log=$world/relay.log
hss_port=$(free_port)
dra_port=$(free_port)
while [ "$dra_port" = "$hss_port" ]; do dra_port=$(free_port); done
daemon=
relay=
finish() {
    local code=$?
    for process in $relay $daemon; do kill "$process" 2>/dev/null && wait "$process" 2>/dev/null; done
    [ $code -eq 0 ] || { echo "--- bindhssd" && tail -20 "$log" && echo "--- relay" && tail -40 "$relay_log"; } >&2
    rm -rf "$world"
    exit $code
}
trap finish EXIT
trap 'exit 130' INT TERM

# grep -c, but no matches are no failure.
count() { grep -cE -- "$1" "$2" || true; }
# expect WHAT COUNT LEAST
expect() {
    echo "   $2 $1"
    [ "$2" -ge "$3" ] || die "expected at least $3 $1"
}

# freeDiameterd insists on credentials, though no peer here uses TLS.
write_relay_config() {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$dra" \
        -keyout "$world/relay.key" -out "$world/relay.pem" 2>/dev/null
    cat >"$world/relay.conf" <<END
Identity = "$dra";
Realm = "$realm";
Port = $dra_port;
SecPort = 0;
No_SCTP;
No_IPv6;
ListenOn = "127.0.0.1";
TLS_Cred = "$world/relay.pem", "$world/relay.key";
TLS_CA = "$world/relay.pem";
TcTimer = 6;
TwTimer = 6;
LoadExtension = "$extensions/dict_nasreq.fdx";
LoadExtension = "$extensions/dict_dcca.fdx";
LoadExtension = "$extensions/dict_dcca_3gpp.fdx";
LoadExtension = "$extensions/dbg_msg_dumps.fdx" : "0x0080";
LoadExtension = "$extensions/rt_default.fdx" : "$world/routes.conf";
LoadExtension = "$extensions/acl_wl.fdx" : "$world/peers.conf";
END
    # Those who connect to it: the MMEs, and the HSS when that connects.
    echo "ALLOW_IPSEC *.$realm" >"$world/peers.conf"
    # Requests to the realm without Destination-Host are for the HSS.
    echo 'dr="'"$realm"'" : "'"$hss"'" += 50 ;' >"$world/routes.conf"
    if [ "$connects" = relay ]; then
        echo "ConnectPeer = \"$hss\" { ConnectTo = \"127.0.0.1\"; Port = $hss_port; No_TLS; };"
    fi >>"$world/relay.conf"
}

write_daemon_config() {
    cat >"$config" <<END
state_directory: $world/state
log: {file: $log, level: debug}
diameter:
  identity: $hss
  realm: $realm
  listen: ["127.0.0.1:$hss_port"]
  reconnect: 500ms
  peers:
    - identity: $dra
      relay: true
      transport: tcp
      addresses: ["127.0.0.1"]
END
    [ "$connects" = relay ] || echo "      connect: \"127.0.0.1:$dra_port\"" >>"$config"
}

start_daemon() {
    "$BINDHSSD" --config "$config" &
    daemon=$!
    started_or_ended() { grep -q ' ready' "$log" || ! kill -0 "$daemon"; }
    wait_for 90 started_or_ended || die "bindhssd is not ready after 90 s"
    kill -0 "$daemon" 2>/dev/null || die "bindhssd did not start"
}

start_relay() {
    "$FREEDIAMETERD" -c "$world/relay.conf" >"$relay_log" 2>&1 &
    relay=$!
}

write_relay_config
write_daemon_config
say "bindhssd on port $hss_port, freeDiameterd on port $dra_port; the $connects connects"
start_daemon
"$BINDHSSCTL" --config "$config" import "$root"/config/demo/*.csv
start_relay
wait_for 60 grep -q " peer_open .*$dra" "$log" || die "relay and daemon have not connected after 60 s"

say "the demo through the relay"
"$BINDHSS_EMU" run "$root/config/demo/demo.yaml" --connect "127.0.0.1:$dra_port" --connect-timeout 30s \
    --quiet --colour never || die "not everything came as expected through the relay"

say "what the relay and the daemon saw"
# The daemon has one peer, and two MMEs behind it: their requests, and a CLR on the way back.
by_way_of_the_relay() { count " s6a_request .*peer=$dra origin_host=$1\.$realm" "$log"; }
last_is_logged() { [ "$(by_way_of_the_relay mme2)" -ge 2 ]; } # the log is written a moment later
wait_for 20 last_is_logged || true
peers=$(grep -E ' peer_open ' "$log" | grep -oE ' peer=[^ ]+' | sort -u)
[ "$peers" = " peer=$dra" ] || die "somebody else than the relay has connected to the daemon: $peers"
expect "requests of mme1 reached the daemon by the relay" "$(by_way_of_the_relay mme1)" 15
expect "requests of mme2 reached the daemon by the relay" "$(by_way_of_the_relay mme2)" 2
# Its dump has the name of the other end, and the command's code some lines later.
passed() { # ("RCV from"|"SND to") PEER CODE FLAG
    awk -v from="$1 '$2'" -v code="Command Code: $3\$" -v flag="Flags: .*[(]$4" '
        /RCV from|SND to/ { this = index($0, from) > 0 } /Flags: 0x.*[(][R-]/ { right = $0 ~ flag }
        this && right && $0 ~ code { n++ } END { print n + 0 }' "$relay_log"
}
expect "AIRs passed to the daemon" "$(passed 'SND to' "$hss" 318 R)" 10
expect "AIAs passed to mme1" "$(passed 'SND to' "mme1.$realm" 318 -)" 10
expect "ULRs passed to the daemon" "$(passed 'SND to' "$hss" 316 R)" 7
expect "CLR from the daemon" "$(passed 'RCV from' "$hss" 317 R)" 1
expect "CLR passed to mme1" "$(passed 'SND to' "mme1.$realm" 317 R)" 1
expect "CLA passed back to the daemon" "$(passed 'SND to' "$hss" 317 -)" 1
# Debian's freeDiameterd has no dictionary of S6a, and says so when it dumps a command: no matter to a relay.
unknown_command='fd_dict_search \( dict, DICT_COMMAND'
complaints=$(grep -E 'ERROR|FATAL|[Ii]nvalid|[Mm]alformed|[Uu]nexpected' "$relay_log" | grep -vE "$unknown_command" || true)
[ -z "$complaints" ] || die "the relay complains: $complaints"
[ "$(count ' (peer_closed|peer_suspect|diameter_fault|s6a_fault|request_rejected) ' "$log")" -eq 0 ] ||
    die "the daemon lost the relay, rejected a request, or had a fault"

say "the daemon says good-bye to the relay"
kill "$daemon"
wait "$daemon" || die "bindhssd ended with exit code $?"
daemon=
good_bye() { [ "$(passed 'RCV from' "$hss" 282 R)" -ge 1 ]; }
wait_for 10 good_bye || die "the relay has not heard a DPR"
kill -0 "$relay" || die "the relay has ended"
