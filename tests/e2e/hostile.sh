#!/usr/bin/env bash
# What a tired, a clumsy and a wicked user does. Time limit: 150 s.
#
#   silent.py :9, echo_server.py :7 --- TAP --- 10.9.0.2, catnetd; ann (uid 65534) and root
. "$(dirname "$0")/lib.sh"

ann() {
	setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"
}

# The server has slept for longer than the limit when the read begins to wait.
a_limit_counts_from_when_one_waits() {
	local began
	mkdir "$NET/udp/t"
	order "$NET/udp/t/ctl" "announce 7500"
	order "$NET/udp/t/ctl" "headers on"
	order "$NET/udp/t/ctl" "timeout read 2"
	exec 3<"$NET/udp/t/data"
	sleep 4
	began=$(now_ms)
	refused "timed out" head -c 1 <&3
	exec 3<&-
	[ $(($(now_ms) - began)) -ge 1500 ] || fail "it waited only $(($(now_ms) - began)) ms"
	rmdir "$NET/udp/t"
}

a_reservation_lasts_from_the_close() {
	local n
	exec 3<"$NET/tcp/clone"
	read -r n <&3
	order "$NET/tcp/$n/ctl" "keep 2"
	sleep 4
	exec 3<&-
	sleep 0.3
	[ -d "$NET/tcp/$n" ] || fail "it ended with its file"
}

net_up
start_in_ns silent python3 "$E2E_DIR/silent.py" "$KERNEL" 9 10
start_echo 7
await 5 kernel_listens 10
it "a time limit counts from when one waits, however long the server slept" a_limit_counts_from_when_one_waits
it "a reservation lasts from the close on, however long the server slept" a_reservation_lasts_from_the_close
