#!/usr/bin/env bash
# What fails says so twice: an errno at once, words in `err` for as long as one likes.
# Time limit: 90 s.
#
#   echo_server.py :7, nothing at :99, nobody at 10.9.0.99 --- TAP --- 10.9.0.2, catnetd
. "$(dirname "$0")/lib.sh"

C=$NET/tcp/c

fresh() {
	[ ! -d "$C" ] || rmdir "$C"
	mkdir "$C"
}

# order_fails ERROR ERR_PATTERN WORDS... - at C.
order_fails() {
	local out rc=0
	# shellcheck disable=SC2116
	out=$(echo "${*:3}" 2>&1 >"$C/ctl") || rc=$?
	same "exit status of echo" 1 "$rc"
	like "what echo says" "*$1*" "$out"
	# shellcheck disable=SC2053
	[[ $(cat "$C/err") == $2 ]] || fail "err: expected something like \"$2\", got \"$(cat "$C/err")\""
}

a_closed_port() {
	fresh
	order_fails "Connection refused" "connect $KERNEL!99: connection refused by the peer" \
		"connect $KERNEL!99"
}

and_then_an_open_one() {
	same "err, asked again" "connect $KERNEL!99: connection refused by the peer" "$(cat "$C/err")"
	order "$C/ctl" "connect $KERNEL!7"
	same "state" Established "$(state_of "$C")"
}

a_silent_host() {
	fresh
	order_fails "No route to host" "connect 10.9.0.99!1:*" "connect 10.9.0.99!1"
	order "$C/ctl" "connect $KERNEL!7"
}

words_of() { # PATTERN COMMAND...
	fresh
	order_fails "Invalid argument" "$1" "${@:2}"
}

another_protocols_verb() {
	fresh
	order_fails "Operation not supported" "*headers*" "headers on"
}

a_second_announce() {
	fresh
	order "$C/ctl" "announce 7500"
	order_fails "Transport endpoint is already connected" "announce*" "announce 7501"
}

connect_after_announce() {
	fresh
	order "$C/ctl" "announce 7500"
	order_fails "Transport endpoint is already connected" "connect*" "connect $KERNEL!7"
}

a_port_in_use() {
	local n
	fresh
	mkdir "$NET/tcp/first"
	order "$NET/tcp/first/ctl" "announce 7502"
	n=$(cat "$NET/tcp/first/ctl")
	order_fails "Address already in use" "announce *7502: in use by conversation $n*" "announce 7502"
	rmdir "$NET/tcp/first"
}

an_address_of_others() {
	fresh
	order_fails "Cannot assign requested address" "announce 10.9.0.55!7503*" "announce 10.9.0.55!7503"
}

other_forms_of_an_address() {
	fresh
	order "$C/ctl" "connect $KERNEL:7"
	same "remote" "$KERNEL!7" "$(cat "$C/remote")"
	fresh
	order "$C/ctl" "connect [::ffff:$KERNEL]:7"
	same "remote" "$KERNEL!7" "$(cat "$C/remote")"
	fresh
	order "$C/ctl" "connect $KERNEL!7 $OURS!7504"
	same "local" "$OURS!7504" "$(cat "$C/local")"
}

addresses_before_any() {
	fresh
	same "local" "::!0" "$(cat "$C/local")"
	same "remote" "::!0" "$(cat "$C/remote")"
}

a_port_of_its_choice() {
	fresh
	order "$C/ctl" "announce 0"
	like "local" "*![1-9]*" "$(cat "$C/local")"
}

data_when_idle() {
	fresh
	refused "Transport endpoint is not connected" cat "$C/data"
	refused "Transport endpoint is not connected" bash -c "echo x >$C/data"
}

data_when_announced() {
	fresh
	order "$C/ctl" "announce 7505"
	refused "Invalid argument" cat "$C/data"
}

a_write_after_our_end() {
	fresh
	order "$C/ctl" "connect $KERNEL!7"
	order "$C/ctl" "shutdown wr"
	refused "Broken pipe" bash -c "echo x >$C/data"
	same "their end" "" "$(cat "$C/data")"
}

a_hangup() {
	fresh
	order "$C/ctl" "connect $KERNEL!7"
	order "$C/ctl" hangup
	if echo x 2>/dev/null >"$C/data"; then fail "a write after hangup succeeded"; fi
}

a_read_that_times_out() {
	fresh
	order "$C/ctl" "connect $KERNEL!7"
	order "$C/ctl" "timeout read 1"
	refused "" timeout 5 cat "$C/data"
}

net_up
start_echo 7
it "a connect to a closed port is refused, with words" a_closed_port
it "the same conversation then connects to an open one" and_then_an_open_one
it "a silent host is unreachable, and then another is not" a_silent_host
it "an address without a port" words_of 'connect: expected ADDRESS!PORT, got "10.0.0.1"' "connect 10.0.0.1"
it "no address at all" words_of 'connect: expected*' connect
it "too many words" words_of '*' "connect 10.9.0.1!7 10.9.0.2!8 more"
it "a port out of range" words_of '*70000*' "connect 10.9.0.1!70000"
it "a name before there are names" words_of '*names are not available, give an address*' "connect example.com!80"
it "an address that is none" words_of '*10.9.0.256*' "connect 10.9.0.256!80"
it "a switch that is neither on nor off" words_of 'nodelay: expected on or off, got "yes"' "nodelay yes"
it "a number that is none" words_of 'ttl*' "ttl many"
it "a number out of range" words_of 'ttl*' "ttl 256"
it "an unknown verb" words_of '*frobnicate*' "frobnicate now"
it "a verb of another protocol" another_protocols_verb
it "a second announce is refused" a_second_announce
it "a connect after announce is refused" connect_after_announce
it "a port in use names who has it" a_port_in_use
it "an address of others is refused" an_address_of_others
it "an address may be written in all its forms" other_forms_of_an_address
it "addresses that are not set show as such" addresses_before_any
it "announce 0 chooses a port, and local shows it" a_port_of_its_choice
it "data of an idle conversation is not connected" data_when_idle
it "data of an announced one is no place to read" data_when_announced
it "a write after our own end is a broken pipe" a_write_after_our_end
it "after a hangup nothing can be written" a_hangup
it "a read with a timeout ends" a_read_that_times_out
rmdir "$C"
run_cases files.py "$KERNEL" "$OURS"
