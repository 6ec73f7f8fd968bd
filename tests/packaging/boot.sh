#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Run by service.sh, as root in a mount namespace of its own: boot.sh MOUNT_POINT RESULT. Boots systemd in a copy of this
# machine, with nothing to do but to run service_inside.sh, whose output and exit code it leaves in RESULT.
if [ "${3-}" != namespaces ]; then
    # A cgroup of its own, so that systemd rules over nothing else.
    set -e
    hierarchy=$2/cgroup
    mkdir "$hierarchy"
    mount -t cgroup2 cgroup2 "$hierarchy"
    cgroup=$hierarchy$(sed -n 's/^0:://p' /proc/self/cgroup)/bindhss-test.$$
    mkdir "$cgroup"
    # From a process that ends: this one stays outside, to tidy up.
    (
        echo "$BASHPID" >"$cgroup/cgroup.procs"
        exec unshare --mount --pid --net --ipc --uts --cgroup --fork --kill-child --mount-proc \
            bash "$0" "$1" "$2" namespaces
    ) &
    child=$!
    tidy_up() {
        set +e
        kill -9 "$child" 2>/dev/null
        wait "$child" 2>/dev/null
        for _ in {1..50}; do
            find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null && break
            sleep 0.1
        done
    }
    trap tidy_up EXIT
    trap 'exit 143' TERM INT
    while kill -0 "$child" 2>/dev/null && [ ! -e "$2/code" ]; do sleep 0.2; done
    exit 0
fi

. "$(dirname "$0")/lib.sh"
trap 'rm -rf "$world"' EXIT
copy_machine "$1"
rm -rf "$world"
# The kernel is this machine's: nothing that boots may set it up.
mount -t sysfs -o ro sysfs "$all/sys"
mount --bind "$all/proc/sys" "$all/proc/sys"
mount -o remount,bind,ro "$all/proc/sys"
rm -rf "${all:?}"/usr/lib/systemd/system/*.wants "${all:?}"/usr/lib/systemd/system-generators "${all:?}"/etc/systemd/system/*
mount -t cgroup2 cgroup2 "$all/sys/fs/cgroup"
mkdir "$all/result" "$all/before"
mount --bind "$2" "$all/result"
# PrivateTmp would have it mount an empty /tmp.
ln -s /dev/null "$all/etc/systemd/system/tmp.mount"
cat >"$all/etc/systemd/system/test.target" <<'UNIT'
[Unit]
DefaultDependencies=no
Wants=systemd-journald.service test.service
UNIT
cat >"$all/etc/systemd/system/test.service" <<UNIT
[Unit]
DefaultDependencies=no
After=systemd-journald.service
[Service]
Type=oneshot
ExecStart=/bin/bash $root/tests/packaging/service_inside.sh
ExecStopPost=/bin/sh -c 'echo \$EXIT_STATUS >/result/code'
StandardOutput=append:/result/said
StandardError=append:/result/said
UNIT
cd "$all"
pivot_root . before
umount -l before
exec env -i container=bindhss-test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system --unit=test.target \
    --log-target=journal --show-status=no
