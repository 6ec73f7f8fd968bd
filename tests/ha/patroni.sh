#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Three PostgreSQL under Patroni, a daemon that knows all three, and load: Patroni and primary are killed with SIGKILL, and
# when the dead one has come back, so is the next primary. Prints how long there was no service, and checks that nothing
# acknowledged was lost: no SQN comes twice, and each registration and each subscriber that was acknowledged is there.
. "$(dirname "$0")/../system/lib.sh"

nodes="1 2 3"
for program in patroni patronictl etcd; do
    command -v $program >/dev/null || fail "$program: expected it to be installed (scripts/test --ha does)"
done
as_postgres() { if [ "$(id -u)" -eq 0 ]; then setpriv --reuid postgres --regid postgres --clear-groups "$@"; else "$@"; fi; }
ha=$world/ha
mkdir "$ha"
[ "$(id -u)" -ne 0 ] || chown postgres "$ha"
cd "$ha" || exit

# --- etcd and Patroni ---

ports=()
another_port() { # a free one that was not given yet
    local next
    next=$(free_port)
    while [[ " ${ports[*]} " == *" $next "* ]]; do next=$(free_port); done
    ports+=("$next")
    another=$next
}
declare -A sql_port rest_port patroni
another_port; etcd_port=$another
another_port; etcd_peer_port=$another
for n in $nodes; do
    another_port; sql_port[$n]=$another
    another_port; rest_port[$n]=$another
done

as_postgres etcd --name one --data-dir "$ha/etcd" --log-level error \
    --listen-client-urls "http://127.0.0.1:$etcd_port" --advertise-client-urls "http://127.0.0.1:$etcd_port" \
    --listen-peer-urls "http://127.0.0.1:$etcd_peer_port" --initial-advertise-peer-urls "http://127.0.0.1:$etcd_peer_port" \
    --initial-cluster "one=http://127.0.0.1:$etcd_peer_port" >"$ha/etcd.log" 2>&1 &
background+=($!)

