#!/usr/bin/env bash
# The server as a daemon: the way to the background, who is told that it serves, what signals do,
# and the status it ends with. Time limit: 120 s.
#
#   catnetd in a namespace of its own, started and ended again and again
. "$(dirname "$0")/lib.sh"

# --- the background ----------------------------------------------------------------------------

it_serves_when_it_returns() {
	catnetd "${BASIC[@]}" "$NET" >"$TMP/out" 2>&1
	grep -q '"version"' "$NET/stats" || fail "it returned before it served"
	end_it TERM
}

it_has_left_its_terminal() {
	local pid
	catnetd "${BASIC[@]}" "$NET" >"$TMP/out" 2>&1
	pid=$(servers)
	same "its session" "$pid" "$(ps -o sid= -p "$pid" | tr -d ' ')"
	same "its directory" / "$(readlink "/proc/$pid/cwd")"
	same "its input" /dev/null "$(readlink "/proc/$pid/fd/0")"
	end_it TERM
}

a_pipe_behind_it_ends() {
	local out
	out=$(catnetd "${BASIC[@]}" "$NET" 2>&1) # waits for the end of the pipe
	like "what it said" "*serving $NET on $TAP*" "$out"
	end_it INT
}

the_child_fails_and_the_parent_says_so() {
	ends_with 66 "*$TMP/none does not exist*" "${CATNETD[@]}" "${BASIC[@]}" "$TMP/none"
	ends_with 69 "*9 is neither a TAP nor a socket*" "${CATNETD[@]}" --fd 9 "$NET" 9</dev/null
}

# It asks for 6 s whether the address is taken; until then it is not there.
probing() { # OPTION...
	"${CATNETD[@]}" --tap "$TAP" --host-addr "$KERNEL/24" --addr "$OURS/24" "$@" "$NET" \
		>"$TMP/out" 2>"$TMP/err" </dev/null &
	PARENT=$!
	await 5 pgrep -P "$PARENT" || fail "it has no child: $(cat "$TMP/err")"
	CHILD=$(pgrep -P "$PARENT")
}

no_servers() {
	[ -z "$(servers)" ]
}

a_signal_to_the_parent_ends_both() { # SIGNAL STATUS
	local rc=0
	probing
	await 5 in_ns ip link show dev "$TAP" || fail "no device"
	kill "-$1" "$PARENT"
	wait "$PARENT" || rc=$?
	same "status of the parent" "$2" "$rc"
	await 5 no_servers || fail "left: $(servers)"
}

the_child_told_to_end_is_no_success() {
	local rc=0
	probing
	await 5 in_ns ip -o addr show dev "$TAP" up || fail "no device"
	await 5 takes_signals "$CHILD"
	kill -TERM "$CHILD"
	wait "$PARENT" || rc=$?
	same "status of the parent" 75 "$rc"
	await 5 no_servers || fail "left: $(servers)"
}

# SIGTERM blocked: it is read in the loop.
takes_signals() {
	local blocked
	blocked=$(awk '/^SigBlk/ { print $2 }' "/proc/$1/status")
	[ $((0x$blocked & 0x4000)) -ne 0 ]
}

# --- who is told -------------------------------------------------------------------------------

ready_fd_gets_a_line() { # OPTION...
	local line=none
	mkfifo "$TMP/ready"
	catnetd --ready-fd 7 "${BASIC[@]}" "$@" "$NET" 7<>"$TMP/ready" >"$TMP/out" 2>&1 </dev/null &
	read -r -t 10 line <"$TMP/ready" || fail "nobody said anything: $(cat "$TMP/out")"
	same "the line" "" "$line"
	grep -q '"version"' "$NET/stats" || fail "it was said before it served"
	rm "$TMP/ready"
	end_it TERM
}

the_service_manager_is_told() { # SOCKET_NAME
	rm -f "$TMP/manager.out" # the one before has said the same
	start_in_ns manager python3 "$E2E_DIR/manager.py" "$1"
	await 5 grep -q listening "$TMP/manager.out" || fail "$(cat "$TMP/manager.err")"
	NOTIFY_SOCKET=$1 catnetd -f "${BASIC[@]}" "$NET" >"$TMP/out" 2>&1 </dev/null &
	await 10 grep -q READY=1 "$TMP/manager.out" || fail "not told: $(cat "$TMP/out")"
	like "its number" "*MAINPID=$(servers)*" "$(cat "$TMP/manager.out")"
	end_it TERM
	await 5 grep -q STOPPING=1 "$TMP/manager.out" || fail "the end was not told"
	kill "$STARTED"
}

