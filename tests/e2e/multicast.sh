#!/usr/bin/env bash
# Groups: what the kernel sends to one is heard here, and the other way round; who has joined is
# known to whoever asks as routers do. Time limit: 60 s.
#
#   the kernel, 10.9.0.1 --- TAP --- 10.9.0.2, catnetd; at the end the TAP is a port of a bridge,
#   which asks who is in which group, as a router would
. "$(dirname "$0")/lib.sh"

GROUP=239.9.0.1
PORT=5000

# kernel_says GROUP PORT WORDS
kernel_says() {
	in_ns python3 - "$KERNEL" "$@" <<-'END'
		import socket, sys
		here, group, port, words = sys.argv[1:]
		s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
		s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(here))
		s.sendto(words.encode(), (group, int(port)))
	END
}

# kernel_hears GROUP PORT - says "joined", then what comes, and from where.
kernel_hears() {
	start_in_ns hears python3 -u -c '
import socket, sys
here, group, port = sys.argv[1:]
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((group, int(port)))
s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton(group) + socket.inet_aton(here))
print("joined")
data, who = s.recvfrom(65536)
print(data.decode(), who[0])' "$KERNEL" "$1" "$2"
	await 5 grep -q joined "$TMP/hears.out"
}

# in_group NAME - a conversation that is in GROUP.
in_group() {
	mkdir "$NET/udp/$1"
	order "$NET/udp/$1/ctl" "announce $GROUP!$PORT"
	order "$NET/udp/$1/ctl" "addmulti $OURS"
}

read_one() { # NAME
	timeout 5 dd bs=65536 count=1 status=none <"$NET/udp/$1/data"
}

the_kernel_is_heard_by_every_member() {
	in_group a
	in_group b
	kernel_says $GROUP $PORT hello
	same "a heard" hello "$(read_one a)"
	same "b heard" hello "$(read_one b)"
	grep -q "^$GROUP .* 01 4m" "$NET/ipselftab"
	grep -q " $GROUP" "$NET/ipifc/0/local"
	rmdir "$NET/udp/a" "$NET/udp/b"
	if grep -q "^$GROUP " "$NET/ipselftab"; then fail "nobody is in it, and it is listed"; fi
}

who_has_not_joined_hears_nothing() {
	in_group a
	mkdir "$NET/udp/stranger"
	order "$NET/udp/stranger/ctl" "announce $GROUP!$PORT"
	kernel_says $GROUP $PORT hello
	same "a heard" hello "$(read_one a)"
	same "a stranger's queue" 0 "$(json "$NET/udp/stranger/stats" 'j["datagrams_in"]')"
	rmdir "$NET/udp/a" "$NET/udp/stranger"
}

the_kernel_hears_us() {
	in_group a
	kernel_hears $GROUP 5001
	mkdir "$NET/udp/b"
	order "$NET/udp/b/ctl" "connect $GROUP!5001"
	echo -n "from the tree" >"$NET/udp/b/data"
	await 5 grep -q "from the tree $OURS" "$TMP/hears.out" || fail "$(cat "$TMP/hears.out")"
	rmdir "$NET/udp/a" "$NET/udp/b"
}

we_hear_ourselves() {
	in_group a
	in_group b
	echo -n "to all" >"$NET/udp/a/data"
	same "b heard" "to all" "$(read_one b)"
	same "a heard" "to all" "$(read_one a)"
	rmdir "$NET/udp/a" "$NET/udp/b"
}

a_sender_to_a_listener_is_a_call() {
	local n who
	mkdir "$NET/udp/l"
	order "$NET/udp/l/ctl" "announce $PORT"
	order "$NET/udp/l/ctl" "addmulti $OURS $GROUP"
	kernel_says $GROUP $PORT hello
	read -r n who <"$NET/udp/l/accept"
	like "who" "$KERNEL!*" "$who"
	same "heard" hello "$(timeout 5 dd bs=65536 count=1 status=none <"$NET/udp/$n/data")"
	rmdir "$NET/udp/l"
}

