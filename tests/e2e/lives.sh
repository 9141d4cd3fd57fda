#!/usr/bin/env bash
# How long a conversation lives: as it was asked for. Time limit: 120 s.
#
#   echo_server.py :7, witness.py :11 --- TAP --- 10.9.0.2, catnetd; descriptors, names, processes
. "$(dirname "$0")/lib.sh"

is_listed() {
	[ -d "$NET/tcp/$1" ]
}

is_over() {
	[ ! -e "$NET/tcp/$1" ]
}

ends() { # NAME WHEN
	await 3 is_over "$1" || fail "tcp/$1 is still there $2"
}

numbers_rise_for_ever() {
	local a b
	exec 3<>"$NET/tcp/clone"
	read -r a <&3
	exec 3>&-
	exec 3<>"$NET/tcp/clone"
	read -r b <&3
	exec 3>&-
	[ "$b" -gt "$a" ] || fail "after $a came $b"
}

one_by_clone_ends_with_its_last_descriptor() {
	local n
	exec 3<>"$NET/tcp/clone"
	read -r n <&3
	exec 4<>"$NET/tcp/$n/ctl"
	exec 3>&-
	is_listed "$n" || fail "it ended while its ctl was open"
	exec 4>&-
	ends "$n" "after its last descriptor"
}

a_child_keeps_it() {
	local n
	exec 3<>"$NET/tcp/clone"
	read -r n <&3
	sleep 1 &
	exec 3>&-
	is_listed "$n" || fail "it ended while a child had its ctl"
	wait
	ends "$n" "after the child"
}

one_by_cat_is_reserved() {
	local n
	n=$(cat "$NET/tcp/clone")
	sleep 0.5
	is_listed "$n" || fail "it ended at once"
	echo 'keep 1' >"$NET/tcp/$n/ctl"
	ends "$n" "3 s after keep 1"
}

open_files_keep_a_reservation() {
	local n
	n=$(cat "$NET/tcp/clone")
	exec 3<"$NET/tcp/$n/ctl"
	echo 'keep 1' >"$NET/tcp/$n/ctl"
	sleep 2
	is_listed "$n" || fail "it ended while its ctl was open"
	exec 3<&-
	ends "$n" "3 s after its last file"
}

reading_and_writing_makes_a_reservation_live() {
	local n
	n=$(cat "$NET/tcp/clone")
	exec 3<>"$NET/tcp/$n/ctl"
	exec 3>&-
	ends "$n" "though its ctl was opened read and write, and closed"
}

one_with_a_name_lives_until_rmdir() {
	mkdir "$NET/tcp/name"
	order "$NET/tcp/name/ctl" "connect $KERNEL!7"
	sleep 0.5
	same "state" Established "$(state_of "$NET/tcp/name")"
	rmdir "$NET/tcp/name"
	if is_listed name; then fail "it is there after rmdir"; fi
}

it_has_a_name_and_a_number() {
	local n
	mkdir "$NET/tcp/name"
	n=$(cat "$NET/tcp/name/ctl")
	order "$NET/tcp/name/ctl" "announce 7600"
	same "the number's local" "$(cat "$NET/tcp/name/local")" "$(cat "$NET/tcp/$n/local")"
	find "$NET/tcp" -mindepth 1 -maxdepth 1 -printf '%f\n' >"$TMP/listed"
	grep -qx name "$TMP/listed" || fail "the name is not listed"
	grep -qx "$n" "$TMP/listed" || fail "the number is not listed"
	( cd "$NET/tcp/$n" && ls "$NET/tcp/name" >/dev/null && like "where we are" "*/$n" "$(/bin/pwd)" )
	rmdir "$NET/tcp/name"
	if is_listed "$n"; then fail "the number is there after rmdir of the name"; fi
}

open_files_carry_on_after_rmdir() {
	mkdir "$NET/tcp/name"
	order "$NET/tcp/name/ctl" "connect $KERNEL!7"
	exec 3<>"$NET/tcp/name/data"
	rmdir "$NET/tcp/name"
	printf 'carries on' >&3
	same "what came back" "carries on" "$(head -c 10 <&3)"
	exec 3>&-
}

good_name() {
	mkdir "$NET/tcp/$1"
	rmdir "$NET/tcp/$1"
}

bad_name() { # ERROR NAME
	refused "$1" mkdir "$NET/tcp/$2"
}

names_of_files_are_taken() {
	local name
	for name in clone stats; do bad_name "File exists" "$name"; done
	mkdir "$NET/tcp/twice"
	bad_name "File exists" twice
	rmdir "$NET/tcp/twice"
}

