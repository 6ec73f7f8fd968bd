# SPDX-License-Identifier: Apache-2.0
# What the scripts share: where things are, what must be installed, how to build. Sourced, not run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD

packages_build="g++ cmake ninja-build pkg-config libfreediameter-dev freediameter-extensions libboost1.81-dev
    libboost-json1.81-dev libpqxx-dev libpq-dev libspdlog-dev libfmt-dev libyaml-cpp-dev libcli11-dev libssl-dev
    libsystemd-dev libjemalloc-dev prometheus-cpp-dev python3-minimal"
packages_run="postgresql-15"
packages_test="catch2 curl freediameterd jq openssl procps prometheus python3 tshark"
packages_package="dpkg-dev file gzip"
packages_package_test="adduser bsdextrautils iproute2 lintian logrotate man-db postgresql-client-15 systemd"
packages_check="clang-format-14 python3-minimal"
packages_ha="curl etcd-server jq patroni postgresql-client-15 python3-etcd"
packages_tidy="clang-tidy-14 clang-14"
packages_fuzz="clang-14 libclang-rt-14-dev"
packages_bench="libgcrypt20-dev"

die() {
    echo "$(basename "$0"): $*" >&2
    exit 1
}

# Says what is going on, apart from the output of programs.
say() { echo "== $*"; }

# Installs what is missing of the packages named; touches no network when nothing is.
need() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || die "needs the packages ${missing[*]}: install them, or run this as root"
        as_root=(sudo)
    fi
    say "installing ${missing[*]}"
    local log
    log=$(mktemp)
    if ! { "${as_root[@]}" apt-get update -qq &&
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
            "${missing[@]}"; } >"$log" 2>&1; then
        tail -5 "$log" >&2
        rm -f "$log"
        die "cannot install ${missing[*]}: is this Debian 12, and is its package server reachable?"
    fi
    rm -f "$log"
}

# build FOLDER [cmake arguments...] -- [targets...]: configures once and builds; prints the log only when it fails.
build() {
    local folder=$1 arguments=() log
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do arguments+=("$1"); shift; done
    [ $# -gt 0 ] && shift
    mkdir -p "$folder"
    log=$folder/build.log
    if ! { cmake -S "$root" -B "$folder" -G Ninja "${arguments[@]}" && ninja -C "$folder" "$@"; } >"$log" 2>&1; then
        grep -E "error|FAILED|CMake Error|ld:" -A 6 "$log" | tail -60 >&2
        die "the build failed; all of its output is in $log"
    fi
}

# free_port: a TCP port of the loopback interface that nobody uses now.
free_port() {
    local port
    for port in $(shuf -i 20000-29999 -n 50); do
        if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
    die "found no free TCP port between 20000 and 29999"
}

# wait_for SECONDS COMMAND...: until the command succeeds; fails when it has not in time.
wait_for() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@" 2>/dev/null; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.1
    done
}

# --- measuring ---

# family PID: the process and all its descendants.
family() {
    { cat /proc/[0-9]*/stat 2>/dev/null || true; } | sed 's/(.*)/-/' | awk -v of="$1" '
        { parent[$1] = $4 }
        END { for (process in parent) {
                  for (p = process; p > 1 && p != of; p = parent[p]) {}
                  if (p == of && process != of) print process } }' | { echo "$1"; cat; }
}

# cpu_of PID...: seconds of CPU used so far.
cpu_of() {
    local process
    for process in "$@"; do sed 's/.*) //' "/proc/$process/stat" 2>/dev/null || true; done |
        awk -v tick="$(getconf CLK_TCK)" '{ sum += $12 + $13 } END { printf "%.2f", sum / tick }'
}
