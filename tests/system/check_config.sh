#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# bindhssd --check-config, and a start with a bad configuration: exit code 1 and one line an error, with file, line and
# key. (What each value may be is tested in tests/unit/config_test.cpp.)
. "$(dirname "$0")/lib.sh"

file=$world/c.yaml
refused() { # LINE... : what standard error has to say of $file; empty lines of the file count
    local code=0 came expected
    expected=$(printf '%s\n' "$@")
    came=$("$BINDHSSD" --check-config --config "$file" 2>&1 >"$world/stdout") || code=$?
    expect_equal "exit code for '$expected'" 1 "$code"
    expect_equal "message" "$expected" "$came"
    expect_equal "standard output" "" "$(cat "$world/stdout")"
    code=0
    came=$(timeout 30 "$BINDHSSD" --config "$file" 2>&1) || code=$?
    expect_equal "exit code of a start" 1 "$code"
    expect_equal "message of a start" "$expected" "$came"
}

check "good files"
for file in config/bindhssd.yaml config/demo/bindhssd.yaml; do
    expect_equal "$file" "$file: the configuration is good" "$("$BINDHSSD" --check-config --config $file)"
done
file=$world/c.yaml
: >"$file"
expect_equal "an empty file: all defaults" "$file: the configuration is good" "$("$BINDHSSD" --check-config -c "$file")"
"$BINDHSSD" --print-config --config config/bindhssd.yaml >"$file"
expect_equal "what --print-config shows" "$file: the configuration is good" "$("$BINDHSSD" --check-config -c "$file")"

check "bad files"
printf 'threads: 2\n\ndiameter:\n  idenity: a.b\n' >"$file"
refused "$file:4: diameter.idenity: is not a known key, did you mean 'identity'?"
printf 'threads: two\n' >"$file"
refused "$file:1: threads: is not a whole number"
printf 'diameter:\n  watchdog: 30\n' >"$file"
refused "$file:2: diameter.watchdog: has no unit: write a duration as 30s, 500ms, 10min or 1h"
printf 'diameter:\n  identity: "a b"\n' >"$file"
refused "$file:2: diameter.identity: is not a name such as mme1.epc.mnc001.mcc001.3gppnetwork.org"
printf 'log:\n  level: info\n  level: debug\n' >"$file"
refused "$file:3: log.level: is given twice"
printf 'threads: 0\nlog:\n  level: loud\n  colour: red\n' >"$file"
refused "$file:1: threads: is outside 1 to 64" \
    "$file:3: log.level: 'loud' is none of debug, info, warning, error" "$file:4: log.colour: is not a known key"
printf 'database:\n  url: postgresql://u:hush@h/d\n' >"$file"
refused "$file:2: database.url: needs keys.file: every daemon on one database uses the same keys"
printf 'state_directory: here\n' >"$file"
refused "$file:1: state_directory: is not an absolute path"

refused_like() { # REGEX of the one line
    local code=0 came
    came=$("$BINDHSSD" --check-config --config "$file" 2>&1) || code=$?
    expect_equal "exit code for '$1'" 1 "$code"
    expect_match "message" "$1" "$came"
    expect_equal "lines of '$came'" 1 "$(wc -l <<<"$came")"
}
printf 'diameter: [1\n' >"$file"
refused_like "^$file:[0-9]+: is not YAML: "
printf 'threads: 2\n---\nthreads: 3\n' >"$file"
refused_like "^$file: holds more than one document"
head -c 4096 /dev/urandom | tr -d '\0-\37' >"$file"
refused_like "^$file"
printf '\0\1\2\377' >"$file"
refused_like "^$file"
file=$world/absent.yaml
refused_like "^$file: .*No such file"
file=$world
refused_like "^$file: .*[Dd]irectory"
if [ "$(id -u)" -ne 0 ]; then
    file=$world/closed.yaml
    : >"$file"
    chmod 0 "$file"
    refused_like "^$file: .*Permission denied"
fi

check "wrong arguments are exit code 2"
for arguments in "--nonsense" "--config" "stray"; do
    code=0
    # shellcheck disable=SC2086
    "$BINDHSSD" $arguments >/dev/null 2>&1 || code=$?
    expect_equal "exit code of bindhssd $arguments" 2 "$code"
done
echo "passed"
