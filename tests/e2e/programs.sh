#!/usr/bin/env bash
# The programs that everybody has, on the files: tee, cp, dd, head, split, grep and others, and what
# they do behind read and write. Time limit: 90 s.
#
#   echo_server.py :7, nc at :9001.. --- TAP --- 10.9.0.2, catnetd; programs
. "$(dirname "$0")/lib.sh"

C=$NET/tcp/c
PORT=9000

fresh() {
	[ ! -d "$C" ] || rmdir "$C"
	mkdir "$C"
}

echoing() {
	fresh
	order "$C/ctl" "connect $KERNEL!7"
}

# A conversation with a kernel's nc, which writes what it gets to $TMP/got and sends $TMP/page.
with_nc() {
	PORT=$((PORT + 1))
	rm -f "$TMP/got"
	nsenter --net="/run/netns/$NS" -- nc -N -l "$KERNEL" "$PORT" <"$TMP/page" >"$TMP/got" 2>/dev/null &
	await 5 kernel_listens "$PORT"
	fresh
	order "$C/ctl" "connect $KERNEL!$PORT"
}

nc_got_the_page() {
	order "$C/ctl" "shutdown wr"
	wait
	same "what nc got" "$(sum_of "$TMP/page")" "$(sum_of "$TMP/got")"
}

same_as_page() { # FILE
	same "sha256" "$(sum_of "$TMP/page")" "$(sum_of "$1")"
}

tee_writes() {
	with_nc
	tee "$C/data" <"$TMP/page" >"$TMP/copy"
	same_as_page "$TMP/copy"
	nc_got_the_page
}

tee_appends() {
	with_nc
	tee -a "$C/data" <"$TMP/page" >/dev/null
	nc_got_the_page
}

cp_writes() {
	with_nc
	cp "$TMP/page" "$C/data"
	nc_got_the_page
}

cp_reads() {
	with_nc
	cp "$C/data" "$TMP/copy"
	same_as_page "$TMP/copy"
}

cp_copies_from_one_to_the_other() {
	local other=$NET/tcp/other
	with_nc
	mkdir "$other"
	order "$other/ctl" "connect $KERNEL!7"
	( cp "$C/data" "$other/data" && echo "shutdown wr" >"$other/ctl" ) &
	same "what came back" "$(sum_of "$TMP/page")" "$(sha256sum <"$other/data" | cut -d' ' -f1)"
	wait "$!"
	rmdir "$other"
}

dd_writes() {
	with_nc
	dd "if=$TMP/page" "of=$C/data" bs=5000 conv=notrunc status=none
	nc_got_the_page
}

dd_reads() {
	with_nc
	dd "if=$C/data" "of=$TMP/copy" bs=64k iflag=fullblock status=none
	same_as_page "$TMP/copy"
}

head_takes_no_more_than_it_gives() {
	echoing
	printf 'hello world' >"$C/data"
	same "head" "hello" "$(head -c 5 "$C/data")"
	same "dd" " worl" "$(dd "if=$C/data" bs=1 count=5 status=none)"
	same "the rest" "d" "$(head -c 1 "$C/data")"
}

split_cuts() {
	with_nc
	rm -f "$TMP"/piece.*
	split -b 100000 "$C/data" "$TMP/piece."
	same "pieces" 4 "$(find "$TMP" -name 'piece.*' | wc -l)"
	cat "$TMP"/piece.* >"$TMP/copy"
	same_as_page "$TMP/copy"
}

lines_are_counted_sorted_and_found() {
	local what
	for what in "wc -l" "sort -n" "grep -c ." "awk END{print(NR)}" "sed -n \$=" "tail -n 1" "busybox cat"; do
		echoing
		printf '3\n1\n2\n' >"$C/data"
		order "$C/ctl" "shutdown wr"
		# shellcheck disable=SC2086
		same "$what" "$(printf '3\n1\n2\n' | $what | head -c 100)" "$($what <"$C/data" | head -c 100)"
	done
}

# Of a file without a size some would read nothing.
everybodys_cat_reads_every_file() { # CAT...
	local file
	echoing
	for file in local remote status err stats; do
		same "$file" "$(cat "$C/$file" | wc -l)" "$("$@" "$C/$file" | wc -l)"
	done
	same "remote" "$KERNEL!7" "$("$@" "$C/remote")"
	like "clone" "[1-9]*" "$("$@" "$NET/tcp/clone")"
	same "ctl" "$(cat "$C/ctl")" "$("$@" "$C/ctl")"
	same "stats" "$(wc -c <"$NET/tcp/stats")" "$("$@" "$NET/tcp/stats" | wc -c)"
	printf 'to the end' >"$C/data"
	order "$C/ctl" "shutdown wr"
	same "data" "to the end" "$("$@" "$C/data")"
}

a_busy_box_copies() {
	echoing
	busybox cp "$C/remote" "$TMP/copy"
	same "the copy" "$KERNEL!7" "$(cat "$TMP/copy")"
}

