#!/usr/bin/env bash
# What the README shows is what happens, and so with make demo and make run. Time limit: 120 s.
#
#   http.server, 10.99.0.1:80 --- TAP --- 10.99.0.2, catnetd; the README's own lines
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/readme/lib.sh"
KERNEL=10.99.0.1
OURS=10.99.0.2
RELEASE=${RELEASE_BUILD:-$ROOT_DIR/build/release-gcc}

# lines_of HEADING N - those of a block, with the tree where ours is, in a file of which it tells.
lines_of() {
	local file="$TMP/${1// /-}-$2"
	readme_block "$1" "$2" | sed "s|/net/|$NET/|g" >"$file"
	[ -s "$file" ] || fail "the README has no block $2 below \"$1\""
	echo "$file"
}

the_client() {
	local page
	page=$(bash -e "$(lines_of "A client" 1)")
	like "page" $'HTTP/1.0 200 OK*\n\ra page for the README*' "${page/$'\r\n\r\n'/$'\n\r'}"
	[ ! -e "$NET/tcp/web" ] || fail "the conversation is still there"
}

server_has_ended() {
	await 5 is_gone "$STARTED" || fail "the server still runs"
	same "what the server complained of" "" "$(cat "$TMP/server.err")"
	[ ! -e "$NET/tcp/srv" ] || fail "its name is still there"
}

# The address alone is also that of calls which are still listed.
srv_listens() {
	[ "$(state_of "$NET/tcp/srv")" = Listen ]
}

the_server() {
	local said
	start server bash -e "$(lines_of "A server" 1)"
	await 5 srv_listens
	said=$(in_ns timeout 5 nc "$OURS" 8080 </dev/null)
	like "what nc heard" "hello $KERNEL!*, this is conversation [0-9]*" "$said"
	server_has_ended
}

# One that is silent keeps nobody from being answered.
the_server_of_many() {
	start server bash -e "$(lines_of "A server" 2)"
	await 5 srv_listens
	mkfifo "$TMP/silent"
	in_ns nc -N "$OURS" 8080 <"$TMP/silent" >"$TMP/silent.out" 2>&1 &
	exec 8>"$TMP/silent"
	like "what one heard" "$KERNEL!* said: good day" "$(echo "good day" | in_ns timeout 5 nc -N "$OURS" 8080)"
	like "what another heard" "$KERNEL!* said: and you" "$(echo "and you" | in_ns timeout 5 nc -N "$OURS" 8080)"
	echo "at last" >&8
	exec 8>&-
	await 5 grep -q "$KERNEL!.* said: at last" "$TMP/silent.out" || fail "the silent one heard nothing"
	echo hangup >"$NET/tcp/srv/ctl"
	server_has_ended
}

the_group() {
	same "what came" hello "$(timeout 10 bash -e "$(lines_of "Addresses and groups" 1)" 2>&1)"
}

# What is typed behind a "$ ", and what is answered: line for line what a shell shows.
the_error() {
	local shown
	shown=$(lines_of "When it fails" 1)
	mkdir "$NET/tcp/web"
	while IFS= read -r line; do
		echo "$line"
		case $line in
		"$ "*) bash -c "${line#"$ "}" 2>&1 | sed 's/^bash: line [0-9]*: /bash: /' ;;
		esac
	done < <(grep '^\$ ' "$shown") >"$TMP/answered"
	diff "$shown" "$TMP/answered" || fail "the README shows something else"
	rmdir "$NET/tcp/web"
}

its_targets_are_there() {
	local make target
	while read -r make target _; do
		same "what the README says" make "$make"
		grep -q "^$target: ## " "$ROOT_DIR/Makefile" || fail "there is no make $target"
	done < <(readme_block catnet 2)
	grep -A 5 "^demo:" "$ROOT_DIR/Makefile" | grep -q "examples/demo build/release-gcc" ||
		fail "make demo is not what is tested here"
}

# Who runs which block; the first is a picture.
no_block_is_without_a_test() {
	same "blocks of the README" "catnet 1
catnet 2
A client 1
A server 1
A server 2
Addresses and groups 1
When it fails 1
Installed, and as a service 1
Installed, and as a service 2" "$(readme_blocks)"
	grep -q 'readme_block "Installed, and as a service" 1' "$E2E_DIR/install.sh"
	grep -q 'readme_block "Installed, and as a service" 2' "$E2E_DIR/mount.sh"
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
it "the README's server of many calls answers while one is silent" the_server_of_many
it "the README's group hears what is said there" the_group
it "the README's error is the one that comes" the_error
it "what the README says of make is there" its_targets_are_there
it "every block of the README has its test" no_block_is_without_a_test
it "what the README points to exists" its_paths_exist
it "make demo shows a page, status and stats, and leaves nothing" the_demo
it "make run serves, and undoes what it did" the_run
it "make run undoes it even when it is killed together with its server" the_run_that_is_killed
it "make run tells when its server dies, and undoes all the same" the_run_of_a_dead_server
