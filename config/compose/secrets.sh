#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the parties of docker-compose.yml have to know and nobody else may, each file for its reader alone. Made once: what is
# there stays.
set -euo pipefail
umask 077
random() { od -An -v -tx1 -N"$1" /dev/urandom | tr -d ' \n'; }

# keep FILE OWNER: its content is on standard input.
keep() {
    cat >"$1.new"
    chown "$2" "$1.new"
    mv "$1.new" "$1"
}

daemon=868:868 postgres=999:999 # as the images have them
chmod 755 /daemon /database /mme
if [ ! -e /daemon/keys ]; then
    echo "1 $(random 32)" | keep /daemon/keys $daemon
    password=$(random 24)
    echo "$password" | keep /daemon/password $daemon
    echo "$password" | keep /database/password $postgres
    echo "secrets: made"
else
    echo "secrets: were there"
fi
# Open5GS's freeDiameter does not start without a certificate, although nobody is shown this one.
if [ ! -e /mme/mme.key ]; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=mme.epc.mnc001.mcc001.3gppnetwork.org \
        -keyout /mme/key.new -out /mme/mme.crt 2>/dev/null
    chmod 644 /mme/mme.crt /mme/key.new # whatever user the MME's image has
    mv /mme/key.new /mme/mme.key
fi
