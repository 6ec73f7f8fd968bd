#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# docker-compose.yml as its users run it: the demo, every scenario, one daemon killed while the other serves, a stop that
# says good-bye. Made of the package of a build (BINDHSS_BUILD).
. "$(dirname "$0")/lib.sh"
find_engine
project=bindhss-test-$$
export TAG=test-$$
export PACKAGE=
extra_end() {
    compose down -v >/dev/null 2>&1
    "$engine" volume ls --quiet | grep "^${project}_" | xargs -r "$engine" volume rm --force >/dev/null 2>&1
    "$engine" rmi --force "bindhss:$TAG" "bindhss-emu:$TAG" >/dev/null 2>&1
}
compose() {
    local outcome=0
    (cd "$root" && "${compose[@]}" -p "$project" "$@" 2> >(grep -vE 'level=(error|warning)|^podman |^exit code: 0$|^\[' >&2)) ||
        outcome=$?
    return $outcome
}
# container SERVICE: as the engine knows it, however compose writes names.
container() {
    "$engine" ps --all --quiet --filter "label=com.docker.compose.project=$project" \
        --filter "label=com.docker.compose.service=$1" | head -1
}
demo() { # REPORT [ARGUMENT...]
    local report=$world/$1
    shift
    code=0
    compose run --rm demo "$@" >"$report" 2>&1 || code=$?
    expect_equal "exit code of the demo ($(tail -40 "$report"))" 0 "$code"
    expect_match "end of the demo" "everything came as expected" "$(cat "$report")"
}

check "images of the package of this build, by $engine"
package_for_image
# In the OCI's format, as podman-compose builds it: that keeps no health check, and docker-compose.yml has to have its own.
image_format=oci
build_image "bindhss:$TAG" --build-arg "PACKAGE=$package"
build_image "bindhss-emu:$TAG" --build-arg "PACKAGE=$package" --target emulator
if ! have_image docker.io/library/postgres:15; then
    echo "   postgres:15 cannot be fetched here: Debian's PostgreSQL 15 stands in for it"
    export POSTGRES_IMAGE=bindhss-postgres:test
    build_image "$POSTGRES_IMAGE" --file "$root/tests/containers/postgres.Dockerfile"
fi

check "PostgreSQL and two daemons come up, and are healthy"
compose up -d hss1 hss2 >"$world/up" 2>&1 || fail "compose up: $(tail -20 "$world/up")"
serving() { healthy "$(container "$1")"; }
for hss in hss1 hss2; do
    wait_for 120 serving "$hss" ||
        fail "$hss is not healthy after 120 s: $("$engine" logs "$(container $hss)" 2>&1 | tail -5) $(grep -i error "$world/up" | tail -3)"
done

check "their health checks are those of docker-compose.yml"
for hss in hss1 hss2; do
    expect_match "health check of $hss" "bindhssctl.*status" "$(inspect "$(container $hss)" '{{json .Config.Healthcheck}}')"
done

check "they run as an ordinary user without any capability, on a root that nobody can write"
for hss in hss1 hss2; do
    id=$(container $hss)
    expect_equal "root of $hss" true "$(inspect "$id" '{{.HostConfig.ReadonlyRootfs}}')"
    status=$(cat "/proc/$(inspect "$id" '{{.State.Pid}}')/status")
    expect_match "user of $hss" '^Uid:[[:space:]]+[1-9]' "$status"
    expect_match "capabilities of $hss" '^CapEff:[[:space:]]+0+$' "$status"
    expect_match "what it may gain" '^NoNewPrivs:[[:space:]]+1$' "$status"
done

check "the demo, through both"
demo demo.report
grep -E '^ (ok|FAIL)' "$world/demo.report" | sed 's/^/  /'
check "every scenario, through both"
demo scenarios.report scenarios
grep -c '^ ok' "$world/scenarios.report" | sed 's/$/ steps as expected/; s/^/   /'

check "one daemon is killed: the other serves what the first one stored"
"$engine" kill "$(container hss1)" >/dev/null
gone() { [ "$(inspect "$(container hss1)" '{{.State.Running}}')" = false ]; }
wait_for 20 gone || fail "hss1 was killed, and runs"
demo alone.report demo hss2

check "it comes back"
"$engine" start "$(container hss1)" >/dev/null
wait_for 60 serving hss1 || fail "hss1 is not healthy 60 s after it came back"
demo again.report

check "what stops says good-bye, and ends with 0"
for hss in hss1 hss2; do
    "$engine" stop "$(container $hss)" >/dev/null 2>&1
    expect_equal "exit code of $hss" 0 "$(inspect "$(container $hss)" '{{.State.ExitCode}}')"
done

check "no secret is in what the services said"
for service in secrets postgres hss1 hss2; do
    expect_no_match "log of $service" '465b5ce8b199b49f|000102030405060708' "$("$engine" logs "$(container $service)" 2>&1)"
done

if have_image "$(sed -n 's/.*{PROMETHEUS_IMAGE:-\(.*\)}/\1/p' "$root/docker-compose.yml")"; then
    check "Prometheus reads both"
    compose up -d hss1 hss2 prometheus >"$world/up" 2>&1 || fail "compose up: $(tail -20 "$world/up")"
    scraped() { [ "$(curl -fs 'http://127.0.0.1:9090/api/v1/query?query=up' | grep -o '"1"' | wc -l)" -ge 2 ]; }
    wait_for 90 scraped || fail "Prometheus does not see two daemons"
else
    echo "   the image of Prometheus cannot be fetched here: not run"
fi
echo "passed"