joins_and_leaves_are_on_the_wire() {
	start_in_ns dump tcpdump -i "$TAP" -l -n -v igmp
	await 5 grep -q "listening on" "$TMP/dump.err"
	in_group a
	await 5 grep -q "$GROUP to_ex" "$TMP/dump.out" || fail "no join: $(cat "$TMP/dump.out")"
	rmdir "$NET/udp/a"
	await 5 grep -q "$GROUP to_in" "$TMP/dump.out" || fail "no leave: $(cat "$TMP/dump.out")"
	grep -q "ttl 1" "$TMP/dump.out"
	grep -q "options (RA)" "$TMP/dump.out"
	kill "$STARTED"
}

refusals_say_what_was_expected() {
	mkdir "$NET/udp/r"
	refused "Invalid argument" order "$NET/udp/r/ctl" "addmulti $OURS 10.9.0.9"
	like "err" "addmulti: expected a group, *got \"10.9.0.9\"" "$(cat "$NET/udp/r/err")"
	refused "annot assign requested address" order "$NET/udp/r/ctl" "addmulti 10.9.0.9 $GROUP"
	rmdir "$NET/udp/r"
	mkdir "$NET/tcp/r"
	refused "annot assign requested address" order "$NET/tcp/r/ctl" "announce $GROUP!80"
	refused "Operation not supported" order "$NET/tcp/r/ctl" "addmulti $OURS $GROUP"
	rmdir "$NET/tcp/r"
}

the_administrator_listens_for_everybody() {
	mkdir "$NET/udp/h"
	order "$NET/udp/h/ctl" "headers"
	order "$NET/udp/h/ctl" "announce $PORT"
	order "$NET/ipifc/0/ctl" "addmulti $GROUP"
	kernel_says $GROUP $PORT hello
	same "heard behind the prefix" hello "$(read_one h | tail -c +53)"
	order "$NET/ipifc/0/ctl" "remmulti $GROUP"
	rmdir "$NET/udp/h"
}

bridge_up() {
	in_ns ip link add br0 type bridge mcast_snooping 1 mcast_querier 1 mcast_igmp_version "$1" \
		mcast_query_interval 100 mcast_startup_query_interval 100 \
		mcast_query_response_interval 100
	in_ns ip addr flush dev "$TAP"
	in_ns ip link set "$TAP" master br0
	in_ns ip addr add "$KERNEL/24" dev br0
	in_ns ip link set br0 up
}

bridge_down() {
	in_ns ip link del br0
	in_ns ip addr add "$KERNEL/24" dev "$TAP"
}

is_in_mdb() {
	in_ns bridge mdb show dev br0 | grep -q "port $TAP grp $GROUP"
}

# The switch forgets who does not answer within some seconds: it is our answers that keep it.
a_querier_knows_who_is_in() { # VERSION
	local before
	if ! bridge_up "$1"; then return 1; fi
	in_group a
	await 5 is_in_mdb || fail "the join is not known: $(in_ns bridge mdb)"
	before=$(json "$NET/ipifc/stats" 'j["igmp_queries_in"]')
	await 10 queries_after "$before"
	is_in_mdb || fail "no longer known after queries"
	kernel_says $GROUP $PORT hello
	same "heard through the bridge" hello "$(read_one a)"
	rmdir "$NET/udp/a"
	await 10 eval '! is_in_mdb' || fail "still known after the leave"
	bridge_down
}

queries_after() {
	local heard
	heard=$(json "$NET/ipifc/stats" 'j["igmp_queries_in"]')
	[ "$heard" -ge $(($1 + 3)) ]
}

net_up
it "what the kernel sends to a group is heard by every member" the_kernel_is_heard_by_every_member
it "who has not joined hears nothing" who_has_not_joined_hears_nothing
it "the kernel hears what we send to a group" the_kernel_hears_us
it "members here hear what is sent here" we_hear_ourselves
it "who speaks to a listener through a group is a call" a_sender_to_a_listener_is_a_call
it "joins and leaves are on the wire" joins_and_leaves_are_on_the_wire
it "what cannot be joined is refused in words" refusals_say_what_was_expected
it "the administrator listens for everybody" the_administrator_listens_for_everybody
it "a querier of version 3 knows who is in a group" a_querier_knows_who_is_in 3
it "a querier of version 2 knows who is in a group" a_querier_knows_who_is_in 2
