#!/usr/bin/env bash
# Datagrams: echo both ways, their edges, callers kept apart. Time limit: 60 s.
#
#   echo_server.py, 10.9.0.1:7; nc -u --- TAP --- 10.9.0.2, catnetd; udp conversations
. "$(dirname "$0")/lib.sh"

net_up
start_echo 7
run_cases udp.py "$KERNEL" "$OURS" "$NS"
