#!/usr/bin/env bash
# The two sessions of the tree's contract, and the examples made of them. Time limit: 90 s.
#
#   nginx, 10.9.0.1:80; curl --- TAP --- 10.9.0.2, catnetd; this shell on the tree
. "$(dirname "$0")/lib.sh"

the_client_session() {
	local page
	mkdir "$NET/tcp/web"
	echo "connect $KERNEL!80" >"$NET/tcp/web/ctl" || cat "$NET/tcp/web/err"
	printf 'GET /page HTTP/1.0\r\n\r\n' >"$NET/tcp/web/data"
	page=$(cat "$NET/tcp/web/data")
	rmdir "$NET/tcp/web"
	like "what came" $'HTTP/1.1 200 OK*\r\n\r\na page of the kernel'\''s' "$page"
	if [ -e "$NET/tcp/web" ]; then fail "web is there after rmdir"; fi
}

the_client_session_with_a_number() {
	local n
	n=$(cat "$NET/tcp/clone")
	like "the number" "[0-9]*" "$n"
	echo "connect $KERNEL:80" >"$NET/tcp/$n/ctl"
	printf 'GET /page HTTP/1.0\r\n\r\n' >"$NET/tcp/$n/data"
	like "what came" "*a page of the kernel's" "$(cat "$NET/tcp/$n/data")"
}

# bash reads the clone's number on the same descriptor it then commands.
the_client_session_with_a_descriptor() {
	local n
	exec 3<>"$NET/tcp/clone"
	read -r n <&3
	echo "connect $KERNEL!80" >&3
	printf 'GET /page HTTP/1.0\r\n\r\n' >"$NET/tcp/$n/data"
	like "what came" "*a page of the kernel's" "$(cat "$NET/tcp/$n/data")"
	exec 3>&-
	await 2 test ! -e "$NET/tcp/$n" || fail "tcp/$n is listed after its last descriptor closed"
}

answer() {
	local line
	while read -r line && [ "${line%$'\r'}" ]; do :; done
	printf 'HTTP/1.0 200 OK\r\n\r\nfrom the tree\n'
}

# The loop of the contract, ended by the end of its own conversation.
serve_until_gone() {
	while read -r n who; do
		echo "call $n from $who"
		( exec 3<>"$NET/tcp/$n/data"; answer <&3 >&3 ) &
	done <"$NET/tcp/srv/accept"
}

the_server_session() {
	local i
	mkdir "$NET/tcp/srv"
	echo 'announce 8080' >"$NET/tcp/srv/ctl"
	serve_until_gone >"$TMP/calls.out" 2>&1 &
	for i in 1 2 3; do
		same "page $i" "from the tree" "$(in_ns curl -sS -m 10 "http://$OURS:8080/")"
	done
	same "calls" 3 "$(grep -c "from $KERNEL!" "$TMP/calls.out")"
	echo hangup >"$NET/tcp/srv/ctl"
	rmdir "$NET/tcp/srv"
	wait
}

the_example_of_a_client() {
	like "examples/get" "*a page of the kernel's" \
		"$("$ROOT_DIR/examples/get" "$KERNEL!80" /page)"
}

the_example_of_a_client_says_why() {
	refused "connect $KERNEL!99: connection refused" "$ROOT_DIR/examples/get" "$KERNEL!99"
}

the_example_of_a_server() {
	start serve "$ROOT_DIR/examples/serve" 8000
	await 5 tree_listens 8000
	like "its page" "hello $KERNEL!*this is $OURS!8000*Established*" \
		"$(in_ns curl -sS -m 10 "http://$OURS:8000/")"
	kill "$STARTED"
}

mkdir "$TMP/www"
printf "a page of the kernel's" >"$TMP/www/page"
net_up
start_nginx "$TMP/www" 80
it "the client session fetches a page" the_client_session
it "a number from cat clone does as well" the_client_session_with_a_number
it "so does clone opened for reading and writing" the_client_session_with_a_descriptor
it "the server session answers three calls" the_server_session
it "examples/get fetches a page" the_example_of_a_client
it "examples/get prints the words of err" the_example_of_a_client_says_why
it "examples/serve serves a page" the_example_of_a_server
