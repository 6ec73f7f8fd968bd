#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# bindhssctl over TLS: tokens and client certificates, by arguments and by the environment; and what it says when either side
# shows something that the other one does not believe.
. "$(dirname "$0")/lib.sh"

api_port=$(free_port)
api=https://localhost:$api_port
k=465b5ce8b199b49faa5f0a2ee238a6bc
opc=cd63cb71954a9f4e48a5994e37a02baf
cd "$world"

# authority NAME: NAME.pem and NAME.key.
authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 30 -subj "/CN=$1" -keyout "$1.key" -out "$1.pem" \
        2>/dev/null
}
# certificate NAME AUTHORITY SAN [OPTION...]: NAME.pem and NAME.key.
certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -subj "/CN=$1" -addext "subjectAltName=$3" -keyout "$1.key" \
        -out "$1.csr" 2>/dev/null
    openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -copy_extensions copy -days 30 "${@:4}" -out "$1.pem" 2>/dev/null
}
umask 077
authority ca
authority other
certificate server ca DNS:localhost
certificate dashboard ca DNS:dashboard.example
certificate stranger ca DNS:stranger.example
certificate forger other DNS:dashboard.example
certificate late ca DNS:dashboard.example -days 0

# token NAME ROLES: the token is in the file NAME.token, its line in tokens.
token() {
    local made
    made=$("$BINDHSSCTL" --json token make "$1" --role "$2")
    jq -r .token <<<"$made" >"$1.token"
    jq -r .line <<<"$made" >>tokens
}
token oss read,provision
token root admin
token old read
write_config "api:" "  listen: [\"127.0.0.1:$api_port\"]" "  certificate: $world/server.pem" "  private_key: $world/server.key" \
    "  client_ca: $world/ca.pem" "  certificates: [{name: dashboard.example, roles: [read]}]" "  token_file: $world/tokens"
daemon_start

# remote ARGUMENTS...: sets `code`; what it says is in the file said. No configuration: the daemon is somewhere else.
remote() {
    code=0
    timeout 60 "$BINDHSSCTL" --api "$api" "$@" >said 2>&1 || code=$?
}
# expect_said CODE REGEX WHAT: and in one line.
expect_said() {
    expect_equal "exit code of $3 ($(cat said))" "$1" "$code"
    expect_match "$3" "$2" "$(cat said)"
    expect_equal "lines of $3 ($(cat said))" 1 "$(wc -l <said)"
}

check "a token may what its roles say, and the audit has its name"
with_token=(--ca ca.pem --token-file)
remote "${with_token[@]}" oss.token subscriber add 001010000000001 --k $k --opc $opc
expect_equal "exit code ($(cat said))" 0 "$code"
remote "${with_token[@]}" oss.token subscriber list --output csv
expect_match "the list" "^001010000000001," "$(cat said)"
remote "${with_token[@]}" oss.token audit list
expect_match "the audit" " oss .*001010000000001" "$(cat said)"
remote "${with_token[@]}" oss.token config show
expect_said 1 "needs the role admin, which oss does not have" "what a token without the role is told"
remote "${with_token[@]}" root.token config show
expect_equal "exit code of config show ($(cut -c1-200 said))" 0 "$code"

check "the environment stands for the options"
code=0
BINDHSS_API=$api BINDHSS_CA=ca.pem BINDHSS_TOKEN_FILE=oss.token "$BINDHSSCTL" subscriber show 001010000000001 >said 2>&1 || code=$?
expect_equal "exit code ($(cat said))" 0 "$code"

check "an import of many requests goes by TLS too"
"$BINDHSS_EMU" fleet --key-seed tls --imsi-count 6000 --out-dir fleet >/dev/null
XDG_STATE_HOME=$world/xdg remote "${with_token[@]}" root.token import fleet/subscribers.csv fleet/devices.csv
expect_equal "exit code of the import ($(cat said))" 0 "$code"
expect_match "what it says" "^imported 6000 subscribers" "$(cat said)"

check "a client certificate may what its name says, and the audit has the name"
as_client() { remote --ca ca.pem --certificate "$1.pem" --private-key "$1.key" "${@:2}"; }
as_client dashboard subscriber show 001010000000001
expect_equal "exit code ($(cat said))" 0 "$code"
as_client dashboard subscriber set 001010000000001 --msisdn 491700000001
expect_said 1 "needs the role provision, which dashboard.example does not have" "what a certificate without the role is told"
as_client stranger subscriber list
expect_said 1 "neither a token nor a certificate that is known" "what a certificate is told that nobody has listed"
as_client forger subscriber list
expect_said 3 "unknown ca \(--certificate: what was shown\)$" "what a certificate of another CA is told"
as_client late subscriber list
expect_said 3 "certificate expired \(--certificate: what was shown\)$" "what a certificate that has expired is told"

check "who shows nothing, or a token of nobody, is told so"
remote --ca ca.pem subscriber list
expect_said 1 "--token-file, or --certificate" "what somebody without credentials is told"
echo "0000000000000000000000000000000000000000000" >guessed.token
remote "${with_token[@]}" guessed.token subscriber list
expect_said 1 "a token that nobody has" "what a token of nobody is told"
remote "${with_token[@]}" missing.token subscriber list
expect_said 1 "missing.token.* cannot be read: No such file" "what a file that is not there gives"
remote "${with_token[@]}" old.token subscriber list
expect_equal "exit code of a token that is good ($(cat said))" 0 "$code"
sed -i '/^old /d' tokens
remote "${with_token[@]}" root.token reload
expect_equal "exit code of the reload ($(cat said))" 0 "$code"
remote "${with_token[@]}" old.token subscriber list
expect_said 1 "a token that nobody has" "what a token is told whose line was taken out"

check "a daemon is not believed whose certificate is of another CA, or has another name"
remote --ca other.pem --token-file oss.token subscriber list
expect_said 3 "^bindhssctl: $api: TLS failed: .*certificate.* \(--ca: whom to trust\)$" "what is said of a certificate of another CA"
remote --token-file oss.token subscriber list
expect_said 3 "^bindhssctl: $api: TLS failed: .*certificate.* \(--ca: whom to trust\)$" "what is said without --ca"
api=https://127.0.0.1:$api_port remote "${with_token[@]}" oss.token subscriber list
expect_said 3 "^bindhssctl: https://127.0.0.1:$api_port: its certificate is not made out to 127.0.0.1$" "what is said of another name"

check "arguments that do not go together are told of, and so is a daemon that is not there"
remote --certificate dashboard.pem --private-key dashboard.key subscriber list
expect_said 1 "--certificate needs --ca" "a certificate without --ca"
remote --ca ca.pem --certificate dashboard.pem subscriber list
expect_said 2 "--private-key" "a certificate without its key"
remote --ca ca.pem --certificate dashboard.pem --private-key stranger.key subscriber list
expect_said 1 "key" "a certificate with another one's key"
remote --ca missing.pem --token-file oss.token subscriber list
expect_said 1 "missing.pem" "a CA that is not there"
api=http://localhost:$api_port remote subscriber list
expect_said 1 "without TLS there is the socket alone" "an address without TLS"
api=https://localhost:$(free_port) remote "${with_token[@]}" oss.token subscriber list
expect_said 3 "refused" "a port that nobody listens on"

check "no token is in what was logged"
for name in oss root old guessed; do
    expect_no_match "the log" "$(cat $name.token)" "$(cat "$log" "$output")"
done
echo "passed"
