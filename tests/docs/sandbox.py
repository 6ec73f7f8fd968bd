# SPDX-License-Identifier: Apache-2.0
"""A machine for one guide: a daemon with its own PostgreSQL, folders and ports, and the programs that guides call."""
import os
import pathlib
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time

# What guides say, and where it is here.
FOLDERS = {"/etc/bindhss": "etc", "/var/lib/bindhss": "state", "/run/bindhss": "run", "/var/log/bindhss": "log"}
PORTS = {"3868": "port", "9464": "metrics_port"}

CONFIGURATION = """\
diameter:
  identity: hss.epc.mnc001.mcc001.3gppnetwork.org
  realm: epc.mnc001.mcc001.3gppnetwork.org
  listen: ["127.0.0.1:{port}"]
  peers:
    - {{identity: "*", transport: tcp, addresses: ["127.0.0.1"]}}
"""
# Behind whatever configuration a guide has.
PLACES = """\
state_directory: {world}/state
log: {{file: {world}/log/bindhssd.log}}
metrics: {{listen: ["127.0.0.1:{metrics_port}"]}}
"""

PROGRAMS = {
    # Guides name no configuration: it is where the package puts it.
    "bindhssctl": 'exec "$BINDHSSCTL" --config "$world/etc/bindhssd.yaml" "$@"',
    "bindhssd": 'case " $* " in *" --config "*) exec "$BINDHSSD" "$@" ;; esac\n'
                'exec "$BINDHSSD" --config "$world/etc/bindhssd.yaml" "$@"',
    "bindhss-emu": 'exec "$BINDHSS_EMU" "$@"',
    "sudo": 'if [ "$1" = -u ]; then shift 2; fi\nexec "$@"',
    "journalctl": 'cat "$world/log/bindhssd.log"',
    # As the unit of the package does, and no more.
    "systemctl": """
while [ "${1#-}" != "$1" ]; do shift; done
act=$1
readies() { cat "$world/log/bindhssd.log" 2>/dev/null | grep -c ' ready '; }
running() { [ -s "$world/pid" ] && kill -0 "$(cat "$world/pid")" 2>/dev/null; }
stop() { ! running || { kill "$(cat "$world/pid")"; for _ in $(seq 600); do running || return 0; sleep 0.1; done; exit 1; }; }
start() {
    running && return
    before=$(readies)
    setsid "$world/bin/bindhssd" </dev/null >>"$world/log/output" 2>&1 &
    echo $! >"$world/pid"
    for _ in $(seq 900); do
        [ "$(readies)" = "$before" ] || return 0
        running || break
        sleep 0.1
    done
    echo "bindhssd did not start: $(tail -n 2 "$world/log/output" "$world/log/bindhssd.log")" >&2
    exit 1
}
case "$act" in
start | enable) start ;;
stop) stop ;;
restart) stop; start ;;
reload) kill -HUP "$(cat "$world/pid")" ;;
is-active) running && echo active ;;
*) echo "systemctl: $act is not known here" >&2; exit 2 ;;
esac""",
}


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Sandbox:
    def __init__(self, root):
        self.world = pathlib.Path(tempfile.mkdtemp(prefix="bindhss-docs.", dir="/tmp"))
        self.world.chmod(0o711)  # started as root, PostgreSQL runs as a user of its own
        for folder in ("bin", "work", *FOLDERS.values()):
            (self.world / folder).mkdir()
        self.values = {"world": str(self.world), "root": str(root), "port": str(free_port()),
                       "metrics_port": str(free_port()), "other_port": str(free_port())}
        for name, text in PROGRAMS.items():
            program = self.world / "bin" / name
            program.write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
            program.chmod(program.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        self.write(f"{self.world}/etc/bindhssd.yaml", CONFIGURATION.format(**self.values))
        os.symlink(pathlib.Path(root) / "config", self.world / "work/config")
        self.shell = None

    def environment(self):
        build = self.values["root"] + "/build/test/"
        here = dict(os.environ)
        here.setdefault("BINDHSSD", build + "daemon/bindhssd")
        here.setdefault("BINDHSSCTL", build + "tools/ctl/bindhssctl")
        here.setdefault("BINDHSS_EMU", build + "tools/emu/bindhss-emu")
        here.update(self.values, PATH=f"{self.world}/bin:{here['PATH']}", LC_ALL="C.UTF-8", COLUMNS="200")
        return here

    def begin(self, start_daemon):
        # Its standard input carries what is to be run, its standard output that it has been run.
        self.shell = subprocess.Popen(["bash", "--noprofile", "--norc"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                      cwd=self.world / "work", env=self.environment(), encoding="utf-8",
                                      start_new_session=True)
        self.shell.stdin.write("set -o pipefail\n")
        if start_daemon:
            code, output = self.run("systemctl start bindhssd")
            if code != 0:
                raise RuntimeError(output)

    def run(self, text, seconds=90):
        """Exit code and what was printed. Variables and the folder live on to the next command."""
        script, output = self.world / "command", self.world / "output"
        script.write_text(text + "\n", encoding="utf-8")
        self.shell.stdin.write(f'. "{script}" >"{output}" 2>&1 </dev/null; echo "$?"\n')
        self.shell.stdin.flush()
        timer = signal.signal(signal.SIGALRM, self._too_long)
        signal.alarm(seconds)
        try:
            answer = self.shell.stdout.readline()
        finally:
            signal.alarm(0)
            signal.signal(signal.SIGALRM, timer)
        printed = output.read_text(encoding="utf-8", errors="replace")
        if not answer:
            raise RuntimeError(f"the command ended the shell: {printed}")
        return int(answer), printed

    @staticmethod
    def _too_long(_signal, _frame):
        raise RuntimeError("the command takes too long")

    def write(self, path, text):
        target = pathlib.Path(path) if path.startswith("/") else self.world / "work" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if target == self.world / "etc/bindhssd.yaml":
            text += PLACES.format(**self.values)
        target.write_text(text, encoding="utf-8")

    def log(self):
        lines = []
        for name in ("bindhssd.log", "output"):
            path = self.world / "log" / name
            if path.exists():
                lines += path.read_text(encoding="utf-8", errors="replace").splitlines()[-15:]
        return lines

    def end(self):
        pid = self.world / "pid"
        if pid.exists():
            self._end_daemon(int(pid.read_text(encoding="utf-8")))
        if self.shell is not None:
            os.killpg(self.shell.pid, signal.SIGKILL)
            self.shell.wait()
        shutil.rmtree(self.world, ignore_errors=True)

    @staticmethod
    def _end_daemon(pid):
        for number, seconds in ((signal.SIGTERM, 60), (signal.SIGKILL, 5)):
            try:
                os.kill(pid, number)
                deadline = time.monotonic() + seconds
                while time.monotonic() < deadline:
                    os.kill(pid, 0)
                    time.sleep(0.1)
            except ProcessLookupError:
                return
