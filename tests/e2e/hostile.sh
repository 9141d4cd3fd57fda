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

# 400 MiB in writes that wait on one conversation, and 60 conversations that are full.
ann_leaves_memory_to_others() {
	start block ann timeout 30 /usr/bin/python3 /dev/fd/9 "$NET" "$KERNEL!9" 1 400 9<"$E2E_DIR/block.py"
	start full ann timeout 30 /usr/bin/python3 /dev/fd/9 "$NET" "$KERNEL!9" 60 1 9<"$E2E_DIR/block.py"
	await 20 grep -q waiting "$TMP/block.out"
	await 20 grep -q waiting "$TMP/full.out"
	mkdir "$NET/tcp/other"
	order "$NET/tcp/other/ctl" "connect $KERNEL!7"
	exec 3<>"$NET/tcp/other/data"
	echo hello >&3
	same "what came back" hello "$(timeout 5 head -c 5 <&3)"
	exec 3>&-
	rmdir "$NET/tcp/other"
}

ann_leaves_conversations_to_others() {
	ann /usr/bin/python3 -c "
import errno, os
try:
    for i in range(20000):
        os.mkdir(f'$NET/icmp/{i}a')
except OSError as e:
    assert e.errno == errno.EDQUOT, e
else:
    raise SystemExit('she made 20,000')"
	mkdir "$NET/icmp/other"
	ann find "$NET/icmp" -mindepth 1 -maxdepth 1 -name '*a' -exec rmdir {} +
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
it "a user whose writers wait leaves memory to others" ann_leaves_memory_to_others
it "a user who makes conversations leaves some to others" ann_leaves_conversations_to_others
WAITING=()
it "when the device is deleted whoever waits is told, and what stays inside goes on" the_device_is_deleted
