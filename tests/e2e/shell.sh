#!/usr/bin/env bash
# What people do to a tree in a shell, with the tools that are always there. Time limit: 110 s.
#
#   nc, nginx :80, echo_server.py :7 --- TAP --- 10.9.0.2, catnetd; cp, dd, tar, grep, sh ...
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/shell/lib.sh"
SCRIPTS=$E2E_DIR/shell

# --- files into data -----------------------------------------------------------------------------

# into NAME PORT COMMAND... - COMMAND, which writes FILE into $D/data, and what the kernel's side got.
into() {
	local name=$1 port=$2
	shift 2
	takes "$port"
	connects "$name" "$port"
	"$@"
	rmdir "$D"
	await 10 is_gone "$PEER" || fail "the kernel's side has no end"
	same "what arrived" "$(sum_of <"$FILE")" "$(sum_of <"$TMP/nc.out")"
}

by_tee() { tee "$D/data" <"$FILE" | cmp - "$FILE"; }
by_cp() { cp "$FILE" "$D/data"; }
by_dd() { dd if="$FILE" of="$D/data" bs=70000 conv=notrunc status=none; }
by_dd_and_fsync() { dd if="$FILE" of="$D/data" bs=1M conv=fsync oflag=append status=none; }
by_append() {
	local piece
	split -b 300000 "$FILE" "$TMP/piece."
	for piece in "$TMP"/piece.*; do cat "$piece" >>"$D/data"; done
	rm "$TMP"/piece.*
}
by_pieces() {
	local piece
	for piece in one two three; do printf '%s\n' $piece >"$D/data"; done
	cat >>"$D/data" <<<four
	exec 3<>"$D/data"
	echo five >&3
	exec 3>&-
}

# --- files out of data -----------------------------------------------------------------------------

# from NAME PORT COMMAND... - COMMAND prints what FILE has, read from $D/data.
from() {
	local name=$1 port=$2
	shift 2
	gives "$port" "$FILE"
	connects "$name" "$port"
	same "what was read" "$(sum_of <"$FILE")" "$("$@" | sum_of)"
	rmdir "$D"
}

copied() { cp "$D/data" "$TMP/copy" && cat "$TMP/copy"; }
dd_read() { dd if="$D/data" bs=64K iflag=fullblock status=none; }
split_and_joined() { split -b 100000 "$D/data" "$TMP/piece." && cat "$TMP"/piece.*; }
teed_through_a_substitution() {
	tee >(sum_of >"$TMP/sum") <"$D/data"
	await 5 test -s "$TMP/sum"
	same "the sum beside it" "$(sum_of <"$FILE")" "$(cat "$TMP/sum")"
}
without_loss_after_head() {
	head -c 1000 "$D/data"
	dd if="$D/data" bs=100 count=5 iflag=fullblock status=none
	head -c 5 <"$D/data"
	cat "$D/data"
}

counted_and_sorted() {
	gives 9100 "$TMP/words"
	connects words 9100
	same "wc" "$(wc <"$TMP/words" | tr -s ' ')" "$(wc <"$D/data" | tr -s ' ')"
	rmdir "$D"
	gives 9101 "$TMP/words"
	connects words 9101
	same "wc -c, which looks at the size first" "$(wc -c <"$TMP/words")" "$(wc -c <"$D/data")"
	rmdir "$D"
	gives 9102 "$TMP/words"
	connects words 9102
	same "sort" "$(sort "$TMP/words" | sum_of)" "$(sort "$D/data" | sum_of)"
	rmdir "$D"
	gives 9103 "$TMP/words"
	connects words 9103
	diff <(awk 'NR % 2' "$D/data") <(awk 'NR % 2' "$TMP/words")
	rmdir "$D"
}

# bash's own read takes no byte too many from what cannot seek.
lines_by_read_and_the_rest() {
	local first second
	gives 9104 "$TMP/words"
	connects words 9104
	exec 3<>"$D/data"
	read -r first <&3
	IFS= read -r -n 4 second <&3
	same "the lines" "$(head -c $((${#first} + 5)) "$TMP/words")" "$first"$'\n'"$second"
	same "the rest" "$(tail -c +$((${#first} + 6)) "$TMP/words" | sum_of)" "$(sum_of <&3)"
	exec 3>&-
	rmdir "$D"
}

