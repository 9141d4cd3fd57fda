#!/usr/bin/env bash
# netcat against the files, each side calling, each side ending first. Time limit: 60 s.
#
#   nc, 10.9.0.1 --- TAP --- 10.9.0.2, catnetd; cat and the shell
. "$(dirname "$0")/lib.sh"

the_tree_calls() {
	start_in_ns nc nc -l -N "$KERNEL" 7000
	await 5 kernel_listens 7000
	mkdir "$NET/tcp/c"
	order "$NET/tcp/c/ctl" "connect $KERNEL!7000"
	cat "$TMP/ours" >"$NET/tcp/c/data"
	order "$NET/tcp/c/ctl" "shutdown wr"
	await 10 is_gone "$STARTED" || fail "nc has not seen our end"
	same "the end" "" "$(cat "$NET/tcp/c/data")"
	rmdir "$NET/tcp/c"
	same "sha256 of what nc got" "$(sum_of "$TMP/ours")" "$(sum_of "$TMP/nc.out")"
}

both_at_once() {
	nsenter --net="/run/netns/$NS" -- nc -l -N "$KERNEL" 7001 <"$TMP/theirs" >"$TMP/nc2.out" &
	await 5 kernel_listens 7001
	mkdir "$NET/tcp/c"
	order "$NET/tcp/c/ctl" "connect $KERNEL!7001"
	cat "$NET/tcp/c/data" >"$TMP/got" &
	cat "$TMP/ours" >"$NET/tcp/c/data"
	wait "$!"
	order "$NET/tcp/c/ctl" "shutdown wr" # nc ends when it sees our end
	wait
	rmdir "$NET/tcp/c"
	same "sha256 of what nc got" "$(sum_of "$TMP/ours")" "$(sum_of "$TMP/nc2.out")"
	same "sha256 of what we got" "$(sum_of "$TMP/theirs")" "$(sum_of "$TMP/got")"
}

the_kernel_calls() {
	local n who
	mkdir "$NET/tcp/s"
	order "$NET/tcp/s/ctl" "announce $OURS!7002"
	nsenter --net="/run/netns/$NS" -- nc -N "$OURS" 7002 <"$TMP/theirs" >"$TMP/nc3.out" &
	read -r n who <"$NET/tcp/s/accept"
	like "caller" "$KERNEL!*" "$who"
	same "its remote" "$who" "$(cat "$NET/tcp/$n/remote")"
	exec 3<>"$NET/tcp/$n/data"
	cat <&3 >"$TMP/got" &
	cat "$TMP/ours" >&3
	wait "$!"
	exec 3>&-
	wait
	rmdir "$NET/tcp/s"
	same "sha256 of what we got" "$(sum_of "$TMP/theirs")" "$(sum_of "$TMP/got")"
	same "sha256 of what nc got" "$(sum_of "$TMP/ours")" "$(sum_of "$TMP/nc3.out")"
}

a_call_by_listen() {
	local n
	mkdir "$NET/tcp/s"
	order "$NET/tcp/s/ctl" "announce 7003"
	nsenter --net="/run/netns/$NS" -- nc -N "$OURS" 7003 <"$TMP/theirs" >"$TMP/nc4.out" &
	exec 4<>"$NET/tcp/s/listen"
	read -r n <&4
	same "its state" Established "$(state_of "$NET/tcp/$n")"
	cat "$NET/tcp/$n/data" >"$TMP/got"
	same "sha256 of what we got" "$(sum_of "$TMP/theirs")" "$(sum_of "$TMP/got")"
	exec 4>&-
	wait
	rmdir "$NET/tcp/s"
}

they_end_first() {
	nsenter --net="/run/netns/$NS" -- nc -l -N "$KERNEL" 7004 </dev/null >"$TMP/nc5.out" &
	await 5 kernel_listens 7004
	mkdir "$NET/tcp/c"
	order "$NET/tcp/c/ctl" "connect $KERNEL!7004"
	same "their end" "" "$(timeout 5 cat "$NET/tcp/c/data")"
	same "our state" Close_wait "$(state_of "$NET/tcp/c")"
	echo "still here" >"$NET/tcp/c/data"
	order "$NET/tcp/c/ctl" close
	wait
	same "what nc got after its own end" "still here" "$(cat "$TMP/nc5.out")"
	rmdir "$NET/tcp/c"
}

head -c 2000000 /dev/urandom >"$TMP/ours"
head -c 3000000 /dev/urandom >"$TMP/theirs"
net_up
it "the tree calls, sends and ends" the_tree_calls
it "both send at once over one connection" both_at_once
it "the kernel calls and both send at once" the_kernel_calls
it "a call is taken by opening listen" a_call_by_listen
it "half-closed by them, we still send" they_end_first
