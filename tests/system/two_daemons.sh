#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Two daemons on one PostgreSQL, each with an identity of its own: a node may use either at any moment, for the two halves
# of one procedure too; what the HSS has to say to a node goes out from the daemon whose peer the node is, wherever the
# change was made.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/several.sh"

fleet_options=(--key-seed two --imsi-first 001010500000000 --imsi-count 300)
provisioning="provisioning: {enabled: true, without_tls: true, nodes: [\"*.$realm\"]}"
database_create
hss_configure 1 "  request_timeout: 2s" "$provisioning" "alarms: {json_lines: $world/alarms1.jsonl}"
hss_configure 2 "  request_timeout: 2s" "$provisioning" "alarms: {json_lines: $world/alarms2.jsonl}"
hss_start 1
hss_start 2
config=${hss_config[1]}
make_fleet

# scenario NAME [options...]: plays standard input; what connects does so at the daemons in turn.
scenario() {
    local name=$1
    shift
    cat >"$world/$name.yaml"
    # shellcheck disable=SC2046 # two words
    "$BINDHSS_EMU" run "$world/$name.yaml" $(at 1) $(at 2) --connect-timeout 30s --ctl "$BINDHSSCTL --config ${hss_config[1]}" \
        --colour never "$@" >"$world/$name.played" 2>&1 ||
        fail "$name: expected all to go as written, came '$(cat "$world/$name.played")'"
    echo "   $(grep -c '^ ok' "$world/$name.played") steps as expected"
}

check "a node that is connected to both asks one for vectors and tells the other of the UE, purges here and notifies there"
scenario halves <<SCENARIO
nodes:
  mme-at-1: &mme {identity: mme1.$realm, realm: $realm, plmn: "00101"}
  mme-at-2: {<<: *mme}
usims:
  card: {imsi: "001010000009001", k: 465b5ce8b199b49faa5f0a2ee238a6bc, opc: cd63cb71954a9f4e48a5994e37a02baf}
  strict: {imsi: "001010000009002", k: 465b5ce8b199b49faa5f0a2ee238a6bc, opc: cd63cb71954a9f4e48a5994e37a02baf}
devices:
  phone: {imei: "35824005090001", legacy: true}
  other: {imei: "35824005090002", legacy: true}
steps:
  - ctl: subscriber add 001010000009001 465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf
  - ctl: subscriber add 001010000009002 465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf
  - ctl: binding set 001010000009002 --policy imei_enforce --device 35824005090001
  - authenticate: {usim: card, device: phone, node: mme-at-1}
    expect: authenticated
  - update_location: {usim: card, device: phone, node: mme-at-2}
    expect: attached
  - notify: {usim: card, node: mme-at-1, flags: {ue_reachable_from_mme: true}}
    expect: 2001
  - title: another device, told of to the second daemon
    notify: {usim: card, node: mme-at-2, device: other}
    expect: 2001
  - purge: {usim: card, node: mme-at-1}
    expect: 2001
  - authenticate: {usim: card, device: phone, node: mme-at-2}
    expect: authenticated
  - update_location: {usim: card, device: phone, node: mme-at-1}
    expect: attached
  - title: the same unauthorised device comes to the one daemon and to the other
    attach: {usim: strict, device: other, node: mme-at-1}
    expect: rejected 5003
  - attach: {usim: strict, device: other, node: mme-at-2}
    expect: rejected 5003
  - attach: {usim: strict, device: phone, node: mme-at-2}
    expect: attached
SCENARIO

check "what either saw is in one list, and an alarm that both raised is one"
expect_equal "devices that were seen with the first card" 2 \
    "$(sql "SELECT count(*) FROM association WHERE imsi = '001010000009001'")"
expect_equal "reports of the unauthorised device" 2 \
    "$(sql "SELECT reports FROM association WHERE imsi = '001010000009002' AND imei = 35824005090002")"
counted() { [ "$(sql "SELECT count(*) || ' ' || sum(count) FROM alarm WHERE name = 'pair_unauthorised' AND imsi = '001010000009002'")" = "1 2" ]; }
wait_for 20 counted || fail "the alarm: expected one that was counted twice, came '$(sql "SELECT * FROM alarm WHERE imsi = '001010000009002'")'"

