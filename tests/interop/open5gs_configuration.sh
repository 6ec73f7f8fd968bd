#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# config/open5gs/mme.conf, read by the freeDiameter that Debian has: it is taken, and the peer comes to be. Addresses and files
# are those of this machine, and it announces itself as a relay (no NoRelay), since the MME's application is not in it.
. "$(dirname "$0")/../system/lib.sh"

write_config
sed -i 's/identity: hss\./identity: hss1./' "$config"
daemon_start
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=mme.$realm" -keyout "$world/mme.key" -out "$world/mme.crt" \
    2>"$world/openssl" || fail "openssl: $(cat "$world/openssl")"
sed -e "s|/tls/|$world/|g; /^NoRelay;/d" \
    -e "s|ConnectTo = \"hss1\"; Port = 3868|ConnectTo = \"127.0.0.1\"; Port = $port|; /^ConnectPeer = \"hss2/d" \
    "$root/config/open5gs/mme.conf" >"$world/mme.conf"
printf 'Port = %s;\nSecPort = 0;\nListenOn = "127.0.0.1";\n' "$(free_port)" >>"$world/mme.conf"

check "freeDiameter takes the configuration and connects"
freeDiameterd -c "$world/mme.conf" >"$world/mme.log" 2>&1 &
mme=$!
background+=("$mme")
opened() { [ "$(events " peer_open .*mme\.$realm")" -ge 1 ] || ! alive "$mme"; }
wait_for 60 opened || fail "no peer: $(tail -5 "$world/mme.log")"
alive "$mme" || fail "freeDiameter ended: $(tail -5 "$world/mme.log")"
check "both daemons of docker-compose.yml are in it"
for hss in hss1 hss2; do
    expect_match "peers" "^ConnectPeer = \"$hss\.$realm\" .* ConnectTo = \"$hss\"; Port = 3868; No_TLS" "$(cat "$root/config/open5gs/mme.conf")"
done
echo "passed"