the_pid_file_is_there_while_it_serves() {
	(cd "$TMP" && catnetd --pidfile catnet.pid "${BASIC[@]}" "$NET" >"$TMP/out" 2>&1)
	same "the number in it" "$(servers)" "$(cat "$TMP/catnet.pid")"
	mkdir -p "$TMP/net2"
	rc=0
	timeout 10 "${CATNETD[@]}" -f --pidfile "$TMP/catnet.pid" --tap "${TAP}b" \
		"$TMP/net2" 2>"$TMP/err" || rc=$?
	same "status of a second one" 69 "$rc"
	like "its words" "*the server with PID $(servers) has it*" "$(cat "$TMP/err")"
	end_it TERM
	if [ -e "$TMP/catnet.pid" ]; then fail "the file is still there"; fi
}

a_pid_file_of_a_dead_server_is_taken_over() {
	echo 1 >"$TMP/catnet.pid"
	catnetd --pidfile "$TMP/catnet.pid" "${BASIC[@]}" "$NET" >"$TMP/out" 2>&1
	same "the number in it" "$(servers)" "$(cat "$TMP/catnet.pid")"
	end_it TERM
}

# Until it serves nobody is to be killed by what an old one has left there.
a_dead_servers_number_is_gone_before_it_serves() {
	local number
	echo 1 >"$TMP/catnet.pid"
	probing --pidfile "$TMP/catnet.pid"
	await 5 in_ns ip -o addr show dev "$TAP" up || fail "no device"
	number=$(cat "$TMP/catnet.pid")
	kill "$PARENT"
	wait "$PARENT" || true
	await 5 no_servers || fail "left: $(servers)"
	same "the number while it starts" "" "$number"
}

anothers_pid_file_stays() {
	catnetd --pidfile "$TMP/catnet.pid" "${BASIC[@]}" "$NET" >"$TMP/out" 2>&1
	rm "$TMP/catnet.pid"
	echo "another's" >"$TMP/catnet.pid"
	end_it TERM
	same "what is in it" "another's" "$(cat "$TMP/catnet.pid")"
	rm "$TMP/catnet.pid"
}

# --- standard descriptors ----------------------------------------------------------------------

# What is opened must not take their numbers: it would be closed, or written to.
with_all_of_them_closed() { # OPTION...
	"${CATNETD[@]}" "${BASIC[@]}" "$@" "$NET" <&- >&- 2>&- &
	await 10 grep -qs version "$NET/stats" || fail "it does not serve"
	in_ns ping -qc 1 -W 5 "$OURS"
	end_it TERM
}

the_device_is_its_standard_input() {
	start_in_ns tap python3 -c "$(cat <<-'END'
		import fcntl, os, struct, sys
		device = os.open("/dev/net/tun", os.O_RDWR)
		fcntl.ioctl(device, 0x400454CA, struct.pack("16sH22x", sys.argv[1].encode(), 0x1002))
		os.dup2(device, 0)
		os.execv(sys.argv[2], sys.argv[2:])
	END
	)" "$TAP" "$BUILD/catnetd" --fd 0 --addr "$OURS/24" --no-acd "$NET"
	await 10 grep -qs version "$NET/stats" || fail "$(cat "$TMP/tap.err")"
	in_ns ip addr add "$KERNEL/24" dev "$TAP"
	in_ns ip link set "$TAP" up
	in_ns ping -qc 1 -W 5 "$OURS"
	end_it TERM
}

# --- signals -----------------------------------------------------------------------------------

a_hangup_ends_one_in_the_foreground() {
	server_up
	server_down HUP
	if mountpoint -q "$NET"; then fail "it is still mounted"; fi
}

a_hangup_is_ignored_under_nohup() {
	local pid
	(trap '' HUP; server_up)
	pid=$(server_pid)
	kill -HUP "$pid"
	grep -q version "$NET/stats"
	if is_gone "$pid"; then fail "it has ended"; fi
	server_down TERM
}

a_hangup_ends_nothing_in_the_background() {
	local pid
	catnetd "${BASIC[@]}" "$NET" >"$TMP/log" 2>&1
	pid=$(servers)
	kill -HUP "$pid"
	await 5 grep -q "no --config to read again" "$TMP/log" || fail "$(cat "$TMP/log")"
	grep -q version "$NET/stats"
	end_it TERM
}

