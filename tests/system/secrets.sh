#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Plays the demo's scenario on a daemon that logs everything, then looks for each secret of the demo's fleet where it
# must not be: log, output, bindhssctl, a dump of the database. And who may read what the daemon keeps.
. "$(dirname "$0")/lib.sh"

log_level=debug
write_config
daemon_start
everything=$world/everything
ctl import config/demo/*.csv >"$everything"

check "the demo's scenario ends as it expects"
code=0
"$BINDHSS_EMU" run config/demo/demo.yaml --connect "127.0.0.1:$port" >"$world/played" 2>&1 || code=$?
expect_equal "exit code of bindhss-emu run: $(tail -15 "$world/played")" 0 "$code"

check "bindhssctl prints no secret, neither when it shows nor when it refuses"
{
    for command in "subscriber list" "device list" "registration list" "alarm list"; do
        # shellcheck disable=SC2086
        ctl $command && ctl $command --json
    done
    for imsi in 001010000000001 001010000000003 001010000000005; do
        for kind in subscriber binding; do ctl $kind show $imsi && ctl $kind show $imsi --json; done
    done
    k=465b5ce8b199b49faa5f0a2ee238a6bc
    op=cdc202d5123e20f62b6d676ac72cb318
    ctl subscriber add 001010000000009 --k ${k}0 --op $op && fail "a K of 33 digits: expected a refusal"
    ctl subscriber add 001010000000009 --k ${k%c}x --op $op && fail "a K with an x: expected a refusal"
    ctl subscriber add 00101000000000x --k $k --op $op && fail "a wrong IMSI: expected a refusal"
    ctl kme set 35824005999999 --key 000102030405060708090a0b0c0d0e0f00 && fail "a KME of 17 octets: expected a refusal"
    printf 'imsi,k,opc\n001010000000009,%s,%sff\n' $k $op | ctl import - && fail "a wrong file: expected a refusal"
} >>"$everything" 2>&1
expect_match "subscriber list" "001010000000003 .*c6a13b" "$(cat "$everything")"
expect_least "lines of bindhssctl" 50 "$(wc -l <"$everything")"

check "no secret is in the log at debug level, in what any program printed, or in a dump of the database [R9]"
"$postgresql/pg_dump" -h "$state/run" -U bindhss bindhss >"$world/dump"
grep -q 001010000000003 "$world/dump" || fail "the dump: expected the subscribers in it"
expect_least "events of the log" 20 "$(wc -l <"$log")"
secrets=$(grep -ohE '\b([0-9a-fA-F]{64}|[0-9a-fA-F]{32})\b' config/demo/*.csv config/demo/demo.yaml | sort -u)
secrets+=$'\n'$(sed -n 's/^1 //p' "$state/keys")
expect_least "secrets to look for" 13 "$(wc -l <<<"$secrets")"
# found FILE: the first digits of each secret that is in the file, as digits, octets or base64.
found() {
    local secret octets
    for secret in $secrets; do
        octets=$(sed 's/../\\x&/g' <<<"$secret")
        if grep -qiF "$secret" "$1" || LC_ALL=C grep -qaP "$octets" "$1" ||
            grep -qF "$(printf '%b' "$octets" | base64 -w0 | cut -c1-20)" "$1"; then
            echo "${secret:0:6}..."
        fi
    done
}
expect_equal "secrets found where they are" "$(wc -l <<<"$secrets")" \
    "$({ cat config/demo/*.csv config/demo/demo.yaml "$state/keys"; } >"$world/keys" && found "$world/keys" | wc -l)"
for file in "$log" "$output" "$everything" "$world/dump"; do
    expect_equal "secrets in $(basename "$file")" "" "$(found "$file")"
done

check "what the daemon keeps is for its user alone"
expect_equal "mode of the key file" 600 "$(stat -c %a "$state/keys")"
expect_equal "mode of the data directory" 700 "$(stat -c %a "$state/data")"
expect_equal "mode of the socket directory" 700 "$(stat -c %a "$state/run")"
modes=700
[ "$(id -u)" -ne 0 ] || modes=711 # the server's user passes through
expect_equal "mode of the state directory" $modes "$(stat -c %a "$state")"
expect_match "mode of the log" '^640$' "$(stat -c %a "$log")"

check "a second daemon on the same state directory is refused with one line"
sed "s/:$port\"/:$(free_port)\"/; s|$log|$log.2|" "$config" >"$config.2"
code=0
second=$("$BINDHSSD" --config "$config.2" 2>&1) || code=$?
expect_equal "exit code" 1 "$code"
expect_match "second daemon" "^bindhssd: $state/lock is locked: another process uses this directory$" "$second"
expect_equal "lines" 1 "$(wc -l <<<"$second")"
expect_equal "the first one serves on" 0 "$("$BINDHSS_EMU" run config/demo/demo.yaml --quiet \
    --connect "127.0.0.1:$port" >/dev/null 2>&1; echo $?)"

check "a key file that others may read is refused with one line"
daemon_stop
expect_equal "exit code" 0 "$code"
chmod 640 "$state/keys"
code=0
refused=$(timeout 60 "$BINDHSSD" --config "$config" 2>&1) || code=$?
expect_equal "exit code" 1 "$code"
expect_equal "refusal" "bindhssd: key file $state/keys: may be read by group or others: chmod 600 it" "$refused"
chmod 600 "$state/keys"
daemon_start
daemon_stop
echo "passed"
