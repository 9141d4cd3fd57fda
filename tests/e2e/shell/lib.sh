# lib.sh - what the scripts about shells share: peers in the kernel, conversations, what is left.
# Sourced, never run.
# shellcheck shell=bash

net_up
mkdir "$TMP/www"
echo "hello from nginx" >"$TMP/www/index.html"
start_nginx "$TMP/www" 80
start_echo 7
FILE=$TMP/file
head -c 1234567 /dev/urandom >"$FILE"
head -c 50000000 /dev/urandom >"$TMP/large"
printf '%s\n' one two three four five >"$TMP/five"
for i in {1..20000}; do echo "$((i * 7919 % 20011)) line $i"; done >"$TMP/words"

# takes PORT [PROGRAM] - the kernel's side listens; what it gets is in $TMP/nc.out. Its pid in PEER.
# shellcheck disable=SC2034
takes() {
	if [ $# -gt 1 ]; then
		start_in_ns nc sh -c "$2 | nc -l $KERNEL $1"
	else
		start_in_ns nc nc -l "$KERNEL" "$1"
	fi
	PEER=$STARTED
	await 5 kernel_listens "$1"
}

# gives PORT FILE - the kernel's side listens and sends FILE, then its end.
gives() {
	nsenter --net="/run/netns/$NS" -- nc -N -l "$KERNEL" "$1" <"$2" >/dev/null 2>&1 &
	await 5 kernel_listens "$1"
}

# connects NAME PORT - its directory in D.
connects() {
	D=$NET/tcp/$1
	mkdir "$D"
	echo "connect $KERNEL!$2" >"$D/ctl"
}

# How many requests wait in the server.
waiting() {
	json "$NET/stats" 'j["tree"]["parked"]'
}

more_wait_than() {
	[ "$(waiting)" -gt "$1" ]
}

nothing_is_left() {
	[ "$(cd "$NET/tcp" && echo *)" = "clone stats" ]
}
