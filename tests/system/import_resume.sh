#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A large import through the API of a running daemon: bindhssctl is killed in the middle, then the daemon is. Each time the
# same command goes on, nothing is lost, and nothing is stored twice.
. "$(dirname "$0")/lib.sh"

export XDG_STATE_HOME=$world/xdg
count=40000
write_config
daemon_start
"$BINDHSS_EMU" fleet --key-seed resume --imsi-count $count --out-dir "$world/fleet" >/dev/null
files=("$world"/fleet/{bindings,devices,kmes,subscribers}.csv)
records=$(($(cat "${files[@]}" | wc -l) - ${#files[@]}))

sql() { "$postgresql/psql" -h "$state/run" -U bindhss -Atc "$1" bindhss; }
stored() { sql "SELECT count(*) FROM subscriber"; }
interrupted() { find "$XDG_STATE_HOME/bindhss" -name 'import-*' 2>/dev/null | wc -l; }
is_remembered() { [ "$(interrupted)" -ge 1 ]; }
import_begin() {
    "$BINDHSSCTL" --config "$config" import "${files[@]}" >"$world/said" 2>&1 & # no function: its shell would be killed
    importer=$!
    background+=("$importer")
}

check "killed with -9 in the middle, the import is begun, and remembers how far it came"
import_begin
wait_for 60 is_remembered || fail "the import: expected a chunk to be stored within 60 s, came '$(cat "$world/said")'"
kill -9 "$importer"
wait "$importer" 2>/dev/null || true
expect_least "subscribers" 5000 "$(stored)"
expect_equal "imports that were interrupted" 1 "$(interrupted)"

check "the same command goes on, and does not mind that the daemon is killed with -9 meanwhile"
before=$(sql "SELECT count(*) FROM operator_request")
import_begin
more_are_stored() { [ "$(sql "SELECT count(*) FROM operator_request")" -gt "$((before + 3))" ]; }
wait_for 60 more_are_stored || fail "chunks: expected more than $before, came '$(sql "SELECT count(*) FROM operator_request")'"
kill -9 "$daemon"
wait "$daemon" 2>/dev/null || true
daemon_start
code=0
wait "$importer" || code=$?
expect_equal "exit code of the import ($(cat "$world/said"))" 0 "$code"
expect_match "what it says" "^bindhssctl: going on with the import that was interrupted$" "$(cat "$world/said")"
expect_match "what it says" "^imported $count subscribers, " "$(cat "$world/said")"
expect_equal "imports that are remembered" 0 "$(interrupted)"

check "afterwards the counts are exact"
expect_equal "subscribers" $count "$(stored)"
expect_equal "devices" "$(($(wc -l <"$world/fleet/devices.csv") - 1))" "$(sql "SELECT count(*) FROM device")"
expect_equal "KMEs" "$(($(wc -l <"$world/fleet/kmes.csv") - 1))" "$(sql "SELECT count(*) FROM kme WHERE key <> ''")"
expect_equal "bindings" "$(($(wc -l <"$world/fleet/bindings.csv") - 1))" \
    "$(ctl subscriber list --limit 100000 --output csv | awk -F, 'NR > 1 && $6 != "off"' | wc -l)"
expect_least "chunks that were stored" "$((records / 5000))" "$(sql "SELECT count(*) FROM operator_request")"
expect_most "chunks that were stored" "$((records / 5000 + 4))" "$(sql "SELECT count(*) FROM operator_request")"

check "an API that is away for good ends an import with exit code 3, and says that it can go on"
daemon_stop
code=0
said=$(timeout 300 "$BINDHSSCTL" --config "$config" import "${files[@]}" 2>&1) || code=$?
expect_equal "exit code ($said)" 3 "$code"
expect_match "what it says" "api.sock of the API does not exist: is bindhssd running\\? .*--database URL" "$said"
echo "passed"
