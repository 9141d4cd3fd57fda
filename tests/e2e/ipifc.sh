#!/usr/bin/env bash
# The interfaces: addresses that come and go, and what the device's MTU does. Time limit: 60 s.
#
#   the kernel, 10.9.0.1 --- TAP --- 10.9.0.2, catnetd; more addresses by ipifc/0/ctl
. "$(dirname "$0")/lib.sh"

CTL=$NET/ipifc/0/ctl
STATUS=$NET/ipifc/0/status

answers() { # ADDRESS
	in_ns ping -q -c 1 -W 1 "$1" >/dev/null
}

the_device_and_lo_are_listed() {
	same "ipifc" "0 1 clone stats" "$(cd "$NET/ipifc" && echo *)"
	like "status" "device $TAP maxtu 1500 *" "$(head -1 "$STATUS")"
	like "lo" "device lo maxtu 65535 *" "$(head -1 "$NET/ipifc/1/status")"
	same "number" "0" "$(cat "$CTL")"
	same "mtu_bytes" "1500" "$(json "$NET/ipifc/0/stats" 'j["mtu_bytes"]')"
}

frames_are_counted_where_they_went() {
	local before after
	before=$(json "$NET/ipifc/0/stats" 'j["frames_in"]')
	answers "$OURS"
	after=$(json "$NET/ipifc/0/stats" 'j["frames_in"]')
	[ "$after" -gt "$before" ] || fail "frames_in stayed at $before"
}

a_second_address_answers_as_the_first() {
	echo "add 10.9.0.3 /24" >"$CTL"
	answers 10.9.0.3
	grep -q "10.9.0.3 .* used" "$STATUS"
	grep -q 10.9.0.3 "$NET/ipselftab"
	echo "remove 10.9.0.3" >"$CTL"
	if answers 10.9.0.3; then fail "it answers still"; fi
	if grep -q 10.9.0.3 "$STATUS" "$NET/ipselftab"; then fail "it is listed still"; fi
}

another_network_is_reached_by_its_address() {
	in_ns ip addr add 10.77.0.1/24 dev "$TAP"
	echo "add 10.77.0.2 255.255.255.0" >"$CTL"
	answers 10.77.0.2
	mkdir "$NET/tcp/n"
	in_ns timeout 10 socat -u TCP-LISTEN:99,bind=10.77.0.1 - >"$TMP/got" &
	await 5 kernel_listens 99
	order "$NET/tcp/n/ctl" "connect 10.77.0.1!99"
	like "local" "10.77.0.2!*" "$(cat "$NET/tcp/n/local")"
	echo hello >"$NET/tcp/n/data"
	rmdir "$NET/tcp/n"
	wait $!
	same "what came" "hello" "$(cat "$TMP/got")"
	echo "del 10.77.0.2" >"$CTL"
	in_ns ip addr del 10.77.0.1/24 dev "$TAP"
}

# The peer is told by a reset, which still can be sent, and the reader by an error.
a_conversation_ends_with_its_address() {
	local peer
	echo "add 10.9.0.3 /24" >"$CTL"
	in_ns timeout 10 socat -T 10 TCP-LISTEN:98,bind="$KERNEL" EXEC:'sleep 10' 2>"$TMP/peer" &
	peer=$!
	await 5 kernel_listens 98
	mkdir "$NET/tcp/n"
	order "$NET/tcp/n/ctl" "connect $KERNEL!98 10.9.0.3!5000"
	timeout 10 cat "$NET/tcp/n/data" 2>"$TMP/read" &
	await 5 in_ns sh -c 'ss -Htn sport = :98 | grep -q ESTAB'
	await 5 grep -q '"parked": 1' "$NET/stats"
	echo "remove 10.9.0.3" >"$CTL"
	if wait $!; then fail "the reader was told nothing"; fi
	like "the reader's words" "*annot assign requested address*" "$(cat "$TMP/read")"
	like "err" "*not an address of ours*" "$(cat "$NET/tcp/n/err")"
	await 5 in_ns sh -c '! ss -Htn sport = :98 | grep -q ESTAB'
	rmdir "$NET/tcp/n"
	kill "$peer" 2>/dev/null || true
	wait "$peer" || true
}

refusals_say_what_was_expected() {
	refused "Invalid argument" order "$CTL" "add 10.9.0.4 /33"
	like "err" "ipifc/0: add: expected a mask as /BITS, got \"/33\"" "$(cat "$NET/err")"
	refused "Address already in use" order "$CTL" "add 10.9.0.255 /16"
	refused "Invalid argument" order "$CTL" "mtu 1501"
	refused "Operation not supported" order "$NET/ipifc/1/ctl" "mtu 1500"
}

