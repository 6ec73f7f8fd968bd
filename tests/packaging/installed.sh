#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Run by package.sh, as root in namespaces of its own: installed.sh MOUNT_POINT PACKAGE NEXT_PACKAGE. Installs, starts,
# upgrades, removes and purges in a copy of this machine: what is changed is kept in memory and gone at the end.
. "$(dirname "$0")/lib.sh"
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
copy_machine "$1"
mount -t tmpfs -o mode=1777 tmp "$all/tmp"
cp "$2" "$all/tmp/bindhss.deb"
cp "$3" "$all/tmp/next.deb"
# Files of that name which are in the copy alone; a character device is how an overlay keeps that one was deleted.
named() {
    (cd "$mount_point/changes" && find etc usr var -path var/cache/man -prune -o -name '*bindhss*' ! -type c -print | sort)
}
mode() { (cd "$all" && inside stat -c '%a %U:%G' "$1"); }
before=$(named)
unit=/usr/lib/systemd/system/bindhssd.service

# --- the daemon, as the unit has it ---

of_unit() { sed -n "s/^$1=//p" "$all$unit"; }
service() {
    exec chroot "$all" setpriv --reuid "$(of_unit User)" --regid "$(of_unit Group)" --init-groups --no-new-privs \
        --bounding-set=-all --inh-caps=-all env -i PATH=/usr/bin:/bin "$@"
}
as_service() { (service "$@"); }
service_ready() { [ "$(grep -c ' ready ' "$output")" -gt "$readies" ] || ! alive "$daemon"; }
service_start() {
    local command
    readies=$(grep -c ' ready ' "$output" || [ $? -eq 1 ])
    read -ra command <<<"$(of_unit ExecStart)"
    service "${command[@]}" >>"$output" 2>&1 &
    daemon=$!
    wait_for 90 service_ready || fail "bindhssd: expected it to be ready within 90 s"
    alive "$daemon" || fail "bindhssd: expected it to start, came '$(tail -3 "$output")'"
}

# --- what is tried ---

check "a package that is installed makes the user, and shows the configuration to nobody else"
inside dpkg -i /tmp/bindhss.deb >"$output" 2>&1 || fail "dpkg -i: $(cat "$output")"
expect_match "output" "systemctl enable --now bindhssd" "$(cat "$output")"
expect_match "user" "^bindhss:[^:]*:[0-9]+:[0-9]+:BindHSS[^:]*:/var/lib/bindhss:/usr/sbin/nologin$" \
    "$(inside getent passwd bindhss)"
expect_most "number of the user" 999 "$(inside id -u bindhss)"
expect_equal "configuration" "640 root:bindhss" "$(mode /etc/bindhss/bindhssd.yaml)"
expect_equal "its folder" "750 root:bindhss" "$(mode /etc/bindhss)"
expect_equal "state directory" "700 bindhss:bindhss" "$(mode /var/lib/bindhss)"
expect_equal "log directory" "750 bindhss:bindhss" "$(mode /var/log/bindhss)"
expect_equal "what dpkg --verify says" "" "$(inside dpkg --verify bindhss)"
! inside setpriv --reuid nobody --regid nogroup --clear-groups cat /etc/bindhss/bindhssd.yaml >/dev/null 2>&1 ||
    fail "the configuration: expected that nobody cannot read it"

check "nothing is left of it when it is purged before it has served"
inside dpkg --purge bindhss >"$output" 2>&1 || fail "dpkg --purge: $(cat "$output")"
expect_equal "files" "$before" "$(named)"
! inside getent passwd bindhss >/dev/null || fail "the user bindhss: expected it to be gone"
inside dpkg -i /tmp/bindhss.deb >"$output" 2>&1 || fail "dpkg -i: $(cat "$output")"

check "the unit is right for systemd, and its exposure is below 2.0"
expect_equal "what systemd-analyze verify says" "" "$(inside systemd-analyze verify $unit 2>&1)"
inside systemd-analyze security --offline=true --threshold=19 --no-pager $unit >"$world/security" 2>&1 ||
    fail "systemd-analyze security: $(tail -1 "$world/security")"
expect_match "exposure" "Overall exposure level for bindhssd.service: [01]\.[0-9]" "$(cat "$world/security")"
grep "Overall exposure" "$world/security"

