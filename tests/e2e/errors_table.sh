#!/usr/bin/env bash
# Every errno of the errors' table, with its words. Time limit: 90 s.
#
#   echo_server.py :7, 10.9.0.1 --- TAP --- 10.9.0.2, catnetd with a small budget of memory; behind
#   10.9.0.1: 10.77 swallows all, 10.78 is refused by the router, to 10.79 there is no way
. "$(dirname "$0")/lib.sh"
export KERNEL OURS

the_wire() {
	in_ns sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv4.ip_forward=1
	in_ns ip route add blackhole 10.77.0.0/16
	in_ns ip route add unreachable 10.78.0.0/16
	start_echo 7
}

# Two that are connected when the device goes, for EIO alone.
lose_the_device() {
	local name
	for name in reader writer; do
		mkdir "$NET/tcp/$name"
		order "$NET/tcp/$name/ctl" "connect $KERNEL!7"
	done
	in_ns ip link del "$TAP"
	await 5 grep -q "is gone" "$TMP/server.log"
}

net_up --memory 64M
the_wire
while IFS= read -r name <&9; do
	case $name in EIO*) it "the device can be lost" lose_the_device ;; esac
	it "$name" nsenter --net="/run/netns/$NS" -- timeout 30 python3 "$E2E_DIR/errors_table.py" "$name"
done 9< <(python3 "$E2E_DIR/errors_table.py")
