#!/usr/bin/env bash
# 50 conversations at once, none disturbing another; 1,000 requests in a row. Time limit: 180 s.
#
#   echo_server.py :80 :8080, nginx :8000; chatter.py --- TAP --- 10.9.0.2, catnetd; the tree
. "$(dirname "$0")/lib.sh"

from_the_tree() { # SIZE...
	timeout 60 python3 "$E2E_DIR/chatter.py" tree "$KERNEL" 80 8080 --conversations 50 --size "$@"
}

from_the_kernel() { # SIZE...
	in_ns timeout 60 python3 "$E2E_DIR/chatter.py" kernel "$OURS" 80 8080 --conversations 50 --size "$@"
}

from_both_at_once() {
	from_the_tree 64 4096 >"$TMP/one.out" 2>&1 &
	from_the_kernel 64 4096 || fail "from the kernel: $(head -1 "$TMP/it.log")"
	wait "$!" || fail "from the tree: $(head -1 "$TMP/one.out")"
}

listed() {
	find "$NET/tcp" -mindepth 1 -maxdepth 1 -type d | wc -l
}

none_is_listed() {
	[ "$(listed)" -eq 0 ]
}

nothing_is_left() {
	await 5 none_is_listed || fail "$(listed) conversations are still listed"
}

a_thousand_requests() {
	timeout 120 python3 "$E2E_DIR/requests.py" "$KERNEL!8000" /page "$TMP/www/page" 1000
}

a_thousand_calls() {
	in_ns timeout 120 python3 "$E2E_DIR/chatter.py" kernel "$OURS" 80 --conversations 1 \
		--rounds 1 --size 64 --repeat 1000
}

mkdir "$TMP/www"
head -c 4000 /dev/urandom >"$TMP/www/page"
net_up
start_nginx "$TMP/www" 8000
start_echo 80 8080
start tree80 "$BUILD/tests/e2e/helper_server" echo 80
SERVER_80=$STARTED
start tree8080 "$BUILD/tests/e2e/helper_server" echo 8080
SERVER_8080=$STARTED
await 5 tree_listens 80
await 5 tree_listens 8080
it "50 conversations of 64 bytes from the tree" from_the_tree 64
it "50 conversations of 4 KB from the tree" from_the_tree 4096
it "50 conversations of 64 bytes to servers on the tree" from_the_kernel 64
it "50 conversations of 4 KB to servers on the tree" from_the_kernel 4096
it "50 each way at once, of both sizes" from_both_at_once
it "1,000 requests in a row are answered in full" a_thousand_requests
it "1,000 calls in a row are answered" a_thousand_calls
kill "$SERVER_80" "$SERVER_8080"
it "nothing is listed when all have gone" nothing_is_left
