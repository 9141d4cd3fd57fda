#!/usr/bin/env bash
# Two users of one tree see that the other is there, and nothing of what he says. Time limit: 90 s.
#
#   echo_server.py :7 --- TAP --- 10.9.0.2, catnetd; ann (uid 65534) and bob (uid 4711)
. "$(dirname "$0")/lib.sh"

ann() {
	setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"
}

bob() {
	setpriv --reuid 4711 --regid 4711 --clear-groups -- "$@"
}

bob_in_group() { # GROUP COMMAND...
	setpriv --reuid 4711 --regid 4711 --groups "$1" -- "${@:2}"
}

# refused_to WHO ERROR WORDS... - a shell's line that must fail.
refused_to() {
	refused "$2" "$1" bash -c "${*:3}"
}

ann_connects() {
	ann bash -c "mkdir $NET/tcp/ann && echo 'connect $KERNEL!7' >$NET/tcp/ann/ctl"
}

ann_talks() {
	ann bash -c "exec 3<>$NET/tcp/ann/data; echo secret >&3; head -c 7 <&3" | grep -q secret
}

it_is_anns() {
	same "owner and mode of data" "65534:65534 600" "$(stat -c '%u:%g %a' "$NET/tcp/ann/data")"
	same "owner and mode of the directory" "65534:65534 555" "$(stat -c '%u:%g %a' "$NET/tcp/ann")"
}

bob_sees_that_it_is_there() {
	bob find "$NET/tcp" -name ann | grep -q .
	like "remote" "$KERNEL!7" "$(bob cat "$NET/tcp/ann/remote")"
	like "local" "$OURS!*" "$(bob cat "$NET/tcp/ann/local")"
	like "status" "Established*" "$(bob cat "$NET/tcp/ann/status")"
}

bob_may_not() { # FILE HOW
	refused_to bob "Permission denied" "$2 $NET/tcp/ann/$1"
}

bob_may_not_end_it() {
	if bob rmdir "$NET/tcp/ann" 2>/dev/null; then fail "bob ended it"; fi
	[ -d "$NET/tcp/ann" ] || fail "it is gone"
}

bob_may_not_change_it() {
	refused_to bob "not permitted" "chmod 666 $NET/tcp/ann/data"
	refused_to bob "not permitted" "chown 4711 $NET/tcp/ann/data"
}

the_name_is_taken() {
	refused_to bob "File exists" "mkdir $NET/tcp/ann"
}

by_number_too() {
	local n
	n=$(cat "$NET/tcp/ann/ctl")
	refused_to bob "Permission denied" "cat $NET/tcp/$n/data"
}

ann_may_give_it_to_a_group() {
	setpriv --reuid 65534 --regid 65534 --groups 65534,7000 -- bash -c \
		"chgrp 7000 $NET/tcp/ann/data && chmod 660 $NET/tcp/ann/data"
	same "mode" "65534:7000 660" "$(stat -c '%u:%g %a' "$NET/tcp/ann/data")"
	bob_in_group 7000 bash -c "exec 3<>$NET/tcp/ann/data; echo shared >&3; head -c 7 <&3" |
		grep -q shared
	refused_to bob "Permission denied" "cat $NET/tcp/ann/data"
}

not_to_a_group_of_others() {
	refused_to ann "not permitted" "chgrp 8000 $NET/tcp/ann/data"
}

