#!/usr/bin/env bash
# What those who wait cost the server. The build with sanitizers pads every piece of memory, so
# the figure is taken from the release build where there is one. Time limit: 90 s.
#
#   silent.py :9 --- TAP --- 10.9.0.2, catnetd; 1,000 readers of one conversation
BUILD=${RELEASE_BUILD:-build/release-gcc}
. "$(dirname "$0")/lib.sh"

memory_of_readers() {
	timeout 60 python3 "$E2E_DIR/parked.py" memory "$NET/tcp/c/data" 1000 "$(server_pid)" ||
		fail "$(tail -1 "$TMP/it.log")"
}

# They are gone with their process; what they waited for is as it was.
others_are_served_beside_them() {
	python3 "$E2E_DIR/parked.py" memory "$NET/tcp/c/data" 1000 "$(server_pid)" >/dev/null &
	sleep 1
	same "state" Established "$(timeout 2 cat "$NET/tcp/c/status" | cut -d' ' -f1)"
	wait
}

net_up
start_in_ns silent python3 "$E2E_DIR/silent.py" "$KERNEL" 9 10
await 5 kernel_listens 10
mkdir "$NET/tcp/c"
order "$NET/tcp/c/ctl" "connect $KERNEL!9"
it "1,000 waiting readers cost at most 512 bytes each" memory_of_readers
it "others are served beside 1,000 waiting readers" others_are_served_beside_them
