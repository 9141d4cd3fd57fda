#!/usr/bin/env bash
# libcatnet: the calls of sockets(7) over the files, as a client and as servers. Time limit: 90 s.
#
#   echo_server.py, 10.9.0.1:7; curl --- TAP --- 10.9.0.2, catnetd; programs over libcatnet
. "$(dirname "$0")/lib.sh"

curl_gets_a_file() {
	start http "$BUILD/tests/e2e/helper_server" http 80 "$TMP/page"
	await 5 tree_listens 80
	in_ns curl -sS -m 20 -o "$TMP/got" "http://$OURS/"
	same "sha256" "$(sum_of "$TMP/page")" "$(sum_of "$TMP/got")"
}

echo_in_one_loop() {
	start echo_tree "$BUILD/tests/e2e/helper_server" echo 7
	await 5 tree_listens 7
	in_ns python3 "$E2E_DIR/chatter.py" kernel "$OURS" 7 --conversations 20 --rounds 20 --size 1000
}

datagrams_come_back() {
	start datagrams "$BUILD/tests/e2e/helper_server" datagrams 9
	sleep 0.3
	same "the answer" "over libcatnet" \
		"$(printf 'over libcatnet' | in_ns nc -u -w 1 "$OURS" 9)"
}

net_up
head -c 3000000 /dev/urandom >"$TMP/page"
start_echo 7
if ! timeout 60 "$BUILD/tests/e2e/helper_sockets" "$KERNEL" 7 99; then
	FAILED_N=$((FAILED_N + 1))
	echo "FAILED helper_sockets did not end well: a line above says where"
fi
it "curl fetches 3 MB from a server that forks" curl_gets_a_file
it "a server in one poll loop echoes 20 callers" echo_in_one_loop
it "datagrams come back to where they came from" datagrams_come_back
