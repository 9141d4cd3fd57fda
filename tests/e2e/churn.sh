#!/usr/bin/env bash
# 8 processes look up, open, use and close files at random. What that leaves behind is nothing: no
# memory, no request unanswered, nobody stuck. CATNET_LONG=1: a million of them, for 60 s at
# least; else a tenth. Sanitizers pad memory, so the release build is measured. Time limit: 120 s.
#
#   10.9.0.1, the kernel --- TAP --- 10.9.0.2, catnetd; 8 processes of helper_churn.c
BUILD=${RELEASE_BUILD:-build/release-gcc}
. "$(dirname "$0")/lib.sh"

SEED=${SEED:-$RANDOM}
SECONDS_MIN=6
LEAST=100000
if [ "${CATNET_LONG:-}" ]; then SECONDS_MIN=60 LEAST=1000000; fi

# What the tree has taken. The stack's memory is one mapping, larger than all others: ports chosen at
# random touch a page of its tables here and there, so of it stats tells what is in use.
heap_kib() {
	awk '/^Size:/ { counts = $2 < 65536 } /^Private/ && counts { sum += $2 } END { print sum }' \
		"/proc/$(server_pid)/smaps"
}

in_use() {
	json "$NET/stats" '[p["in_use"] for p in j["pools"].values()] + [j["memory"]["blocks_bytes"]]'
}

churn() { # SECONDS LEAST
	timeout 100 "$BUILD/tests/e2e/helper_churn" 8 "$1" "$2" "$SEED"
}

# Whoever makes a name waits in D for the directory's lock, but never for long: 20 looks in a row,
# 50 ms apart, are a process that the kernel will not let go.
stuck() {
	local -A seen=()
	local pid state
	while kill -0 "$1" 2>/dev/null; do
		for pid in $(pgrep -f "helper_churn 8"); do
			read -r _ _ state _ <"/proc/$pid/stat" || continue
			if [ "$state" = D ]; then seen[$pid]=$((${seen[$pid]:-0} + 1)); else seen[$pid]=0; fi
			[ "${seen[$pid]}" -lt 20 ] || echo "$pid"
		done
		sleep 0.05
	done 2>/dev/null
}

nobody_gets_stuck() {
	local churning held slowest
	churn "$SECONDS_MIN" "$LEAST" >"$TMP/churn.out" 2>&1 &
	churning=$!
	held=$(stuck "$churning")
	wait "$churning" || fail "$(head -1 "$TMP/churn.out"), seed $SEED"
	cat "$TMP/churn.out"
	slowest=$(sed -n 's/.*slowest \([0-9]*\) us/\1/p' "$TMP/churn.out")
	[ "$slowest" -lt 1000000 ] || fail "one answer took $slowest us, seed $SEED"
	same "processes in state D" "" "$held"
}

is_at_rest() {
	[ "$(json "$NET/stats" 'j["tree"]["conversations"] + j["tree"]["parked"]')" -eq 0 ]
}

no_request_is_unanswered() {
	local connection
	await 5 is_at_rest || fail "$(head -12 "$NET/stats")"
	connection=/sys/fs/fuse/connections/$(stat -c %d "$NET")/waiting
	[ -e "$connection" ] || { echo "fusectl is not mounted"; return; }
	same "requests that wait in the kernel" 0 "$(cat "$connection")"
}

# What was idle goes back to the system after 2 s.
memory_is_back() {
	local grown
	sleep 3
	grown=$(($(heap_kib) - BEFORE))
	echo "grown by $grown KiB from $BEFORE"
	[ "$grown" -lt 256 ] || fail "$grown KiB more than before, seed $SEED"
	same "packets, slices, conversations and blocks" "$USED" "$(in_use)"
}

net_up
churn 2 "$((LEAST / 4))" >/dev/null # makes pools and tables warm
sleep 3
BEFORE=$(heap_kib)
USED=$(in_use)
it "nobody gets stuck, and all are answered as they should be" nobody_gets_stuck
it "no request is left unanswered and no conversation listed" no_request_is_unanswered
it "the memory is what it was before" memory_is_back
sed "s,^,  ," "$TMP/churn.out"
