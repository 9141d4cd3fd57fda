#!/usr/bin/env bash
# Programs that read every file they find: grep -r, find, tar, cp -r, du, rm -r. Time limit: 60 s.
#
#   echo_server.py :7 --- TAP --- 10.9.0.2, catnetd with a listener, a call, a connection and an idle one
. "$(dirname "$0")/lib.sh"
SOMEBODY=(setpriv --reuid 20001 --regid 20001 --clear-groups)
OTHER=(setpriv --reuid 20002 --regid 20002 --clear-groups)

# A file of ours that is asked about in words; those that would wait say so instead of waiting.
GREPS_WORDS='Resource temporarily unavailable|Invalid argument|Transport endpoint is not connected'

something_of_everything() {
	mkdir "$NET/tcp/server" "$NET/tcp/client" "$NET/tcp/idle" "$NET/udp/server" "$NET/icmp/ping"
	echo "announce 8080" >"$NET/tcp/server/ctl"
	echo "connect $KERNEL!7" >"$NET/tcp/client/ctl"
	echo "announce 900" >"$NET/udp/server/ctl"
	echo "connect $KERNEL!0" >"$NET/icmp/ping/ctl"
}

parked() {
	json "$NET/stats" 'j["tree"]["parked"]'
}

parked_is() {
	[ "$(parked)" -eq "$1" ]
}

more_are_parked_than() {
	[ "$(parked)" -gt "$1" ]
}

reservations() { # UID
	find "$NET" -mindepth 2 -maxdepth 2 -uid "$1" | wc -l
}

# greps WHO... - it ends by itself, with 2, as some files could not be read.
greps() {
	local rc=0
	timeout 10 "$@" grep -r Established "$NET" >"$TMP/found" 2>"$TMP/errors" || rc=$?
	same "its status" 2 "$rc"
	grep -q "^$NET/tcp/client/status:Established " "$TMP/found" || fail "it did not find the connection"
	parked_is 0 || fail "somebody waits"
}

root_greps() {
	greps
	if grep -vE "($GREPS_WORDS)\$" "$TMP/errors"; then fail "$(grep -vE "($GREPS_WORDS)\$" "$TMP/errors")"; fi
	same "the server's state" Listen "$(state_of "$NET/tcp/server")"
	echo "still there" >"$NET/tcp/client/data"
	same "the connection" "still there" "$(timeout 5 head -c 11 "$NET/tcp/client/data")"
}

somebody_greps() {
	greps "${SOMEBODY[@]}"
	if grep -vE "($GREPS_WORDS|Permission denied)\$" "$TMP/errors"; then fail "other errors"; fi
	if grep "client/stats:" "$TMP/found"; then fail "it read what is another's"; fi
}

somebody_greps_too_often() {
	for _ in {1..30}; do "${SOMEBODY[@]}" timeout 10 grep -rs Established "$NET" >/dev/null || true; done
	same "what is reserved for him" 64 "$(reservations 20001)"
	refused "Disk quota exceeded" "${SOMEBODY[@]}" cat "$NET/tcp/clone"
	like "the words" "tcp/clone: too many *of this user*" "$("${SOMEBODY[@]}" cat "$NET/err")"
	like "another's number" "[0-9]*" "$("${OTHER[@]}" cat "$NET/tcp/clone")"
}

# Every file by cat, each as long as one may wait.
find_and_cat() {
	local rc=0
	timeout 40 find "$NET" ! -uid 20001 ! -uid 20002 -type f \
		-exec timeout 0.1 cat {} \; >"$TMP/found" 2>"$TMP/errors" || rc=$?
	same "its status" 0 "$rc"
	grep -q '"schema":' "$TMP/found" || fail "there is no table in it"
	await 5 parked_is 0 || fail "somebody waits"
	same "open files of the connection besides this one" 1 \
		"$(json "$NET/tcp/client/stats" 'j["open_files"]')"
}

# waits_and_ends COMMAND... - it waits in some file; told to end, it does, and leaves nothing.
waits_and_ends() {
	start walker "$@"
	await 10 more_are_parked_than 0 || fail "it does not wait: $(tail -n 1 "$TMP/walker.err")"
	kill -TERM "$STARTED"
	await 2 is_gone "$STARTED" || fail "it is still there"
	await 2 parked_is 0 || fail "its request is still there"
}

