#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The KME AVPs through Debian's freeDiameterd, which knows nothing of them: M is clear, so it passes them on, and what
# arrives is what was sent, octet for octet, in AIA, ULA, an error ULA, NOR, IDR and IDA. Arguments as relays.sh has
# them; KME_PASSAGE is both ends.
. "$(dirname "$0")/relays.sh"
KME_PASSAGE=${KME_PASSAGE:-$root/build/test/tests/interop/kme_passage}
[ "$connects:$protection" = relay:tcp ] || die "only with the relay connecting over TCP"

# In the place of the daemon.
write_daemon_config() { : >"$config"; }
start_daemon() {
    "$KME_PASSAGE" "$realm" "$hss_port" "$last" "$(dra 1)" "${plain_port[1]}" "$log" &
    daemon=$!
    ready_or_ended() { grep -q ' ready' "$log" || ! kill -0 "$daemon"; }
    wait_for 90 ready_or_ended || die "kme_passage is not ready after 90 s"
    kill -0 "$daemon" 2>/dev/null || die "kme_passage did not start"
}

start_all
say "the KME AVPs over $hops relays"
kill -USR1 "$daemon"
passed_or_not() { grep -q ' kme_passed ' "$log"; }
wait_for 120 passed_or_not || die "the messages are not through after 120 s"
grep -q ' kme_passed wrong=0' "$log" || die "$(grep ' kme_differs ' "$log")"

say "what the relays carried"
# Each message is in a relay's dump as it came and as it went: two answers and an error with code 1, one each of others.
for ((i = 1; i <= hops; i++)); do
    for avp in 1:6 4:2 5:2 11:2; do
        found=$(count "AVP: ${avp%:*}[(].*vend=32473 .* f=V- " "$(relay_log $i)")
        expect "times AVP ${avp%:*} of vendor 32473 at relay $i, without M" "$found" "${avp#*:}"
    done
done
expect_no_complaints
say_good_bye