both_talk_at_once() {
	install -d -m 755 "$TMP/py" && install -m 644 "$E2E_DIR"/*.py "$TMP/py" || return
	ann /usr/bin/python3 "$TMP/py/chatter.py" tree "$KERNEL" 7 --conversations 10 >"$TMP/ann.out" 2>&1 &
	bob /usr/bin/python3 "$TMP/py/chatter.py" tree "$KERNEL" 7 --conversations 10
	wait "$!" || fail "$(cat "$TMP/ann.out")"
}

# As with sockets, a descriptor handed on is as good as one's own.
a_descriptor_may_be_handed_on() {
	same "what bob read" "handed on" "$(ann bash -c \
		"exec 3<>$NET/tcp/ann/data; printf 'handed on' >&3; head -c 9 <&3")"
	exec 3<>"$NET/tcp/ann/data"
	printf 'handed on' >&3
	same "what bob read" "handed on" "$(bob head -c 9 <&3)"
	exec 3>&-
}

low_ports_are_roots() {
	ann mkdir "$NET/tcp/low"
	refused_to ann "Permission denied" "echo 'announce 80' >$NET/tcp/low/ctl"
	like "err" "announce *80*" "$(ann cat "$NET/tcp/low/err")"
	ann bash -c "echo 'announce 1024' >$NET/tcp/low/ctl"
	ann rmdir "$NET/tcp/low"
}

the_net_is_roots() {
	local file
	for file in arp iproute; do
		[ -e "$NET/$file" ] || continue
		refused_to ann "Permission denied" "echo flush >$NET/$file"
	done
	[ ! -e "$NET/log" ] || refused_to ann "Permission denied" "cat $NET/log"
}

a_call_belongs_to_who_took_it() {
	ann mkdir "$NET/tcp/srv"
	ann bash -c "echo 'announce 7400' >$NET/tcp/srv/ctl"
	in_ns nc -N "$OURS" 7400 </dev/null &
	like "owner" "65534 *" "$(ann bash -c \
		"exec 3<>$NET/tcp/srv/listen; read n <&3; stat -c '%u %a' $NET/tcp/\$n/data")"
	wait
	ann rmdir "$NET/tcp/srv"
}

reservations_are_limited() {
	ann bash -c "for i in {1..100}; do cat $NET/tcp/clone || exit 0; done; exit 1" >/dev/null 2>"$TMP/quota"
	grep -q "Disk quota exceeded" "$TMP/quota" || fail "$(cat "$TMP/quota")"
	bob cat "$NET/tcp/clone" >/dev/null
}

others_processes_cannot_be_held_by() {
	start sleep bob sleep 20
	ann mkdir "$NET/tcp/held"
	refused_to ann "not permitted" "echo 'hold $STARTED' >$NET/tcp/held/ctl"
	ann rmdir "$NET/tcp/held"
	kill "$STARTED"
}

the_stats_name_the_maker() {
	same "uid" 65534 "$(json "$NET/tcp/ann/stats" "j['uid']")"
}

errors_are_each_ones_own() {
	ann mkdir "$NET/tcp/no good" 2>/dev/null || true
	bob mkdir "$NET/tcp/as bad" 2>/dev/null || true
	like "ann's" "*no good*" "$(ann cat "$NET/err")"
	like "bob's" "*as bad*" "$(bob cat "$NET/err")"
}

net_up
start_echo 7
it "ann makes a conversation" ann_connects
it "its files are hers" it_is_anns
it "she talks" ann_talks
it "bob sees that it is there" bob_sees_that_it_is_there
it "bob may not read its data" bob_may_not data cat
it "bob may not write its data" bob_may_not data "echo x >"
it "bob may not command it" bob_may_not ctl "echo hangup >"
it "bob may not read its ctl" bob_may_not ctl cat
it "bob may not read its errors" bob_may_not err cat
it "bob may not read its stats" bob_may_not stats cat
it "bob may not take its calls" bob_may_not listen cat
it "bob may not take its calls by accept" bob_may_not accept cat
it "bob may not reach it by its number" by_number_too
it "bob may not end it" bob_may_not_end_it
it "bob may not change its modes" bob_may_not_change_it
it "bob may not make one of the same name" the_name_is_taken
it "a descriptor that is handed on can be read" a_descriptor_may_be_handed_on
it "ann may give it to a group of hers, and bob is then in" ann_may_give_it_to_a_group
it "ann may not give it to a group that is not hers" not_to_a_group_of_others
it "ann's uid is in its stats" the_stats_name_the_maker
it "both talk at once, undisturbed" both_talk_at_once
it "a port below 1024 is root's" low_ports_are_roots
it "addresses, routes and the log are root's" the_net_is_roots
it "a call belongs to who took it" a_call_belongs_to_who_took_it
it "reservations of one are limited, and another's go on" reservations_are_limited
if has_verb tcp "hold 1"; then
	it "a process of another cannot hold a conversation" others_processes_cannot_be_held_by
else
	skip "a process of another cannot hold a conversation" "hold is not built"
fi
it "errors without a conversation are each one's own" errors_are_each_ones_own