# It wants to give back what it has read behind the line, as in a file that it can seek in.
one_line_by_head() {
	takes 9105 "sh -c 'echo a line; exec cat'"
	connects line 9105
	timeout 5 head -n 1 "$D/data" >"$TMP/line" 2>"$TMP/complaint"
	same "head -n 1" "a line" "$(cat "$TMP/line")"
	like "what it says besides" "*Illegal seek" "$(cat "$TMP/complaint")"
	rmdir "$D"
}

# --- both ways and through pipes ----------------------------------------------------------------

two_cats() {
	connects two 7
	cat "$D/data" >"$TMP/back" &
	local reader=$!
	cat "$FILE" >"$D/data"
	echo "shutdown wr" >"$D/ctl"
	wait "$reader"
	cmp "$TMP/back" "$FILE"
	rmdir "$D"
}

through_gzip_and_tar() {
	gzip -c "$FILE" >"$TMP/file.gz"
	gives 9110 "$TMP/file.gz"
	connects zip 9110
	cat "$D/data" | gzip -d | cmp - "$FILE"
	rmdir "$D"
	takes 9111
	connects tar 9111
	tar c -C "$TMP" words "$(basename "$FILE")" >"$D/data"
	rmdir "$D"
	await 10 is_gone "$PEER"
	cp "$TMP/nc.out" "$TMP/x.tar"
	gives 9112 "$TMP/x.tar"
	connects tar 9112
	mkdir "$TMP/unpacked"
	tar x -C "$TMP/unpacked" <"$D/data"
	rmdir "$D"
	cmp "$TMP/unpacked/words" "$TMP/words"
	cmp "$TMP/unpacked/$(basename "$FILE")" "$FILE"
}

# --- shells ------------------------------------------------------------------------------------

# Tables by what reads files without a program.
tables_by_the_shell() {
	local status lines
	connects tables 7
	status=$(<"$D/status")
	like "\$(<status)" "Established *" "$status"
	mapfile -t lines <"$NET/tcp/stats"
	same "mapfile's last line" "}" "${lines[-1]}"
	read -r status _ <"$D/status"
	same "read" Established "$status"
	same "two readers" "$(cat "$D/remote" "$D/remote")" "$KERNEL!7"$'\n'"$KERNEL!7"
	rmdir "$D"
}

# With set -C the shell asks for a new file, which none in the tree is; >| says it is meant.
noclobber() {
	takes 9120
	connects clobber 9120
	refused "cannot overwrite existing file" bash -C -c "echo no >$D/data"
	bash -C -c "echo yes >|$D/data && echo and more >>$D/data && echo 'shutdown wr' >|$D/ctl"
	await 5 grep -q "and more" "$TMP/nc.out"
	rmdir "$D"
	await 5 is_gone "$PEER"
	same "what arrived" $'yes\nand more' "$(cat "$TMP/nc.out")"
}

# session SHELL... - the client and the server of tree.md, in any shell.
session() {
	local server
	command -v "$1" >/dev/null || not_here "$1 is not installed"
	same "the client" "hello from nginx" "$("$@" "$SCRIPTS/client" "$NET" "$KERNEL!80" | tail -n 1)"
	start server "$@" "$SCRIPTS/server" "$NET" 8070
	server=$STARTED
	await 5 tree_listens 8070
	same "the server" "you said: good day" "$(echo good day | in_ns timeout 5 nc -N "$OURS" 8070)"
	await 5 is_gone "$server" || fail "the server still runs"
	same "what the server complained of" "" "$(cat "$TMP/server.err")"
	await 5 nothing_is_left
}

# --- servers in shell -----------------------------------------------------------------------------

fifty_calls_at_once() {
	local server port=8080 i pids=()
	CATNET=$NET start serve "$ROOT_DIR/examples/serve" $port
	server=$STARTED
	await 5 tree_listens $port
	for i in {1..50}; do
		in_ns curl -sS -m 30 -o "$TMP/page.$i" "http://$OURS:$port/" 2>"$TMP/curl.$i" &
		pids+=($!)
	done
	for i in {1..50}; do
		wait "${pids[i - 1]}" || fail "call $i: $(cat "$TMP/curl.$i")"
		like "page $i" "hello $KERNEL!*, this is $OURS!$port"$'\n'"Established*" "$(cat "$TMP/page.$i")"
	done
	kill -TERM "$server"
	await 5 is_gone "$server"
	await 5 nothing_is_left || fail "$(ls "$NET/tcp") is left"
	same "what it complained of" "" "$(cat "$TMP/serve.err")"
}

