#!/usr/bin/env bash
# The files in the hands of other runtimes, which wait in ways of their own: Go polls behind the
# program's back, Node reads in a pool of threads. Time limit: 120 s.
#
#   echo_server.py :7, nothing at :99 --- TAP --- 10.9.0.2, catnetd; programs in Go and Node
. "$(dirname "$0")/lib.sh"

talk_sends_and_gets() { # COMMAND...
	same "sha256" "$(sum_of "$TMP/page")" \
		"$(timeout 20 "$@" "$KERNEL!7" <"$TMP/page" | sha256sum | cut -d' ' -f1)"
}

talk_says_why() { # COMMAND...
	refused "talk: connect $KERNEL!99: connection refused by the peer" "$@" "$KERNEL!99" </dev/null
}

# claims COMMAND... - it prints a line of its own for each.
claims() {
	timeout 60 "$@" "$KERNEL" 7 && return
	FAILED_N=$((FAILED_N + 1))
	echo "FAILED ${1##*/} did not end well: a line above says where"
}

build_go() { # SOURCE NAME
	GO111MODULE=off GOCACHE=$TMP/gocache GOFLAGS= timeout 110 go build -o "$TMP/$2" "$1"
}

net_up
start_echo 7
head -c 3000000 /dev/urandom >"$TMP/page"
if command -v node >/dev/null; then
	it "a client in Node sends and gets 3 MB" talk_sends_and_gets "$ROOT_DIR/examples/talk.js"
	it "it says why in the words of err" talk_says_why "$ROOT_DIR/examples/talk.js"
	UV_THREADPOOL_SIZE=32 claims node "$E2E_DIR/runtimes/waits.js"
else
	skip "clients in Node" "node is not installed"
fi
if command -v go >/dev/null; then
	it "programs in Go are built" build_go "$ROOT_DIR/examples/talk.go" talk
	it "a client in Go sends and gets 3 MB" talk_sends_and_gets "$TMP/talk"
	it "it says why in the words of err" talk_says_why "$TMP/talk"
	it "and what waits with deadlines" build_go "$E2E_DIR/runtimes/deadlines.go" deadlines
	claims "$TMP/deadlines"
else
	skip "clients in Go" "go is not installed (package golang-go)"
fi
