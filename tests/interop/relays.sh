# SPDX-License-Identifier: Apache-2.0
# A daemon behind Debian's freeDiameterd as relay: bindhss-emu - freeDiameterd [- freeDiameterd] - bindhssd. Sourced by
# the tests with their arguments, not run:
#
#   relay|daemon [1|2] [tcp|tls]
#
# Who connects: the relay to the daemon, or the daemon to the relay; over how many relays; and with what the daemon and
# the relays protect their connections. The emulator's are always plain.
# The programs are named by BINDHSSD, BINDHSSCTL, BINDHSS_EMU and FREEDIAMETERD (ctest does).
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/lib.sh"
connects=${1:-relay}
hops=${2:-1}
protection=${3:-tcp}
BINDHSSD=${BINDHSSD:-$root/build/test/daemon/bindhssd}
BINDHSSCTL=${BINDHSSCTL:-$root/build/test/tools/ctl/bindhssctl}
BINDHSS_EMU=${BINDHSS_EMU:-$root/build/test/tools/emu/bindhss-emu}
FREEDIAMETERD=${FREEDIAMETERD:-freeDiameterd}
extensions=/usr/lib/freeDiameter

realm=epc.mnc001.mcc001.3gppnetwork.org
hss=hss.$realm
world=$(mktemp -d "${TMPDIR:-/tmp}/bindhss-interop.XXXXXX")
chmod 711 "$world" # started as root, PostgreSQL runs as a user of its own
config=$world/bindhssd.yaml
log=$world/bindhssd.log
ports=()
while [ ${#ports[@]} -lt 6 ]; do
    port=$(free_port)
    case " ${ports[*]} " in *" $port "*) ;; *) ports+=("$port") ;; esac
done
hss_port=${ports[0]}
plain_port=("" "${ports[1]}" "${ports[2]}") # of relay 1 and 2
tls_port=("" "${ports[3]}" "${ports[4]}")
daemon=
relays=()
dra() { echo "dra$1.$realm"; }
relay_log() { echo "$world/relay$1.log"; }
last=$(dra "$hops")
finish() {
    local code=$? i
    for process in "${relays[@]}" $daemon; do kill "$process" 2>/dev/null && wait "$process" 2>/dev/null; done
    if [ $code -ne 0 ]; then
        echo "--- bindhssd" && tail -20 "$log"
        for ((i = 1; i <= hops; i++)); do echo "--- relay $i" && tail -40 "$(relay_log $i)"; done
    fi >&2
    rm -rf "$world"
    exit $code
}
trap finish EXIT
trap 'exit 130' INT TERM

# grep -c, but no matches are no failure.
count() { grep -cE -- "$1" "$2" || [ $? -eq 1 ]; }
# expect WHAT COUNT LEAST
expect() {
    echo "   $2 $1"
    [ "$2" -ge "$3" ] || die "expected at least $3 $1"
}

# --- certificates: freeDiameterd insists on them, though it may use no TLS ---

make_ca() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=CA of the test" \
        -keyout "$world/ca.key" -out "$world/ca.pem" 2>/dev/null
}
issue() { # NAME: NAME.pem and NAME.key
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
        -keyout "$world/$1.key" -out "$world/$1.csr" 2>/dev/null
    printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth,clientAuth\n' "$1" >"$world/$1.ext"
    openssl x509 -req -in "$world/$1.csr" -CA "$world/ca.pem" -CAkey "$world/ca.key" -CAcreateserial -days 2 \
        -extfile "$world/$1.ext" -out "$world/$1.pem" 2>/dev/null
}

# --- relays ---

# to_connect NAME PLAIN_PORT TLS_PORT
to_connect() {
    if [ "$protection" = tls ]; then
        echo "ConnectPeer = \"$1\" { ConnectTo = \"127.0.0.1\"; Port = $3; };"
    else
        echo "ConnectPeer = \"$1\" { ConnectTo = \"127.0.0.1\"; Port = $2; No_TLS; };"
    fi
}

write_relay_config() { # NUMBER
    local next=$hss previous
    [ "$1" -eq "$hops" ] || next=$(dra $(($1 + 1)))
    issue "$(dra "$1")"
    cat >"$world/relay$1.conf" <<END
Identity = "$(dra "$1")";
Realm = "$realm";
Port = ${plain_port[$1]};
SecPort = ${tls_port[$1]};
No_SCTP;
No_IPv6;
ListenOn = "127.0.0.1";
TLS_Cred = "$world/$(dra "$1").pem", "$world/$(dra "$1").key";
TLS_CA = "$world/ca.pem";
TcTimer = 6;
TwTimer = 6;
LoadExtension = "$extensions/dict_nasreq.fdx";
LoadExtension = "$extensions/dict_dcca.fdx";
LoadExtension = "$extensions/dict_dcca_3gpp.fdx";
LoadExtension = "$extensions/dbg_msg_dumps.fdx" : "0x0080";
LoadExtension = "$extensions/rt_default.fdx" : "$world/routes$1.conf";
LoadExtension = "$extensions/acl_wl.fdx" : "$world/peers$1.conf";
END
    # Those who connect to it: without ALLOW_IPSEC they have to use TLS.
    if [ "$protection" = tls ]; then
        printf '%s\n' "ALLOW_IPSEC mme1.$realm" "ALLOW_IPSEC mme2.$realm" "dra1.$realm" "$hss"
    else
        echo "ALLOW_IPSEC *.$realm"
    fi >"$world/peers$1.conf"
    # Requests to the realm are for the HSS, those to a node for the relay before.
    {
        echo 'dr="'"$realm"'" : "'"$next"'" += 50 ;'
        previous=$(dra $(($1 - 1)))
        [ "$1" -eq 1 ] || echo 'dh=["^(mme|sgsn|both)[0-9]*\."] : "'"$previous"'" += 60 ;'
    } >"$world/routes$1.conf"
    if [ "$1" -lt "$hops" ]; then
        to_connect "$next" "${plain_port[$(($1 + 1))]}" "${tls_port[$(($1 + 1))]}"
    elif [ "$connects" = relay ]; then
        to_connect "$hss" "$hss_port" "$hss_port"
    fi >>"$world/relay$1.conf"
}

