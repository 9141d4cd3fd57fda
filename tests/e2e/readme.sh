#!/usr/bin/env bash
# What the README shows is what happens, and so with make demo and make run. Time limit: 120 s.
#
#   http.server, 10.99.0.1:80 --- TAP --- 10.99.0.2, catnetd; the README's own lines
. "$(dirname "$0")/lib.sh"
KERNEL=10.99.0.1
OURS=10.99.0.2
RELEASE=${RELEASE_BUILD:-$ROOT_DIR/build/release-gcc}

# lines_of HEADING - the shell's lines under it, with the tree where ours is.
lines_of() {
	awk -v heading="## $1" '
		$0 == heading { here = 1; next }
		/^## / { here = 0 }
		here && /^```sh$/ { code = 1; next }
		/^```$/ { code = 0 }
		here && code' "$ROOT_DIR/README.md" | sed "s|/net/|$NET/|g"
}

the_client() {
	local page
	lines_of "A client" >"$TMP/client"
	[ "$(wc -l <"$TMP/client")" -ge 5 ] || fail "the README has no client"
	page=$(bash -e "$TMP/client")
	like "page" $'HTTP/1.0 200 OK*\n\ra page for the README*' "${page/$'\r\n\r\n'/$'\n\r'}"
	[ ! -e "$NET/tcp/web" ] || fail "the conversation is still there"
}

the_server() {
	local said
	lines_of "A server" >"$TMP/server"
	[ "$(wc -l <"$TMP/server")" -ge 6 ] || fail "the README has no server"
	start server bash -e "$TMP/server"
	await 5 tree_listens 8080
	said=$(in_ns timeout 5 nc "$OURS" 8080 </dev/null)
	like "what nc heard" "hello $KERNEL!*, this is conversation [0-9]*" "$said"
	await 5 is_gone "$STARTED" || fail "the server still runs"
	same "what the server complained of" "" "$(cat "$TMP/server.err")"
}

the_group() {
	lines_of "Addresses and groups" >"$TMP/group"
	[ "$(wc -l <"$TMP/group")" -ge 7 ] || fail "the README has no group"
	same "what came" hello "$(timeout 10 bash -e "$TMP/group")"
}

the_error() {
	local shown
	mkdir "$NET/tcp/web"
	shown=$(bash -c "echo 'connect $KERNEL!81' >$NET/tcp/web/ctl" 2>&1) && fail "it connected"
	like "the error" "*echo: write error: Connection refused" "$shown"
	grep -qxF "$(cat "$NET/tcp/web/err")" "$ROOT_DIR/README.md" ||
		fail "the README has not: $(cat "$NET/tcp/web/err")"
	rmdir "$NET/tcp/web"
}

its_paths_exist() {
	local path
	for path in $(grep -oE '\]\([^)]+\)' "$ROOT_DIR/README.md" | tr -d '])('); do
		[ -e "$ROOT_DIR/$path" ] || fail "$path does not exist"
	done
}

the_demo() {
	timeout 60 "$ROOT_DIR/examples/demo" "$RELEASE" >"$TMP/demo.out" 2>&1 </dev/null ||
		fail "$(tail -1 "$TMP/demo.out")"
	grep -q "It works" "$TMP/demo.out" || fail "it showed no page"
	grep -q "^Established\|^Close_wait" "$TMP/demo.out" || fail "it showed no status"
	grep -q '"schema": *1' "$TMP/demo.out" || fail "it showed no stats"
	grep -q "connection refused by the peer" "$TMP/demo.out" || fail "it showed no error"
	if ip netns | grep -q catnet-demo; then fail "its namespace is still there"; fi
	if mount | grep -q catnet-demo; then fail "its mount is still there"; fi
}

# In a namespace of its own, which stands for the host.
run_begins() {
	NET=$TMP/run-net TAP=cnrun$$ PREFIX=10.98.0 \
		nsenter --net="/run/netns/$NS" -- "$ROOT_DIR/examples/run" "$RELEASE" \
		>"$TMP/run.out" 2>&1 </dev/null &
	RUN=$!
	await 10 grep -q "^catnetd runs" "$TMP/run.out" || fail "$(cat "$TMP/run.out")"
}

the_run() {
	local rc=0
	echo 0 | in_ns tee /proc/sys/net/ipv4/ip_forward >/dev/null
	run_begins
	in_ns ping -q -c 2 -i 0.2 10.98.0.2
	same "forwarding" 1 "$(in_ns cat /proc/sys/net/ipv4/ip_forward)"
	in_ns nft list tables | grep -q "cnrun$$" || fail "there is no NAT"
	kill -TERM "$RUN"
	wait "$RUN" || rc=$?
	same "its status" 143 "$rc"
	same "forwarding afterwards" 0 "$(in_ns cat /proc/sys/net/ipv4/ip_forward)"
	same "tables afterwards" "" "$(in_ns nft list tables)"
	[ ! -e "$TMP/run-net" ] || fail "its mount point is still there"
}

the_run_of_a_dead_server() {
	local rc=0
	run_begins
	pkill -KILL -P "$RUN" -x catnetd || fail "it has no catnetd"
	wait "$RUN" || rc=$?
	same "its status" 1 "$rc"
	like "what it said" "*ended with status 137*" "$(cat "$TMP/run.out")"
	same "tables afterwards" "" "$(in_ns nft list tables)"
	[ ! -e "$TMP/run-net" ] || fail "its mount point is still there"
	if mount | grep -q "$TMP/run-net"; then fail "its mount is still there"; fi
}

# Nobody is left to undo it by a trap.
the_run_that_is_killed() {
	local server
	echo 0 | in_ns tee /proc/sys/net/ipv4/ip_forward >/dev/null
	run_begins
	server=$(pgrep -P "$RUN" -x catnetd)
	kill -KILL "$RUN" "$server"
	wait "$RUN" || true
	await 10 grep -q "the host is as it was" "$TMP/run.out" || fail "$(cat "$TMP/run.out")"
	same "forwarding afterwards" 0 "$(in_ns cat /proc/sys/net/ipv4/ip_forward)"
	same "tables afterwards" "" "$(in_ns nft list tables)"
	[ ! -e "$TMP/run-net" ] || fail "its mount point is still there"
	if mount | grep -q "$TMP/run-net"; then fail "its mount is still there"; fi
}

mkdir "$TMP/www"
echo "a page for the README" >"$TMP/www/index.html"
net_up
start_in_ns http.server python3 -m http.server -d "$TMP/www" -b "$KERNEL" 80
await 5 kernel_listens 80
it "the README's client fetches a page" the_client
it "the README's server answers nc" the_server
it "the README's group hears what is said there" the_group
it "the README's error is the one that comes" the_error
it "what the README points to exists" its_paths_exist
it "make demo shows a page, status and stats, and leaves nothing" the_demo
it "make run serves, and undoes what it did" the_run
it "make run undoes it even when it is killed together with its server" the_run_that_is_killed
it "make run tells when its server dies, and undoes all the same" the_run_of_a_dead_server
