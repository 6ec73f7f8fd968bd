# SPDX-License-Identifier: Apache-2.0
# Several daemons, hss1, hss2 ..., on one PostgreSQL that is none of theirs. Sourced after lib.sh, not run.
cluster=$world/pg
database_url="host=$cluster user=hss dbname=bindhss"
as_postgres() { if [ "$(id -u)" -eq 0 ]; then setpriv --reuid postgres --regid postgres --clear-groups "$@"; else "$@"; fi; }
pg_start() {
    as_postgres "$postgresql/pg_ctl" -D "$cluster/data" -l "$cluster/log" -w -t 60 \
        -o "-c listen_addresses= -k $cluster ${pg_options:-}" start >/dev/null
}
pg_stop() { as_postgres "$postgresql/pg_ctl" -D "$cluster/data" -m "$1" -w -t 60 stop >/dev/null; }
sql() { "$postgresql/psql" -h "$cluster" -U hss -XAtq -v ON_ERROR_STOP=1 -c "$1" bindhss; }
extra_end() {
    local pid
    for pid in "${hss_pid[@]}"; do kill -9 "$pid" 2>/dev/null; done
    pg_stop immediate 2>/dev/null
    [ "${outcome:-0}" -eq 0 ] || [ ${#hss_log[@]} -eq 0 ] || tail -n 15 "${hss_log[@]}" >&2
}

# database_create: the server and an empty database, and the key file that all daemons have.
database_create() {
    mkdir "$cluster"
    [ "$(id -u)" -ne 0 ] || chown postgres "$cluster"
    cd "$cluster" || exit # the folder that PostgreSQL's programs are started in must be open to them
    as_postgres "$postgresql/initdb" -D "$cluster/data" -U hss -A trust --no-sync >/dev/null
    (umask 077 && echo "1 $(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')" >"$world/keys")
    pg_start
    as_postgres "$postgresql/createdb" -h "$cluster" -U hss bindhss
}

hss_pid=() hss_port=() hss_log=() hss_config=()
hss_identity() { echo "hss$1.$realm"; }

# hss_configure NUMBER [LINE...]: sets hss_config[NUMBER] and the like.
hss_configure() {
    local n=$1
    shift
    hss_port[n]=${hss_port[n]:-$(free_port)}
    hss_log[n]=$world/hss$n.log
    hss_config[n]=$world/hss$n.yaml
    local config=${hss_config[n]} log=${hss_log[n]} state=$world/state$n port=${hss_port[n]}
    write_config "$@" "database: {url: \"${database_url_of_all:-$database_url}\", connections: 6}" "keys: {file: $world/keys}"
    sed -i "s/identity: hss\./identity: hss$n./" "$config"
}
hss_events() { grep -cE "$2" "${hss_log[$1]}" 2>/dev/null || true; }
hss_launch() {
    hss_readies[$1]=$(hss_events "$1" ' ready ')
    "$BINDHSSD" --config "${hss_config[$1]}" >>"$output" 2>&1 &
    hss_pid[$1]=$!
}
hss_readies=()
hss_is_ready() { [ "$(hss_events "$1" ' ready ')" -gt "${hss_readies[$1]:-0}" ]; }
hss_ready_or_ended() { hss_is_ready "$1" || ! alive "${hss_pid[$1]}"; }
hss_start() {
    hss_launch "$1"
    wait_for 90 hss_ready_or_ended "$1" || fail "hss$1: expected it to be ready within 90 s"
    hss_is_ready "$1" || fail "hss$1: expected it to start, came '$(tail -3 "$output")'"
}
# hss_stop NUMBER [SIGNAL]: sets `code` to its exit code.
hss_stop() {
    local pid=${hss_pid[$1]}
    kill "-${2:-TERM}" "$pid"
    hss_ended() { ! alive "$pid"; }
    wait_for 60 hss_ended || fail "hss$1: expected it to end within 60 s of SIG${2:-TERM}"
    unset "hss_pid[$1]"
    code=0
    wait "$pid" 2>/dev/null || code=$?
}
# at NUMBER: the option that leads the emulator there.
at() { echo "--connect 127.0.0.1:${hss_port[$1]}"; }
hss_ctl() { "$BINDHSSCTL" --config "${hss_config[$1]}" "${@:2}"; }