what_only_looks_ends() {
	timeout 10 ls -lR "$NET" >"$TMP/found"
	timeout 10 find "$NET" -ls >>"$TMP/found"
	timeout 10 du -s "$NET" >>"$TMP/found"
	timeout 10 stat "$NET"/tcp/*/data >>"$TMP/found"
	parked_is 0
}

# tar goes by the size that a file has before it is read, and fills up with zeros.
copies_of_tables() {
	local rc=0
	mkdir "$TMP/copies"
	tar cf "$TMP/x.tar" -C "$NET" stats iproute 2>"$TMP/errors" || rc=$?
	same "tar's status" 1 "$rc"
	like "what it says" "*: iproute: File shrank by * bytes; padding with zeros*" "$(tr '\n' ' ' <"$TMP/errors")"
	tar xf "$TMP/x.tar" -C "$TMP/copies"
	same "what tar keeps" "$(cat "$NET/iproute")" "$(tr -d '\0' <"$TMP/copies/iproute")"
	rm -r "$TMP/copies"
	cp -r "$NET/ipifc" "$TMP/copies"
	like "what cp keeps" "device $TAP *" "$(head -n 1 "$TMP/copies/0/status")"
	diff "$NET/ipifc/0/local" "$TMP/copies/0/local"
}

# One snapshot at open, so that it is the same in pieces of any size, from any end.
a_table_by_many() {
	local file=$NET/iproute expected
	expected=$(cat "$file")
	same "dd" "$expected" "$(dd if="$file" bs=7 status=none)"
	same "tac" "$expected" "$(tac "$file" | tac)"
	same "head and tail" "$expected" "$(head -n 1 "$file"; tail -n +2 "$file")"
	same "tail -c" "${expected: -10}" "$(tail -c 11 "$file")"
	same "od" "$(od -c <<<"$expected")" "$(od -c "$file")"
	same "cp" "$expected" "$(cp "$file" "$TMP/table" && cat "$TMP/table")"
	same "while read" "$expected" "$(while IFS= read -r line; do echo "$line"; done <"$file")"
	cmp "$file" "$file"
	same "wc -c" "$((${#expected} + 1))" "$(wc -c <"$file")"
}

nothing_is_removed() {
	local before
	before=$(ls "$NET/tcp")
	refused "Operation not permitted" rm -r "$NET/tcp"
	refused "Operation not permitted" rm -rf "$NET/tcp/client"
	refused "Operation not permitted" mv "$NET/tcp/client" "$NET/tcp/other"
	refused "Operation not permitted" touch "$NET/tcp/client/data"
	refused "Operation not permitted" sed -i s/a/b/ "$NET/iproute"
	refused "Operation not permitted" ln -s x "$NET/tcp/link"
	same "what is there" "$before" "$(ls "$NET/tcp")"
	same "its state" Established "$(state_of "$NET/tcp/client")"
}

net_up
start_echo 7
something_of_everything
it "grep -r of root ends, and harms nothing" root_greps
it "grep -r of somebody else ends, and sees what is public" somebody_greps
it "who greps too often has used up his reservations, and nobody else's" somebody_greps_too_often
it "find -exec cat, each with a bound, ends and leaves nothing" find_and_cat
it "cat of everything waits, and ends when told to" waits_and_ends \
	sh -c "exec cat \$(find $NET -type f)"
it "cp -r waits, and ends when told to" waits_and_ends cp -r "$NET/tcp/client" "$TMP/copy"
it "tar of a connection waits, and ends when told to" waits_and_ends \
	tar cf "$TMP/x.tar" -C "$NET/tcp/client" .
it "wc of a server waits, and ends when told to" waits_and_ends sh -c "exec wc $NET/tcp/server/*"
it "tail -f of events waits, and ends when told to" waits_and_ends tail -f "$NET/events"
it "what only looks at files ends" what_only_looks_ends
it "cp copies tables, tar with zeros behind them" copies_of_tables
it "a table is the same to all who read it" a_table_by_many
it "rm, mv, touch, ln and sed -i change nothing" nothing_is_removed
