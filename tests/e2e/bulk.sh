#!/usr/bin/env bash
# 100 MB each way, whole, on a clean wire and on one that loses 1 %. Time limit: 400 s.
#
#   nc, 10.9.0.1 --- TAP, perhaps losing frames --- 10.9.0.2, catnetd; cat
. "$(dirname "$0")/lib.sh"

to_the_kernel() { # FILE
	start_in_ns sink nc -l -N "$KERNEL" 9000
	await 5 kernel_listens 9000
	mkdir "$NET/tcp/out"
	order "$NET/tcp/out/ctl" "connect $KERNEL!9000"
	cat "$1" >"$NET/tcp/out/data"
	order "$NET/tcp/out/ctl" close
	await 60 is_gone "$STARTED" || fail "nc has not seen the end"
	rmdir "$NET/tcp/out"
	same "sha256" "$(sum_of "$1")" "$(sum_of "$TMP/sink.out")"
	rm "$TMP/sink.out"
}

from_the_kernel() { # FILE
	nsenter --net="/run/netns/$NS" -- nc -l -N "$KERNEL" 9001 <"$1" &
	await 5 kernel_listens 9001
	mkdir "$NET/tcp/in"
	order "$NET/tcp/in/ctl" "connect $KERNEL!9001"
	same "sha256" "$(sum_of "$1")" "$(sum_of - <"$NET/tcp/in/data")"
	rmdir "$NET/tcp/in"
}

timed() { # FUNCTION FILE
	local begin took
	begin=$(now_ms)
	"$1" "$2"
	took=$(($(now_ms) - begin + 1))
	echo "$1: $(($(stat -c %s "$2") / took / 1000)) MB/s with this build"
	echo "# $1: $(stat -c %s "$2") bytes in $took ms" >&8
}

copied_bytes() {
	python3 "$E2E_DIR/counters.py" "$NET/stats" copied
}

copied_bytes_are_published() {
	copied_bytes || fail "no counter of copied bytes in $NET/stats"
}

# copies_are_few FUNCTION MOST_PERCENT: small pieces are the exception, copied into the tail of a
# queue: the ends of streams, and frames that the kernel's sender did not fill.
copies_are_few() {
	local before percent
	before=$(copied_bytes)
	"$1" "$TMP/big"
	percent=$((($(copied_bytes) - before) / 1000000))
	[ "$percent" -le "$2" ] || fail "$percent % of 100,000,000 bytes were copied"
}

nothing_was_retransmitted() {
	local n
	n=$(python3 "$E2E_DIR/counters.py" "$NET/tcp/stats" retrans)
	same "retransmissions on a wire that loses nothing" 0 "$n"
}

again_with() { # FAULTS
	server_down TERM
	server_up --fault "$1"
}

exec 8>&1
head -c 100000000 /dev/urandom >"$TMP/big"
head -c 10000000 /dev/urandom >"$TMP/small"
net_up
it "100 MB to the kernel arrive whole" timed to_the_kernel "$TMP/big"
it "100 MB from the kernel arrive whole" timed from_the_kernel "$TMP/big"
it "no segment was sent twice" nothing_was_retransmitted
it "the server publishes how many bytes it copied" copied_bytes_are_published
it "it copies next to none of what is sent" copies_are_few to_the_kernel 1
it "it copies little of what is received" copies_are_few from_the_kernel 25
it "the server starts again with a wire that loses 1 %" again_with loss=1%,seed=7
it "100 MB to the kernel arrive whole through 1 % loss" timed to_the_kernel "$TMP/big"
it "100 MB from the kernel arrive whole through 1 % loss" timed from_the_kernel "$TMP/big"
it "the server starts again with a wire that is bad in every way" \
	again_with loss=1%,dup=1%,reorder=2%,corrupt=0.5%,delay=1ms,seed=11
it "10 MB to the kernel arrive whole through it" timed to_the_kernel "$TMP/small"
it "10 MB from the kernel arrive whole through it" timed from_the_kernel "$TMP/small"
