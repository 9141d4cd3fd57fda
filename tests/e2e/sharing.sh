#!/usr/bin/env bash
# Descriptors in several hands: forked, duplicated, executed, sent, in threads; and in the hands of
# other runtimes. Time limit: 120 s.
#
#   echo_server.py :7 --- TAP --- 10.9.0.2, catnetd; processes and threads on the same files
. "$(dirname "$0")/lib.sh"

# A server that is a loop of the shell, with one child a call: the child has the call alone.
a_child_of_the_shell_serves_each_call() {
	local i
	mkdir "$NET/tcp/srv"
	order "$NET/tcp/srv/ctl" "announce 7330"
	start srv bash -c "
		while read -r n who; do
			( exec 3<>$NET/tcp/\$n/data; read -r line <&3; echo \"you said \$line\" >&3 ) &
		done <$NET/tcp/srv/accept"
	for i in 1 2 3 4 5; do
		same "answer $i" "you said $i" "$(echo "$i" | in_ns nc -N -w 5 "$OURS" 7330)"
	done
	order "$NET/tcp/srv/ctl" hangup
	await 5 is_gone "$STARTED" || fail "the loop has not ended with its calls"
	rmdir "$NET/tcp/srv"
}

# exec 3<>clone: the descriptor is in every child, and it ends with the last of them.
a_child_of_the_shell_keeps_it() {
	local n
	n=$(bash -c "exec 3<>$NET/tcp/clone; read -r n <&3; echo \$n; sleep 1 >/dev/null & disown")
	[ -d "$NET/tcp/$n" ] || fail "tcp/$n is gone while the child sleeps"
	await 5 test ! -e "$NET/tcp/$n" || fail "tcp/$n is there after the child"
}

a_pipeline_reads_and_writes_one_descriptor() {
	mkdir "$NET/tcp/pipe"
	order "$NET/tcp/pipe/ctl" "connect $KERNEL!7"
	same "what came back" 55 "$(
		exec 3<>"$NET/tcp/pipe/data"
		seq 10 >&3 &
		head -n 10 <&3 | awk '{ sum += $1 } END { print sum }'
	)"
	rmdir "$NET/tcp/pipe"
}

net_up
start_echo 7
run_cases sharing.py "$KERNEL" "$OURS"
it "a child of the shell serves each call" a_child_of_the_shell_serves_each_call
it "a child of the shell keeps what it inherited" a_child_of_the_shell_keeps_it
it "a pipeline reads and writes one descriptor" a_pipeline_reads_and_writes_one_descriptor
