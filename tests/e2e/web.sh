#!/usr/bin/env bash
# Pages, both ways: the tree from servers of the kernel's side, curl and wget from the tree.
# Time limit: 120 s.
#
#   nginx :80, http.server :8000; curl, wget --- TAP --- 10.9.0.2, catnetd; http_client, servers
. "$(dirname "$0")/lib.sh"

SIZES="0 1 1460 1461 65536 1000000 10000000"

client_gets() { # PORT SIZE
	"$BUILD/http_client" "$KERNEL!$1" "/$2" >"$TMP/got"
	same "sha256" "$(sum_of "$TMP/www/$2")" "$(sum_of "$TMP/got")"
}

client_gets_all() { # PORT
	local size
	for size in $SIZES; do client_gets "$1" "$size"; done
}

# client_fails STATUS WORDS ARGUMENT...
client_fails() {
	local status=$1 words=$2 rc=0 out
	shift 2
	out=$("$BUILD/http_client" "$@" 2>&1 >/dev/null) || rc=$?
	same "status" "$status" "$rc"
	like "words" "*$words*" "$out"
}

client_without_a_tree() {
	CATNET=$TMP/www client_fails 1 "no tree at $TMP/www" "$KERNEL"
}

client_prints_the_page_of_an_error() {
	"$BUILD/http_client" "$KERNEL" /missing 2>/dev/null >"$TMP/got" || true
	grep -qi "not found" "$TMP/got" || fail "the body was not printed"
}

serve_page() { # PORT: a server of the shell, one call after another, until it is killed
	# shellcheck disable=SC2016
	start "serve-$1" "$ROOT_DIR/examples/serve" "$1"
	await 5 tree_listens "$1"
}

curl_gets() { # PORT
	like "page" "hello $KERNEL!*" "$(in_ns curl -sS -m 10 "http://$OURS:$1/")"
}

wget_gets() { # PORT
	like "page" "hello $KERNEL!*" "$(in_ns wget -q -T 10 -t 1 -O - "http://$OURS:$1/")"
}

curl_gets_20_at_once() {
	local i pids=()
	for i in {1..20}; do
		in_ns curl -sS -m 20 -o "$TMP/page.$i" "http://$OURS:80/" &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i" || fail "one curl ended with status $?"; done
	same "pages" 20 "$(cat "$TMP"/page.* | grep -c hello)"
}

# What was written before the last descriptor closed is still sent.
write_and_leave() { # NUMBER
	local line
	exec 3<>"$NET/tcp/$1/data"
	while read -r line <&3 && [ "${line%$'\r'}" ]; do :; done
	printf 'HTTP/1.0 200 OK\r\n\r\n' >&3
	cat "$TMP/www/1000000" >&3
}

a_page_is_sent_after_its_writer_is_gone() {
	local n _
	mkdir "$NET/tcp/big"
	order "$NET/tcp/big/ctl" "announce 8081"
	in_ns curl -sS -m 20 -o "$TMP/got" "http://$OURS:8081/" &
	read -r n _ <"$NET/tcp/big/accept"
	( write_and_leave "$n" )
	wait
	rmdir "$NET/tcp/big"
	same "sha256" "$(sum_of "$TMP/www/1000000")" "$(sum_of "$TMP/got")"
}

mkdir "$TMP/www"
for size in $SIZES; do head -c "$size" /dev/urandom >"$TMP/www/$size"; done
net_up
start_nginx "$TMP/www" 80
start_in_ns http.server python3 -m http.server -d "$TMP/www" -b "$KERNEL" 8000
await 5 kernel_listens 8000

it "http_client gets pages of all sizes from nginx" client_gets_all 80
it "http_client gets pages of all sizes from http.server" client_gets_all 8000
it "http_client ends with 3 for a missing page" client_fails 3 "404" "$KERNEL" /missing
it "and prints what the server says of it" client_prints_the_page_of_an_error
it "http_client says who refused" client_fails 1 "connect $KERNEL!99: connection refused" "$KERNEL!99"
it "http_client says what is wrong with an address" client_fails 1 "300.1.1.1" "300.1.1.1!80"
it "http_client without arguments says how it is used" client_fails 2 "usage"
it "http_client without a tree says where it looked" client_without_a_tree
serve_page 80
serve_page 8080
it "curl gets a page from a shell on port 80" curl_gets 80
it "curl gets a page from a shell on port 8080" curl_gets 8080
it "wget gets a page from a shell on port 80" wget_gets 80
it "wget gets a page from a shell on port 8080" wget_gets 8080
it "20 curls at once get 20 pages" curl_gets_20_at_once
it "a page arrives whole after its writer has gone" a_page_is_sent_after_its_writer_is_gone
