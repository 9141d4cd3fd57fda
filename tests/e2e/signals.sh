#!/usr/bin/env bash
# Whoever waits on a file can be ended at once, by Ctrl-C and by SIGKILL, and leaves nothing
# behind. Time limit: 180 s.
#
#   silent.py :9 --- TAP --- 10.9.0.2, catnetd; clients that wait
. "$(dirname "$0")/lib.sh"

gone() { # SIGNAL COMMAND...
	python3 "$E2E_DIR/gone.py" "$@" || fail "$(tail -1 "$TMP/it.log")"
}

named() { # NAME WORDS...
	[ ! -d "$NET/tcp/$1" ] || rmdir "$NET/tcp/$1"
	mkdir "$NET/tcp/$1"
	[ $# -eq 1 ] || order "$NET/tcp/$1/ctl" "${@:2}"
}

a_cat() { # SIGNAL
	named c "connect $KERNEL!9"
	gone "$1" cat "$NET/tcp/c/data"
	same "state after" Established "$(state_of "$NET/tcp/c")"
	rmdir "$NET/tcp/c"
}

a_cat_of_clone_keeps_nothing() { # SIGNAL
	gone "$1" bash -c "exec 3<>$NET/tcp/clone; read n <&3; echo 'connect $KERNEL!9' >&3; exec cat $NET/tcp/\$n/data"
	await 3 nothing_is_listed || fail "a conversation is still listed: $(ls "$NET/tcp")"
}

nothing_is_listed() {
	[ -z "$(find "$NET/tcp" -mindepth 1 -maxdepth 1 -type d)" ]
}

a_connect() { # SIGNAL
	named c
	gone "$1" bash -c "echo 'connect 10.9.0.$2!1' >$NET/tcp/c/ctl"
	order "$NET/tcp/c/ctl" hangup
	rmdir "$NET/tcp/c"
}

an_open_of_listen() { # SIGNAL
	named s "announce 7200"
	gone "$1" cat "$NET/tcp/s/listen"
	same "state after" Listen "$(state_of "$NET/tcp/s")"
	rmdir "$NET/tcp/s"
}

a_read_of_accept() { # SIGNAL
	named s "announce 7200"
	gone "$1" cat "$NET/tcp/s/accept"
	rmdir "$NET/tcp/s"
}

a_writer() { # SIGNAL
	named c "connect $KERNEL!9"
	gone "$1" bash -c "exec cat /dev/zero >$NET/tcp/c/data"
	same "state after" Established "$(state_of "$NET/tcp/c")"
	rmdir "$NET/tcp/c"
}

a_second_writer_on_one_descriptor() { # SIGNAL
	! kernel_before 6 2 ||
		not_here "before Linux 6.2 it waits for the first in the kernel (docs/tree.md 5)"
	named c "connect $KERNEL!9"
	exec 3>"$NET/tcp/c/data"
	cat /dev/zero >&3 &
	sleep 0.5
	gone "$1" bash -c "exec cat /dev/zero >&3"
	kill -KILL "$!"
	wait "$!" || true
	exec 3>&-
	rmdir "$NET/tcp/c"
}

a_reader_of_datagrams() { # SIGNAL
	mkdir "$NET/udp/u"
	order "$NET/udp/u/ctl" "headers on"
	order "$NET/udp/u/ctl" "announce 7201"
	gone "$1" cat "$NET/udp/u/data"
	rmdir "$NET/udp/u"
}

a_poll() { # SIGNAL
	named c "connect $KERNEL!9"
	gone "$1" python3 -c "
import os, select
p = select.poll()
p.register(os.open('$NET/tcp/c/data', os.O_RDWR), select.POLLIN)
p.poll()"
	rmdir "$NET/tcp/c"
}

# A stopped and continued reader goes on, as cat retries what a signal broke off.
a_stopped_cat_goes_on() {
	named c "connect $KERNEL!10"
	start cat cat "$NET/tcp/c/data"
	sleep 0.1
	kill -STOP "$STARTED"
	sleep 0.2
	kill -CONT "$STARTED"
	await 5 is_gone "$STARTED" || fail "cat has not ended"
	same "what it read" speak "$(cat "$TMP/cat.out")"
	rmdir "$NET/tcp/c"
}

a_hundred_at_once() {
	named c "connect $KERNEL!9"
	timeout 30 python3 "$E2E_DIR/parked.py" kill "$NET/tcp/c/data" 100 ||
		fail "$(tail -1 "$TMP/it.log")"
	rmdir "$NET/tcp/c"
}

net_up
start_in_ns silent python3 "$E2E_DIR/silent.py" "$KERNEL" 9 10
await 5 kernel_listens 10
host=100
for signal in INT KILL; do
	host=$((host + 1))
	it "SIG$signal ends a cat that waits" a_cat "$signal"
	it "SIG$signal ends a cat, and its conversation with it" a_cat_of_clone_keeps_nothing "$signal"
	it "SIG$signal ends a connect that waits" a_connect "$signal" "$host"
	it "SIG$signal ends an open of listen that waits" an_open_of_listen "$signal"
	it "SIG$signal ends a read of accept that waits" a_read_of_accept "$signal"
	it "SIG$signal ends a writer that waits" a_writer "$signal"
	it "SIG$signal ends a second writer on one descriptor" a_second_writer_on_one_descriptor "$signal"
	it "SIG$signal ends a reader of datagrams" a_reader_of_datagrams "$signal"
	it "SIG$signal ends a poll" a_poll "$signal"
done
it "a cat that was stopped and continued goes on" a_stopped_cat_goes_on
it "100 readers are killed at once" a_hundred_at_once
it "nothing is listed after all of it" await 3 nothing_is_listed