# Put together again the lines are what the file says; no line is longer than syslog takes.
stats_are_in_the_log() {
	catnetd "${BASIC[@]}" --log error "$NET" >"$TMP/log" 2>&1
	mkdir "$NET/tcp/one"
	kill -USR1 "$(servers)"
	await 5 grep -q 'stats.counters: {"conv"' "$TMP/log" || fail "$(cat "$TMP/log")"
	python3 - "$TMP/log" "$NET/stats" <<-'END' || fail "$(tail -1 "$TMP/it.log")"
		import json, sys

		def keys(group, above=""):
		    for key, value in group.items():
		        yield above + key
		        if isinstance(value, dict):
		            yield from keys(value, above + key + ".")

		whole = {}
		for line in open(sys.argv[1]):
		    assert len(line) < 1024, line
		    name, words = line.split("info: stats", 1)[1].split(": ", 1)
		    into = whole
		    for step in name.split(".")[1:]:
		        into = into.setdefault(step, {})
		    into.update(json.loads(words))
		stats = json.load(open(sys.argv[2]))
		assert sorted(keys(whole)) == sorted(keys(stats)), set(keys(whole)) ^ set(keys(stats))
		assert whole["tree"]["conversations"] == 1
	END
	end_it TERM
}

# --- the end -----------------------------------------------------------------------------------

it_was_unmounted() {
	catnetd "${BASIC[@]}" "$NET" >"$TMP/log" 2>&1
	umount "$NET"
	await 5 no_servers || fail "the server is still there"
	like "its words" "*$NET was unmounted*" "$(cat "$TMP/log")"
}

# What is said then has to be in the log, and the status tells a supervisor to start it again.
it_was_cut_off() {
	local rc=0 minor
	"${CATNETD[@]}" -f "${BASIC[@]}" "$NET" >"$TMP/log" 2>&1 </dev/null &
	await 10 grep -qs version "$NET/stats" || fail "$(cat "$TMP/log")"
	minor=$(stat -c %d "$NET")
	mountpoint -q /sys/fs/fuse/connections || mount -t fusectl none /sys/fs/fuse/connections
	echo 1 >"/sys/fs/fuse/connections/$minor/abort"
	wait "$!" || rc=$?
	same "status" 71 "$rc"
	like "its words" "*error: ending: the kernel has cut $NET off*" "$(cat "$TMP/log")"
	if mountpoint -q "$NET"; then fail "the dead mount is still there"; fi
}

ends_with_every_status() {
	ends_with 64 "*--colour*" "${CATNETD[@]}" -f --colour "$NET"
	ends_with 64 "*--addr: *twice*" "${CATNETD[@]}" -f "${BASIC[@]}" --addr "$OURS/16" "$NET"
	ends_with 64 "*--ready-fd: 55 *" "${CATNETD[@]}" -f "${BASIC[@]}" --ready-fd 55 "$NET"
	ends_with 66 "*$TMP/none*mkdir*" "${CATNETD[@]}" -f "${BASIC[@]}" "$TMP/none"
	ends_with 66 "*$TMP/none.json*" "${CATNETD[@]}" -f --config "$TMP/none.json" "$NET"
	ends_with 73 "*$TMP/none/x*" "${CATNETD[@]}" -f "${BASIC[@]}" --pcap "$TMP/none/x" "$NET"
	ends_with 73 "*--pidfile: $TMP/none/x*" "${CATNETD[@]}" -f "${BASIC[@]}" --pidfile "$TMP/none/x" "$NET"
	echo '{ "mtu": 3 }' >"$TMP/bad.json"
	ends_with 78 "*$TMP/bad.json:1:3: mtu: *" "${CATNETD[@]}" -f --config "$TMP/bad.json" "$NET"
	ends_with 69 "*lo exists and is no TAP*" "${CATNETD[@]}" -f --tap lo --addr "$OURS/24" "$NET"
	ends_with 77 "*no right*root*" setpriv --reuid 65534 --regid 65534 --clear-groups -- \
		"$BUILD/catnetd" -f --tap "$TAP" --addr "$OURS/24" "$NET"
}

