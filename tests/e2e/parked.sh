#!/usr/bin/env bash
# What those who wait, and those who have gone, cost the server. Sanitizers pad every piece of
# memory, so the release build is measured. Time limit: 90 s.
#
#   silent.py :9, nginx :80 --- TAP --- 10.9.0.2, catnetd; 1,000 readers, 2,000 requests
BUILD=${RELEASE_BUILD:-build/release-gcc}
. "$(dirname "$0")/lib.sh"

memory_of_readers() { # FILE COUNT
	timeout 60 python3 "$E2E_DIR/parked.py" memory "$NET/$1" "$2" "$(server_pid)" ||
		fail "$(tail -1 "$TMP/it.log")"
}

killed_at_once() { # FILE COUNT
	timeout 60 python3 "$E2E_DIR/parked.py" threads "$NET/$1" "$2" || fail "$(tail -1 "$TMP/it.log")"
}

# They are gone with their process; what they waited for is as it was.
others_are_served_beside_them() {
	python3 "$E2E_DIR/parked.py" memory "$NET/tcp/c/data" 1000 "$(server_pid)" >/dev/null &
	sleep 1
	same "state" Established "$(timeout 2 cat "$NET/tcp/c/status" | cut -d' ' -f1)"
	wait
}

private_kib() {
	awk '/^Private/ { sum += $2 } END { print sum }' "/proc/$(server_pid)/smaps_rollup"
}

a_thousand_requests() {
	timeout 60 python3 "$E2E_DIR/requests.py" "$KERNEL!80" /page "$TMP/www/page" 1000
}

# The first thousand make pools and pages warm; what stays of the second is TIME-WAIT's records.
requests_leave_nothing() {
	local before grown
	a_thousand_requests
	before=$(private_kib)
	a_thousand_requests
	grown=$(($(private_kib) - before))
	echo "grown by $grown KiB"
	[ "$grown" -lt 512 ] || fail "1,000 requests made it $grown KiB larger"
}

mkdir "$TMP/www"
head -c 4000 /dev/urandom >"$TMP/www/page"
net_up
start_nginx "$TMP/www" 80
start_in_ns silent python3 "$E2E_DIR/silent.py" "$KERNEL" 9 10
await 5 kernel_listens 10
it "10,000 who wait for events cost at most 512 bytes each" memory_of_readers events 10000
server_down TERM && server_up || exit 1
mkdir "$NET/tcp/c"
order "$NET/tcp/c/ctl" "connect $KERNEL!9"
it "1,000 waiting readers cost at most 512 bytes each" memory_of_readers tcp/c/data 1000
it "10,000 who wait for events are killed within a second" killed_at_once events 10000
it "so are 10,000 who wait for bytes" killed_at_once tcp/c/data 10000
it "others are served beside 1,000 waiting readers" others_are_served_beside_them
it "1,000 requests in a row leave no memory behind" requests_leave_nothing
