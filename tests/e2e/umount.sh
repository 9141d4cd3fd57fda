#!/usr/bin/env bash
# The tree is unmounted under load: by force, lazily, both. Who waits is freed, the server ends
# with a status that says so, and nothing stays behind. Time limit: 120 s.
#
#   echo_server.py :7, silent.py :9 --- TAP --- 10.9.0.2, catnetd; clients of every kind
. "$(dirname "$0")/lib.sh"

TIMES=5
BEST_MAX_MS=100 # the worst has its limit in umounted.py

CATNETD=(nsenter --net="/run/netns/$NS" -- "$BUILD/catnetd" -f --tap "$TAP" --host-addr "$KERNEL/24"
	--addr "$OURS/24" --no-acd "$NET")

start_server() {
	"${CATNETD[@]}" >"$TMP/server.log" 2>&1 </dev/null &
	SERVER=$!
	await 10 is_served || fail "$(tail -1 "$TMP/server.log")"
}

# It has ended by itself, and said why.
ended_with() { # STATUS PATTERN
	local rc=0
	await 10 is_gone "$SERVER" || fail "the server is still there"
	wait "$SERVER" || rc=$?
	same "status" "$1" "$rc"
	like "its last words" "$2" "$(tail -1 "$TMP/server.log")"
}

nothing_is_left() {
	if mountpoint -q "$NET"; then fail "it is still mounted"; fi
	if in_ns ip link show dev "$TAP" >/dev/null 2>&1; then fail "the device is still there"; fi
}

# Prints how long the last client took, of TIMES times.
unmounted() { # HOW STATUS PATTERN
	local took best=$BEST_MAX_MS
	for _ in $(seq "$TIMES"); do
		start_server
		took=$(python3 "$E2E_DIR/umounted.py" "$1" "$KERNEL" 7 9) || fail "$(tail -1 "$TMP/it.log")"
		echo "umount $1: the last was gone after $took ms"
		ended_with "$2" "$3"
		nothing_is_left
		[ "$took" -ge "$best" ] || best=$took
	done
	[ "$best" -lt "$BEST_MAX_MS" ] || fail "never were all of them gone within $BEST_MAX_MS ms"
}

# What a failed one has left is none of the next one's business.
after_all() {
	local pid
	for pid in $(marked); do
		case $(readlink "/proc/$pid/exe") in
		"$BUILD/catnetd") kill -KILL "$pid"; await 5 is_gone "$pid" ;;
		esac
	done
	if mountpoint -q "$NET"; then umount -l "$NET"; fi
}

ns_up
# Its servers stay while the device with their address comes and goes.
in_ns sysctl -qw net.ipv4.ip_nonlocal_bind=1
start_echo 7
start_in_ns silent python3 "$E2E_DIR/silent.py" "$KERNEL" 9 10
await 5 kernel_listens 10
it "umount -f frees everybody" unmounted -f 71 "*ending: the kernel has cut $NET off*umount -f*"
after_all
it "umount -l is noticed by nobody who is inside" unmounted -l 0 "*ending: $NET was unmounted"
after_all
it "umount -f -l frees everybody" unmounted "-f -l" 0 "*ending: $NET was unmounted"
after_all
it "it can be mounted again" start_server
