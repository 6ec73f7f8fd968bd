#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How long bindhssctl takes to answer among many subscribers, process start and API included, with daemon and PostgreSQL on
# this machine:
#
#     bench/answers.sh [SUBSCRIBERS]        (10000000; filling the tables takes minutes, and 20 GB in TMPDIR)
#
# The programs are those of scripts/test, or named by BINDHSSD and BINDHSSCTL. Each command runs six times; told are the
# median and the slowest of the last five. Ends with exit code 1 when a command fails.
. "$(dirname "$0")/../tests/system/lib.sh"

count=${1:-10000000}
rounds=5
[[ $count =~ ^[1-9][0-9]*$ ]] && [ "$count" -ge 1000 ] || fail "SUBSCRIBERS is '$count': it must be a number, at least 1000"
write_config
daemon_start
check "tables of $count subscribers"
began=$(date +%s)
"$postgresql/psql" -qh "$state/run" -U bindhss -d bindhss -v ON_ERROR_STOP=1 -v rows="$count" -f "$root/tests/store/ten_million.sql"
echo "filled in $(($(date +%s) - began)) s"

half=$(printf '%010d' $((count / 2)))
number=$(printf '%010d' $((count / 2 / 1000 * 1000 + 3))) # one of those with a policy of their own
imsi=00101$number
imei=$((35000000000000 + count / 2))
lists=("subscriber show $imsi" "subscriber list" "subscriber list --prefix 00101${half:0:4}" "subscriber list --msisdn 49$number"
    "subscriber list --profile rare" "subscriber list --group fleet" "subscriber list --policy kme" "binding show $imsi" "device list"
    "device list --group fleet" "device list --imei $imei" "kme list" "kme list $imei" "registration list" "registration list --imsi $imsi"
    "registration list --node mme3.example.net" "group list" "terms list" "equipment list" "rule list" "approval list"
    "exchange list" "audit list" "audit list --who bob" "audit list --what remove" "alarm list" "alarm list --severity critical"
    "alarm list --imsi $imsi --all" "peers" "status")
check "answers: median and slowest of $rounds, ms"
declare -A failed=()
for each in "${lists[@]}"; do
    times=()
    for ((round = 0; round <= rounds; round++)); do
        began=$(date +%s%N)
        # shellcheck disable=SC2086 # words of a command
        "$BINDHSSCTL" --config "$config" $each >"$world/answer" 2>&1 || failed[$each]=$(tail -1 "$world/answer")
        [ "$round" -eq 0 ] || times+=($((($(date +%s%N) - began) / 100000)))
    done
    printf '%s\n' "${times[@]}" | sort -n | awk -v what="$each" -v lines="$(wc -l <"$world/answer")" '
        { v[NR] = $1 / 10 } END { printf "%8.1f %8.1f  %s (%d lines)\n", v[int((NR + 1) / 2)], v[NR], what, lines }'
done
for each in "${!failed[@]}"; do echo "FAILED: $each: ${failed[$each]}"; done
[ ${#failed[@]} -eq 0 ] || exit 1