others_may_read_and_not_write() {
	refused "Permission denied" setpriv --reuid 65534 --regid 65534 --clear-groups \
		sh -c "echo 'mtu 1400' >'$CTL'"
	setpriv --reuid 65534 --regid 65534 --clear-groups cat "$CTL" "$STATUS" \
		"$NET/ipifc/0/local" "$NET/ipifc/0/stats" "$NET/ipifc/stats" >/dev/null
}

# What a segment of ours carries is seen by the kernel: its own estimate of what we send.
a_smaller_mtu_makes_smaller_segments() {
	mkdir "$NET/tcp/n"
	in_ns timeout 10 socat -u TCP-LISTEN:97,bind="$KERNEL" - >"$TMP/got" &
	await 5 kernel_listens 97
	order "$NET/tcp/n/ctl" "connect $KERNEL!97"
	same "mss before" 1448 "$(json "$NET/tcp/n/stats" 'j["mss"]')"
	echo "mtu 1000" >"$CTL"
	same "mss after" 948 "$(json "$NET/tcp/n/stats" 'j["mss"]')"
	head -c 300000 /dev/zero >"$NET/tcp/n/data"
	rmdir "$NET/tcp/n"
	wait $!
	same "bytes that came" 300000 "$(stat -c %s "$TMP/got")"
	echo "mtu 1500" >"$CTL"
	answers "$OURS"
}

mtu_is() {
	[ "$(json "$NET/ipifc/0/stats" 'j["mtu_bytes"]')" = "$1" ]
}

the_device_s_mtu_is_followed() {
	mkdir "$NET/tcp/n"
	in_ns timeout 10 socat -u TCP-LISTEN:96,bind="$KERNEL" - >"$TMP/got" &
	await 5 kernel_listens 96
	order "$NET/tcp/n/ctl" "connect $KERNEL!96"
	in_ns ip link set "$TAP" mtu 1300
	await 5 mtu_is 1300
	same "mss" 1248 "$(json "$NET/tcp/n/stats" 'j["mss"]')"
	head -c 300000 /dev/zero >"$NET/tcp/n/data"
	rmdir "$NET/tcp/n"
	wait $!
	same "bytes that came" 300000 "$(stat -c %s "$TMP/got")"
	# Who asked for less keeps it when the device takes more.
	echo "mtu 1000" >"$CTL"
	in_ns ip link set "$TAP" mtu 9000
	await 5 grep -q "MTU of 9000" "$TMP/server.log"
	same "what was asked for" 1000 "$(json "$NET/ipifc/0/stats" 'j["mtu_bytes"]')"
	echo "mtu 9000" >"$CTL"
	in_ns ping -q -c 1 -W 2 -M dont -s 8900 "$OURS" >/dev/null
	in_ns ip link set "$TAP" mtu 1500
	await 5 mtu_is 1500
}

is_up() { # True|False
	[ "$(json "$NET/ipifc/0/stats" 'j["up"]')" = "$1" ]
}

# Nothing ends by it: what was under way goes on when the device is back.
a_device_that_is_down_is_waited_for() {
	mkdir "$NET/tcp/n"
	in_ns timeout 20 socat -u TCP-LISTEN:95,bind="$KERNEL" - >"$TMP/got" &
	await 5 kernel_listens 95
	order "$NET/tcp/n/ctl" "connect $KERNEL!95"
	in_ns ip link set "$TAP" down
	await 5 is_up False
	grep -q "$TAP is down" "$TMP/server.log"
	head -c 100000 /dev/zero >"$NET/tcp/n/data"
	in_ns ip link set "$TAP" up
	await 5 is_up True
	rmdir "$NET/tcp/n"
	wait $!
	same "bytes that came" 100000 "$(stat -c %s "$TMP/got")"
}

# A further TAP, whose other side the kernel has as 10.77.0.1.
SECOND=${TAP}b

bound() { # exec 3: its ctl
	exec 3<>"$NET/ipifc/clone"
	read -r N <&3
	echo "bind ether $SECOND" >&3
	in_ns ip addr add 10.77.0.1/24 dev "$SECOND"
	echo "add 10.77.0.2 /24" >&3
}

