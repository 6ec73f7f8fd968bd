#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Run by systemd in the copy that boot.sh made: the unit as an operator has it.
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
. "$(dirname "$0")/../system/lib.sh"
journal() { journalctl --no-pager --output cat --unit bindhssd "$@"; }
extra_end() { [ "$outcome" -eq 0 ] || journal --lines 40; }
property() { systemctl show --property "$1" --value bindhssd; }
state_is() { [ "$(property ActiveState)" = "$1" ]; }
# of_manual WORD: the drop-in of docs/operations.md that has this word.
of_manual() {
    awk -v word="$1" '/# systemctl edit bindhssd$/ { text = ""; inside = 1 }
        inside && (/^ *$/ || /^ *```/) { if (index(text, word)) printf "%s", text; inside = 0 }
        inside { sub(/^    /, ""); text = text $0 "\n" }' "$root/docs/operations.md"
}
start() { systemctl start bindhssd >"$world/start" 2>&1 || fail "systemctl start: $(cat "$world/start")"; }

check "the package does not start what nobody has configured"
dpkg -i /result/bindhss.deb >"$output" 2>&1 || fail "dpkg -i: $(cat "$output")"
expect_equal "state" inactive "$(property ActiveState)"
expect_equal "state of the file" disabled "$(property UnitFileState)"

check "under the unit the daemon makes its database and serves"
sed -i "s/^  identity: hss.localdomain/  identity: hss.$realm/; s/^  realm: localdomain/  realm: $realm/
    s|^  peers: \[\]|  peers: [{identity: \"*\", transport: tcp, addresses: [\"127.0.0.1\"]}]|
    s|^  json_lines: .*|  json_lines: /var/log/bindhss/alarms.jsonl|" /etc/bindhss/bindhssd.yaml
systemctl enable --now bindhssd >"$output" 2>&1 || fail "systemctl enable --now: $(cat "$output")"
expect_equal "state" active "$(property ActiveState)"
expect_equal "status" "Serving S6a" "$(property StatusText)"
bindhssctl import /usr/share/doc/bindhss/examples/demo/*.csv >"$output" 2>&1 || fail "import: $(cat "$output")"
bindhss-emu run /usr/share/doc/bindhss/examples/demo/demo.yaml --quiet --connect 127.0.0.1:3868 >"$world/played" 2>&1 ||
    fail "bindhss-emu run: $(tail -12 "$world/played")"
expect_match "registrations, for the daemon's user" "^001010000000001 " "$(runuser -u bindhss -- bindhssctl registration list)"
alarms_written() { grep -q association_first_seen /var/log/bindhss/alarms.jsonl; }
wait_for 10 alarms_written || fail "alarms.jsonl: expected the alarms of the demo in it"
expect_equal "a long statement" 666667 "$(psql -h /var/lib/bindhss/run -U bindhss -Atc \
    'SET jit_above_cost = 0; SELECT count(*) FROM generate_series(1, 2000000) n WHERE n % 3 = 1' bindhss | tail -1)"

check "with what the manual says the members of api.socket_group are served, and the audit has their names"
groupadd operators
useradd --no-create-home --groups operators alice
useradd --no-create-home mallory
mkdir -p /etc/systemd/system/bindhssd.service.d
of_manual SupplementaryGroups >/etc/systemd/system/bindhssd.service.d/operators.conf
expect_match "the manual" "^SupplementaryGroups=operators$" "$(cat /etc/systemd/system/bindhssd.service.d/operators.conf)"
cp /etc/bindhss/bindhssd.yaml "$world/before.yaml"
sed -i '/^api:/,/^[a-z]/{s|^  socket: .*|  socket: /run/bindhss/api.sock|
    s|^  socket_group: .*|  socket_group: operators|; s|^  socket_roles: .*|  socket_roles: [read, provision]|}' /etc/bindhss/bindhssd.yaml
systemctl daemon-reload
systemctl restart bindhssd 2>"$world/start" || fail "systemctl restart: $(cat "$world/start")"
expect_equal "the socket" "srw-rw---- bindhss operators" "$(stat -c '%A %U %G' /run/bindhss/api.sock)"
as() { runuser -u "$1" -- bindhssctl --api unix:/run/bindhss/api.sock "${@:2}"; }
as alice subscriber set 001010000000001 --msisdn 4917000004711 >"$output" 2>&1 || fail "alice: $(cat "$output")"
expect_match "the audit" " alice@[^ ]+ .*001010000000001" "$(as alice audit list)"
! as alice config show >"$output" 2>&1 || fail "alice: expected the configuration to be shown to admins alone"
! as mallory subscriber list >"$output" 2>&1 || fail "mallory, who is in no group: expected to be refused"
cp "$world/before.yaml" /etc/bindhss/bindhssd.yaml
rm -r /etc/systemd/system/bindhssd.service.d
systemctl daemon-reload
systemctl restart bindhssd

check "neither the daemon nor its PostgreSQL has what the unit takes"
for program in bindhssd postgres; do
    pid=$(pgrep -o -x -u bindhss "$program")
    expect_equal "capabilities that $program can come by" 0000000000000000 "$(sed -n 's/^CapBnd:\t//p' "/proc/$pid/status")"
    expect_equal "NoNewPrivs of $program" 1 "$(sed -n 's/^NoNewPrivs:\t//p' "/proc/$pid/status")"
    expect_equal "Seccomp of $program" 2 "$(sed -n 's/^Seccomp:\t//p' "/proc/$pid/status")"
    expect_match "limits of $program" "Max core file size +0 +0 " "$(cat "/proc/$pid/limits")"
done

check "reload makes the file of alarms anew, and the daemon serves on"
before=$(property MainPID)
mv /var/log/bindhss/alarms.jsonl /var/log/bindhss/alarms.jsonl.1
systemctl reload bindhssd
reloaded() { journal | grep -q ' reloading '; }
wait_for 5 reloaded || fail "journal: expected the event reloading"
expect_equal "process" "$before" "$(property MainPID)"

check "killed, it is back by itself, with its database"
kill -9 "$before"
back() { [ "$(property NRestarts)" = 1 ] && state_is active; }
wait_for 60 back || fail "expected it to be active again within 60 s, came '$(property ActiveState)'"
expect_match "registrations" "^001010000000001 " "$(bindhssctl registration list)"

check "an upgrade brings what runs to the new programs"
before=$(property MainPID)
dpkg -i /result/bindhss.deb >"$output" 2>&1 || fail "dpkg -i: $(cat "$output")"
expect_equal "state" active "$(property ActiveState)"
[ "$(property MainPID)" != "$before" ] || fail "expected another process than $before"

check "stopped, it ends in order, and its PostgreSQL with it"
systemctl stop bindhssd
expect_equal "result" success "$(property Result)"
expect_match "last event" " stopped$" "$(journal | grep ' info ' | tail -1)"
! pgrep -u bindhss >/dev/null || fail "processes of bindhss: expected none, came '$(pgrep -a -u bindhss)'"

check "what stopped is not started by an upgrade"
dpkg -i /result/bindhss.deb >"$output" 2>&1 || fail "dpkg -i: $(cat "$output")"
expect_equal "state" inactive "$(property ActiveState)"

check "with what the manual says it listens on a port below 1024, and without it does not"
sed -i 's|^  listen: \["127.0.0.1:3868"\]|  listen: ["127.0.0.1:868"]|' /etc/bindhss/bindhssd.yaml
systemctl start bindhssd 2>/dev/null && fail "without the capability: expected it not to start"
systemctl stop bindhssd
mkdir /etc/systemd/system/bindhssd.service.d
of_manual CAP_NET_BIND_SERVICE >/etc/systemd/system/bindhssd.service.d/port.conf
expect_match "the manual" "CAP_NET_BIND_SERVICE" "$(cat /etc/systemd/system/bindhssd.service.d/port.conf)"
systemctl daemon-reload
start
# Its cards have moved on since the first time, so that not all comes as the scenario expects; 3 were no connection.
bindhss-emu run /usr/share/doc/bindhss/examples/demo/demo.yaml --quiet --connect 127.0.0.1:868 >"$world/played" 2>&1 ||
    [ $? -eq 1 ] || fail "bindhss-emu run: $(tail -12 "$world/played")"

check "removed, it is stopped; purged, systemd knows nothing of it"
dpkg --remove bindhss >"$output" 2>&1 || fail "dpkg --remove: $(cat "$output")"
! pgrep -u bindhss >/dev/null || fail "processes of bindhss: expected none, came '$(pgrep -a -u bindhss)'"
dpkg --purge bindhss >"$output" 2>&1 || fail "dpkg --purge: $(cat "$output")"
expect_equal "links" "" "$(find /etc/systemd/system -name 'bindhssd.service')"
