#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# What the parties of docker-compose.yml have to know and nobody else may, each file for its reader alone. What is there
# stays; what is missing, because a run before was interrupted, is made.
#   secrets.sh [ROOT]   the folders daemon, database and mme are below ROOT; / when there is none
set -euo pipefail
umask 077
to=${1:-}
random() { od -An -v -tx1 -N"$1" /dev/urandom | tr -d ' \n'; }

# keep FILE OWNER: its content is on standard input. The file is there whole, its owner's, or not at all.
keep() {
    cat >"$1.new"
    sync "$1.new"
    chown "$2" "$1.new"
    mv "$1.new" "$1"
    made=true
}

daemon=868:868 postgres=999:999 # as the images have them
made=false
chmod 755 "$to"/daemon "$to"/database "$to"/mme
rm -f "$to"/daemon/*.new "$to"/database/*.new "$to"/mme/*.new
[ -e "$to/daemon/keys" ] || keep "$to/daemon/keys" $daemon <<<"1 $(random 32)"
if [ ! -e "$to/daemon/password" ] || [ ! -e "$to/database/password" ]; then
    # Whichever of both has been told the password: the other one is told the same. Root may read it when it is root's.
    password=$(random 24)
    for file in "$to/database/password" "$to/daemon/password"; do
        [ ! -e "$file" ] || { chown 0:0 "$file" && password=$(<"$file"); }
    done
    [ -e "$to/daemon/password" ] || keep "$to/daemon/password" $daemon <<<"$password"
    [ -e "$to/database/password" ] || keep "$to/database/password" $postgres <<<"$password"
fi
chown $daemon "$to/daemon/keys" "$to/daemon/password"
chown $postgres "$to/database/password"
# Open5GS's freeDiameter does not start without a certificate, although nobody is shown this one.
if [ ! -e "$to/mme/mme.key" ]; then
    openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=mme.epc.mnc001.mcc001.3gppnetwork.org \
        -keyout "$to/mme/key.new" -out "$to/mme/mme.crt" 2>/dev/null
    chmod 644 "$to/mme/mme.crt" "$to/mme/key.new" # whatever user the MME's image has
    mv "$to/mme/key.new" "$to/mme/mme.key"        # the last: with it all is there
    made=true
fi
if $made; then echo "secrets: made"; else echo "secrets: were there"; fi