start_relay() { # NUMBER
    "$FREEDIAMETERD" -c "$world/relay$1.conf" >"$(relay_log "$1")" 2>&1 &
    relays+=("$!")
}

# --- the daemon ---

write_daemon_config() {
    cat >"$config" <<END
state_directory: $world/state
log: {file: $log, level: debug}
diameter:
  identity: $hss
  realm: $realm
  reconnect: 500ms
END
    if [ "$protection" = tls ]; then
        issue "$hss"
        cat >>"$config" <<END
  listen: []
  tls:
    certificate: $world/$hss.pem
    private_key: $world/$hss.key
    ca: $world/ca.pem
    listen: ["127.0.0.1:$hss_port"]
  peers:
    - identity: $last
      relay: true
END
        [ "$connects" = relay ] || echo "      connect: \"127.0.0.1:${tls_port[$hops]}\""
    else
        cat >>"$config" <<END
  listen: ["127.0.0.1:$hss_port"]
  peers:
    - identity: $last
      relay: true
      transport: tcp
      addresses: ["127.0.0.1"]
END
        [ "$connects" = relay ] || echo "      connect: \"127.0.0.1:${plain_port[$hops]}\""
    fi >>"$config"
    [ -z "${daemon_settings:-}" ] || echo "$daemon_settings" >>"$config"
}

start_daemon() {
    "$BINDHSSD" --config "$config" &
    daemon=$!
    started_or_ended() { grep -q ' ready' "$log" || ! kill -0 "$daemon"; }
    wait_for 90 started_or_ended || die "bindhssd is not ready after 90 s"
    kill -0 "$daemon" 2>/dev/null || die "bindhssd did not start"
}

# --- all together ---

ctl() { "$BINDHSSCTL" --config "$config" "$@"; }

# The relays and the daemon are connected when it returns.
start_all() {
    local i opened
    make_ca
    write_daemon_config
    for ((i = 1; i <= hops; i++)); do write_relay_config $i; done
    say "bindhssd and $hops freeDiameterd over $protection; the $connects connects"
    start_daemon
    for ((i = hops; i >= 1; i--)); do start_relay $i; done
    wait_for 60 grep -q " peer_open .*$last" "$log" || die "relay and daemon have not connected after 60 s"
    opened=$(grep " peer_open " "$log")
    case "$protection:$opened" in
    tls:*transport=TLSv1.[23]* | tcp:*transport=tcp*) ;;
    *) die "expected a connection over $protection, came '$opened'" ;;
    esac
    if [ "$hops" -gt 1 ]; then
        both_open() { [ "$(count "STATE_OPEN.*$(dra 2)|$(dra 2).*STATE_OPEN" "$(relay_log 1)")" -ge 1 ]; }
        wait_for 60 both_open || die "the relays have not connected after 60 s"
    fi
}

# --- what they saw ---

# Its dump has the name of the other end, and the command's code some lines later.
passed() { # RELAY ("RCV from"|"SND to") PEER CODE FLAG
    awk -v from="$2 '$3'" -v code="Command Code: $4\$" -v flag="Flags: .*[(]$5" '
        /RCV from|SND to/ { this = index($0, from) > 0 } /Flags: 0x.*[(][R-]/ { right = $0 ~ flag }
        this && right && $0 ~ code { n++ } END { print n + 0 }' "$(relay_log "$1")"
}
nothing_wrong() {
    [ "$(count ' (peer_closed|peer_suspect|diameter_fault|s6a_fault|request_rejected) ' "$log")" -eq 0 ]
}
expect_no_complaints() {
    local i complaints
    # Debian's freeDiameterd has no dictionary of S6a, and says so when it dumps a command: no matter to a relay.
    unknown_command='fd_dict_search [(] dict, DICT_COMMAND'
    for ((i = 1; i <= hops; i++)); do
        [ -s "$(relay_log $i)" ] || die "relay $i has no log"
        complaints=$(awk -v known="$unknown_command" \
            '/ERROR|FATAL|[Ii]nvalid|[Mm]alformed|[Uu]nexpected/ && $0 !~ known' "$(relay_log $i)")
        [ -z "$complaints" ] || die "relay $i complains: $complaints"
    done
    nothing_wrong || die "the daemon lost the relay, rejected a request, or had a fault"
}

# --- the end ---

say_good_bye() {
    local process
    say "the daemon says good-bye to the relay"
    kill "$daemon"
    wait "$daemon" || die "bindhssd ended with exit code $?"
    daemon=
    good_bye() { [ "$(passed "$hops" 'RCV from' "$hss" 282 R)" -ge 1 ]; }
    wait_for 10 good_bye || die "the relay has not heard a DPR"
    for process in "${relays[@]}"; do kill -0 "$process" || die "a relay has ended"; done
}