another_device_is_bound_and_let_go() {
	local server
	bound
	same "its number" 2 "$N"
	like "status" "device $SECOND maxtu 1500 *" "$(head -1 "$NET/ipifc/2/status")"
	exec 3>&-
	answers 10.77.0.2
	answers "$OURS"
	in_ns timeout 10 socat -u TCP-LISTEN:94,bind=10.77.0.1 - >"$TMP/got" &
	server=$!
	await 5 kernel_listens 94
	mkdir "$NET/tcp/n"
	order "$NET/tcp/n/ctl" "connect 10.77.0.1!94"
	like "local" "10.77.0.2!*" "$(cat "$NET/tcp/n/local")"
	head -c 300000 /dev/zero >"$NET/tcp/n/data"
	rmdir "$NET/tcp/n"
	wait "$server"
	same "bytes that came" 300000 "$(stat -c %s "$TMP/got")"
	in_ns ip link set "$SECOND" mtu 1400
	await 5 grep -q "maxtu 1400" "$NET/ipifc/2/status"
	echo unbind >"$NET/ipifc/2/ctl"
	same "ipifc" "0 1 clone stats" "$(cd "$NET/ipifc" && echo *)"
	if in_ns ip link show "$SECOND" 2>/dev/null; then fail "the TAP is there still"; fi
	answers "$OURS"
}

# What goes by it ends, with EIO; what does not goes on.
a_bound_device_that_is_taken_away_takes_only_its_own() {
	local reader
	bound
	exec 3>&-
	start_echo 93 # on the first
	mkdir "$NET/tcp/here" "$NET/udp/there"
	order "$NET/tcp/here/ctl" "connect $KERNEL!93"
	order "$NET/udp/there/ctl" "connect 10.77.0.1!9"
	timeout 10 cat "$NET/udp/there/data" 2>"$TMP/read" &
	reader=$!
	await 5 grep -q '"parked": 1' "$NET/stats"
	in_ns ip link del "$SECOND"
	if wait $reader; then fail "the reader was told nothing"; fi
	like "the reader's words" "*nput/output error*" "$(cat "$TMP/read")"
	echo hello >"$NET/tcp/here/data"
	same "the other answers" hello "$(timeout 5 head -1 "$NET/tcp/here/data")"
	rmdir "$NET/tcp/here" "$NET/udp/there"
	# And the same number can have a device again.
	bound
	exec 3>&-
	answers 10.77.0.2
	echo unbind >"$NET/ipifc/2/ctl"
}

what_cannot_be_bound_is_refused() {
	refused "Device or resource busy" order "$NET/ipifc/clone" "bind ether $TAP"
	like "err" "ipifc/2: bind: TAP $TAP is in use by another program: *" "$(cat "$NET/err")"
	refused "Device or resource busy" order "$CTL" "bind ether $SECOND"
	refused "Device or resource busy" order "$CTL" "unbind"
	refused "Invalid argument" order "$NET/ipifc/clone" "bind ether a-name-that-is-too-long"
	refused "Invalid argument" order "$NET/ipifc/clone" "bind ether no/such"
	in_ns ip tuntap add "$SECOND" mode tap vnet_hdr
	in_ns ip link set "$SECOND" mtu 500
	refused "Invalid argument" order "$NET/ipifc/clone" "bind ether $SECOND"
	like "err" "*bind: $SECOND has an MTU that is none of 576 to 65521: *" "$(cat "$NET/err")"
	in_ns ip link del "$SECOND"
	same "ipifc" "0 1 clone stats" "$(cd "$NET/ipifc" && echo *)"
}

net_up
it "the device and lo are listed with their facts" the_device_and_lo_are_listed
it "frames are counted where they went" frames_are_counted_where_they_went
it "a second address answers as the first, until it is removed" \
	a_second_address_answers_as_the_first
it "another network is reached by an address in it" another_network_is_reached_by_its_address
it "a conversation ends with the address under it" a_conversation_ends_with_its_address
it "what cannot be is refused in words" refusals_say_what_was_expected
it "others may read and not write" others_may_read_and_not_write
it "a smaller MTU makes smaller segments at once" a_smaller_mtu_makes_smaller_segments
it "an MTU that the device is given is followed" the_device_s_mtu_is_followed
it "a device that is down is waited for" a_device_that_is_down_is_waited_for
it "another device is bound, serves, and is let go of" another_device_is_bound_and_let_go
it "a bound device that is taken away takes only its own along" \
	a_bound_device_that_is_taken_away_takes_only_its_own
it "what cannot be bound is refused in words" what_cannot_be_bound_is_refused
