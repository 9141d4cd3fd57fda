#!/usr/bin/env bash
# What passed on the wire in runs where nothing went wrong: tshark has nothing to warn of.
# Time limit: 90 s.
#
#   nginx :80, echo_server.py :7, nc --- TAP, written down by --pcap --- 10.9.0.2, catnetd
. "$(dirname "$0")/lib.sh"

WARNING=0x600000 # PI_WARN, tshark's number for it

captured() { # NAME FUNCTION: with a server of its own
	PCAP=$TMP/$1.pcap
	server_up --pcap "$PCAP" || fail "$(tail -1 "$TMP/server.log")"
	"$2"
	server_down TERM
	[ "$(tshark -r "$PCAP" 2>/dev/null | wc -l)" -gt 5 ] || fail "the capture is empty"
}

expert_is_content() { # NAME
	local warnings
	warnings=$(tshark -r "$TMP/$1.pcap" -Y "_ws.expert.severity >= $WARNING" \
		-T fields -e frame.number -e _ws.expert.message 2>/dev/null)
	[ -z "$warnings" ] || fail "$(echo "$warnings" | wc -l) frames: $(echo "$warnings" | head -3 | tr '\n\t' '; ')"
}

# Sums the device was asked to fill in are not there yet when a frame is written down; every
# other one must be right.
sums_are_right() { # NAME
	local wrong
	wrong=$(tshark -r "$TMP/$1.pcap" -o ip.check_checksum:TRUE \
		-Y "ip.checksum.status == Bad" 2>/dev/null | head -3)
	[ -z "$wrong" ] || fail "$wrong"
}

a_page() {
	start_nginx "$TMP/www" 80
	"$BUILD/http_client" "$KERNEL" /page >"$TMP/got"
	same "sha256" "$(sum_of "$TMP/www/page")" "$(sum_of "$TMP/got")"
	kill "$STARTED"
}

a_server_on_the_tree() {
	start http "$BUILD/tests/e2e/helper_server" http 80 "$TMP/www/page"
	await 5 tree_listens 80
	in_ns curl -sS -m 10 -o "$TMP/got" "http://$OURS/"
	kill "$STARTED"
}

conversations() {
	start_echo 7
	python3 "$E2E_DIR/chatter.py" tree "$KERNEL" 7 --conversations 10 --size 64 4096
	kill "$STARTED"
	sleep 0.5
}

datagrams_and_pings() {
	in_ns ping -q -c 5 -i 0.1 -s 3000 "$OURS"
	start datagrams "$BUILD/tests/e2e/helper_server" datagrams 9
	sleep 0.3
	printf 'hello' | in_ns nc -u -w 1 "$OURS" 9
	kill "$STARTED"
}

# The warning for this is of a frame that has no answer, so the refusal is looked at by itself.
a_refusal_is_a_reset() {
	server_up --pcap "$TMP/refusal.pcap"
	if in_ns nc -w 2 "$OURS" 99 </dev/null; then fail "nc got through to a closed port"; fi
	server_down TERM
	same "resets" 1 "$(tshark -r "$TMP/refusal.pcap" \
		-Y "ip.src == $OURS && tcp.flags.reset == 1 && tcp.flags.ack == 1" 2>/dev/null | wc -l)"
}

is_longer_than() { # BYTES FILE
	[ "$(stat -c %s "$2")" -gt "$1" ]
}

# As on a full disk: what was written is whole, and the rest of the server does not mind.
a_capture_at_its_limit_ends_alone() {
	ulimit -S -f 64
	server_up --pcap "$TMP/limit.pcap"
	ulimit -S -f unlimited
	in_ns ping -q -c 100 -i 0.01 -s 1400 "$OURS"
	await 5 is_longer_than 60000 "$TMP/limit.pcap" || fail "little was captured"
	in_ns ping -q -c 1 -W 2 "$OURS"
	server_down TERM
	tshark -r "$TMP/limit.pcap" >/dev/null 2>"$TMP/tshark.err" || fail "$(cat "$TMP/tshark.err")"
}

mkdir "$TMP/www"
head -c 300000 /dev/urandom >"$TMP/www/page"
ns_up
it "a page is fetched" captured page a_page
it "tshark warns of nothing in it" expert_is_content page
it "the sums in it are right" sums_are_right page
it "a page is served" captured served a_server_on_the_tree
it "tshark warns of nothing in it either" expert_is_content served
it "ten conversations talk" captured talk conversations
it "tshark warns of nothing they said" expert_is_content talk
it "datagrams and pings in fragments pass" captured small datagrams_and_pings
it "tshark warns of nothing among them" expert_is_content small
it "a closed port answers with one reset that acknowledges" a_refusal_is_a_reset
it "a capture that may not grow ends alone, with a whole frame" a_capture_at_its_limit_ends_alone
rm -f "$TMP/server.pid"
