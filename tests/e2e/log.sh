#!/usr/bin/env bash
# /net/log as a tool, and the server's log where a service manager takes it. Time limit: 60 s.
#
#   a kernel --- TAP --- 10.9.0.2, catnetd; root reads, writes and reads again
. "$(dirname "$0")/lib.sh"

LOG=$NET/log

waiting_n() {
	json "$NET/stats" 'j["tree"]["parked"]'
}

waits_one_more() { # BEFORE
	[ "$(waiting_n)" -gt "$1" ]
}

# follow NAME - a cat that reads the log into $TMP/NAME.out; its pid in STARTED.
follow() {
	local before
	before=$(waiting_n)
	start "$1" cat "$LOG"
	await 5 waits_one_more "$before" || fail "it does not read"
}

# A command of a user's that cannot be obeyed.
a_mistake() {
	mkdir "$NET/udp/c"
	order "$NET/udp/c/ctl" ttl 300 2>/dev/null || true
	rmdir "$NET/udp/c"
}

what_fails_is_heard_once_fs_is_set() {
	follow fails
	a_mistake
	order "$LOG" set fs
	a_mistake
	await 5 grep -q . "$TMP/fails.out" || fail "nothing was heard"
	order "$LOG" clear fs
	a_mistake
	kill "$STARTED"
	like "the line" "* fs uid 0: udp/*: ttl: expected a number from 1 to 255, got \"300\"" \
		"$(cat "$TMP/fails.out")"
	same "lines" 1 "$(wc -l <"$TMP/fails.out")"
}

every_reader_hears_all() {
	local pids=()
	for i in 1 2 3 4 5; do
		follow "all$i"
		pids+=("$STARTED")
	done
	order "$LOG" set fs
	a_mistake
	for i in 1 2 3 4 5; do
		await 5 grep -q ttl "$TMP/all$i.out" || fail "reader $i heard nothing"
	done
	order "$LOG" clear fs
	kill "${pids[@]}"
}

# Nothing else happens meanwhile: the line itself must wake who waits for it.
what_is_said_in_silence() {
	follow says
	sleep 1.5 # until the server, which tidies up after a second, sleeps for good
	kill -USR1 "$(server_pid)"
	await 2 grep -q ' daemon info: ' "$TMP/says.out" || fail "nothing was heard"
	kill "$STARTED"
}

refused_words() { # WORDS COMMAND...
	refused "Invalid argument" bash -c "echo ${*:2} >$LOG"
	# shellcheck disable=SC2053
	[[ $(cat "$NET/err") == $1 ]] || fail "err says \"$(cat "$NET/err")\""
}

only_one_host() {
	follow only
	order "$LOG" set fs
	order "$LOG" only 10.9.0.77
	mkdir "$NET/udp/other" "$NET/udp/one"
	order "$NET/udp/other/ctl" connect "$KERNEL!9"
	order "$NET/udp/one/ctl" connect "10.9.0.77!9"
	order "$NET/udp/other/ctl" ttl 300 2>/dev/null || true
	order "$NET/udp/one/ctl" ttl 301 2>/dev/null || true
	await 5 grep -q 301 "$TMP/only.out" || fail "not heard"
	order "$LOG" only all
	order "$LOG" clear fs
	rmdir "$NET/udp/other" "$NET/udp/one"
	kill "$STARTED"
	same "about another host" 0 "$(grep -c 300 "$TMP/only.out")"
}

it_is_roots() {
	same "mode" "0:0 640" "$(stat -c '%u:%g %a' "$LOG")"
	refused "Permission denied" setpriv --reuid 4711 --regid 4711 --clear-groups head -c 1 "$LOG"
	refused "Permission denied" setpriv --reuid 4711 --regid 4711 --clear-groups \
		bash -c "echo set fs >$LOG"
}

its_last_words_are_heard() {
	follow last
	server_down TERM
	await 5 is_gone "$STARTED" || fail "it still waits for a server that is gone"
	like "its last line" "*daemon info: ending: *" "$(tail -1 "$TMP/last.out")"
}

# The service manager tells by device and inode that standard error is the journal.
the_journal_gets_priorities() {
	: >"$TMP/server.log"
	JOURNAL_STREAM=$(stat -c %d:%i "$TMP/server.log") server_up --log debug
	like "the journal" "*<6>serving $NET on $TAP*" "$(cat "$TMP/server.log")"
	same "lines without a priority" "" "$(grep -v '^<[0-7]>' "$TMP/server.log")"
	server_down TERM
	server_up
}

net_up
it "what fails, and for whom, is heard once fs is set" what_fails_is_heard_once_fs_is_set
it "every reader hears every line" every_reader_hears_all
it "a line that is said in silence is heard at once" what_is_said_in_silence
it "a subsystem that is unknown is refused, and the known ones are listed" \
	refused_words 'log: set: expected one of daemon, fs*, got "nothing"' set nothing
it "so is a verb" refused_words 'log: say: no such verb; there are set, clear and only' say something
it "and an address that is none" \
	refused_words 'log: only: expected an address or all, got "somebody"' only somebody
it "what is about other hosts may be left out" only_one_host
it "only root reads and writes it" it_is_roots
it "what the server has to say is heard without asking, up to the last" its_last_words_are_heard
it "the journal gets the priority of each line" the_journal_gets_priorities
