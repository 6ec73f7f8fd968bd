# SPDX-License-Identifier: Apache-2.0
# What the tests of images and of docker-compose.yml share: the engine, whichever there is, and the images. Sourced, not run.
# CONTAINER_BUILD_OPTIONS: further options for the engine's build, where a machine needs some.
. "$(dirname "${BASH_SOURCE[0]}")/../packaging/lib.sh"

# Sets `engine` (docker, podman) and `compose` (a command with its first words).
find_engine() {
    local candidate
    engine=
    for candidate in docker podman; do
        if [ -z "$engine" ] && "$candidate" info >/dev/null 2>&1; then engine=$candidate; fi
    done
    [ -n "$engine" ] || die "needs docker or podman, and the right to use it"
    if [ "$engine" = docker ] && docker compose version >/dev/null 2>&1; then
        compose=(docker compose)
    elif [ "$engine" = docker ] && command -v docker-compose >/dev/null; then
        compose=(docker-compose)
    elif command -v podman-compose >/dev/null; then
        compose=(podman-compose)
    else
        die "needs docker compose or podman-compose"
    fi
}

# engine ARGUMENTS...: without the complaints of a podman whose machine has no systemd to run health checks by.
engine() {
    local outcome=0
    "$engine" "$@" 2> >(grep -vE 'level=(error|warning).*(systemd|healthcheck)' >&2) || outcome=$?
    return $outcome
}

image_format=docker # by Podman: the OCI's own format knows no health check
# build_image NAME [OPTION...]: from the package of this build, compiling nothing.
build_image() {
    local name=$1 options=()
    shift
    [ "$engine" = docker ] || options+=(--format "$image_format")
    # shellcheck disable=SC2206 # a list
    options+=(${CONTAINER_BUILD_OPTIONS:-})
    engine build "${options[@]}" --tag "$name" "$@" "$root" >"$world/build.output" 2>&1 ||
        fail "building $name: $(tail -15 "$world/build.output")"
}

# package_for_image: puts the package of this build where the Dockerfile may take it; sets `package`.
package_for_image() {
    make_package
    mkdir -p "$root/build/image"
    package=build/image/$(basename "$deb")
    cp "$deb" "$root/$package"
}

# have_image NAME: it is here, or can be fetched.
have_image() { "$engine" image inspect "$1" >/dev/null 2>&1 || timeout 120 "$engine" pull --quiet "$1" >/dev/null 2>&1; }

# inspect CONTAINER FORMAT
inspect() { "$engine" inspect --format "$2" "$1" 2>/dev/null; }

# healthy CONTAINER: a daemon, by its own health check. Podman runs that only where systemd does, and podman-compose 1.0 has it run
# by a shell, which the image has not: so what it runs is run.
healthy() {
    if [ "$engine" = podman ]; then
        podman exec "$1" /usr/bin/bindhssctl status >/dev/null 2>&1
    else
        [ "$(inspect "$1" '{{.State.Health.Status}}')" = healthy ]
    fi
}
