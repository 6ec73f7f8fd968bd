#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# docs/migration.md as it is meant to go: the files of other HSSes are imported, and the cards that these served
# attach without noticing. The peer is configured as that page has it.
. "$(dirname "$0")/lib.sh"
samples=$root/tests/vectors/import
k=465b5ce8b199b49faa5f0a2ee238a6bc # TS 35.208, set 1
opc=cd63cb71954a9f4e48a5994e37a02baf
secrets="465b5ce8|CD63CB71|cd63cb71|cdc202d5|87654321"

cat >"$config" <<YAML
state_directory: $state
log: {file: $log}
diameter:
  identity: hss.localdomain
  realm: localdomain
  listen: ["127.0.0.1:$port"]
  peers:
    - identity: mme.localdomain
      transport: tcp
      addresses: ["127.0.0.1", "127.0.0.2"]
nodes:
  - identity: mme.localdomain
    quirks: [ula_error_stub]
YAML
daemon_start

# sqn_of IMSI: the SEQ that was handed out last.
sqn_of() { ctl subscriber show "$1" --json | sed 's/.*"seq":"\([0-9]*\)".*/\1/'; }

check "a dry run stores nothing, and says what would be there and what not"
said=$(ctl import open5gs "$samples/open5gs_relaxed.json" --dry-run 2>&1)
expect_match "the dry run" "would import 3 subscribers" "$said"
expect_match "the dry run" "open5gs_relaxed.json:1: IMSI 001010000000101: imeisv is not taken over" "$said"
expect_no_match "the dry run" "$secrets" "$said"
expect_equal "subscribers after the dry run" "[]" "$(ctl subscriber list --json)"

check "Open5GS's subscribers are imported, again and in another form, and SQNs stay as they are"
said=$(ctl import open5gs "$samples/open5gs_relaxed.json" 2>&1)
expect_match "the import" "^imported 3 subscribers" "$said"
expect_equal "SEQ of the first" 103 "$(sqn_of 001010000000101)"
sed 's/"sqn":3297/"sqn":64/' "$samples/open5gs_relaxed.json" >"$world/older.json"
ctl import open5gs "$world/older.json" >/dev/null 2>&1 || fail "the second import"
ctl import open5gs - <"$samples/open5gs_canonical_array.json" >/dev/null 2>&1 || fail "the import from standard input"
expect_equal "SEQ of the first after further imports" 103 "$(sqn_of 001010000000101)"
expect_equal "profiles that were made" 2 "$(ctl profile list --json | grep -o '"name":"open5gs-' | wc -l)"

check "one faulty subscriber keeps all of them out"
sed '2s/"amf":"8000"/"amf":"80"/; s/"imsi":"0010100000001/"imsi":"0010100000004/' "$samples/open5gs_relaxed.json" \
    >"$world/faulty.json"
code=0
said=$(ctl import open5gs "$world/faulty.json" 2>&1) || code=$?
expect_equal "exit code" 1 "$code"
expect_match "the complaint" "faulty.json:2: IMSI 001010000000402: security.amf has 2 characters" "$said"
expect_match "the end" "nothing was imported: 1 error" "$said"
expect_no_match "the complaint" "$secrets" "$said"

check "PyHSS's and srsEPC's subscribers are imported"
ctl import pyhss "$samples/pyhss.json" >"$world/said" 2>&1 || fail "import pyhss: $(cat "$world/said")"
expect_match "pyhss" "^imported 2 subscribers" "$(cat "$world/said")"
ctl import srsepc "$samples/srsepc_user_db.csv" --apn srsapn >"$world/said2" 2>&1 || fail "import srsepc: $(cat "$world/said2")"
expect_match "srsepc" "^imported 3 subscribers" "$(cat "$world/said2")"
expect_no_match "what the imports said" "$secrets" "$(cat "$world/said" "$world/said2")"
expect_match "the register" "35824005111111 +01 +black" "$(ctl equipment list)"

check "no key stands readable in what the daemon keeps"
expect_equal "files with a key" "" "$(grep -rlaiE "$k|$opc" "$state" || true)"

check "cards that were served until now attach, and none has to re-synchronise"
# Each has seen what the other HSS issued last: one step before what it stores.
cat >"$world/attach.yaml" <<YAML
destination: {realm: localdomain}
nodes:
  mme: {identity: mme.localdomain, realm: localdomain, plmn: "00101"}
usims:
  of-open5gs: {imsi: "001010000000101", k: $k, opc: $opc, seq: 102}
  of-open5gs-op: {imsi: "001010000000102", k: $k, opc: $opc, seq: 134217728}
  of-pyhss: {imsi: "001010000000201", k: $k, opc: $opc, seq: 103}
  of-srsepc-xor: {imsi: "001010000000301", k: 00112233445566778899aabbccddeeff, algorithm: xor, seq: 144}
  of-srsepc-op: {imsi: "001010000000302", k: $k, opc: $opc, seq: 166}
devices:
  phone: {imei: "35824005000001", legacy: true}
steps:
YAML
for card in of-open5gs of-open5gs-op of-pyhss of-srsepc-xor of-srsepc-op; do
    cat >>"$world/attach.yaml" <<YAML
  - title: $card
    attach: {usim: $card, device: phone, node: mme}
    expect: {outcome: attached, resynchronised: false}
YAML
done
"$BINDHSS_EMU" run "$world/attach.yaml" --connect "127.0.0.1:$port" --connect-timeout 30s --colour never \
    >"$world/played" 2>&1 || fail "$(cat "$world/played")"
expect_equal "registrations" 5 "$(ctl registration list --json | grep -o '"imsi"' | wc -l)"

daemon_stop
expect_equal "exit code of the daemon" 0 "$code"
echo "passed"
