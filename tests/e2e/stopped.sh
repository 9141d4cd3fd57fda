#!/usr/bin/env bash
# Clients that are stopped, traced or idle: they lose nothing by it, and nobody else notices.
# Time limit: 120 s.
#
#   echo_server.py :7, silent.py :9, trickle.py :8001, nc --- TAP --- 10.9.0.2, catnetd
. "$(dirname "$0")/lib.sh"

SEED=${SEED:-$RANDOM}

disturbed() { # HOW COMMAND...
	python3 "$E2E_DIR/stopping.py" "$1" "$SEED" "${@:2}"
}

connected() { # NAME PORT
	mkdir "$NET/tcp/$1"
	order "$NET/tcp/$1/ctl" "connect $KERNEL!$2"
}

speaks() {
	connected t 7
	exec 4<>"$NET/tcp/t/data"
	echo hello >&4
	same "what came back" hello "$(timeout 5 head -c 5 <&4)"
	exec 4>&-
	rmdir "$NET/tcp/t"
}

# --- stopped and traced ----------------------------------------------------------------------------

a_reader() { # HOW
	connected c 8001
	disturbed "$1" cat "$NET/tcp/c/data" >"$TMP/got"
	rmdir "$NET/tcp/c"
	same "what it read" "$SLOW_SUM" "$(sum_of "$TMP/got")"
}

a_shell_that_reads() { # HOW
	connected c 8002
	# shellcheck disable=SC2016
	disturbed "$1" bash -c 'while read -r line; do echo "$line"; done <"$0"' "$NET/tcp/c/data" \
		>"$TMP/got"
	rmdir "$NET/tcp/c"
	same "what it read" "$LINES_SUM" "$(sum_of "$TMP/got")"
}

# dd writes no more than it is let, so that it takes a while.
a_writer() { # HOW
	start_in_ns nc bash -c "nc -l $KERNEL 8003 </dev/null >$TMP/got"
	await 5 kernel_listens 8003
	connected c 8003
	order "$NET/tcp/c/ctl" "sndbuf 16384"
	disturbed "$1" cat "$TMP/big" >"$NET/tcp/c/data"
	order "$NET/tcp/c/ctl" "shutdown wr"
	await 30 is_gone "$STARTED" || fail "nc has not seen the end"
	rmdir "$NET/tcp/c"
	same "what arrived" "$BIG_SUM" "$(sum_of "$TMP/got")"
}

a_waiting_accept() { # HOW
	local n got=""
	mkdir "$NET/tcp/s"
	order "$NET/tcp/s/ctl" "announce 8004"
	# shellcheck disable=SC2016
	disturbed "$1" bash -c 'for i in {1..20}; do read -r n who && echo "$n"; done <"$0"' \
		"$NET/tcp/s/accept" >"$TMP/calls" &
	STARTED=$!
	for n in {1..20}; do
		echo "call $n" | in_ns timeout 10 nc -N "$OURS" 8004 >/dev/null &
		await 5 has_lines "$n" "$TMP/calls" || break
	done
	await 10 has_lines 20 "$TMP/calls" || fail "$(wc -l <"$TMP/calls") of 20 calls were taken"
	wait "$STARTED"
	while read -r n; do
		got+="$(timeout 5 cat "$NET/tcp/$n/data") "
		order "$NET/tcp/$n/ctl" close
	done <"$TMP/calls"
	rmdir "$NET/tcp/s"
	same "each call once" 20 "$(grep -o 'call [0-9]*' <<<"$got" | sort -u | wc -l)"
}

has_lines() { # COUNT FILE
	[ "$(wc -l <"$2")" -ge "$1" ]
}

# Stopped in the middle of all it does; the others do not wait for it.
a_stopped_one_holds_up_nobody() {
	local waiter
	connected c 9
	start reader cat "$NET/tcp/c/data"
	waiter=$STARTED
	start writer bash -c "exec cat /dev/zero >$NET/tcp/c/data"
	kill -STOP "$waiter" "$STARTED"
	speaks
	same "state" Established "$(timeout 2 cat "$NET/tcp/c/status" | cut -d' ' -f1)"
	order "$NET/tcp/c/ctl" "ttl 60"
	kill -KILL "$waiter" "$STARTED"
	await 1 is_gone "$waiter" || fail "the reader is still there"
	await 1 is_gone "$STARTED" || fail "the writer is still there"
	rmdir "$NET/tcp/c"
}

# A tracer that shows every call sees them all succeed.
traced_from_the_start() {
	connected c 8002
	strace -f -o "$TMP/strace.out" cat "$NET/tcp/c/data" >"$TMP/got"
	rmdir "$NET/tcp/c"
	same "what it read" "$LINES_SUM" "$(sum_of "$TMP/got")"
	grep -q 'read(.*data\|read(3,' "$TMP/strace.out"
}

the_server_is_traced() {
	strace -f -o "$TMP/server.strace" -p "$(server_pid)" 2>/dev/null &
	await 5 has_tracer "$(server_pid)" || fail "strace did not attach"
	speaks
	kill "$!"
	wait "$!" || true
	speaks
}

has_tracer() {
	! grep -q "TracerPid:	0$" "/proc/$1/status"
}