check "an operator names his MME, and the daemon serves it as the unit's user with what is installed"
sed -i "s/^  identity: hss.localdomain/  identity: hss.$realm/; s/^  realm: localdomain/  realm: $realm/
    s|^  peers: \[\]|  peers: [{identity: \"*\", transport: tcp, addresses: [\"127.0.0.1\"]}]|" "$all/etc/bindhss/bindhssd.yaml"
as_service bindhssd --check-config >"$world/checked" 2>&1 || fail "bindhssd --check-config: $(cat "$world/checked")"
service_start
expect_equal "user of the daemon" bindhss "$(inside stat -c %U "/proc/$(pgrep -x bindhssd)/task")"
k=465b5ce8b199b49faa5f0a2ee238a6bc
op=cdc202d5123e20f62b6d676ac72cb318
printf '%s\n%s\n' $k $op | inside bindhssctl subscriber add 001010000000009 - --op -
expect_match "subscribers, for root" "^001010000000009 " "$(inside bindhssctl subscriber list)"
expect_match "subscribers, for the daemon's user" "^001010000000009 " "$(as_service bindhssctl subscriber list)"
inside bindhss-emu attach --imsi 001010000000009 --k $k --op $op --imei 35824005111111 --connect 127.0.0.1:3868 \
    >"$world/attach" 2>&1 || fail "bindhss-emu attach: $(tail -3 "$world/attach")"
expect_match "registrations" "^001010000000009 .*35824005111111" "$(inside bindhssctl registration list)"
expect_equal "keys" "600 bindhss:bindhss" "$(mode /var/lib/bindhss/keys)"
expect_equal "JIT of the private database" off "$(as_service psql -h /var/lib/bindhss/run -d bindhss -Atc 'SHOW jit')"

check "the next version leaves the daemon that serves alone, and what the operator changed"
chmod 600 "$all/etc/bindhss/bindhssd.yaml"
chown --reference "$all/var/lib/bindhss" "$all/etc/bindhss/bindhssd.yaml"
changed=$(sha256sum <"$all/etc/bindhss/bindhssd.yaml")
for package in bindhss next; do
    inside dpkg --force-confold -i "/tmp/$package.deb" >"$world/dpkg" 2>&1 || fail "dpkg -i: $(cat "$world/dpkg")"
    expect_equal "configuration" "$changed" "$(sha256sum <"$all/etc/bindhss/bindhssd.yaml")"
    expect_equal "its owner" "600 bindhss:bindhss" "$(mode /etc/bindhss/bindhssd.yaml)"
    alive "$daemon" || fail "the daemon: expected it to serve on"
done
expect_match "installed" "\+next$" "$(inside dpkg-query -W bindhss)"
expect_equal "the next version's configuration" "# The next version." "$(head -1 "$all/etc/bindhss/bindhssd.yaml.dpkg-dist")"
daemon_stop
expect_equal "exit code" 0 "$code"
service_start
expect_match "subscribers afterwards" "^001010000000009 " "$(inside bindhssctl subscriber list)"

check "logs are rotated: what stays open is emptied, what is opened anew is moved"
as_service sh -c 'cd /var/log/bindhss && echo event >bindhssd.log && echo "{}" >alarms.jsonl'
inside logrotate --force --state /tmp/rotated /etc/logrotate.d/bindhss >"$world/rotated" 2>&1 ||
    fail "logrotate: $(cat "$world/rotated")"
expect_equal "logs" "alarms.jsonl.1 bindhssd.log bindhssd.log.1.gz" \
    "$(cd "$all/var/log/bindhss" && echo ./* | sed 's|\./||g')"
expect_equal "what is left in the log" 0 "$(stat -c %s "$all/var/log/bindhss/bindhssd.log")"
expect_equal "owner" bindhss "$(inside stat -c %U /var/log/bindhss/bindhssd.log.1.gz)"
[ -e "$all/var/lib/bindhss/postgresql.log.1.gz" ] || fail "the log of PostgreSQL: expected it to be rotated"

check "what is removed leaves configuration and database, what is purged the database, and says so"
daemon_stop
inside dpkg --remove bindhss >"$world/dpkg" 2>&1 || fail "dpkg --remove: $(cat "$world/dpkg")"
[ ! -e "$all/usr/bin/bindhssd" ] || fail "bindhssd: expected it to be gone"
expect_equal "configuration" "$changed" "$(sha256sum <"$all/etc/bindhss/bindhssd.yaml")"
inside dpkg --purge bindhss >"$world/dpkg" 2>&1 || fail "dpkg --purge: $(cat "$world/dpkg")"
expect_match "what purge says" "^bindhss: /var/lib/bindhss is kept, with the private database" "$(cat "$world/dpkg")"
expect_match "what purge says" "rm -r /var/lib/bindhss && deluser --system bindhss$" "$(cat "$world/dpkg")"
for kept in data/PG_VERSION keys; do
    [ -e "$all/var/lib/bindhss/$kept" ] || fail "$kept of the database: expected it to be kept"
done
expect_equal "files but the database" "$before" "$(named | grep -v ^var/lib/bindhss)"

check "the same database serves again once the package is back, and goes by the words that purge said"
inside dpkg -i /tmp/bindhss.deb >"$world/dpkg" 2>&1 || fail "dpkg -i: $(cat "$world/dpkg")"
service_start
expect_match "subscribers" "^001010000000009 " "$(inside bindhssctl subscriber list)"
daemon_stop
inside dpkg --purge bindhss >"$world/dpkg" 2>&1 || fail "dpkg --purge: $(cat "$world/dpkg")"
inside sh -c "$(sed -n 's/.*if nobody needs them any more: //p' "$world/dpkg")" >"$world/words" 2>&1 ||
    fail "$(cat "$world/words")"
expect_equal "files" "$before" "$(named)"
! inside getent passwd bindhss >/dev/null || fail "the user bindhss: expected it to be gone"
