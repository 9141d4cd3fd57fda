#!/usr/bin/env bash
# /net/events: a line for each change of a conversation's state, to whom it concerns. Time limit:
# 60 s.
#
#   echo_server.py :7 --- TAP --- 10.9.0.2, catnetd; ann (uid 65534) and bob (uid 4711)
. "$(dirname "$0")/lib.sh"

ann() {
	setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"
}

bob() {
	setpriv --reuid 4711 --regid 4711 --clear-groups -- "$@"
}

# Has FILE that many lines?
has_lines() { # FILE COUNT
	[ "$(wc -l <"$1")" -ge "$2" ]
}

# How many requests wait in the server.
waiting_n() {
	json "$NET/stats" 'j["tree"]["parked"]'
}

waits_one_more() { # BEFORE
	[ "$(waiting_n)" -gt "$1" ]
}

# follow NAME COMMAND... - one that reads events, whose output is $TMP/NAME.out; its pid in STARTED.
follow() {
	local before
	before=$(waiting_n)
	start "$@"
	await 5 waits_one_more "$before" || fail "it does not read"
}

# What everybody does with them: NAME PORT, in a shell of one's own.
connects_and_ends() { # WHO NAME
	"$1" bash -c "mkdir $NET/tcp/$2 && echo 'connect $KERNEL!7' >$NET/tcp/$2/ctl && rmdir $NET/tcp/$2"
}

# without_time FILE - lines without their time and numbers.
without_time() {
	awk '{ print $2, $4, $5, $6, $7 }' "$1"
}

a_named_connection() {
	follow cat cat "$NET/events"
	connects_and_ends env shown
	await 5 grep -q "Finwait1 " "$TMP/cat.out" || fail "no end: $(cat "$TMP/cat.out")"
	kill "$STARTED"
	same "lines" "tcp shown Closed Syn_sent $KERNEL!7
tcp shown Syn_sent Established $KERNEL!7
tcp - Established Finwait1 $KERNEL!7" "$(without_time "$TMP/cat.out" | head -3)"
}

a_loop_in_shell() {
	# shellcheck disable=SC2016
	follow loop bash -c 'while read -r us proto n name old new addr; do
		echo "$proto $name $old $new"; done <"$0"' "$NET/events"
	mkdir "$NET/udp/heard"
	order "$NET/udp/heard/ctl" announce 7400
	rmdir "$NET/udp/heard"
	await 5 has_lines "$TMP/loop.out" 2 || fail "it heard: $(cat "$TMP/loop.out")"
	kill "$STARTED"
	same "lines" "udp heard Closed Announced
udp - Announced Closed" "$(cat "$TMP/loop.out")"
}

the_first_line_only() {
	follow head timeout 10 head -n 1 "$NET/events"
	mkdir "$NET/udp/heard"
	order "$NET/udp/heard/ctl" announce 7400
	await 5 is_gone "$STARTED" || fail "head still reads"
	rmdir "$NET/udp/heard"
	like "line" "* udp * heard Closed Announced ::!7400" "$(cat "$TMP/head.out")"
}

everybody_his_own() {
	local all mine his
	follow all cat "$NET/events"
	all=$STARTED
	follow mine setpriv --reuid 65534 --regid 65534 --clear-groups cat "$NET/events"
	mine=$STARTED
	follow his setpriv --reuid 4711 --regid 4711 --clear-groups cat "$NET/events"
	his=$STARTED
	connects_and_ends ann anns
	connects_and_ends bob bobs
	await 5 grep -q Finwait1 "$TMP/his.out" || fail "bob hears nothing"
	await 5 grep -q Finwait1 "$TMP/mine.out" || fail "ann hears nothing"
	await 5 has_lines "$TMP/all.out" 6 || fail "root hears not all"
	kill "$all" "$mine" "$his"
	same "of bob's, ann heard" 0 "$(grep -c bobs "$TMP/mine.out")"
	same "of ann's, bob heard" 0 "$(grep -c anns "$TMP/his.out")"
	same "names that root heard" "anns bobs" \
		"$(awk '$4 != "-" { print $4 }' "$TMP/all.out" | sort -u | xargs)"
}

everybody_may_read_and_nobody_write() {
	same "mode" "0:0 444" "$(stat -c '%u:%g %a' "$NET/events")"
	refused "Permission denied" bob bash -c "echo x >$NET/events"
	refused "Permission denied" bash -c "echo x >$NET/events"
}

many_are_killed_at_once() {
	timeout 30 python3 "$E2E_DIR/parked.py" kill "$NET/events" 200 || fail "$(tail -1 "$TMP/it.log")"
	same "waiting" 0 "$(waiting_n)"
}

a_reader_hears_the_end() {
	follow last cat "$NET/events"
	server_down TERM
	await 5 is_gone "$STARTED" || fail "it still waits for a server that is gone"
	like "its words" "*abort*" "$(cat "$TMP/last.err")"
	server_up
}

net_up
start_echo 7
it "a connection is told under its name, and as nobody's once that is gone" a_named_connection
it "a loop of read in a shell hears each line" a_loop_in_shell
it "head takes the first line and goes" the_first_line_only
it "everybody hears of his own, and root of all" everybody_his_own
it "everybody may read it and nobody write it" everybody_may_read_and_nobody_write
it "200 who wait are killed at once, and leave nothing" many_are_killed_at_once
run_cases events.py "$KERNEL" "$OURS"
it "who waits is freed when the server ends" a_reader_hears_the_end
