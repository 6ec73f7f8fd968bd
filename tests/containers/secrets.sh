#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# config/compose/secrets.sh, killed after each of its steps in turn: the next run leaves a whole state, and changes nothing of
# what somebody may have read already. Needs no containers.
. "$(dirname "$0")/../system/lib.sh"

volumes=$world/volumes
# Each command that changes something is a step. Root has the one capability that it has in docker-compose.yml; who is not
# root cannot give files away, and nobody does then.
as=()
[ "$(id -u)" -ne 0 ] || as=(setpriv --bounding-set=-all,+chown)
mkdir "$world/bin"
cat >"$world/bin/step" <<'STEP'
#!/bin/bash
name=$(basename "$0")
count=$(($(cat "$STEPS") + 1))
echo $count >"$STEPS"
if [ $count = "${KILLED_BEFORE-}" ]; then kill -9 $PPID; exit 1; fi
if [ "$name" != chown ] || [ "$(id -u)" -eq 0 ]; then PATH=${PATH#*:} "$name" "$@"; fi
STEP
chmod +x "$world/bin/step"
for name in chown mv chmod sync rm openssl; do ln -s step "$world/bin/$name"; done
export STEPS=$world/steps
secrets() { # [KILLED BEFORE STEP]
    echo 0 >"$STEPS"
    # A shell of its own, which says of itself that it was killed.
    bash -c 'export KILLED_BEFORE=$1 PATH=$2:$PATH; "${@:3}"; exit' - "${1-}" "$world/bin" \
        "${as[@]}" bash "$root/config/compose/secrets.sh" "$volumes" >"$world/said" 2>&1
}
begin_anew() {
    rm -rf "$volumes"
    mkdir -p "$volumes"/{daemon,database,mme}
}
secret_of() { [ ! -e "$volumes/$1" ] || cat "$volumes/$1"; }
expect_whole() {
    expect_match "the keys" '^1 [0-9a-f]{64}$' "$(cat "$volumes/daemon/keys")"
    expect_match "the password" '^[0-9a-f]{48}$' "$(cat "$volumes/daemon/password")"
    expect_equal "the database's password" "$(cat "$volumes/daemon/password")" "$(cat "$volumes/database/password")"
    expect_equal "the MME's key, which is of its certificate" \
        "$(openssl x509 -in "$volumes/mme/mme.crt" -noout -pubkey)" "$(openssl pkey -in "$volumes/mme/mme.key" -pubout)"
    expect_equal "files" "daemon/keys daemon/password database/password mme/mme.crt mme/mme.key" \
        "$(cd "$volumes" && find . -type f -printf '%P\n' | sort | paste -sd' ')"
    expect_equal "modes" "600 600 600" \
        "$(stat -c %a "$volumes"/daemon/keys "$volumes"/daemon/password "$volumes"/database/password | paste -sd' ')"
    [ "$(id -u)" -ne 0 ] || expect_equal "owners" "868:868 868:868 999:999" \
        "$(stat -c %u:%g "$volumes"/daemon/keys "$volumes"/daemon/password "$volumes"/database/password | paste -sd' ')"
}

check "all is made, each file for its reader, and the next time nothing is"
begin_anew
secrets || fail "the first run: $(cat "$world/said")"
expect_equal "what it says" "secrets: made" "$(cat "$world/said")"
steps=$(cat "$STEPS")
expect_whole
before=$(cd "$volumes" && sha256sum ./*/*)
secrets || fail "the second run: $(cat "$world/said")"
expect_equal "what it says" "secrets: were there" "$(cat "$world/said")"
expect_equal "the files" "$before" "$(cd "$volumes" && sha256sum ./*/*)"

check "killed before each of its $steps steps, the next run makes what is missing, and keeps what is there"
for ((step = 1; step <= steps; ++step)); do
    begin_anew
    ! secrets $step || fail "step $step: expected it to be killed, came '$(cat "$world/said")'"
    keys=$(secret_of daemon/keys)
    password=$(secret_of daemon/password)
    secrets || fail "after step $step: $(cat "$world/said")"
    expect_whole
    [ -z "$keys" ] || expect_equal "keys after step $step" "$keys" "$(secret_of daemon/keys)"
    [ -z "$password" ] || expect_equal "password after step $step" "$password" "$(secret_of daemon/password)"
done

check "a volume that is new beside one that is not has the password that the other one knows"
for lost in daemon/password database/password; do
    password=$(secret_of database/password)
    rm "$volumes/$lost"
    secrets || fail "without $lost: $(cat "$world/said")"
    expect_whole
    expect_equal "$lost" "$password" "$(secret_of $lost)"
done
echo "passed"
