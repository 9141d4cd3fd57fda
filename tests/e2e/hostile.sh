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

# Whoever waits on the wire is told, what stays inside goes on, and the server ends as ever.
the_device_is_deleted() {
	local waiting
	mkdir "$NET/tcp/c" "$NET/tcp/s" "$NET/udp/u"
	order "$NET/tcp/c/ctl" "connect $KERNEL!9"
	order "$NET/tcp/s/ctl" "announce $OURS!7501"
	order "$NET/udp/u/ctl" "connect $KERNEL!7"
	for waiting in tcp/c/data tcp/s/listen udp/u/data; do
		start "${waiting//\//-}" cat "$NET/$waiting"
		WAITING+=("$STARTED")
	done
	sleep 0.3
	in_ns ip link del "$TAP"
	for waiting in "${WAITING[@]}"; do
		await 2 is_gone "$waiting" || fail "$(tr '\0' ' ' <"/proc/$waiting/cmdline") still waits"
	done
	like "what the reader said" "*Input/output error" "$(cat "$TMP/tcp-c-data.err")"
	like "why" "*the device is gone" "$(cat "$NET/tcp/c/err")"
	mkdir "$NET/tcp/after"
	refused "Input/output error" order "$NET/tcp/after/ctl" "connect $KERNEL!7"
	order "$NET/tcp/after/ctl" "announce 127.0.0.1!7502"
}

net_up
start_in_ns silent python3 "$E2E_DIR/silent.py" "$KERNEL" 9 10
start_echo 7
await 5 kernel_listens 10
it "a time limit counts from when one waits, however long the server slept" a_limit_counts_from_when_one_waits
it "a reservation lasts from the close on, however long the server slept" a_reservation_lasts_from_the_close
WAITING=()
it "when the device is deleted whoever waits is told, and what stays inside goes on" the_device_is_deleted
