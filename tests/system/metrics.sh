#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What a daemon tells of itself: numbers that fit the load and do not grow with subscribers, whether it lives and serves,
# what happened to one subscriber, and that the board asks for nothing that there is not.
. "$(dirname "$0")/lib.sh"

cluster=$world/pg
as_postgres() { if [ "$(id -u)" -eq 0 ]; then setpriv --reuid postgres --regid postgres --clear-groups "$@"; else "$@"; fi; }
pg_start() {
    as_postgres "$postgresql/pg_ctl" -D "$cluster/data" -l "$cluster/log" -w -t 60 \
        -o "-c listen_addresses= -k $cluster" start >/dev/null
}
pg_stop() { as_postgres "$postgresql/pg_ctl" -D "$cluster/data" -m "$1" -w -t 60 stop >/dev/null; }
extra_end() {
    [ -z "${second:-}" ] || kill "$second" 2>/dev/null
    pg_stop immediate 2>/dev/null
}
mkdir "$cluster"
[ "$(id -u)" -ne 0 ] || chown postgres "$cluster"
cd "$cluster" || exit # the folder that PostgreSQL's programs are started in must be open to them
as_postgres "$postgresql/initdb" -D "$cluster/data" -U hss -A trust --no-sync >/dev/null
(umask 077 && echo "1 $(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')" >"$world/keys")

metrics_port=$(free_port)
tls_port=$(free_port)
api=$world/api.sock
(umask 077 && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=hss \
    -addext "subjectAltName=DNS:hss.$realm" -keyout "$world/key.pem" -out "$world/certificate.pem" 2>/dev/null)
write_config "database: {url: \"host=$cluster user=hss dbname=bindhss\"}" "keys: {file: $world/keys}" \
    "metrics: {listen: [\"127.0.0.1:$metrics_port\"]}" "api: {socket: $api}"
# One peer by its name, which never comes, and a certificate.
sed -i "s|^  peers:|  tls: {certificate: $world/certificate.pem, private_key: $world/key.pem, ca: $world/certificate.pem, listen: [\"127.0.0.1:$tls_port\"]}\n  peers:\n    - {identity: away.$realm, transport: tcp, addresses: [\"127.0.0.1\"]}|" "$config"

