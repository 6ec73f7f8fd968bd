#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The daemon's image: small, for nobody but an ordinary user, with nothing in it to run but bindhssd and bindhssctl. Made of
# the package of a build (BINDHSS_BUILD).
. "$(dirname "$0")/lib.sh"
find_engine
image=bindhss:test-$$
extra_end() { "$engine" rmi --force "$image" >/dev/null 2>&1; }

check "an image of the package of this build, by $engine"
package_for_image
build_image "$image" --build-arg "PACKAGE=$package" --build-arg REVISION=0123abc

check "below 150 MB"
size=$("$engine" image inspect --format '{{.Size}}' "$image")
echo "   $((size / 1000000)) MB"
expect_most "octets of the image" 149999999 "$size"

check "labels, user, signal and health check are on record"
of_image() { "$engine" image inspect --format "$1" "$image"; }
expect_equal "user" 868:868 "$(of_image '{{.Config.User}}')"
expect_equal "signal" SIGTERM "$(of_image '{{.Config.StopSignal}}')"
expect_match "entry point" bindhssd "$(of_image '{{.Config.Entrypoint}}')"
expect_match "health check" bindhssctl "$(of_image '{{json .Config.Healthcheck}}{{json .HealthCheck}}' 2>/dev/null ||
    of_image '{{json .Config.Healthcheck}}')"
expect_match "volume" /var/lib/bindhss "$(of_image '{{json .Config.Volumes}}')"
for label in title description licenses version revision; do
    expect_match "label $label" . "$(of_image "{{index .Config.Labels \"org.opencontainers.image.$label\"}}")"
done
expect_equal "revision" 0123abc "$(of_image '{{index .Config.Labels "org.opencontainers.image.revision"}}')"
expect_equal "version" "$(dpkg-deb -f "$deb" Version | sed 's/-.*//')" \
    "$(of_image '{{index .Config.Labels "org.opencontainers.image.version"}}')"

check "no shell, no set-user-ID, nothing that others could write, no secret"
container=$(engine create "$image")
"$engine" export --output "$world/image.tar" "$container"
tar -tvf "$world/image.tar" >"$world/files"
engine rm "$container" >/dev/null
expect_equal "programs" "bindhssctl bindhssd" \
    "$(grep -oE ' usr/s?bin/[^/ ]+$' "$world/files" | sed 's|.*/||' | sort | paste -sd' ')"
expect_no_match "set-user-ID" '^-..[sS]|^-.....[sS]' "$(cat "$world/files")"
expect_equal "writable for others" "tmp/" "$(grep -E '^[-d].......w' "$world/files" | sed 's/.* //' | paste -sd' ')"
expect_no_match "keys" 'var/lib/bindhss/.|\.(key|pem)$' "$(cat "$world/files")"
expect_match "what scanners look for" ' var/lib/dpkg/status\.d/libssl3$' "$(cat "$world/files")"
expect_match "licences" ' usr/share/doc/libpqxx-6\.4/copyright$' "$(cat "$world/files")"

check "it runs with everything taken from it that can be, and says what it is"
hardened=(--rm --read-only --cap-drop ALL --security-opt no-new-privileges --network none)
expect_match "version" "^bindhssd [0-9.]+$" "$(engine run "${hardened[@]}" "$image" --version)"
code=0
engine run "${hardened[@]}" "$image" >"$world/refused" 2>&1 || code=$?
expect_equal "exit code without a configuration" 1 "$code"
expect_match "why" "set database.url" "$(cat "$world/refused")"
echo "passed"
