#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The unit under systemd, in a copy of this machine that boots nothing else: does all that it forbids leave the daemon and its
# PostgreSQL what they need? Neither this machine's systemd nor its network take part. service_inside.sh has the checks.
. "$(dirname "$0")/lib.sh"
need_tools systemctl
make_package
make_mount_point
mkdir "$world/result"
cp "$deb" "$world/result/bindhss.deb"

"${as_root[@]}" unshare --mount --fork --kill-child=TERM bash "$root/tests/packaging/boot.sh" "$mount_point" "$world/result" \
    >"$world/booted" 2>&1 &
background+=($!)
ended() { ! alive "${background[0]}"; }
wait_for 300 ended || fail "expected the checks to end within 300 s: $(tail -30 "$world/booted" "$world/result/said")"
[ -e "$world/result/code" ] || fail "systemd does not boot: $(tail -5 "$world/booted")"
cat "$world/result/said"
expect_equal "exit code of the checks" 0 "$(cat "$world/result/code")"
echo "passed"