held_by_a_process() {
	local n holder
	sleep 30 &
	holder=$!
	n=$(cat "$NET/tcp/clone")
	order "$NET/tcp/$n/ctl" "keep 1"
	order "$NET/tcp/$n/ctl" "hold $holder"
	sleep 2
	is_listed "$n" || fail "it ended while its process lived"
	kill "$holder"
	ends "$n" "after its process"
}

a_name_goes_with_its_process() {
	local holder
	sleep 30 &
	holder=$!
	mkdir "$NET/tcp/held"
	order "$NET/tcp/held/ctl" "hold $holder"
	kill "$holder"
	ends held "after its process"
}

no_such_process() {
	mkdir "$NET/tcp/held"
	refused "No such process" bash -c "echo 'hold 4194304' >$NET/tcp/held/ctl"
	rmdir "$NET/tcp/held"
}

is_held_by() { # NUMBER PID
	same "held_by" "$2" "$(json "$NET/tcp/$1/stats" "j['held_by']")"
}

without_a_number_it_is_the_writer() {
	local n
	n=$(cat "$NET/tcp/clone")
	start writer bash -c "echo hold >$NET/tcp/$n/ctl; echo said; exec sleep 30"
	await 5 grep -q said "$TMP/writer.out"
	is_held_by "$n" "$STARTED"
	kill "$STARTED"
	ends "$n" "after its process"
}

a_thread_stands_for_its_process() {
	local n
	n=$(cat "$NET/tcp/clone")
	cat >"$TMP/thread.py" <<-END
		import signal, sys, threading
		thread = threading.Thread(target=lambda: open(sys.argv[1], "w").write("hold"))
		thread.start()
		thread.join()
		print("said", flush=True)
		signal.pause()
	END
	start thread python3 "$TMP/thread.py" "$NET/tcp/$n/ctl"
	await 5 grep -q said "$TMP/thread.out"
	is_held_by "$n" "$STARTED"
	kill "$STARTED"
	ends "$n" "after its process"
}

# In a pid namespace the shell is 1 to itself, and 2 is somebody we know by another number.
in_a_pid_namespace_it_names_itself() {
	local n inner
	n=$(cat "$NET/tcp/clone")
	start inner unshare --pid --fork --kill-child --mount-proc bash -c \
		"echo 'hold 2' >$NET/tcp/$n/ctl; echo hold \$\$ >$NET/tcp/$n/ctl && echo said; sleep 30; :"
	await 5 grep -q said "$TMP/inner.out" || fail "$(cat "$TMP/inner.err")"
	like "hold 2" "*No such process*" "$(cat "$TMP/inner.err")"
	inner=$(json "$NET/tcp/$n/stats" "j['held_by']")
	same "who holds it" bash "$(cat "/proc/$inner/comm")"
	kill "$inner" 2>/dev/null
	kill -KILL "$inner"
	ends "$n" "after its process"
}

anothers_process_is_refused() {
	local user
	user=(setpriv --reuid 65534 --regid 65534 --clear-groups --)
	"${user[@]}" mkdir "$NET/tcp/anns"
	refused "not permitted" "${user[@]}" bash -c "echo 'hold 1' >$NET/tcp/anns/ctl"
	same "its err" "hold 1: a process of uid 0; only it or root may have it hold" \
		"$(cat "$NET/tcp/anns/err")"
	"${user[@]}" bash -c "echo 'hold '\$\$ >$NET/tcp/anns/ctl"
	ends anns "after the user's own process"
}

thousands_take_one_descriptor() {
	local fds n
	fds=$(find "/proc/$(server_pid)/fd" -mindepth 1 | wc -l)
	cat >"$TMP/thousands.py" <<-END
		import os, signal, sys
		for i in range(3000):
		    name = "%s/tcp/h%d" % (sys.argv[1], i)
		    os.mkdir(name)
		    with open(name + "/ctl", "w") as ctl:
		        ctl.write("hold")
		print("said", flush=True)
		signal.pause()
	END
	start thousands python3 "$TMP/thousands.py" "$NET"
	await 60 grep -q said "$TMP/thousands.out"
	same "descriptors of the server" "$((fds + 1))" \
		"$(find "/proc/$(server_pid)/fd" -mindepth 1 | wc -l)"
	n=$(find "$NET/tcp" -maxdepth 1 -name 'h*' | wc -l)
	same "listed" 3000 "$n"
	kill "$STARTED"
	await 10 none_is_held || fail "some are left"
	same "descriptors at the end" "$fds" "$(find "/proc/$(server_pid)/fd" -mindepth 1 | wc -l)"
}

none_is_held() {
	! find "$NET/tcp" -maxdepth 1 -name 'h*' | grep -q .
}

