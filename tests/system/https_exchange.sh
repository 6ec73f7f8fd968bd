#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Keys by HTTPS from a running daemon: the worked example of the manual as it stands there, answers that are wrong, late or
# replayed, a daemon that dies between container and answer, and clients that ask too much.
. "$(dirname "$0")/lib.sh"

imsi=001010000000001
imei=35824005111111
k=465b5ce8b199b49faa5f0a2ee238a6bc
opc=cd63cb71954a9f4e48a5994e37a02baf
https_port=$(free_port)

# The example: what stands before the configuration, the configuration, and what follows it.
section=$(sed -n '/^### A worked example by HTTPS/,/^### A registry/p' "$root/docs/operations.md")
localised() { sed "s|8443|$https_port|g; s|/etc/bindhss/|$world/|g"; }
scripts() { awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside'; }
before=$(sed '/^```yaml/,$d' <<<"$section" | scripts | localised)
yaml=$(sed -n '/^```yaml/,/^```/p' <<<"$section" | sed '/^```/d' | localised)
after=$(sed '1,/^```yaml/d' <<<"$section" | scripts | sed '/device-exchange/,$d' | localised)
[ -n "$before" ] && [ -n "$yaml" ] && [ -n "$after" ] || fail "docs/operations.md: expected the worked example"
bindhssctl() { ctl "$@"; }
bindhss-emu() { "$BINDHSS_EMU" "$@"; }

cd "$world"
eval "$before"

# A registry outside: files that are whole answers. It has the key of one device.
other_imsi=001010000000002
other_imei=35824005222222
registry_port=$(free_port)
mkdir keys
openssl genpkey -algorithm X25519 -out other.key
printf 'HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{"key": "%s", "secure": true}' \
    "$(openssl pkey -in other.key -pubout -outform DER | base64 -w0)" >keys/$other_imei
openssl s_server -accept "127.0.0.1:$registry_port" -cert https.pem -key https.key -HTTP -quiet \
    </dev/null >registry.output 2>&1 &
registry=$!
background+=("$registry")

write_config "$yaml" "    deadline: 10s" "    rate_imsi: 40/1min" "    rate_imei: 40/1min" \
    "    rate_address: 1000/1min" "  pauses: [1s]" \
    "  registry: {url: \"https://localhost:$registry_port/keys\", ca: $world/https.pem, cache_for: 0s}"
daemon_start
for each in $imsi $other_imsi; do ctl subscriber add $each --k $k --opc $opc; done

attach() { # EXPECTED KME
    "$BINDHSS_EMU" attach --connect "127.0.0.1:$port" --imsi $imsi --k $k --opc $opc --imei $imei --kme "$2" \
        --seq 0 --expect "$1" >"$world/attach" 2>&1 ||
        fail "the attach: expected $1, came '$(cat "$world/attach")'"
}
expect_events() { # WHAT AT LEAST EVENT
    counted() { [ "$(events "$3")" -ge "$2" ]; }
    wait_for 10 counted "$@" || fail "$1: expected $2 x $3 in the log, came $(events "$3")"
}

check "the worked example of the manual gives the device its key"
expect_equal "the answer" '{"outcome":"established"}' "$(eval "$after" | tail -1)"
eval "$(grep -E '^(url=|ask\(\))' <<<"$after")"
attach attached "$(cat device.kme)"
expect_match "the key" "$imei +1 .* active" "$(ctl kme list $imei)"

# post PATH BODY [curl options]: sets `status` and `body`.
post() {
    status=$(ask -o "$world/body" -w '%{http_code}' -d "$2" "${@:3}" "$url$1")
    body=$(cat "$world/body")
}
begin() { post "" "{\"imsi\":\"$1\",\"imei\":\"$2\"}"; }
# fetch: a container and its answer, as files; sets `transaction`.
fetch() {
    begin $imsi $imei
    expect_equal "status of the offer ($body)" 201 "$status"
    transaction=$(jq -r .transaction body)
    jq -r .container body | base64 -d >container
    "$BINDHSS_EMU" device-answer --imsi $imsi --imei $imei --private-key device.key --container container \
        --out answer --kme-out device.kme
}
answer() { post "/$transaction" "{\"container\":\"$(base64 -w0 answer)\"}"; }

check "who asks learns nothing: unknown card, another device and a good key are the same 403"
begin 001019999999999 $imei
expect_equal "status for an unknown card" 403 "$status"
unknown=$body
begin $imsi 35824005999999
expect_equal "status for another device" 403 "$status"
expect_equal "body for another device" "$unknown" "$body"
begin $imsi $imei
expect_equal "status for a key that is good" 403 "$status"
expect_equal "body for a key that is good" "$unknown" "$body"

check "an answer counts once"
ctl kme renew $imei
fetch
answer
expect_equal "status of the answer ($body)" 200 "$status"
answer
expect_equal "status of its replay" 404 "$status"
attach attached "$(cat device.kme)"

check "the daemon is killed between container and answer, and the answer counts after the restart"
ctl kme renew $imei
fetch
daemon_stop KILL
daemon_start
answer
expect_equal "status of the answer ($body)" 200 "$status"
expect_match "the key" "$imei +3 .* active" "$(ctl kme list $imei)"
attach attached "$(cat device.kme)"

check "an answer that comes too late is worth nothing, and the key before stays good"
cp device.kme good.kme
ctl kme renew $imei
fetch
sleep 11
answer
expect_equal "status of the late answer" 404 "$status"
attach attached "$(cat good.kme)"

check "a wrong answer ends its exchange, tells of it, and the next one is not at once"
exchange() { # CONDUCT [OPTIONS]: sets `code`; what it says is in the file said
    code=0
    "$BINDHSS_EMU" device-exchange --url "https://localhost:$https_port" --ca https.pem --token-file token --conduct "$@" \
        >said 2>&1 || code=$?
}
as_device=(--imsi $imsi --imei $imei --private-key device.key --kme-out last.kme)
exchange lying "${as_device[@]}"
expect_equal "exit code ($(cat said))" 1 "$code"
expect_match "the outcome" "refused: 409 " "$(cat said)"
exchange right "${as_device[@]}"
expect_match "the outcome within the pause" "refused: 429 " "$(cat said)"
expect_match "the alarms" kme_rsp_invalid "$(ctl alarm list)"
sleep 1.5
exchange refusing "${as_device[@]}"
expect_match "the outcome of a device that refuses" "refused: 422 .*cannot be stored" "$(cat said)"
sleep 1.5
exchange wrong_key "${as_device[@]}"
expect_match "the outcome of another device's key" "refused: 422 " "$(cat said)"
attach attached "$(cat good.kme)"
sleep 1.5
exchange silent "${as_device[@]}"
expect_equal "exit code of a device that says nothing" 1 "$code"
exchange right "${as_device[@]}"
expect_equal "exit code ($(cat said))" 0 "$code"
expect_match "the outcome" established "$(cat said)"
attach attached "$(cat last.kme)"

check "a device whose key the registry outside has gets its own, and while the registry is away nobody is told that it has none"
as_other=(--imsi $other_imsi --imei $other_imei --private-key other.key --kme-out other.kme)
ctl binding set $other_imsi --policy kme --device $other_imei
exchange right "${as_other[@]}"
expect_equal "exit code ($(cat said))" 0 "$code"
kill "$registry"
wait "$registry" 2>/dev/null || echo "the registry has ended"
ctl kme renew $other_imei
exchange right "${as_other[@]}"
expect_match "the outcome without the registry" "refused: 429 " "$(cat said)"
expect_no_match "the alarms" no_public_key "$(ctl alarm list)"
expect_events "the registry in the log" 1 key_registry_failed
openssl pkey -in other.key -pubout -out other.pem
ctl device-key add $other_imei --key-file other.pem --origin table
exchange right "${as_other[@]}"
expect_equal "exit code with a key in the table ($(cat said))" 0 "$code"

check "what is no request is refused by its kind, and by tokens before anything else"
post "" '{"imsi":"001010000000001"}'
expect_equal "status of half a request" 400 "$status"
post "" "$(head -c 5000 /dev/zero | tr '\0' ' ')"
expect_equal "status of a body that is too long" 413 "$status"
expect_equal "status of a GET" 405 "$(ask -o /dev/null -w '%{http_code}' "$url")"
expect_equal "status without a token" 401 \
    "$(curl -sS --cacert https.pem -o /dev/null -w '%{http_code}' -H 'Content-Type: application/json' -d '{}' "$url")"
code=0
curl -sS -o /dev/null -d '{}' "$url" 2>/dev/null || code=$?
expect_equal "exit code of a client that does not trust the certificate" 60 "$code"
code=0
curl -sS --max-time 20 -o /dev/null -d '{}' "${url/https/http}" 2>/dev/null || code=$?
[ "$code" -ne 0 ] || fail "a client without TLS: expected no answer"

check "too many requests for one card are refused, and told of once"
limited() {
    begin 001018888888888 35824005888888
    [ "$status" = 429 ]
}
passed=0
until limited; do
    expect_equal "status before the limit" 403 "$status"
    passed=$((passed + 1))
    expect_most "requests that passed" 60 $passed
done
expect_least "requests that passed" 40 $passed
expect_match "the alarms" "rate_limited" "$(ctl alarm list)"

check "the listener renews its certificate, and ends in order with a client that stays"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 365 -subj "/CN=keys" \
    -addext "subjectAltName=DNS:localhost" -keyout new.key -out new.pem 2>/dev/null
chmod 600 new.key
mv new.key https.key
mv new.pem https.pem
kill -HUP "$daemon"
expect_events "the renewed certificate" 1 tls_reloaded
begin 001019999999999 35824005777777
expect_equal "status under the renewed certificate" 403 "$status"
exec 9<>"/dev/tcp/127.0.0.1/$https_port"
daemon_stop
exec 9>&-
expect_equal "exit code of the daemon" 0 "$code"

check "neither tokens nor keys are in the log"
for secret in "$(cat token)" "$(cut -d: -f2 good.kme)" "$(cut -d: -f2 last.kme)" "$(base64 -w0 answer | cut -c9-40)"; do
    expect_no_match "the log" "$secret" "$(cat "$log" "$output")"
done
expect_events "offers in the log" 4 key_offered
