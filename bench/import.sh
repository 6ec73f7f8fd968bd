#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How long the import of a fleet takes through the API, with daemon, PostgreSQL and bindhssctl on this machine:
#
#     bench/import.sh [SUBSCRIBERS]        (1000000: each with a device, a KME and a binding)
#
# The programs are those of scripts/test, or named by BINDHSSD, BINDHSSCTL and BINDHSS_EMU. Needs 8 GB in TMPDIR. Prints a
# line for each part, and ends with exit code 1 when what is stored is not what was imported.
. "$(dirname "$0")/../tests/system/lib.sh"

count=${1:-1000000}
export XDG_STATE_HOME=$world/xdg
write_config
check "a fleet of $count subscribers"
"$BINDHSS_EMU" fleet --key-seed import --imsi-count "$count" --bound every:1 --out-dir "$world/fleet" >/dev/null
files=("$world"/fleet/{bindings,devices,kmes,subscribers}.csv)
records=$(($(cat "${files[@]}" | wc -l) - ${#files[@]}))
daemon_start

cpu_of() { # PID: seconds of user and system time
    awk -v hz="$(getconf CLK_TCK)" '{ printf "%.1f", ($14 + $15) / hz }' "/proc/$1/stat"
}
began=$(date +%s.%N)
/usr/bin/env time -f 'bindhssctl: %U s user, %S s system, %M kB at most' -o "$world/time" \
    "$BINDHSSCTL" --config "$config" import "${files[@]}"
took=$(awk -v a="$began" -v b="$(date +%s.%N)" 'BEGIN { printf "%.1f", b - a }')
cat "$world/time"
echo "bindhssd:   $(cpu_of "$daemon") s"
echo "$records records of $count subscribers in $took s: $(awk -v n="$records" -v t="$took" 'BEGIN { printf "%.0f", n / t }') a second, on $(nproc) cores"
sql() { "$postgresql/psql" -h "$state/run" -U bindhss -Atc "$1" bindhss; }
expect_equal "subscribers" "$count" "$(sql "SELECT count(*) FROM subscriber")"
expect_equal "KMEs" "$(($(wc -l <"$world/fleet/kmes.csv") - 1))" "$(sql "SELECT count(*) FROM kme WHERE key <> ''")"
for each in "subscriber show $(sed -n '$s/,.*//p' "$world/fleet/subscribers.csv")" "subscriber list --limit 20"; do
    began=$(date +%s%N)
    # shellcheck disable=SC2086
    ctl $each >/dev/null
    echo "bindhssctl $each: $((($(date +%s%N) - began) / 1000000)) ms"
done
