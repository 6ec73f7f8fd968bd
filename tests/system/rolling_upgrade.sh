#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# An upgrade without an outage, in the two halves that it has. The schema comes first: daemons that serve go on when a
# later migration is applied, and may be started again, as far as it tolerates them. Then one daemon after the other is
# restarted under load: a node that has both of them as peers, here Debian's freeDiameterd as an agent, loses no request.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/several.sh"
FREEDIAMETERD=${FREEDIAMETERD:-freeDiameterd}

fleet_options=(--key-seed upgrade --imsi-first 001010600000000 --imsi-count 300)
database_create
for n in 1 2; do
    hss_configure $n "    - {identity: agent.$realm, relay: true, transport: tcp, addresses: [\"127.0.0.1\"]}"
    hss_start $n
done
config=${hss_config[1]}
make_fleet

# --- the schema ---

last=$(sql "SELECT max(version) FROM schema_migration")
# migrate_to VERSION TOLERATED_FROM SQL: as a later version of the daemon does it (store/postgres/migrations.cpp).
migrate_to() {
    sql "BEGIN; $3;
         INSERT INTO schema_migration (version, name, checksum, tolerated_from) VALUES ($1, 'later', repeat('0', 64), $2);
         COMMIT;"
}
# no_fault REPORT: the load found nothing wrong, and every request was answered with SUCCESS.
no_fault() {
    cat "$world/$1"
    expect_equal "faults" 0 "$(number "$1" faults)"
    expect_equal "requests that had no answer" 0 "$(number "$1" 'no answer')"
    expect_equal "results of AIRs and ULRs" "2001 " "$(sed -n 's/^\(AIR\|ULR\) result *\([0-9]*\):.*/\2/p' "$world/$1" | sort -u | tr '\n' ' ')"
}

check "a migration that only adds comes while both serve under load: nobody notices"
port=${hss_port[1]}
load_begin expand --attach --state "$state_file"
sleep 2
migrate_to $((last + 1)) "$last" "
    ALTER TABLE subscriber ADD COLUMN later text;
    ALTER TABLE auc ADD COLUMN later integer NOT NULL DEFAULT 0;
    ALTER TABLE registration ADD COLUMN later text;
    ALTER TABLE association ADD COLUMN later text;
    ALTER TABLE kme ADD COLUMN later text;
    ALTER TABLE profile ADD COLUMN later text;
    ALTER TABLE node_request ADD COLUMN later text;
    CREATE TABLE later (imsi text PRIMARY KEY)"
sleep 3
load_end
no_fault expand

check "operators change things as before, and the nodes are told"
IFS=, read -r imsi _ < <(sed -n 2p "$world/fleet/subscribers.csv")
hss_ctl 2 subscriber set "$imsi" --msisdn 491700000123
told() { [ "$(sql "SELECT count(*) FROM registration WHERE imsi = '$imsi' AND told_msisdn IS DISTINCT FROM '491700000123' AND NOT purged")" -eq 0 ] || return 1; }
hss_ctl 2 subscriber show "$imsi" >/dev/null

check "a daemon of the version before starts on the schema of the next, and says so"
hss_stop 1
expect_equal "exit code" 0 "$code"
hss_start 1
expect_equal "events schema_newer" 1 "$(hss_events 1 schema_newer)"

check "one that does not tolerate it leaves those that run alone, and refuses those that start"
migrate_to $((last + 2)) $((last + 1)) "ALTER TABLE later ADD COLUMN more text"
port=${hss_port[2]}
load refused --attach --duration 2s --state "$state_file"
expect_equal "exit code of the load" 0 "$code"
no_fault refused
hss_stop 1
code=0
said=$(timeout 60 "$BINDHSSD" --config "${hss_config[1]}" 2>&1) || code=$?
expect_equal "exit code of the daemon that is refused" 1 "$code"
expect_match "what it says" "schema version $((last + 2)), which this program, with version $last, cannot work with: start a newer version" \
    "$said$(tail -1 "${hss_log[1]}")"
sql "DELETE FROM schema_migration WHERE version > $last"
hss_start 1

# --- the daemons ---

check "an agent connects to both"
agent=agent.$realm
agent_port=$(free_port)
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=$agent" \
    -keyout "$world/agent.key" -out "$world/agent.pem" 2>/dev/null
cat >"$world/agent.conf" <<CONF
Identity = "$agent";
Realm = "$realm";
Port = $agent_port;
SecPort = 0;
No_SCTP;
No_IPv6;
ListenOn = "127.0.0.1";
TLS_Cred = "$world/agent.pem", "$world/agent.key";
TLS_CA = "$world/agent.pem";
TcTimer = 6;
TwTimer = 6;
LoadExtension = "/usr/lib/freeDiameter/dict_nasreq.fdx";
LoadExtension = "/usr/lib/freeDiameter/dict_dcca.fdx";
LoadExtension = "/usr/lib/freeDiameter/dict_dcca_3gpp.fdx";
LoadExtension = "/usr/lib/freeDiameter/rt_default.fdx" : "$world/agent.routes";
LoadExtension = "/usr/lib/freeDiameter/rt_busypeers.fdx" : "$world/agent.busy";
LoadExtension = "/usr/lib/freeDiameter/acl_wl.fdx" : "$world/agent.peers";
ConnectPeer = "$(hss_identity 1)" { ConnectTo = "127.0.0.1"; Port = ${hss_port[1]}; No_TLS; };
ConnectPeer = "$(hss_identity 2)" { ConnectTo = "127.0.0.1"; Port = ${hss_port[2]}; No_TLS; };
CONF
: >"$world/agent.busy"
echo "ALLOW_IPSEC *.$realm" >"$world/agent.peers"
# Both are as good; what went to one that has failed goes to the other, and so does what one that is about to go answers
# TOO_BUSY (RFC 6733 7.1.3), which is what rt_busypeers is for.
{
    echo 'dr="'"$realm"'" : "'"$(hss_identity 1)"'" += 50 ;'
    echo 'dr="'"$realm"'" : "'"$(hss_identity 2)"'" += 50 ;'
} >"$world/agent.routes"
"$FREEDIAMETERD" -c "$world/agent.conf" >"$world/agent.log" 2>&1 &
background+=($!)
connected() { [ "$(hss_events "$1" " peer_open .*$agent")" -gt "$2" ]; }
for n in 1 2; do wait_for 60 connected $n 0 || fail "the agent: expected it to connect to hss$n, came '$(tail -5 "$world/agent.log")'"; done

# What both have issued so far.
vectors() { sql "SELECT sum(seq) FROM auc"; }

check "one daemon after the other is restarted under load, twice: no request of the agent is lost"
port=$agent_port
load_begin rolling --attach --state "$state_file"
sleep 2
for round in 1 2; do
    for n in 1 2; do
        opened=$(hss_events $n " peer_open .*$agent")
        hss_stop $n
        expect_equal "exit code of hss$n" 0 "$code"
        before=$(vectors)
        sleep 1
        [ "$(vectors)" -gt "$before" ] || fail "the other daemon: expected it to serve meanwhile"
        hss_start $n
        wait_for 60 connected $n "$opened" || fail "the agent: expected it to connect to hss$n again"
        sleep 1
    done
done
load_end
no_fault rolling
expect_least "vectors" 1000 "$(number rolling verified)"
for n in 1 2; do
    hss_stop $n
    expect_equal "exit code of hss$n" 0 "$code"
done
expect_equal "faults in the logs" 0 "$(cat "${hss_log[@]}" | grep -cE ' (diameter_fault|s6a_fault|node_worker_fault|background_fault) ' || true)"
echo "passed"