# The settings of docs/operations.md "A fleet".
patroni_configuration() { # NODE
    cat <<YAML
scope: bindhss
name: node$1
restapi: {listen: "127.0.0.1:${rest_port[$1]}", connect_address: "127.0.0.1:${rest_port[$1]}"}
etcd3: {hosts: "127.0.0.1:$etcd_port"}
bootstrap:
  dcs:
    ttl: 20
    loop_wait: 2
    retry_timeout: 8
    synchronous_mode: true
    postgresql:
      use_pg_rewind: true
      parameters: {max_connections: 60, wal_log_hints: "on"}
  initdb: [{encoding: UTF8}, data-checksums]
postgresql:
  listen: "127.0.0.1:${sql_port[$1]}"
  connect_address: "127.0.0.1:${sql_port[$1]}"
  data_dir: "$ha/node$1"
  bin_dir: "$postgresql"
  pgpass: "$ha/pgpass$1"
  basebackup: [{checkpoint: fast}]
  authentication:
    superuser: {username: postgres, password: test}
    replication: {username: replicator, password: test}
    rewind: {username: rewinder, password: test}
  parameters: {unix_socket_directories: "$ha"}
  pg_hba: ["local all all trust", "host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"]
YAML
}
patroni_start() { # NODE
    as_postgres patroni "$ha/patroni$1.yaml" >>"$ha/patroni$1.log" 2>&1 &
    patroni[$1]=$!
}
extra_end() {
    local n
    for n in $nodes; do node_kill "$n"; done
    [ "${outcome:-0}" -eq 0 ] || tail -n 5 "$ha"/*.log >&2
}
node_kill() { # NODE: Patroni and the server with all of its processes, as when their machine stops
    local main
    main=$(head -1 "$ha/node$1/postmaster.pid" 2>/dev/null) || main=
    # shellcheck disable=SC2046 # lists of processes
    kill -9 $(family "${patroni[$1]}") $([ -z "$main" ] || family "$main") 2>/dev/null
}
role() { curl -s "http://127.0.0.1:${rest_port[$1]}/" | jq -r '.role // empty' 2>/dev/null; }
primary() {
    local n
    for n in $nodes; do [ "$(role "$n")" != master ] || { echo "$n"; return; }; done
    return 1
}
is_primary() { [ "$(role "$1")" = master ] && sql_at "$1" "SELECT 1" postgres >/dev/null; }
# Is there a primary, and a standby that has all that it acknowledges?
in_sync() {
    local first
    first=$(primary) && [ "$(sql_at "$first" "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'")" -eq 1 ]
}
streaming() { # HOW MANY
    local first
    first=$(primary) && [ "$(sql_at "$first" "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")" -eq "$1" ]
}
sql_at() { "$postgresql/psql" -h 127.0.0.1 -p "${sql_port[$1]}" -U postgres -XAtq -v ON_ERROR_STOP=1 -c "$2" "${3:-bindhss}"; }
sql() { sql_at "$(primary)" "$1"; }

check "three PostgreSQL come up under Patroni, one of them a synchronous standby"
for n in $nodes; do patroni_configuration "$n" >"$ha/patroni$n.yaml"; done
patroni_start 1
wait_for 90 is_primary 1 || fail "the first PostgreSQL: expected it to be primary within 90 s"
for n in 2 3; do patroni_start "$n"; done
"$postgresql/createuser" -h 127.0.0.1 -p "${sql_port[1]}" -U postgres hss
"$postgresql/createdb" -h 127.0.0.1 -p "${sql_port[1]}" -U postgres -O hss bindhss
wait_for 120 streaming 2 || fail "the standbys: expected two within 120 s"
wait_for 60 in_sync || fail "the standbys: expected a synchronous one within 60 s"

hosts=127.0.0.1:${sql_port[1]},127.0.0.1:${sql_port[2]},127.0.0.1:${sql_port[3]}
(umask 077 && echo "1 $(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')" >"$world/keys")
write_config "database: {url: \"postgresql://hss@$hosts/bindhss\", connections: 6}" "keys: {file: $world/keys}"
daemon_start
make_fleet
# Subscribers that attach one by one, each once.
"$BINDHSS_EMU" fleet --key-seed one --imsi-first 001010700000000 --imsi-count 6000 --bound none --out-dir "$world/singles" >/dev/null
ctl import "$world/singles/subscribers.csv"

# --- what is acknowledged ---

now_ms() { echo $(($(date +%s%N) / 1000000)); }
# Attaches one subscriber after the other, and notes those that were accepted, with the time.
attach_one_by_one() {
    local imsi k opc
    tail -n +2 "$world/singles/subscribers.csv" | while IFS=, read -r imsi k opc _; do
        [ ! -f "$world/enough" ] || break
        if "$BINDHSS_EMU" attach --connect "127.0.0.1:$port" --imsi "$imsi" --k "$k" --opc "$opc" --imei 35824005000001 \
            --connect-timeout 2s >"$world/attach.last" 2>&1; then
            echo "$(now_ms) $imsi" >>"$world/attached"
        fi
    done
}
add_one_by_one() {
    local i
    for ((i = 0; ; i++)); do
        [ ! -f "$world/enough" ] || break
        local imsi=0010108$(printf %08d $i)
        if ctl subscriber add "$imsi" 465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf >"$world/add.last" 2>&1; then
            echo "$(now_ms) $imsi" >>"$world/added"
        fi
        sleep 0.1
    done
}
# since FILE MS: how many were acknowledged after that time.
since() { awk -v from="$2" '$1 > from' "$world/$1" | wc -l; }
acknowledged_since() { [ "$(since attached "$1")" -ge 5 ] && [ "$(since added "$1")" -ge 2 ]; }
# longest_gap FILE FROM: the longest time without an acknowledgement after the last one before FROM.
longest_gap() {
    awk -v from="$2" '{ if (NR > 1 && $1 > from && $1 - last > gap) gap = $1 - last; last = $1 } END { printf "%.1f", gap / 1000 }' "$world/$1"
}

load_begin load --attach --tolerate-errors --state "$state_file"
attach_one_by_one &
background+=($!)
attacher=$!
add_one_by_one &
background+=($!)
adder=$!
wait_for 30 acknowledged_since 0 || fail "service: expected it before the first kill, came '$(cat "$world/attach.last" "$world/add.last")'"

kill_primary() {
    local victim killed next
    victim=$(primary)
    killed=$(now_ms)
    check "kill -9 of Patroni and primary number $victim under load"
    node_kill "$victim"
    wait "${patroni[$victim]}" 2>/dev/null || echo "   its Patroni ended with $?"
    another_primary() { next=$(primary) && [ "$next" != "$victim" ]; }
    wait_for 120 another_primary || fail "a new primary: expected one within 120 s"
    echo "   number $next is primary after $((($(now_ms) - killed) / 1000)) s"
    wait_for 120 acknowledged_since "$((killed + 1000))" || fail "service: expected it again within 120 s, came '$(cat "$world/attach.last" "$world/add.last")'"
    echo "   without service: attaches for $(longest_gap attached "$killed") s, changes by bindhssctl for $(longest_gap added "$killed") s"
    alive "$daemon" || fail "the daemon: expected it to stay up"
    expect_acknowledged

    check "number $victim comes back as a standby"
    patroni_start "$victim"
    wait_for 180 streaming 2 || fail "number $victim: expected it to follow within 180 s"
    wait_for 60 in_sync || fail "the standbys: expected a synchronous one within 60 s"
}

# Each registration and each subscriber that was acknowledged is there. The lists grow meanwhile: theirs are read first.
expect_acknowledged() {
    local lost
    cp "$world/attached" "$world/attached.seen"
    cp "$world/added" "$world/added.seen"
    sql "SELECT imsi FROM registration WHERE NOT purged" | sort >"$world/registered"
    sql "SELECT imsi FROM subscriber" | sort >"$world/subscribers"
    lost=$(cut -d' ' -f2 "$world/attached.seen" | sort | comm -23 - "$world/registered" | wc -l)
    expect_equal "registrations lost of $(wc -l <"$world/attached.seen") acknowledged" 0 "$lost"
    lost=$(cut -d' ' -f2 "$world/added.seen" | sort | comm -23 - "$world/subscribers" | wc -l)
    expect_equal "subscribers lost of $(wc -l <"$world/added.seen") acknowledged" 0 "$lost"
    echo "   nothing lost of $(wc -l <"$world/attached.seen") registrations and $(wc -l <"$world/added.seen") subscribers"
}

kill_primary
sleep 3
kill_primary
sleep 3

check "the load that saw it all found no fault"
touch "$world/enough"
wait "$attacher" "$adder"
load_end
cat "$world/load"
expect_equal "faults" 0 "$(number load faults)"
expect_least "vectors" 1000 "$(number load verified)"
expect_equal "requests that had no answer" 0 "$(number load 'no answer')"
expect_acknowledged
expect_all_authenticate
daemon_stop
expect_equal "exit code of the daemon" 0 "$code"
echo "passed"