check "changes that are made at one daemon reach the nodes of both (config/scenarios/subscription_change.yaml)"
scenario changes <"$root/config/scenarios/subscription_change.yaml"

check "under load of both no SQN comes twice, and none is lost in the middle"
load_both() {
    # shellcheck disable=SC2046
    "$BINDHSS_EMU" load "${fleet_options[@]}" $(at 1) $(at 2) --peers 4 --window 16 --attach --duration 8s --state "$state_file" \
        >"$world/load" 2>&1 || fail "the load: expected no fault, came '$(cat "$world/load")'"
    cat "$world/load"
}
load_both
expect_equal "faults" 0 "$(number load faults)"
expect_least "vectors" 1000 "$(number load verified)"
expect_equal "requests that had no answer" 0 "$(number load 'no answer')"

# UEs come by chance, and what follows is for those that have proven their binding: on a slow machine some have not come yet.
have_come() { sql "SELECT count(*) FROM registration WHERE imsi BETWEEN '001010500000000' AND '001010500000299'"; }
for ((more = 0; more < 10 && $(have_come) < 300; ++more)); do load_both; done
expect_equal "UEs that have come" 300 "$(have_come)"

# hold REPORT NAME DAEMON [options...]: nodes NAME1, NAME2 at a daemon, which register all of the fleet and stay.
hold() {
    local report=$1 name=$2 daemon=$3
    shift 3
    # shellcheck disable=SC2046
    "$BINDHSS_EMU" hold $(at "$daemon") --name "$name" --imsi-first 001010500000000 --imsi-count 300 --nodes 2 \
        --status "$world/$report.status" "$@" >"$world/$report" 2>&1 &
    holder=$!
    background+=("$holder")
}
status() { sed -n "s/^$2 //p" "$world/$1.status" 2>/dev/null | grep . || echo 0; }

check "each of 300 UEs is told of by two nodes at once, to one daemon each: one registration stays, the other node is cancelled"
hold left left 1 --duration 40s
left=$holder
hold right right 2 --duration 40s
all_cancelled() { [ $(($(status left clr) + $(status right clr))) -ge 300 ]; }
began=$(date +%s%N)
wait_for 30 all_cancelled || fail "CLRs: expected 300, came '$(status left clr) and $(status right clr)'"
echo "   300 races ended after $((($(date +%s%N) - began) / 1000000)) ms, $(status left clr) and $(status right clr) cancelled"
sleep 2
expect_equal "CLRs" 300 "$(($(status left clr) + $(status right clr)))"
expect_equal "registrations" 300 "$(sql "SELECT count(*) FROM registration WHERE imsi LIKE '0010105%' AND NOT purged")"
expect_equal "registrations at the left" "$(status right clr)" \
    "$(sql "SELECT count(*) FROM registration WHERE imsi LIKE '0010105%' AND host LIKE 'left%'")"
expect_equal "requests that wait for these nodes" 0 "$(sql "SELECT count(*) FROM node_request WHERE host ~ '^(left|right)'")"

