# lib.sh - what the two scripts of the matrix share. Sourced, never run.
# shellcheck shell=bash

ask() { # PROTO FILE
	KERNEL=$KERNEL OURS=$OURS in_ns python3 "$E2E_DIR/matrix.py" "$1" "$2" >"$TMP/matrix.out" 2>&1 || {
		cat "$TMP/matrix.out"
		fail "$(grep -cE '^(WRONG|MENDED|STRAY)' "$TMP/matrix.out") differ, $(tail -1 "$TMP/matrix.out")"
	}
	cat "$TMP/matrix.out"
}

at_least_600() {
	local cells
	cells=$(python3 "$E2E_DIR/matrix.py" count)
	echo "$cells cells"
	[ "$cells" -ge 600 ] || fail "there are only $cells cells"
}

matrix() { # PROTO
	local file
	net_up
	# An ICMP error for every datagram that asks for one, and silence for what is not ours.
	in_ns sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv4.ip_forward=0
	it "the tables of tcp and udp have at least 600 cells" at_least_600
	for file in $(python3 "$E2E_DIR/matrix.py"); do
		it "every cell of $1 $file is as the contract says" ask "$1" "$file"
		cp "$TMP/it.log" "$TMP/$1-${file/\//-}.log"
	done
}
