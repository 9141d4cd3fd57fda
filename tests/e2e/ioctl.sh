#!/usr/bin/env bash
# The ioctls of `data`, by which libraries say what read and write cannot. Time limit: 60 s.
#
#   echo_server.py :7, silent.py :9 --- TAP --- 10.9.0.2, catnetd; programs that ask by ioctl
. "$(dirname "$0")/lib.sh"

ends_one_that_waits() { # SIGNAL to receive | send
	mkdir "$NET/tcp/c"
	order "$NET/tcp/c/ctl" "connect $KERNEL!9"
	python3 "$E2E_DIR/gone.py" "$1" python3 -c "
import os, ioctls
data = os.open('$NET/tcp/c/data', os.O_RDWR)
while '$3' == 'send':
    ioctls.send(data, bytes(ioctls.BYTES_MAX))
ioctls.recv(data, 1)" || fail "$(tail -1 "$TMP/it.log")"
	same "state after" Established "$(state_of "$NET/tcp/c")"
	rmdir "$NET/tcp/c"
}

net_up
start_echo 7
start_in_ns silent python3 "$E2E_DIR/silent.py" "$KERNEL" 9 10
await 5 kernel_listens 10
run_cases ioctl.py "$KERNEL" "$OURS"
for signal in INT KILL; do
	it "SIG$signal ends one that waits to receive" ends_one_that_waits "$signal" to receive
	it "SIG$signal ends one that waits to send" ends_one_that_waits "$signal" to send
done
