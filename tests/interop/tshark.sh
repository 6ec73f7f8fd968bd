#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Debian's tshark reads every kind of message that we send: nothing malformed, no AVP unknown, and the KME AVPs
# by the names that our dictionary gives them.
. "$(dirname "$0")/../system/lib.sh"
BINDHSS_DICT=${BINDHSS_DICT:-$root/build/test/tools/dict/bindhss-dict}
SAMPLE_PCAP=${SAMPLE_PCAP:-$root/build/test/tests/s6a/sample_pcap}
TSHARK=${TSHARK:-$(command -v tshark || true)}
[ -n "$TSHARK" ] && [ -x "$TSHARK" ] || fail "tshark: expected it to be installed (package tshark)"

pcap=$world/messages.pcap
"$SAMPLE_PCAP" "$pcap"
"$BINDHSS_DICT" wireshark >"$world/bindhss.xml"

# Wireshark's own data with our dictionary as the operator's.
data=$world/wireshark
mkdir "$data"
cp -rs /usr/share/wireshark/. "$data"
rm "$data/diameter/Custom.xml"
cp "$world/bindhss.xml" "$data/diameter/Custom.xml"
# Root's tshark does not let its data be somewhere else, and needs to be root for nothing here.
as_user=()
[ "$(id -u)" -ne 0 ] || as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
chmod -R a+rX "$data" "$pcap"
dissect() {
    "${as_user[@]}" env HOME="$world/none" WIRESHARK_DATA_DIR="$data" "$TSHARK" -r "$pcap" "$@" 2>"$world/tshark.errors" ||
        fail "tshark: $(cat "$world/tshark.errors")"
}
lines() { grep -c . <<<"$1" || true; }

check "every packet is one Diameter message"
packets=$(dissect -T fields -e frame.number | wc -l)
expect_least "messages" 120 "$packets"
expect_equal "those that are Diameter" "$packets" "$(dissect -Y diameter -T fields -e frame.number | wc -l)"
# Into variables: a dissection that fails ends the test, and is not taken for one that finds nothing.
odd=$(dissect -Y 'diameter && tcp.len != diameter.length' -T fields -e frame.number)
expect_equal "messages with another length than their packet" "" "$odd"

check "all nine commands are there: requests, successes and errors"
for code in 316 317 318 319 320 321 322 323 324; do
    for kind in "diameter.flags.request == 1" "diameter.Result-Code == 2001" "diameter.flags.error == 1" \
        "diameter.Experimental-Result-Code"; do
        found=$(dissect -Y "diameter.cmd.code == $code && $kind" -T fields -e frame.number)
        expect_least "messages of command $code with $kind" 1 "$(lines "$found")"
    done
done

check "nothing is malformed"
malformed=$(dissect -Y '_ws.malformed' -T fields -e frame.number -e _ws.col.Info)
expect_equal "malformed messages" "" "$malformed"
# Empty groups are right where all that a group has is optional (IDR with flags alone, TS 29.272 5.2.2.1.2).
said=$(dissect -T fields -E separator=/s -E occurrence=a -E aggregator='|' -e _ws.expert.message)
warnings=$(tr '|' '\n' <<<"$said" | awk 'NF && $0 != "Data is empty"' | sort | uniq -c)
expect_equal "what tshark has to say" "" "$warnings"

check "it finds fault where there is one"
cp "$pcap" "$world/good.pcap"
# The first AVP of the first message (24 + 16 + 40 + 20 octets into the file) becomes unknown.
printf '\x00\x00\x63\x63' | dd of="$pcap" bs=1 seek=100 conv=notrunc status=none
expect_match "an unknown AVP" "Unknown AVP 25443" "$(dissect -c 1 -T fields -e _ws.expert.message)"
mv "$world/good.pcap" "$pcap"

check "the KME AVPs have their names"
shown=$(dissect -V)
for avp in KME-Access-Info KME-Access-Flags KME-Cause KME-Provisioning-Request KME-Provisioning-Response \
    KME-Transaction-Id KME-Container KME-NAS-Container-Type KME-Response-Timer KME-Delivery-Result \
    KME-Auth-Failure-Report KME-EMM-Cause KME-Session-Key; do
    expect_match "$avp" "AVP: $avp\([0-9]+\) .* vnd=BindHSS" "$(grep -m 1 "AVP: $avp" <<<"$shown")"
done
expect_match "a value by its name" "KME-EMM-Cause: MAC_FAILURE \(20\)" "$shown"

check "with another Vendor-Id they are found under that"
expect_match "the vendor" 'code="4444"' "$("$BINDHSS_DICT" wireshark --vendor 4444)"

check "what tshark reads is what was written"
imsi=$(dissect -Y 'diameter.cmd.code == 320 && diameter.hopbyhopid == 0x01020440' -T fields -e diameter.User-Name)
expect_equal "IMSI of a request" "001010123456789" "${imsi%%$'\n'*}"
echo "all checks passed: $packets messages"
