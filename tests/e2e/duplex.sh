#!/usr/bin/env bash
# Reading and writing at once, poll in all its forms, descriptors that do not wait: what a program
# may do with the files. Time limit: 120 s.
#
#   echo_server.py :7, silent.py :9 --- TAP --- 10.9.0.2, catnetd; threads on one descriptor
. "$(dirname "$0")/lib.sh"

net_up
start_echo 7
start_in_ns silent python3 "$E2E_DIR/silent.py" "$KERNEL" 9 10
await 5 kernel_listens 10
run_cases duplex.py "$KERNEL"
run_cases poll.py "$KERNEL" "$OURS"
