#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The scenarios of config/scenarios against a daemon with its own PostgreSQL, or those that are named.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/play.sh"

write_config "  request_timeout: 2s" \
    "provisioning: {enabled: true, without_tls: true, nodes: [\"*.epc.mnc001.mcc001.3gppnetwork.org\"]}"
daemon_start
if [ $# -eq 0 ]; then set -- "$root"/config/scenarios/*.yaml; fi
play "127.0.0.1:$port" "$@"
daemon_stop
expect_equal "exit code of the daemon" 0 "$code"
expect_equal "faults in the daemon's log" 0 "$(events ' (diameter_fault|s6a_fault|worker_fault) ')"
echo "passed"