# GNU tail reads it from its end, in blocks of 8 KiB.
a_long_table_has_a_last_line() {
	local lines i
	for i in {1..150}; do echo "add 10.77.$i.0 /24 $KERNEL"; done >"$NET/iproute"
	lines=$(cat "$NET/iproute")
	for i in {1..150}; do echo "del 10.77.$i.0 /24"; done >"$TMP/del"
	[ "${#lines}" -gt 8192 ] || fail "it is only ${#lines} long"
	same "tail" "$(tail -n 3 <<<"$lines")" "$(tail -n 3 "$NET/iproute")"
	same "of many lines" "$(tail -n 140 <<<"$lines")" "$(tail -n 140 "$NET/iproute")"
	cat "$TMP/del" >"$NET/iproute"
}

tables_have_a_length_and_a_last_line() {
	echoing
	same "wc" "$(cat "$C/remote" | wc -c)" "$(wc -c <"$C/remote")"
	same "wc of what is long" "$(cat "$NET/stats" | wc -c)" "$(wc -c <"$NET/stats")"
	same "tail" "$(cat "$NET/iproute" | tail -n 1)" "$(tail -n 1 "$NET/iproute")"
	same "tail of stats" "$(cat "$NET/tcp/stats" | tail -n 2)" "$(tail -n 2 "$NET/tcp/stats")"
	same "tail -c" "$(cat "$C/remote" | tail -c 3)" "$(tail -c 3 "$C/remote")"
	same "tac" "$(cat "$NET/iproute" | tac)" "$(tac "$NET/iproute")"
}

redirection_truncates_nothing() {
	echoing
	echo one >"$C/data"
	echo two >>"$C/data"
	truncate -s 0 "$C/data"
	: >"$C/data"
	same "what came back" "one two" "$(head -c 8 "$C/data" | tr '\n' ' ' | sed 's/ $//')"
}

grep_reads_what_is_there() {
	fresh
	timeout 20 grep -rs Closed "$NET/tcp" >"$TMP/found" || true
	grep -q "/c/status:Closed" "$TMP/found" || fail "$(head -3 "$TMP/found")"
}

touch_is_refused() {
	fresh
	refused "not permitted" touch "$C/data"
	refused "not permitted" touch -d 2001-01-01 "$C/data"
	refused "not permitted" touch -c -r / "$C"
	refused "not permitted" touch "$C/new"
	refused "not permitted" mv "$C/data" "$C/new"
	refused "not permitted" mv "$C" "$NET/tcp/d"
	refused "not permitted" rm -f "$C/data"
	refused "not permitted" ln "$C/data" "$C/new"
	refused "not permitted" ln -s data "$C/new"
}

modes_are_kept() {
	fresh
	chmod 640 "$C/data"
	chgrp 4242 "$C/data"
	same "by name" "640 4242" "$(stat -c '%a %g' "$C/data")"
	same "by number" "640 4242" "$(stat -c '%a %g' "$NET/tcp/$(cat "$C/ctl")/data")"
	same "of the others" "600" "$(stat -c %a "$C/ctl")"
	chmod 600 "$C/data"
	same "again" "600 4242" "$(stat -c '%a %g' "$C/data")"
}

times_tell_of_creation_and_state() {
	local born changed
	fresh
	read -r born changed <<<"$(stat -c '%X %Y' "$C/data")"
	[ $((born - EPOCHSECONDS)) -le 1 ] && [ $((EPOCHSECONDS - born)) -le 2 ] ||
		fail "born at $born, and it is $EPOCHSECONDS"
	same "changed" "$born" "$changed"
	sleep 2.1
	order "$C/ctl" "connect $KERNEL!7"
	same "born, after a connect" "$born" "$(stat -c %X "$C/data")"
	[ "$(stat -c %Y "$C/data")" -gt "$born" ] || fail "the connect did not change it"
}

net_up
head -c 350000 /dev/urandom >"$TMP/page"
start_echo 7
it "tee writes to data" tee_writes
it "tee -a does as well" tee_appends
it "cp copies a file into data" cp_writes
it "cp copies data into a file" cp_reads
it "cp copies data into data" cp_copies_from_one_to_the_other
it "dd writes to data" dd_writes
it "dd reads from data" dd_reads
it "head and dd leave the rest to the next" head_takes_no_more_than_it_gives
it "split cuts it into pieces" split_cuts
it "wc, sort, grep, awk, sed, tail and busybox read to the end" lines_are_counted_sorted_and_found
it "cat reads every file" everybodys_cat_reads_every_file cat
if command -v busybox >/dev/null; then
	it "so does busybox" everybodys_cat_reads_every_file busybox cat
	it "and copies" a_busy_box_copies
else
	skip "busybox reads every file" "it is not installed"
fi
if [ -x /usr/bin/coreutils ]; then
	it "so does the cat in Rust" everybodys_cat_reads_every_file coreutils cat
else
	skip "the cat in Rust reads every file" "rust-coreutils is not installed"
fi
it "a table of more than 8 KiB has its last lines" a_long_table_has_a_last_line
it "wc, tail and tac find the end of tables" tables_have_a_length_and_a_last_line
it "> and >> both just write, and truncating loses nothing" redirection_truncates_nothing
it "grep -r reads what is there" grep_reads_what_is_there
it "touch, mv, rm and ln are refused" touch_is_refused
it "chmod and chgrp are kept" modes_are_kept
it "times are those of creation and of the last change of state" times_tell_of_creation_and_state
[ ! -d "$C" ] || rmdir "$C"
run_cases programs.py "$KERNEL"