check "from a change to the node that has it: within 100 ms, whichever daemon the node is connected to"
# The time from the commit of a change to the commit that the node has it, which is after its answer.
tell_times() {
    "$postgresql/psql" -h "$cluster" -U hss -XAtq -v ON_ERROR_STOP=1 bindhss <<'SQL'
CREATE TEMP TABLE took (ms float8);
CREATE PROCEDURE pg_temp.measure(times integer) LANGUAGE plpgsql AS $$
DECLARE
    of text;
    began timestamptz;
BEGIN
    FOR i IN 1 .. times LOOP
        SELECT imsi INTO of FROM registration WHERE imsi LIKE '0010105%' AND NOT purged ORDER BY random() LIMIT 1;
        UPDATE subscriber SET msisdn = (4917000000000 + i)::text WHERE imsi = of;
        COMMIT;
        began := clock_timestamp();
        WHILE EXISTS (SELECT FROM registration g JOIN subscriber s USING (imsi) WHERE imsi = of AND g.told_msisdn IS DISTINCT FROM s.msisdn)
        LOOP
            IF clock_timestamp() > began + interval '20 s' THEN
                RAISE EXCEPTION '% was not told within 20 s', of;
            END IF;
            PERFORM pg_sleep(0.001);
            COMMIT;
        END LOOP;
        INSERT INTO took VALUES (1000 * extract(epoch FROM clock_timestamp() - began));
        COMMIT;
        PERFORM pg_sleep(0.06);
    END LOOP;
END $$;
CALL pg_temp.measure(40);
SELECT format('%s %s %s', round(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)), round(percentile_cont(0.9) WITHIN GROUP (ORDER BY ms)), round(max(ms))) FROM took;
SQL
}
read -r median most worst < <(tell_times) || fail "the changes: expected them to be told"
echo "   40 changes: half within $median ms, nine of ten within $most ms, the slowest $worst ms"
expect_most "milliseconds, for half of the changes" 100 "$median"
kill -INT "$left" "$holder"
wait "$left" "$holder" 2>/dev/null || true

check "a device is being given its key when the daemon dies: the attach after it goes to the other one"
"$BINDHSS_EMU" device-key --imei 35824005090003 --generate x25519 --private-key "$world/meter.pem" --header >"$world/meter.csv"
hss_ctl 1 subscriber add 001010000009003 465b5ce8b199b49faa5f0a2ee238a6bc cd63cb71954a9f4e48a5994e37a02baf
hss_ctl 1 device-key import "$world/meter.csv" >/dev/null
hss_ctl 1 binding set 001010000009003 --policy kme+imei --device 35824005090003
meter() { # CONDUCT NAME OUTCOME
    cat >"$world/$2.yaml" <<SCENARIO
nodes: {mme: {identity: $2.$realm, realm: $realm, plmn: "00101", kme: all}}
usims: {card: {imsi: "001010000009003", k: 465b5ce8b199b49faa5f0a2ee238a6bc, opc: cd63cb71954a9f4e48a5994e37a02baf, seq: $4}}
devices: {meter: {imei: "35824005090003", private_key: meter.pem, conduct: $1}}
steps:
  - attach: {usim: card, device: meter, node: mme}
    expect: $3
SCENARIO
}
meter slow dying no_answer 0
meter right after "{outcome: provisioned, kme: {delivery: 0, status: 0}}" 64
# shellcheck disable=SC2046
"$BINDHSS_EMU" run "$world/dying.yaml" $(at 1) >"$world/dying" 2>&1 &
dying=$!
background+=("$dying")
exchanging() { [ "$(sql "SELECT count(*) FROM kme_exchange WHERE imsi = '001010000009003'")" -eq 1 ]; }
wait_for 20 exchanging || fail "the exchange: expected it to begin, came '$(cat "$world/dying")'"
hss_stop 1 KILL
# shellcheck disable=SC2046
"$BINDHSS_EMU" run "$world/after.yaml" $(at 2) --colour never >"$world/after" 2>&1 ||
    fail "the attach at the other daemon: expected the key to be given, came '$(cat "$world/after")'"
expect_equal "active keys of the device" 1 "$(sql "SELECT count(*) FROM kme WHERE owner LIKE '%35824005090003' AND state = 'active'")"
wait "$dying" 2>/dev/null || true

check "alone it serves all, and what was for the nodes of the dead one as soon as they come"
config=${hss_config[2]} port=${hss_port[2]}
load alone --attach --duration 2s --state "$state_file"
expect_equal "exit code of the load ($(cat "$world/alone"))" 0 "$code"
expect_all_authenticate
hss_stop 2
expect_equal "exit code of the daemon" 0 "$code"
expect_equal "nodes that it says it reaches" 0 "$(sql "SELECT count(*) FROM daemon_reach WHERE daemon = '$(hss_identity 2)'")"
expect_equal "faults in the logs" 0 "$(cat "${hss_log[@]}" | grep -cE ' (diameter_fault|s6a_fault|node_worker_fault|background_fault) ' || true)"
echo "passed"
