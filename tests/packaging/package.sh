#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Packs the programs of a build (BINDHSS_BUILD), looks at the package, and has installed.sh install it in a copy of this
# machine that is thrown away. Compiles nothing.
. "$(dirname "$0")/lib.sh"
need_tools dpkg-parsechangelog lintian logrotate man systemd-analyze

check "cpack makes one package of what was built"
make_package
mkdir "$world/tree" "$world/control"
dpkg-deb -x "$deb" "$world/tree"
dpkg-deb -e "$deb" "$world/control"
tree=$world/tree

check "it says what it needs"
field() { dpkg-deb -f "$deb" "$1"; }
expect_equal "Version" "$(dpkg-parsechangelog -l packaging/debian/changelog -S Version)" "$(field Version)"
expect_equal "Maintainer" "$(dpkg-parsechangelog -l packaging/debian/changelog -S Maintainer)" "$(field Maintainer)"
for needed in adduser freediameter-extensions libfdcore6 libpqxx-6.4 libpq5 libssl3 libsystemd0 libyaml-cpp0.7; do
    expect_match "Depends" "(^|, )$needed( |,|\$)" "$(field Depends)"
done
expect_equal "Recommends" postgresql-15 "$(field Recommends)"
expect_equal "conffiles" "/etc/bindhss/bindhssd.yaml /etc/logrotate.d/bindhss" "$(paste -sd' ' "$world/control/conffiles")"

check "the configuration is nobody else's, the programs carry no debug information, and no path of the build is in it"
listing=$(dpkg-deb -c "$deb")
expect_match "configuration" "^-rw-r----- root/root .* \./etc/bindhss/bindhssd.yaml$" "$listing"
expect_match "its folder" "^drwxr-x--- root/root .* \./etc/bindhss/$" "$listing"
expect_equal "files of others than root" "" "$(grep -vE '^[^ ]+ root/root ' <<<"$listing")"
for program in bindhssd bindhssctl bindhss-emu bindhss-dict; do
    expect_match "$program" ", stripped$" "$(file "$tree/usr/bin/$program")"
done
expect_match "unit" "^ExecStart=/usr/bin/bindhssd " "$(cat "$tree/usr/lib/systemd/system/bindhssd.service")"
expect_equal "files with a path of the build" "" "$(grep -rlF "$build_folder" "$tree/etc" "$tree/usr/share" "$tree/usr/lib")"

check "the unit is exposed to little, by systemd's own judgement"
systemd-analyze security --offline=true "$tree/usr/lib/systemd/system/bindhssd.service" >"$world/exposure" 2>&1 ||
    fail "systemd-analyze: $(tail -3 "$world/exposure")"
exposure=$(sed -n 's/.*Overall exposure level for bindhssd.service: \([0-9]*\)\.\([0-9]\) .*/\1\2/p' "$world/exposure")
tail -1 "$world/exposure" | sed 's/^[^A-Za-z]*/   /'
expect_most "exposure, in tenths" 15 "$exposure"

check "lintian finds nothing that is not overridden"
lintian_options=(--fail-on "error,warning" --tag-display-limit 0)
[ "$(id -u)" -ne 0 ] || lintian_options+=(--allow-root)
lintian "${lintian_options[@]}" "$deb" >"$world/lintian" 2>&1 || fail "lintian: $(cat "$world/lintian")"

check "each option that a program knows is in its manual page, each key of the configuration in bindhssd.yaml(5)"
shown() { MANWIDTH=400 man --warnings -P cat -l "$tree/usr/share/man/man${1##*.}/$1.gz" 2>"$world/roff" | col -b; }
for page in bindhssd.8 bindhssctl.1 bindhss-emu.1 bindhss-dict.1 bindhssd.yaml.5; do
    shown "$page" >"$world/$page"
    expect_equal "complaints of roff about $page" "" "$(cat "$world/roff")"
    expect_no_match "$page" '@[A-Z]+@' "$(cat "$world/$page")"
done
in_page() { # PAGE TEXT
    grep -qF -- "$2" "$world/$1" || fail "$1: expected '$2' in it"
}
for option in --config --check-config --print-config; do in_page bindhssd.8 "$option"; done
in_page bindhssctl.1 "device add, device set"
while read -r option; do in_page bindhssctl.1 "$option"; done < <(
    for command in "" "subscriber add" "terms set" "device-key import" "kme export"; do
        # shellcheck disable=SC2086
        "$tree/usr/bin/bindhssctl" $command --help
    done | grep -oE '^ +(-h,)?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u)
in_page bindhss-emu.1 "--authenticate-all"
expect_equal "keys in bindhssd.yaml(5)" "$(grep -cE '^ *[a-z_0-9]+:' "$root/config/bindhssd.yaml")" \
    "$(zcat "$tree/usr/share/man/man5/bindhssd.yaml.5.gz" |
        grep -cE '^(\\fB[a-z_0-9.\\-]+\\fR: |\.SS [a-z_0-9.\\-]+$)')"

check "bash completes commands, options and files of bindhssctl"
touch "$world/k.hex"
complete_line() { # WORDS..., of which the last one is being typed
    (cd "$world" && bash -c '. "$1"; shift; COMP_WORDS=(bindhssctl "$@"); COMP_CWORD=$#; _bindhssctl
        printf "%s\n" "${COMPREPLY[@]}"' - "$tree/usr/share/bash-completion/completions/bindhssctl" "$@" | paste -sd' ')
}
expect_equal "completion of 'dev'" "device device-key" "$(complete_line dev)"
expect_equal "completion of 'subscriber l'" "list locate" "$(complete_line --limit 5 subscriber l)"
expect_equal "completion of 'device set --g'" "--group" "$(complete_line device set --g)"
expect_equal "completion of a file" "k.hex" "$(complete_line subscriber add 001010000000001 --k-file k.h)"
expect_equal "completion of the file of a command" "k.hex" "$(complete_line device-key import k.)"

# The next version, whose configuration was changed.
dpkg-deb -R "$deb" "$world/next"
sed -i 's/^Version: .*/&+next/' "$world/next/DEBIAN/control"
sed -i '1i # The next version.' "$world/next/etc/bindhss/bindhssd.yaml"
dpkg-deb --root-owner-group -b "$world/next" "$world/next.deb" >/dev/null

make_mount_point
"${as_root[@]}" unshare --mount --pid --net --fork --kill-child --mount-proc \
    bash "$root/tests/packaging/installed.sh" "$mount_point" "$deb" "$world/next.deb"
echo "passed"
