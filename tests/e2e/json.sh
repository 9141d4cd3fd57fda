#!/usr/bin/env bash
# Every stats file, of conversations in many states, is what docs/schema/ says. Time limit: 90 s.
#
#   echo_server.py :7, json_peers.py :21 :22 --- TAP --- 10.9.0.2, catnetd
. "$(dirname "$0")/lib.sh"

make_one() { # PROTO/NAME COMMAND...
	local dir=$NET/$1 line
	shift
	mkdir "$dir"
	for line in "$@"; do echo "$line" >"$dir/ctl"; done
}

is_in() { # PROTO/NAME STATE
	[ "$(state_of "$NET/$1")" = "$2" ]
}

comes_to() { # PROTO/NAME STATE
	await 10 is_in "$@" || fail "$1 is in $(state_of "$NET/$1"), not in $2"
}

key_of() { # NAME KEY
	grep -q "\"$2\"" "$NET/tcp/$1/stats"
}

# Held back by a window that is shut; cat goes on waiting for room.
stuff() {
	head -c 16000000 /dev/zero 2>/dev/null >"$NET/tcp/$1/data" &
	await 10 key_of "$1" persist_in_us || fail "no persist timer"
}

in_tcp() {
	make_one tcp/idle
	make_one tcp/bound "bind $OURS!5001"
	make_one tcp/srv "announce 7700" "backlog 5"
	make_one tcp/up "connect $KERNEL!7"
	make_one tcp/tuned "connect $KERNEL!7" "keepalive 60000" "usertimeout 600000" "nodelay on" \
		"cork on" "mss 1000" "ttl 7" "tos 8" "timeout read 3" "rcvbuf 100000"
	make_one tcp/stuffed "usertimeout 600000" "connect $KERNEL!21"
	stuff stuffed
	make_one tcp/half "connect $KERNEL!21" "shutdown wr"
	make_one tcp/left "connect $KERNEL!22"
	make_one tcp/waits "connect $KERNEL!7" close
	make_one tcp/reset "connect $KERNEL!7" hangup
	mkdir "$NET/tcp/refused" "$NET/tcp/dials"
	echo "connect $KERNEL!9" 2>/dev/null >"$NET/tcp/refused/ctl" && fail "nobody listens on 9"
	# Routed to the kernel, which forwards nothing and says nothing.
	{ echo "connect 10.9.1.5!80" >"$NET/tcp/dials/ctl"; } 2>/dev/null &
	comes_to tcp/dials Syn_sent
	comes_to tcp/half Finwait2
	comes_to tcp/left Close_wait
	comes_to tcp/waits Time_wait
}

in_udp_and_icmp() {
	make_one udp/idle
	make_one udp/up "connect $KERNEL!7"
	echo hello >"$NET/udp/up/data"
	make_one udp/headers headers "announce 5300" "broadcast on" "addmulti $OURS 239.1.2.3"
	make_one udp/calls "announce 5301"
	in_ns bash -c "echo hello >/dev/udp/$OURS/5301"
	read -r n _ <"$NET/udp/calls/accept"
	echo "keep forever" >"$NET/udp/$n/ctl"
	make_one icmp/idle
	make_one icmp/up "connect $KERNEL!1"
	printf '\x08\0\0\0\0\0\0\x01ping' >"$NET/icmp/up/data"
	head -c 1 "$NET/icmp/up/data" >/dev/null
}

held() {
	make_one tcp/held "hold $$"
	cat "$NET/tcp/clone" >"$TMP/reserved"
}

net_up
start_echo 7
start_in_ns peers python3 "$E2E_DIR/json_peers.py" "$KERNEL" 21 22
await 5 kernel_listens 22
it "conversations come to many states of TCP" in_tcp
it "and of UDP and ICMP" in_udp_and_icmp
it "one is held by a process, one reserved" held
run_cases json_check.py
