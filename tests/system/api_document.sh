#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# openapi.json against the running daemon: every operation answers as the document says, and with every error that it
# documents. Then what no document says: sockets, tokens and their reload.
. "$(dirname "$0")/lib.sh"

cluster=$world/pg
as_postgres() { if [ "$(id -u)" -eq 0 ]; then setpriv --reuid postgres --regid postgres --clear-groups "$@"; else "$@"; fi; }
pg_start() {
    as_postgres "$postgresql/pg_ctl" -D "$cluster/data" -l "$cluster/log" -w -t 60 \
        -o "-c listen_addresses= -k $cluster" start >/dev/null
}
pg_stop() { as_postgres "$postgresql/pg_ctl" -D "$cluster/data" -m "$1" -w -t 60 stop >/dev/null; }
extra_end() { pg_stop immediate 2>/dev/null; }

mkdir "$cluster"
[ "$(id -u)" -ne 0 ] || chown postgres "$cluster"
(cd "$cluster" && as_postgres "$postgresql/initdb" -D "$cluster/data" -U hss -A trust --no-sync >/dev/null)
(umask 077 && echo "1 $(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')" >"$world/keys")
cd "$cluster" || exit
pg_start
as_postgres "$postgresql/createdb" -h "$cluster" -U hss bindhss
cd "$root" || exit

# Certificates: of the API, and of a client that may provision.
ca() { openssl "$@" 2>/dev/null; }
ca req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=test CA" \
    -keyout "$world/ca.key" -out "$world/ca.pem"
# certificate FILE NAME
certificate() {
    ca req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$2" -keyout "$world/$1.key" -out "$world/$1.csr"
    printf 'subjectAltName=DNS:%s,IP:127.0.0.1' "$2" >"$world/$1.ext"
    ca x509 -req -in "$world/$1.csr" -CA "$world/ca.pem" -CAkey "$world/ca.key" -CAcreateserial -days 2 \
        -extfile "$world/$1.ext" -out "$world/$1.pem"
}
certificate api api.example
certificate oss oss.example
ca ec -in "$world/oss.key" -pubout -out "$world/oss.pub"
chmod 600 "$world"/*.key

# token NAME ROLES: draws one, and adds its line.
token() {
    local drawn
    drawn=$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')
    printf '%s %s %s\n' "$1" "$2" "$(printf %s "$drawn" | sha256sum | cut -d' ' -f1)" >>"$world/tokens"
    printf %s "$drawn" >"$world/token.$1"
}
token reader read
token provisioner provision
token keeper keys
token boss admin

api_port=$(free_port)
socket=$world/api.sock
write_config "database: {url: \"host=$cluster user=hss dbname=bindhss\"}" "keys: {file: $world/keys}" \
    "api: {socket: $socket, socket_mode: \"0666\", listen: [\"127.0.0.1:$api_port\"], certificate: $world/api.pem," \
    "  private_key: $world/api.key, client_ca: $world/ca.pem, token_file: $world/tokens," \
    "  certificates: [{name: oss.example, roles: [provision]}]}"
daemon_start

check "every operation of openapi.json answers as it says, and with every error that it documents"
python3 tests/system/api_document.py "$socket" "$api_port" "$world" daemon/management/openapi.json >"$world/document" 2>&1 ||
    fail "the document: $(tail -40 "$world/document")"
cat "$world/document"

check "curl: by socket, by token, by certificate"
status() { curl -s -o "$world/answer" -w '%{http_code}' "$@"; }
expect_equal "by socket" 200 "$(status --unix-socket "$socket" http://hss/v1/openapi.json)"
cmp -s "$world/answer" daemon/management/openapi.json || fail "the document that is served: expected that of the repository"
url=https://127.0.0.1:$api_port
expect_equal "by token" 200 \
    "$(status --cacert "$world/ca.pem" -H "Authorization: Bearer $(cat "$world/token.reader")" "$url/v1/terms")"
expect_equal "by certificate" 200 \
    "$(status --cacert "$world/ca.pem" --cert "$world/oss.pem" --key "$world/oss.key" "$url/v1/terms")"
expect_equal "what the certificate may not" 403 \
    "$(status --cacert "$world/ca.pem" --cert "$world/oss.pem" --key "$world/oss.key" "$url/v1/config")"
expect_equal "without anything" 401 "$(status --cacert "$world/ca.pem" "$url/v1/terms")"
expect_match "the header of 401" '"type":"urn:bindhss:problem:unauthenticated"' "$(cat "$world/answer")"

check "a reload takes over new tokens; a file that is wrong is refused and nothing changes"
by_token() { status --cacert "$world/ca.pem" -H "Authorization: Bearer $(cat "$world/token.$1")" "$url/v1/terms"; }
token late read
expect_equal "a token that is not read yet" 401 "$(by_token late)"
reloads=$(events ' reload')
kill -HUP "$daemon"
taken_over() { [ "$(by_token late)" = 200 ]; }
wait_for 30 taken_over || fail "the new token: expected it to be good after SIGHUP"
expect_least "events about the reload" 1 "$(($(events ' reload') - reloads))"
echo nonsense >>"$world/tokens"
expect_equal "a reload by API of a wrong file" 422 "$(status --unix-socket "$socket" -X POST http://hss/v1/reload)"
expect_match "what is wrong" 'tokens:6: ' "$(cat "$world/answer")"
expect_equal "the old token" 200 "$(by_token late)"

check "no token, no key and no body is in the log, and changes are"
expect_match "the log" "api_request.*PUT" "$(cat "$log")"
for name in reader provisioner keeper boss; do
    expect_no_match "the log" "$(cat "$world/token.$name")" "$(cat "$log")"
done
expect_no_match "the log" "0f1e2d3c4b5a69788796a5b4c3d2e1f0|a0a1a2a3a4a5a6a7a8a9aaabacadaeaf" "$(cat "$log" "$output")"

check "without its database the API says 503, and serves again when it is back"
pg_stop immediate
expect_equal "a list" 503 "$(status --unix-socket "$socket" http://hss/v1/subscribers)"
expect_match "its problem" 'urn:bindhss:problem:database-away' "$(cat "$world/answer")"
expect_equal "what needs no database" 200 "$(status --unix-socket "$socket" http://hss/v1/peers)"
(cd "$cluster" && pg_start)
back() { [ "$(status --unix-socket "$socket" http://hss/v1/subscribers)" = 200 ]; }
wait_for 30 back || fail "the API: expected it to serve again"

check "the socket is gone with the daemon"
daemon_stop
expect_equal "exit code" 0 "$code"
[ ! -e "$socket" ] || fail "the socket: expected it to be removed"
echo "passed"
