#!/usr/bin/env bash
# Echo, both ways. Time limit: 60 s.
#
#   ping in the namespace, 10.9.0.1 --- TAP --- 10.9.0.2, catnetd; an icmp conversation
. "$(dirname "$0")/lib.sh"

pings_answered() { # COUNT PING_OPTION...
	local n=$1 out
	shift
	out=$(in_ns ping -q -c "$n" -W 2 "$@" "$OURS") || true
	like "ping $*" "*$n packets transmitted, $n received*" "$out"
}

a_stranger_is_silent() {
	refused "0 received" in_ns ping -q -c 2 -i 0.2 -W 1 10.9.0.77
}

# ip(3): what is written and read is the ICMP header and its payload; id and checksum are ours.
an_icmp_conversation_pings_the_kernel() {
	local got
	mkdir "$NET/icmp/probe"
	order "$NET/icmp/probe/ctl" "connect $KERNEL!1"
	exec 3<>"$NET/icmp/probe/data"
	printf '\x08\0\0\0\0\0\0\x07catnet pings' >&3
	got=$(timeout 5 dd bs=1500 count=1 status=none <&3 | od -An -tx1 -N2 | tr -d ' ')
	exec 3>&-
	rmdir "$NET/icmp/probe"
	same "type and code of the answer" "0000" "$got"
}

an_icmp_answer_carries_the_payload() {
	local got
	mkdir "$NET/icmp/probe"
	order "$NET/icmp/probe/ctl" "connect $KERNEL!1"
	exec 3<>"$NET/icmp/probe/data"
	printf '\x08\0\0\0\0\0\0\x07catnet pings' >&3
	got=$(timeout 5 dd bs=1500 count=1 status=none <&3 | tail -c +9)
	exec 3>&-
	rmdir "$NET/icmp/probe"
	same "payload" "catnet pings" "$got"
}

net_up
it "the kernel's pings are answered" pings_answered 20 -i 0.01
it "a ping without payload is answered" pings_answered 5 -i 0.05 -s 0
it "a ping as long as the link carries is answered" pings_answered 5 -i 0.05 -s 1472
it "a ping in two fragments is answered" pings_answered 5 -i 0.05 -s 1473
it "a ping of 65,507 bytes is answered" pings_answered 3 -i 0.1 -s 65507
it "a flood of pings is answered one for one" pings_answered 2000 -f
it "an address that is not ours does not answer" a_stranger_is_silent
it "an icmp conversation gets the kernel's answer" an_icmp_conversation_pings_the_kernel
it "the kernel's answer carries what was sent" an_icmp_answer_carries_the_payload
