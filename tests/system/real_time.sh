#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# real_time_priority: what serves Authentication-Informations has it and nothing else does; where it is refused, the log
# says why, and everything is served.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/several.sh"

pg_port=$(free_port)
export PGPORT=$pg_port # of the server and of its clients
pg_options="-c listen_addresses=127.0.0.1"
database_create

# at HOST PRIORITY: the configuration.
at() {
    write_config "database: {url: \"host=$1 port=$pg_port user=hss dbname=bindhss\", batch_connections: 2}" \
        "keys: {file: $world/keys}" "threads: 3" "real_time_priority: $2"
}
# The real-time priority of each thread of a process (0: none) and how many have it, as "priority x number".
priorities() { awk '{ sub(/.*\) /, ""); print $38 }' /proc/"$1"/task/*/stat | sort -n | uniq -c | awk '{ printf "%s%dx%d", n++ ? " " : "", $2, $1 }'; }
# The database's processes behind the daemon's connections, those for vectors (LIKE) or the other ones (NOT LIKE).
backends() { sql "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'bindhssd%' AND query $1 'UPDATE auc AS a SET seq%'"; }
serves() {
    load "$1" --attach --duration 1s
    expect_equal "exit code of the load ($(cat "$world/$1"))" 0 "$code"
}
of_backends() { for process in $(backends "$1"); do priorities "$process"; echo; done | sort | uniq -c | awk '{ print $2 " of " $1 }'; }

check "without it nothing has a real-time priority"
at "$cluster" 0
daemon_start
make_fleet
serves ordinary
expect_match "threads of the daemon" "^0x[0-9]+$" "$(priorities "$daemon")"
expect_equal "the database's processes for vectors" "0x1 of 2" "$(of_backends LIKE)"
expect_equal "events real_time_refused" 0 "$(events real_time_refused)"
daemon_stop

if chrt --rr 7 true 2>/dev/null; then
    check "the threads of peers and of vectors have it, and their processes in the database; nothing else does"
    at "$cluster" 7
    daemon_start
    serves first
    expect_match "threads of the daemon" "^0x[0-9]+ 7x5$" "$(priorities "$daemon")"
    expect_equal "the database's processes for vectors" "7x1 of 2" "$(of_backends LIKE)"
    expect_match "the other ones" "^0x1 of [0-9]+$" "$(of_backends "NOT LIKE")"
    expect_equal "events real_time_refused" 0 "$(events real_time_refused)"

    check "a connection that comes back has it again"
    for process in $(backends LIKE); do kill -TERM "$process"; done
    again() { [ "$(backends LIKE | wc -l)" -eq 2 ]; }
    reached() { load reached --attach --duration 1s --tolerate-errors && again; }
    wait_for 30 reached || fail "the database's processes for vectors: expected two again"
    expect_equal "the database's processes for vectors" "7x1 of 2" "$(of_backends LIKE)"
    daemon_stop
    expect_equal "exit code" 0 "$code"

    check "a database behind TCP is served without it, and so the log says"
    refused=$(events real_time_refused)
    at 127.0.0.1 7
    daemon_start
    serves over_tcp
    expect_match "threads of the daemon" "^0x[0-9]+ 7x5$" "$(priorities "$daemon")"
    expect_equal "the database's processes for vectors" "0x1 of 2" "$(of_backends LIKE)"
    expect_equal "events real_time_refused" 2 $(($(events real_time_refused) - refused))
    expect_match "the reason" "the database is not reached by a Unix socket of this machine" "$(grep real_time_refused "$log" | tail -1)"
    daemon_stop

    check "nor does a process get it that another one stands before"
    python3 - "$world/.s.PGSQL.$pg_port" "$cluster/.s.PGSQL.$pg_port" <<'P' 2>"$world/relay.output" &
import socketserver, socket, sys, threading
def pass_on(source, sink):
    while octets := source.recv(65536):
        sink.sendall(octets)
    sink.shutdown(socket.SHUT_WR)
class Relay(socketserver.BaseRequestHandler):
    def handle(self):
        with socket.socket(socket.AF_UNIX) as database:
            database.connect(sys.argv[2])
            threading.Thread(target=pass_on, args=(self.request, database), daemon=True).start()
            pass_on(database, self.request)
class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
Server(sys.argv[1], Relay).serve_forever()
P
    background+=($!)
    relays() { [ -S "$world/.s.PGSQL.$pg_port" ]; }
    wait_for 10 relays || fail "the relay: expected it to listen"
    refused=$(events real_time_refused)
    at "$world" 7
    daemon_start
    serves through_relay
    expect_equal "the database's processes for vectors" "0x1 of 2" "$(of_backends LIKE)"
    expect_equal "events real_time_refused" 2 $(($(events real_time_refused) - refused))
    expect_match "the reason" "the database's process cannot be seen from here" "$(grep real_time_refused "$log" | tail -1)"
    daemon_stop
else
    echo "   this machine grants nobody a real-time priority: what happens where it is granted is not tested here"
fi

check "where it is not permitted, the log says so for each, and everything is served"
refused=$(events real_time_refused)
at "$cluster" 7
real=$BINDHSSD
printf '#!/bin/bash\nulimit -r 0\n[ "$(id -u)" -ne 0 ] || exec setpriv --bounding-set -sys_nice --inh-caps -sys_nice %q "$@"\nexec %q "$@"\n' \
    "$real" "$real" >"$world/unprivileged"
chmod +x "$world/unprivileged"
BINDHSSD=$world/unprivileged
daemon_start
serves refused
expect_match "threads of the daemon" "^0x[0-9]+$" "$(priorities "$daemon")"
expect_equal "events real_time_refused" 5 $(($(events real_time_refused) - refused))
expect_match "the reason" "reason=.*a thread of (peers|the store): Operation not permitted" "$(grep real_time_refused "$log" | tail -1)"
daemon_stop
expect_equal "exit code" 0 "$code"