a_call_lives_by_its_descriptor() {
	local n _
	mkdir "$NET/tcp/srv"
	order "$NET/tcp/srv/ctl" "announce 7601"
	in_ns nc "$OURS" 7601 </dev/null &
	read -r n _ <"$NET/tcp/srv/accept"
	is_listed "$n" || fail "a call taken by accept is not kept"
	exec 3<>"$NET/tcp/$n/data"
	exec 3>&-
	ends "$n" "after its last descriptor"
	rmdir "$NET/tcp/srv"
	wait
}

a_stale_path_is_nobody_elses() {
	local n
	exec 3<>"$NET/tcp/clone"
	read -r n <&3
	exec 4<"$NET/tcp/$n/err"
	( cd "$NET/tcp/$n" && exec 3>&- 4>&- && sleep 1 && ! cat data 2>/dev/null )
	exec 3>&- 4<&-
	ends "$n" "after its last descriptor"
	refused "No such file" cat "$NET/tcp/$n/status"
}

# witness.py says how our side ended: "END N" after N bytes, or "RESET N".
witnessed() {
	cat "$TMP/witness.out"
}

what_is_queued_is_sent_at_the_end() {
	: >"$TMP/witness.out"
	exec 3<>"$NET/tcp/clone"
	read -r n <&3
	echo "connect $KERNEL!11" >&3
	head -c 1000000 /dev/zero >"$NET/tcp/$n/data"
	exec 3>&-
	await 10 grep -q . "$TMP/witness.out"
	same "what the peer saw" "END 1000000" "$(witnessed)"
}

what_was_never_read_is_a_reset() {
	: >"$TMP/witness.out"
	exec 3<>"$NET/tcp/clone"
	read -r n <&3
	echo "connect $KERNEL!12" >&3
	await 5 has_bytes "$n"
	exec 3>&-
	await 5 grep -q . "$TMP/witness.out"
	like "what the peer saw" "RESET*" "$(witnessed)"
}

has_bytes() {
	[ "$(json "$NET/tcp/$1/stats" "j['bytes_in']")" -gt 0 ]
}

a_hangup_is_a_reset() {
	: >"$TMP/witness.out"
	mkdir "$NET/tcp/h"
	order "$NET/tcp/h/ctl" "connect $KERNEL!11"
	order "$NET/tcp/h/ctl" hangup
	await 5 grep -q . "$TMP/witness.out"
	rmdir "$NET/tcp/h"
	like "what the peer saw" "RESET*" "$(witnessed)"
}

long64=$(printf 'x%.0s' {1..64})
net_up
start_echo 7
start_in_ns witness python3 -u "$E2E_DIR/witness.py" "$KERNEL" 11 12
await 5 kernel_listens 12
it "numbers rise" numbers_rise_for_ever
it "one by clone ends with its last descriptor" one_by_clone_ends_with_its_last_descriptor
it "a child with its ctl keeps it" a_child_keeps_it
it "one by cat is reserved, as long as keep says" one_by_cat_is_reserved
it "open files keep a reservation" open_files_keep_a_reservation
it "a reservation opened read and write lives by its descriptor" reading_and_writing_makes_a_reservation_live
it "one with a name lives until rmdir" one_with_a_name_lives_until_rmdir
it "it is listed under its name and its number" it_has_a_name_and_a_number
it "open files carry on after rmdir" open_files_carry_on_after_rmdir
it "a name of 64 characters is good" good_name "$long64"
it "letters, digits, dot, underscore and dash are good" good_name "A.b_c-9"
it "65 characters are too many" bad_name "" "x$long64"
it "digits alone are a number, not a name" bad_name "Invalid argument" 123
it "a space is not of a name" bad_name "Invalid argument" "a b"
it "names of files and names given are taken" names_of_files_are_taken
it "a process holds one, and it ends with it" held_by_a_process
it "a name goes with the process that holds it" a_name_goes_with_its_process
it "a process that does not exist holds nothing" no_such_process
it "hold alone is by the writer's process" without_a_number_it_is_the_writer
it "a thread that writes hold stands for its process" a_thread_stands_for_its_process
it "in a pid namespace the writer can name itself" in_a_pid_namespace_it_names_itself
it "another user's process is refused, one's own is not" anothers_process_is_refused
it "3,000 held by one process take one descriptor" thousands_take_one_descriptor
it "a call taken by accept then lives by its descriptor" a_call_lives_by_its_descriptor
it "a stale path never shows another" a_stale_path_is_nobody_elses
it "what is queued at the end is sent" what_is_queued_is_sent_at_the_end
it "what was never read makes the end a reset" what_was_never_read_is_a_reset
it "hangup is a reset" a_hangup_is_a_reset
