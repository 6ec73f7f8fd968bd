#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# kill -9 of the daemon while a client adds subscribers through the API: what was acknowledged is there afterwards, and
# what is asked for again with its Idempotency-Key happens once.
. "$(dirname "$0")/lib.sh"

write_config
daemon_start
socket=$state/api.sock
k=0f1e2d3c4b5a69788796a5b4c3d2e1f0
opc=cd63cb71954a9f4e48a5994e37a02baf

# put N: adds the subscriber of that number once, under its key; prints the status, 000 without an answer.
put() {
    curl -s -o "$world/answer" -w '%{http_code}' --max-time 20 --unix-socket "$socket" \
        -H 'Content-Type: application/x-ndjson' -H "Idempotency-Key: add-$1" -H "X-Request-Id: add-$1" \
        --data-binary "{\"type\": \"subscriber\", \"imsi\": \"$(printf '00101%010d' "$1")\", \"k\": \"$k\", \"opc\": \"$opc\"}
{\"type\": \"rule\", \"subscriptions\": \"$(printf '00101%010d' "$1")\", \"devices\": \"*\", \"action\": \"allow\"}" \
        http://hss/v1/changes 2>/dev/null || true
}

next=1
acknowledged=$world/acknowledged
: >"$acknowledged"
# writer: adds one after the other, each until it is acknowledged, as a good client does.
writer() {
    while [ ! -e "$world/enough" ]; do
        case $(put "$next") in
            200)
                echo "$next $(grep -o '"before":[a-z]*' "$world/answer")" >>"$acknowledged"
                next=$((next + 1))
                ;;
            *) sleep 0.1 ;;
        esac
    done
}
writer &
writer_pid=$!
background+=("$writer_pid")

check "five times kill -9 in the middle of changes"
for round in 1 2 3 4 5; do
    lines=$(wc -l <"$acknowledged")
    more() { [ "$(wc -l <"$acknowledged")" -ge $((lines + 20)) ]; }
    wait_for 60 more || fail "changes: expected 20 more in round $round, the last: $(tail -1 "$acknowledged")"
    kill -9 "$daemon"
    wait "$daemon" 2>/dev/null || true
    # What was acknowledged by now must be there.
    cp "$acknowledged" "$world/acknowledged.$round"
    daemon_start
    last=$(tail -1 "$world/acknowledged.$round")
    expect_equal "the last that was acknowledged before kill -9 number $round" 200 "$(curl -s -o /dev/null \
        -w '%{http_code}' --unix-socket "$socket" "http://hss/v1/subscribers/$(printf '00101%010d' "${last%% *}")")"
done
touch "$world/enough"
wait "$writer_pid"
expect_least "subscribers" 100 "$(wc -l <"$acknowledged")"

# list PATH MEMBER: all of a list, page by page.
list() {
    local cursor= page
    while :; do
        page=$(curl -s --unix-socket "$socket" "http://hss$1?limit=1000${cursor:+&cursor=$cursor}")
        grep -oE "\"$2\":\"?[^,\"}]+" <<<"$page" | sed 's/.*[:"]//'
        cursor=$(sed -n 's/.*"next":"\([^"]*\)".*/\1/p' <<<"$page")
        [ -n "$cursor" ] || return 0
    done
}
check "all that was acknowledged is there, and nothing is there twice"
while read -r number _; do printf '00101%010d\n' "$number"; done <"$acknowledged" | sort >"$world/expected"
list /v1/subscribers imsi | sort >"$world/there"
expect_equal "subscribers that are missing" "" "$(comm -23 "$world/expected" "$world/there" | head -5)"
list /v1/rules subscriptions | sort >"$world/rules"
expect_equal "rules that are there twice" "" "$(uniq -d "$world/rules" | head -5)"

check "a change that was made is not made again"
audited() { curl -s --unix-socket "$socket" "http://hss/v1/audit?request=add-1" | grep -o '"id"' | wc -l; }
before=$(audited)
expect_least "audit rows of the change" 1 "$before"
expect_equal "the status" 200 "$(put 1)"
expect_match "the answer" '"before":true' "$(cat "$world/answer")"
expect_equal "audit rows of the change, asked for again" "$before" "$(audited)"
daemon_stop
expect_equal "exit code of the daemon" 0 "$code"
[ ! -e "$socket" ] || fail "the socket: expected it to be removed"
echo "passed"