# For longer than a retransmission takes; the kernel's side repeats itself, and all of it arrives.
the_server_is_stopped() {
	connected c 8001
	start reader cat "$NET/tcp/c/data"
	for _ in 1 2 3; do
		kill -STOP "$(server_pid)"
		sleep 0.5
		kill -CONT "$(server_pid)"
		sleep 0.2
	done
	await 30 is_gone "$STARTED" || fail "the reader has not seen the end"
	rmdir "$NET/tcp/c"
	same "what it read" "$SLOW_SUM" "$(sum_of "$TMP/reader.out")"
}

# --- idle -------------------------------------------------------------------------------------------

cpu_ticks() {
	awk '{ print $14 + $15 }' "/proc/$(server_pid)/stat"
}

resident_kb() {
	awk '/^VmRSS/ { print $2 }' "/proc/$(server_pid)/status"
}

the_window_is_shut() {
	[ "$(json "$NET/tcp/c/stats" 'j["rcv_wnd"]')" -lt 65536 ]
}

# The peer is held up, at little cost to us, and nothing is lost when it is read after all.
a_reader_that_never_reads() {
	local before ticks
	connected c 8005
	before=$(resident_kb)
	exec 3<"$NET/tcp/c/data"
	await 10 the_window_is_shut || fail "rcv_wnd is $(json "$NET/tcp/c/stats" 'j["rcv_wnd"]')"
	ticks=$(cpu_ticks)
	sleep 2
	ticks=$(($(cpu_ticks) - ticks))
	[ "$ticks" -lt 40 ] || fail "the server used $ticks ticks of 200 meanwhile"
	[ "$(($(resident_kb) - before))" -lt 32768 ] ||
		fail "the server grew from $before to $(resident_kb) KiB"
	speaks
	same "what it read in the end" "$BIG_SUM" "$(cat <&3 | sha256sum | cut -d' ' -f1)"
	exec 3<&-
	rmdir "$NET/tcp/c"
}

a_reader_that_never_reads_is_killed() {
	connected c 8005
	exec 3<"$NET/tcp/c/data"
	await 10 the_window_is_shut || fail "rcv_wnd is $(json "$NET/tcp/c/stats" 'j["rcv_wnd"]')"
	exec 3<&-
	rmdir "$NET/tcp/c"
	await 5 kernel_has_no_call 8005 || fail "the peer was not told"
}

kernel_has_no_call() {
	[ -z "$(in_ns ss -Htn "sport = :$1")" ]
}

# It costs the others nothing; he is told how much he has missed.
a_reader_of_events_that_never_reads() {
	local before line
	before=$(resident_kb)
	exec 3<"$NET/events" 5<"$NET/log"
	python3 -c "
import os
for i in range(8192):
    fd = os.open('$NET/tcp/clone', os.O_RDWR)
    os.write(fd, b'announce 8006')
    os.close(fd)"
	[ "$(($(resident_kb) - before))" -lt 32768 ] ||
		fail "the server grew from $before to $(resident_kb) KiB"
	speaks
	read -r line <&3
	like "his first line" "lost *" "$line"
	read -r line <&3
	like "his second line" "*[0-9] tcp *" "$line"
	exec 3<&- 5<&-
}

head -c 3000000 /dev/urandom >"$TMP/slow"
head -c 60000000 /dev/urandom >"$TMP/big"
seq 1 4000 >"$TMP/lines"
SLOW_SUM=$(sum_of "$TMP/slow")
BIG_SUM=$(sum_of "$TMP/big")
LINES_SUM=$(sum_of "$TMP/lines")
net_up
start_echo 7
start_in_ns silent python3 "$E2E_DIR/silent.py" "$KERNEL" 9 10
start_in_ns slow python3 "$E2E_DIR/trickle.py" "$KERNEL" 8001 "$TMP/slow" 1
start_in_ns lines python3 "$E2E_DIR/trickle.py" "$KERNEL" 8002 "$TMP/lines" 1
start_in_ns big python3 "$E2E_DIR/trickle.py" "$KERNEL" 8005 "$TMP/big" 0
await 5 kernel_listens 8001
await 5 kernel_listens 8002
await 5 kernel_listens 8005
await 5 kernel_listens 10
echo "seed $SEED"
for how in stop trace; do
	if [ "$how" = trace ] && ! command -v strace >/dev/null; then
		skip "clients that are traced" "strace is not installed"
		continue
	fi
	it "a reader loses nothing: $how" a_reader "$how"
	it "a shell that reads lines loses nothing: $how" a_shell_that_reads "$how"
	it "a writer loses nothing: $how" a_writer "$how"
	it "every call is taken once: $how" a_waiting_accept "$how"
done
it "a stopped client holds up nobody" a_stopped_one_holds_up_nobody
if command -v strace >/dev/null; then
	it "a client that is traced from the start works" traced_from_the_start
	it "a server that is traced works" the_server_is_traced
fi
it "a server that was stopped goes on" the_server_is_stopped
it "a reader that never reads holds up its peer, cheaply" a_reader_that_never_reads
it "a reader that never read goes, and its peer is told" a_reader_that_never_reads_is_killed
it "a reader of events that never reads costs little, and is told" a_reader_of_events_that_never_reads
