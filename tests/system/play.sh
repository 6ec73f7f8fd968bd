# SPDX-License-Identifier: Apache-2.0
# Plays scenarios one after the other; each brings its own subscribers. Sourced, not run; needs `config` and `world`.

# play ADDRESS FILE...: all of them, and fails when one did not go as expected.
play() {
    local address=$1 file failed=()
    shift
    for file in "$@"; do
        echo "-- $(basename "$file" .yaml)"
        "$BINDHSS_EMU" run "$file" --connect "$address" --connect-timeout 30s --ctl "$BINDHSSCTL --config $config" \
            --colour never >"$world/played" 2>&1 || failed+=("$(basename "$file" .yaml)")
        if grep -qE '^ FAIL|^bindhss-emu:' "$world/played"; then cat "$world/played"; fi
        echo "   $(sed -n '/ expected  *came/,$p' "$world/played" | grep -c '^ ok') steps as expected"
    done
    [ ${#failed[@]} -eq 0 ] || {
        echo "FAILED: not as expected: ${failed[*]}" >&2
        exit 1
    }
}