# Another station has the address: the kernel's own.
the_address_is_taken() {
	in_ns ip tuntap add "$TAP" mode tap vnet_hdr
	in_ns ip addr add "$OURS/24" dev "$TAP"
	in_ns ip link set "$TAP" up
	ends_with 75 "*$OURS is in use*" "${CATNETD[@]}" -f --tap "$TAP" --addr "$OURS/24" "$NET"
	ends_with 75 "*$OURS is in use*" "${CATNETD[@]}" --tap "$TAP" --addr "$OURS/24" "$NET"
	in_ns ip tuntap del "$TAP" mode tap
}

the_device_is_taken() {
	server_up
	mkdir -p "$TMP/net2"
	rc=0
	timeout 10 "${CATNETD[@]}" -f --tap "$TAP" "$TMP/net2" 2>"$TMP/err" || rc=$?
	same "status" 69 "$rc"
	rc=0
	timeout 10 "${CATNETD[@]}" -f --tap "${TAP}b" "$NET" 2>"$TMP/err" || rc=$?
	same "status where it is served already" 69 "$rc"
	server_down TERM
}

# A kernel that cuts a mount off because of one long wait is warned of, with the remedy.
a_request_timeout_is_warned_of() {
	local out
	[ -e /proc/sys/fs/fuse/default_request_timeout ] || not_here "this kernel ends no waits"
	echo 3600 >"$TMP/3600"
	# shellcheck disable=SC2016
	out=$(timeout 20 unshare -m bash -c '
		mount --bind "$1/3600" /proc/sys/fs/fuse/default_request_timeout
		"${@:3}" "$2" 2>&1; umount "$2"' \
		- "$TMP" "$NET" "${CATNETD[@]}" "${BASIC[@]}") || true
	like "the warning" "*warning*waits longer than 3600 s*sysctl -w fs.fuse.default_request_timeout=0*" "$out"
	await 5 no_servers || end_it TERM
}

ns_up
daemon_it "it serves when it returns" it_serves_when_it_returns
daemon_it "in the background it has a session of its own, / and no terminal" it_has_left_its_terminal
daemon_it "a pipe that it was started with ends" a_pipe_behind_it_ends
daemon_it "when the child fails its parent says so, with the child's status" the_child_fails_and_the_parent_says_so
daemon_it "Ctrl-C of the one who waits ends the child too" a_signal_to_the_parent_ends_both INT 130
daemon_it "SIGTERM does" a_signal_to_the_parent_ends_both TERM 143
daemon_it "SIGKILL does" a_signal_to_the_parent_ends_both KILL 137
daemon_it "a child that was told to end before it served is no success" the_child_told_to_end_is_no_success
daemon_it "--ready-fd gets a line from the background" ready_fd_gets_a_line
daemon_it "--ready-fd gets a line from the foreground" ready_fd_gets_a_line -f
daemon_it "a service manager is told of beginning and end" the_service_manager_is_told "$TMP/notify"
daemon_it "also by a name in the kernel's own space" the_service_manager_is_told "@$NS"
daemon_it "the PID file is there while it serves, and is one server's" the_pid_file_is_there_while_it_serves
daemon_it "the PID file of a dead server is taken over" a_pid_file_of_a_dead_server_is_taken_over
daemon_it "until it serves the PID file of a dead server has no number" a_dead_servers_number_is_gone_before_it_serves
daemon_it "a PID file that is another's by now stays" anothers_pid_file_stays
daemon_it "started with all standard descriptors closed it serves" with_all_of_them_closed
daemon_it "in the foreground, too" with_all_of_them_closed -f --log debug --trace all
daemon_it "its device may be its standard input" the_device_is_its_standard_input
daemon_it "SIGHUP ends one in the foreground" a_hangup_ends_one_in_the_foreground
daemon_it "SIGHUP ends none that nohup started" a_hangup_is_ignored_under_nohup
daemon_it "SIGHUP ends none in the background" a_hangup_ends_nothing_in_the_background
daemon_it "SIGUSR1 writes what stats says to the log" stats_are_in_the_log
daemon_it "umount ends it, and is an orderly end" it_was_unmounted
daemon_it "a mount that the kernel cut off is an error" it_was_cut_off
daemon_it "every status has its cause" ends_with_every_status
daemon_it "an address that is taken is a status of its own" the_address_is_taken
daemon_it "a device that is taken, too" the_device_is_taken
daemon_it "a kernel that ends long waits is warned of" a_request_timeout_is_warned_of
rm -f "$TMP/server.pid"
