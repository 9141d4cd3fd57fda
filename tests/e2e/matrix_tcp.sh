#!/usr/bin/env bash
# Every file of a tcp conversation, in every state, is asked everything: matrix/expected_tcp.txt.
# Time limit: 120 s.
#
#   matrix.py with the kernel's sockets, 10.9.0.1 --- TAP --- 10.9.0.2, catnetd; two ordinary users
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/matrix/lib.sh"

matrix tcp