# page PATH: sets `status` and `body`.
page() {
    body=$(curl -sS -w '\n%{http_code}' "http://127.0.0.1:$metrics_port$1")
    status=${body##*$'\n'}
    body=${body%$'\n'*}
}
status_of() { page "$1" && [ "$status" = "$2" ]; }
check_of() { jq -r ".checks[] | select(.name == \"$1\") | .good" <<<"$body"; }
# value METRIC: of the page that was read last, labels as they stand there; 0 when it is not there.
value() { awk -v name="${1//\\/\\\\} " 'index($0, name) == 1 { value = $NF } END { print value == "" ? 0 : value }' <<<"$body"; }
# The series of the page. Results of requests are few, and a busy machine may have one (TOO_BUSY) that it had not before.
series() { grep -v '^#' <<<"$body" | sed -E 's/ [^ ]*$//; s/result="DIAMETER_[A-Z_]+"/result="any"/' | sort -u; }
is_value() { page /metrics && [ "$(value "$1")" = "$2" ]; }

check "while the daemon waits for its database it lives, and is not ready"
daemon_launch
wait_for 30 status_of /health 200 || fail "/health: expected 200, came '$status' '$body'"
page /ready
expect_equal "status of /ready" 503 "$status"
expect_equal "check serving" false "$(check_of serving)"
expect_equal "check database" false "$(check_of database)"
page /metrics
expect_equal "bindhss_ready" 0 "$(value bindhss_ready)"

check "with its database it is ready"
pg_start
as_postgres "$postgresql/createdb" -h "$cluster" -U hss bindhss
daemon_wait
wait_for 10 status_of /ready 200 || fail "/ready: expected 200, came '$status' '$body'"
for name in serving diameter database; do expect_equal "check $name" true "$(check_of $name)"; done

check "other paths and methods are refused"
page /nothing
expect_equal "status of another path" 404 "$status"
expect_equal "status of a POST" 405 "$(curl -sS -o /dev/null -w '%{http_code}' -X POST "http://127.0.0.1:$metrics_port/metrics")"

check "each alarm has its number before it is raised"
wait_for 20 status_of /metrics 200 || fail "/metrics: expected 200, came '$status' '$body'"
expect_match "alarms that may come" '^bindhss_alarms_raised_total\{alarm="pair_unauthorised",severity="major"\} 0$' "$body"
expect_match "floods that may come" '^bindhss_alarms_raised_total\{alarm="alarm_flood",severity="info"\} 0$' "$body"
alarms=$(grep -cE '^\| `[a-z_]+` \| (info|warning|minor|major|critical) \|' "$root/docs/alarms.md")
expect_equal "alarms of the catalogue that have numbers" "$alarms" \
    "$(sed -n 's/^bindhss_alarms_raised_total{alarm="\([a-z_]*\)".*/\1/p' <<<"$body" | sort -u | wc -l)"

# Nobody is connected any more, and the database was counted once: what is left does not come and go with time.
settled() {
    page /metrics
    grep -q '^bindhss_census_age_seconds ' <<<"$body" && ! grep '^bindhss_peer_up' <<<"$body" | grep -qv "away.$realm"
}

check "the numbers are those of the load"
make_fleet
all=("${fleet_options[@]}")
fleet_options=(--key-seed system --imsi-count 100) # a third of them
load first --attach --duration 2s
fleet_options=("${all[@]}")
expect_equal "exit code of the load ($(cat "$world/first"))" 0 "$code"
wait_for 60 settled || fail "/metrics: expected no peer but away.$realm, and a census, came '$body'"
before=$(series)
for command in AIR ULR; do
    expect_equal "$command that succeeded" "$(number first "$command result *2001:")" \
        "$(value "bindhss_s6a_requests_total{command=\"$command\",result=\"DIAMETER_SUCCESS\"}")"
    expect_equal "$command that were timed" "$(number first "$command result *2001:")" \
        "$(value "bindhss_s6a_request_seconds_count{command=\"$command\"}")"
done
expect_equal "requests in flight" 0 "$(value bindhss_s6a_requests_in_flight)"
sum() { grep "^$1" <<<"$body" | awk '{ sum += $NF } END { printf "%d", sum }'; }
expect_equal "vectors" "$(number first "AIR result *2001:")" "$(sum bindhss_vectors_issued_total)"
# Two AIRs for one card do not share a statement: the second one is in another batch again.
retried=$(value 'bindhss_store_errors_total{lane="authentication",kind="retried"}')
expect_equal "requests of batches for AIR" $(($(number first "AIR result *2001:") + retried)) \
    "$(value 'bindhss_store_batch_size_sum{lane="authentication"}')"
expect_equal "verdicts" "$(number first "ULR result *2001:")" "$(sum bindhss_access_decisions_total)"
expect_equal "the peer that is away" 0 "$(value "bindhss_peer_up{peer=\"away.$realm\"}")"
expect_equal "bindhss_database_up" 1 "$(value bindhss_database_up)"
ends=$(value 'bindhss_tls_certificate_expiry_timestamp_seconds{listener="diameter"}')
days=$(awk -v ends="$ends" -v now="$(date +%s)" 'BEGIN { printf "%d", (ends - now) / 86400 }')
expect_least "days until the certificate ends" 28 "$days"
expect_most "days until the certificate ends" 30 "$days"

check "promtool finds nothing wrong with them"
promtool check metrics <<<"$body" >"$world/promtool" 2>&1 || fail "promtool check metrics: $(cat "$world/promtool")"

check "they do not grow with subscribers"
load second --attach --duration 2s # all of them
expect_equal "exit code of the load ($(cat "$world/second"))" 0 "$code"
wait_for 60 settled || fail "/metrics: expected no peer but away.$realm, and a census, came '$body'"
expect_equal "series that came (>) or went (<)" "" "$(diff <(echo "$before") <(series) | grep '^[<>]')"
expect_no_match "the page" '00101[0-9]{10}|35[0-9]{12}' "$(grep -v '^process_\|^#' <<<"$body")"

check "an alarm is counted as raised, and as open in the table"
IFS=, read -r imsi k opc < <(sed -n 2p "$world/fleet/subscribers.csv")
ctl binding set "$imsi" --policy imei_enforce --device 35824005999999
"$BINDHSS_EMU" attach --connect "127.0.0.1:$port" --imsi "$imsi" --k "$k" --opc "$opc" --imei 35824005000001 --seq 0 \
    --expect "rejected 5003" >"$world/attach" 2>&1 || fail "the attach: expected to be rejected, came '$(cat "$world/attach")'"
page /metrics
expect_equal "alarms raised" 1 "$(value 'bindhss_alarms_raised_total{alarm="pair_unauthorised",severity="major"}')"
wait_for 40 is_value 'bindhss_alarms_open{alarm="pair_unauthorised",severity="major"}' 1 ||
    fail "bindhss_alarms_open: expected pair_unauthorised within 40 s, came '$(grep alarms_open <<<"$body")'"
expect_equal "verdicts that refused" 1 "$(value 'bindhss_access_decisions_total{policy="imei_enforce",outcome="refused"}')"

check "the trace of the subscriber has request, verdict and both alarms under one session, which log and table have too"
ctl trace "$imsi" >"$world/trace" || fail "trace: $(cat "$world/trace")"
verdict=$(grep ' access  *refused' "$world/trace") || fail "the trace: expected a verdict, came '$(cat "$world/trace")'"
session=$(sed 's/.*\[\([^]]*\)\]$/\1/' <<<"$verdict")
expect_match "the verdict" 'reasons=".*pair_unauthorised: ' "$verdict"
expect_equal "lines of this session" 4 "$(grep -cF "[$session]" "$world/trace")"
expect_match "the request" 'ULR of .*DIAMETER_AUTHORIZATION_REJECTED in [0-9.]* ms' "$(grep -F "[$session]" "$world/trace" | grep ' request ')"
expect_match "the alarm" 'pair_unauthorised raised' "$(grep -F "[$session]" "$world/trace" | grep ' alarm ')"
expect_equal "events of the log with this session" 3 "$(grep -F "$session" "$log" | grep -cE ' (s6a_request|alarm) ')"
expect_no_match "the trace" "$k|$opc" "$(cat "$world/trace")"
in_table() { ctl alarm list --json | jq -r '.[] | select(.name == "pair_unauthorised") | .session'; }
expect_equal "session of the alarm in the table" "$session" "$(in_table)"

check "who is traced loses no event, however much else happens"
"$BINDHSSCTL" --config "$config" trace "$imsi" --json --follow >"$world/followed" &
background+=($!)
load busy --duration 3s
"$BINDHSS_EMU" attach --connect "127.0.0.1:$port" --imsi "$imsi" --k "$k" --opc "$opc" --imei 35824005999999 --seq 0 \
    >"$world/attach" 2>&1 || fail "the attach: $(cat "$world/attach")"
load busy --duration 3s
attached() { jq -r 'select(.event == "access" and .outcome == "admitted") | .imsi' "$world/followed" | grep -qx "$imsi"; }
wait_for 10 attached || fail "the trace: expected the attach, came '$(tail -5 "$world/followed")'"
ctl trace "$imsi" --json >"$world/again"
expect_match "the trace after the load" '"outcome":"admitted"' "$(cat "$world/again")"

check "top draws one picture where there is no terminal"
picture=$(ctl top)
expect_match "top" 'AIR +[0-9]' "$picture"
expect_match "top" "away.$realm +closed" "$picture"
expect_no_match "top" $'\x1b' "$picture"

check "the board asks for nothing that is not there"
page /metrics
known=$(sed -n 's/^# TYPE \([a-z0-9_]*\) .*/\1/p' <<<"$body")
asked=$(jq -r '.. | objects | (.expr // empty), (.definition // empty)' "$root/config/grafana/bindhss.json" |
    grep -oE '(bindhss|process)_[a-z0-9_]+' | sort -u)
expect_least "metrics of the board" 30 "$(wc -l <<<"$asked")"
for name in $asked; do
    grep -qxF -e "$name" -e "${name%_bucket}" -e "${name%_sum}" -e "${name%_count}" <<<"$known" ||
        fail "the board asks for $name, which the daemon does not tell of"
done

check "without its database the daemon lives and is not ready, and is again when it is back"
pg_stop fast
wait_for 20 status_of /ready 503 || fail "/ready: expected 503 within 20 s, came '$status' '$body'"
expect_equal "check database" false "$(check_of database)"
expect_equal "check diameter" true "$(check_of diameter)"
page /health
expect_equal "status of /health" 200 "$status"
page /metrics
expect_equal "bindhss_database_up" 0 "$(value bindhss_database_up)"
expect_least "attempts to connect" 1 "$(value 'bindhss_store_errors_total{lane="general",kind="unreachable"}')"
pg_start
wait_for 30 status_of /ready 200 || fail "/ready: expected 200 within 30 s, came '$status' '$body'"

check "another daemon whose address is taken says so, and serves"
sed -e "s/127.0.0.1:$port/127.0.0.1:$(free_port)/; s/127.0.0.1:$tls_port/127.0.0.1:$(free_port)/" \
    -e "s|$log|$world/second.log|; s|$api|$world/second.sock|; s|identity: hss.$realm|identity: hss2.$realm|" "$config" >"$world/second.yaml"
sed -i "/^  tls:/d" "$world/second.yaml"
"$BINDHSSD" --config "$world/second.yaml" >>"$output" 2>&1 &
second=$!
second_ready() { grep -q ' ready ' "$world/second.log"; }
wait_for 60 second_ready || fail "the second daemon: expected it to serve, came '$(tail -3 "$world/second.log" "$output")'"
expect_equal "events metrics_not_served" 1 "$(grep -c metrics_not_served "$world/second.log")"
kill "$second"
wait "$second" || fail "the second daemon: expected exit code 0"
second=

daemon_stop
expect_equal "exit code of the daemon" 0 "$code"
echo "passed"
