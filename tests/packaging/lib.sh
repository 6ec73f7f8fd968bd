# SPDX-License-Identifier: Apache-2.0
# What the tests of the Debian package share: the package, and a copy of this machine. Sourced, not run.
. "$(dirname "${BASH_SOURCE[0]}")/../system/lib.sh"

# need_tools TOOL...: and the right to install packages, which sets as_root.
as_root=()
need_tools() {
    local tool
    if [ "$(id -u)" -ne 0 ]; then
        sudo -n true 2>/dev/null || die "installs a package: run it as root, or with a sudo that asks for no password"
        as_root=(sudo -n)
    fi
    for tool in cpack dpkg-deb dpkg-shlibdeps file gzip ip unshare "$@"; do
        PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null ||
            die "needs $tool: install packages_package and packages_package_test of scripts/lib.sh, as scripts/test does"
    done
    "${as_root[@]}" unshare --mount --pid --net --fork true 2>/dev/null ||
        die "cannot make namespaces: run it on a machine of its own, or in a container that is privileged"
}

# make_package: of the programs of BINDHSS_BUILD, compiling nothing; sets `deb`, and `build_folder`.
make_package() {
    build_folder=${BINDHSS_BUILD:-$root/build/test}
    cpack -G DEB --config "$build_folder/CPackConfig.cmake" -B "$world/out" >"$output" 2>&1 ||
        fail "cpack: $(tail -5 "$output")"
    local packages
    mapfile -t packages < <(find "$world/out" -maxdepth 1 -name '*.deb')
    expect_equal "packages" 1 ${#packages[@]}
    deb=${packages[0]}
}

# make_mount_point: outside of $world, because what is mounted on it is gone with the namespace, and nobody may delete
# into it.
make_mount_point() {
    mount_point=$(mktemp -d /tmp/bindhss-root.XXXXXX)
    extra_end() { rmdir "$mount_point"; }
}

# copy_machine MOUNT_POINT: mounts there, as `all`, a copy of this machine whose changes are kept in memory, with this tree
# in it, and without whatever the machine has of BindHSS. Only in a mount namespace of its own.
copy_machine() {
    local folder device
    mount_point=$1
    all=$mount_point/all
    for folder in /usr /var /etc; do
        ! mountpoint -q "$folder" || die "$folder is a file system of its own, which a copy of / does not have"
    done
    mount_copy || die "cannot mount an overlay over /: run it on a machine of its own, or in a container that is privileged"
    mount -t proc proc "$all/proc"
    for folder in dev run; do mount -t tmpfs "$folder" "$all/$folder"; done
    mkdir -m 1777 "$all/dev/shm"
    mkdir "$all/dev/pts"
    mount -t devpts -o newinstance,ptmxmode=666 devpts "$all/dev/pts"
    ln -s pts/ptmx "$all/dev/ptmx"
    for device in null zero full random urandom tty; do
        touch "$all/dev/$device"
        mount --bind "/dev/$device" "$all/dev/$device"
    done
    mkdir -p "$all$root"
    mount --bind -o ro "$root" "$all$root"
    ip link set lo up
    forget_own >"$output" 2>&1
}
mount_copy() {
    mount -t tmpfs changes "$mount_point" &&
        mkdir "$all" "$mount_point/changes" "$mount_point/work" "$mount_point"/changes/{etc,usr,var} &&
        mount -t overlay -o "lowerdir=/,upperdir=$mount_point/changes,workdir=$mount_point/work" copy "$all"
}
forget_own() {
    # It keeps packages from starting and stopping services, where images are built.
    rm -f "$all/usr/sbin/policy-rc.d"
    ! inside dpkg-query -W bindhss >/dev/null 2>&1 || inside dpkg --purge bindhss
    ! inside getent passwd bindhss >/dev/null || inside userdel bindhss
    (cd "$all" && rm -rf etc/bindhss var/lib/bindhss var/log/bindhss)
}
inside() {
    chroot "$all" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}
