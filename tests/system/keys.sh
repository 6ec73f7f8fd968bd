#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A key file that is lost, or not the one of the database: daemon and bindhssctl refuse, nothing is sealed under other
# keys, and the right file makes everything work again.
. "$(dirname "$0")/lib.sh"

write_config
k=465b5ce8b199b49faa5f0a2ee238a6bc
opc=cd63cb71954a9f4e48a5994e37a02baf
new_keys() { (umask 077 && echo "1 $(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')" >"$1"); }
# expect_refusal PROGRAM CODE MESSAGE COMMAND...: the exit code, and one line.
expect_refusal() {
    local said code=0
    said=$(timeout 120 "${@:4}" 2>&1 </dev/null) || code=$?
    expect_equal "exit code ($said)" "$2" "$code"
    expect_equal "refusal" "$1: $3" "$said"
}
is_another="key file $state/keys: is not the one that this database was sealed with: its key 1 is another one"

check "a key file lost before anything was sealed is made anew"
daemon_start
daemon_stop
rm "$state/keys"
daemon_start
expect_equal "events key_file_created" 2 "$(events key_file_created)"
ctl import config/demo/*.csv >/dev/null

check "bindhssctl with other keys than the database's refuses to write and to read"
new_keys "$world/other"
sealed_with_other="key file $world/other: is not the one that this database was sealed with: its key 1 is another one"
for command in "subscriber add 001010000000009 --k $k --opc $opc" "subscriber list"; do
    # shellcheck disable=SC2086
    expect_refusal bindhssctl 1 "$sealed_with_other" \
        "$BINDHSSCTL" $command --database "host=$state/run user=bindhss dbname=bindhss" --keys "$world/other"
done
mv "$state/keys" "$world/keys"
cp -p "$world/other" "$state/keys"
expect_refusal bindhssctl 1 "$is_another" "$BINDHSSCTL" --config "$config" \
    --database "host=$state/run user=bindhss dbname=bindhss" import config/demo/subscribers.csv
expect_no_match "subscribers" 001010000000009 "$("$postgresql/psql" -h "$state/run" -U bindhss -Atc \
    "SELECT imsi FROM subscriber" bindhss)"
daemon_stop

check "the daemon refuses another key file"
expect_refusal bindhssd 1 "$is_another" "$BINDHSSD" --config "$config"
[ -z "$(postmaster)" ] || fail "the database server: expected it to have ended"

check "the daemon refuses to make a new key file for a database with secrets"
rm "$state/keys"
expect_refusal bindhssd 1 "key file $state/keys: is missing, and the database has secrets that were sealed with it: \
restore it from your backup" "$BINDHSSD" --config "$config"
[ ! -e "$state/keys" ] || fail "the key file: expected none to be made"

check "with the right key file everything works again"
cp -p "$world/keys" "$state/keys"
daemon_start
expect_equal "exit code of bindhss-emu run" 0 "$("$BINDHSS_EMU" run config/demo/demo.yaml --quiet \
    --connect "127.0.0.1:$port" >/dev/null 2>&1; echo $?)"
ctl subscriber add 001010000000009 --k $k --opc $opc >/dev/null
daemon_stop
expect_equal "exit code" 0 "$code"

check "a key that is added to the file seals from then on, and cannot be left out again"
(umask 077 && { cat "$world/keys" && sed 's/^1/2/' "$world/other"; } >"$state/keys")
daemon_start
ctl subscriber add 001010000000010 --k $k --opc $opc >/dev/null
daemon_stop
cp -p "$world/keys" "$state/keys"
expect_refusal bindhssd 1 \
    "key file $state/keys: is not the one that this database was sealed with: key 2 is missing in it" \
    "$BINDHSSD" --config "$config"
echo "passed"
