#!/usr/bin/env bash
# The server is killed while clients wait; it starts again on the same mount. Time limit: 90 s.
#
#   silent.py :9, nginx :80 --- TAP --- 10.9.0.2, catnetd, again and again
. "$(dirname "$0")/lib.sh"

start_waiters() {
	mkdir "$NET/tcp/c" "$NET/tcp/s"
	order "$NET/tcp/c/ctl" "connect $KERNEL!9"
	order "$NET/tcp/s/ctl" "announce 7300"
	WAITERS=()
	start reader cat "$NET/tcp/c/data"; WAITERS+=("$STARTED")
	start listener cat "$NET/tcp/s/listen"; WAITERS+=("$STARTED")
	start writer bash -c "exec cat /dev/zero >$NET/tcp/c/data"; WAITERS+=("$STARTED")
	start poller python3 -c "
import os, select
p = select.poll()
p.register(os.open('$NET/tcp/c/data', os.O_RDWR), select.POLLIN)
p.poll()"; WAITERS+=("$STARTED")
	sleep 0.5
}

they_are_freed() { # SIGNAL
	local pid
	start_waiters
	server_down "$1" || fail "the server is still there 10 s after SIG$1"
	for pid in "${WAITERS[@]}"; do
		await 1 is_gone "$pid" ||
			fail "$(tr '\0' ' ' <"/proc/$pid/cmdline") still waits a second later"
	done
}

it_starts_again() {
	server_up || fail "$(tail -1 "$TMP/server.log")"
	like "a page" "*through the new server" "$("$BUILD/http_client" "$KERNEL" /page)"
}

# Kept in a file of the shell's own, so that the mount is busy when the server dies.
it_starts_again_under_a_held_file() {
	exec 5<"$NET/tcp/stats"
	server_down KILL
	it_starts_again
	if cat <&5 >/dev/null 2>&1; then fail "a file of the dead server was read"; fi
}

it_starts_over_a_working_directory() {
	( cd "$NET/tcp" && server_down KILL && it_starts_again )
}

the_mount_is_gone() {
	server_down TERM
	if mountpoint -q "$NET"; then fail "it is still mounted"; fi
	ls "$NET" >/dev/null
}

five_times() {
	local _
	for _ in 1 2 3 4 5; do
		server_down KILL
		it_starts_again
	done
}

mkdir "$TMP/www"
printf 'through the new server' >"$TMP/www/page"
net_up
start_in_ns silent python3 "$E2E_DIR/silent.py" "$KERNEL" 9 10
start_nginx "$TMP/www" 80
await 5 kernel_listens 10
it "SIGKILL of the server frees all who wait" they_are_freed KILL
it "it starts again on the same mount point" it_starts_again
it "SIGTERM of the server frees all who wait" they_are_freed TERM
it "it starts once more" it_starts_again
it "it starts again while a file of the dead one is open" it_starts_again_under_a_held_file
it "it starts again while somebody stands in the tree" it_starts_over_a_working_directory
it "it is killed and starts five times over" five_times
it "SIGTERM takes the mount away" the_mount_is_gone
it "it starts where a clean end left nothing" it_starts_again