many_short_ones() {
	seq 200 | CATNET=$NET xargs -P 8 -I{} "$ROOT_DIR/examples/get" "$KERNEL!80" >"$TMP/pages"
	same "pages" 200 "$(grep -c "^hello from nginx" "$TMP/pages")"
	await 5 nothing_is_left
}

# --- ends ------------------------------------------------------------------------------------------

a_timeout_leaves_nothing() {
	local rc=0 before
	connects patience 7
	before=$(waiting)
	timeout 0.3 cat "$D/data" || rc=$?
	same "the status of timeout" 124 "$rc"
	same "who waits" "$before" "$(waiting)"
	echo hello >"$D/data"
	same "who reads next" hello "$(timeout 5 head -n 1 "$D/data" 2>/dev/null)"
	rmdir "$D"
	await 5 nothing_is_left
}

# in_the_middle SCRIPT - a shell that runs it, until it waits in the server; its pid in STARTED.
in_the_middle() {
	local before
	before=$(waiting)
	start killed "$SCRIPTS/$1" "$NET" "$KERNEL!7"
	await 5 more_wait_than "$before" || fail "it does not wait: $(cat "$TMP/killed.err")"
}

# A shell in the middle of it, and whoever it waits for, by kill -9.
killed() { # SCRIPT
	local shell child
	in_the_middle "$1"
	shell=$STARTED
	child=$(pgrep -P "$shell") || true
	# shellcheck disable=SC2086
	kill -KILL "$shell" $child
	await 5 nothing_is_left || fail "$(ls "$NET/tcp") is left"
}

killed_with_a_name() {
	in_the_middle named
	kill -KILL "$STARTED"
	await 5 is_gone "$STARTED"
	same "its state" Established "$(state_of "$NET/tcp/named")"
	rmdir "$NET/tcp/named"
	await 5 nothing_is_left
}

it "tee copies into data" into tee 9000 by_tee
it "cp copies into data" into cp 9001 by_cp
it "dd writes into data" into dd 9002 by_dd
it "dd with append and fsync writes into data" into dd 9003 by_dd_and_fsync
it "cat >> appends to data" into append 9004 by_append
FILE=$TMP/five
it "printf, a here-string and exec 3<> each write a piece" into pieces 9005 by_pieces
FILE=$TMP/large
it "cp copies a large file into data" into large 9006 by_cp
it "cp copies a large file out of data" from large 9007 copied
FILE=$TMP/file
it "dd reads from data" from dd 9008 dd_read
it "split cuts data" from split 9009 split_and_joined
it "tee reads data into a process substitution" from tee 9010 teed_through_a_substitution
it "head -c and dd take what they were told to and leave the rest" from head 9011 without_loss_after_head
it "wc, sort and awk read data to its end" counted_and_sorted
it "bash's read takes a line of data and leaves the rest" lines_by_read_and_the_rest
it "head -n 1 does not wait for a second line" one_line_by_head
it "two cats talk both ways at once" two_cats
it "data goes through gzip and tar" through_gzip_and_tar
it "the shell reads tables by itself" tables_by_the_shell
it "noclobber refuses > and lets >| through" noclobber
it "client and server in bash" session bash
it "client and server in dash" session dash
it "client and server in busybox sh" session busybox sh
it "examples/serve answers 50 calls at once" fifty_calls_at_once
it "xargs -P 8 fetches 200 pages" many_short_ones
it "timeout ends cat of data, and nothing of it is left" a_timeout_leaves_nothing
it "a shell with clone open is killed, and nothing is left" killed opened
it "a shell that waits in data is killed, and nothing is left" killed waiting
it "a shell with a reservation is killed, and it ends in its time" killed reserved
it "a shell with a named conversation is killed, and its name stays" killed_with_a_name
