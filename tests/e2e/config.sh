#!/usr/bin/env bash
# The file of --config: obeyed at start, looked at by --check, read again on SIGHUP. Time limit: 120 s.
#
#   catnetd in a namespace of its own, started and ended again and again
. "$(dirname "$0")/lib.sh"

# --- at start ----------------------------------------------------------------------------------

the_file_is_enough_and_its_commands_are_obeyed() {
	write_config ',
		"gw": "'"$KERNEL"'",
		"commands": ["iproute add 10.77.0.0 /16 '"$KERNEL"'",
			"tcp/web announce 80", "tcp/web backlog 3", "udp/clock announce 37"]'
	catnetd --config "$TMP/net.json" >"$TMP/out" 2>&1
	same "what web has announced" "::!80" "$(cat "$NET/tcp/web/local")"
	same "what clock has" "::!37" "$(cat "$NET/udp/clock/local")"
	grep -q "^10.77.0.0 " "$NET/iproute" || fail "$(cat "$NET/iproute")"
	in_ns nc -z -w 5 "$OURS" 80
	end_it TERM
}

# The check makes the device up, so that what is done with it can be looked at too.
a_further_device_is_bound_by_commands() {
	write_config ',
		"commands": ["ipifc/clone bind ether '"$TAP"'b", "ipifc/2/ctl add 10.77.0.2 /24"]'
	same "the check" "$TMP/net.json: ok" "$("$BUILD/catnetd" -t --config "$TMP/net.json" 2>&1)"
	if in_ns ip link show "${TAP}b" 2>/dev/null; then fail "the check has made the TAP"; fi
	catnetd --config "$TMP/net.json" >"$TMP/out" 2>&1
	like "its status" "device ${TAP}b *" "$(cat "$NET/ipifc/2/status")"
	in_ns ip addr add 10.77.0.1/24 dev "${TAP}b"
	await 10 grep -q "10.77.0.2 .* used" "$NET/ipifc/2/status"
	in_ns ping -q -c 1 -W 5 10.77.0.2
	end_it TERM
}

a_command_that_waits_is_waited_for() {
	start_in_ns echo python3 "$E2E_DIR/echo_server.py" "$KERNEL" 7
	write_config ',
		"commands": ["tcp/one connect '"$KERNEL"'!7"]'
	# The echo server can only begin when the kernel has its address.
	in_ns ip addr add "$KERNEL/32" dev lo
	await 5 kernel_listens 7
	catnetd --config "$TMP/net.json" >"$TMP/out" 2>&1
	same "its state" Established "$(state_of "$NET/tcp/one")"
	end_it TERM
	kill "$STARTED"
	in_ns ip addr del "$KERNEL/32" dev lo
}

a_command_that_fails_ends_the_start() {
	write_config ',
		"commands": ["tcp/web announce 80",
			"tcp/other announce 80"]'
	ends_with 78 "*$TMP/net.json:8:*: commands\[1\]: \"tcp/other announce 80\": announce tcp!80: in use by*" \
		"${CATNETD[@]}" --config "$TMP/net.json"
}

# Nobody answers at that port, and nobody says so.
a_start_that_waits_can_be_ended() {
	local rc=0
	in_ns nft -f - <<-'END'
		table ip silence {
			chain input { type filter hook input priority filter; tcp dport 7777 drop; }
		}
	END
	write_config ',
		"commands": ["tcp/one connect '"$KERNEL"'!7777"]'
	"${CATNETD[@]}" --config "$TMP/net.json" >"$TMP/log" 2>&1 </dev/null &
	await 10 is_calling || fail "it does not call: $(cat "$TMP/log")"
	kill -TERM "$!"
	wait "$!" || rc=$?
	same "status" 143 "$rc"
	await 5 no_server || fail "left: $(servers)"
	if mountpoint -q "$NET"; then fail "it is still mounted"; fi
	in_ns nft delete table ip silence
}

is_calling() {
	grep -q "^Syn_sent" "$NET/tcp/one/status"
}

no_server() {
	[ -z "$(servers)" ]
}

the_line_is_stronger() {
	write_config ',
		"log": "error"'
	catnetd --config "$TMP/net.json" --log info >"$TMP/out" 2>&1
	like "what it says" "*info: serving*" "$(cat "$TMP/out")"
	end_it TERM
}

check_finds_nothing_wrong_and_starts_nothing() {
	write_config ',
		"trace": "all", "pcap": "'"$TMP/net.pcap"'", "pidfile": "'"$TMP/net.pid"'",
		"commands": ["tcp/web announce 80", "tcp/one connect '"$KERNEL"'!80", "log set fs"]'
	same "what it says" "$TMP/net.json: ok" "$("$BUILD/catnetd" -t --config "$TMP/net.json" 2>&1)"
	if mountpoint -q "$NET"; then fail "it is mounted"; fi
	same "files it made" "" "$(ls "$TMP" | grep -E 'pcap|pid$')"
}

check_tells_every_mistake() {
	local rc=0
	write_config ',
		"gw": "10.7.0.1",
		"mtu": 3, "colour": "blue",
		"commands": ["tcp/web announce 80", "tcp/web announce 81", "nowhere announce 80",
			"ipifc/clone bind ether no/such"]'
	"$BUILD/catnetd" -t --config "$TMP/net.json" >"$TMP/out" 2>"$TMP/err" || rc=$?
	same "status" 78 "$rc"
	same "on standard output" "" "$(cat "$TMP/out")"
	same "mistakes" 6 "$(wc -l <"$TMP/err")"
	like "the place of one" "*$TMP/net.json:7:3: gw: *" "$(cat "$TMP/err")"
}

# --- reading the file again --------------------------------------------------------------------

# reload PATTERN - SIGHUP, until the log has a line like it that it had not before.
reload() {
	: >"$TMP/log"
	kill -HUP "$SERVING"
	await 10 grep -qE "$1" "$TMP/log" || fail "no \"$1\" in: $(cat "$TMP/log")"
}

start_with() { # LINES
	write_config "$1"
	# The log is appended to, so that it may be emptied meanwhile.
	catnetd --config "$TMP/net.json" >>"$TMP/log" 2>&1
	SERVING=$(servers)
}

what_can_change_does() {
	start_with ',
		"gw": "'"$KERNEL"'", "commands": ["tcp/web announce 80"]'
	write_config ',
		"gw": "10.9.0.77", "log": "debug", "spin-us": 0,
		"commands": ["tcp/web announce 80", "tcp/two announce 81"]'
	sed -i "s,\"$OURS/24\",\"$OURS/24\"\, \"10.9.0.3/24\"," "$TMP/net.json"
	reload "$TMP/net.json is read again"
	same "what two has announced" "::!81" "$(cat "$NET/tcp/two/local")"
	grep -q "^10.9.0.3 " "$NET/ipselftab" || fail "no new address: $(cat "$NET/ipselftab")"
	grep -q "10.9.0.77" "$NET/iproute" || fail "no new gateway: $(cat "$NET/iproute")"
	if grep -q "$KERNEL " "$NET/iproute"; then fail "the old gateway: $(cat "$NET/iproute")"; fi
	in_ns ping -q -c 1 -W 5 10.9.0.3
	same "warnings" "" "$(grep -E 'warning|error' "$TMP/log")"
	write_config ''
	reload "10.9.0.3/24 is no longer ours"
	if grep -q "^10.9.0.3 " "$NET/ipselftab"; then fail "the address is still there"; fi
	like "what is said of commands" "*2 commands are gone from it; what they did stays*" "$(cat "$TMP/log")"
	same "what web has announced" "::!80" "$(cat "$NET/tcp/web/local")"
	end_it TERM
}

what_cannot_is_named() {
	start_with ''
	write_config ',
		"mtu": 1400, "pcap": "/tmp/never.pcap"'
	reload "is read again"
	like "the MTU" "*warning: *net.json: mtu cannot change*" "$(cat "$TMP/log")"
	like "the capture" "*warning: *net.json: pcap cannot change*" "$(cat "$TMP/log")"
	same "warnings" 2 "$(grep -c warning "$TMP/log")"
	end_it TERM
}

a_mistake_changes_nothing() {
	start_with ''
	write_config ',
		"spin-us": "often", "commands": ["tcp/web announce 80"]'
	reload "is as it was for us"
	like "the mistake" "*error: $TMP/net.json:7:*: spin-us: expected a whole number*" "$(cat "$TMP/log")"
	if [ -e "$NET/tcp/web" ]; then fail "a command of it was obeyed"; fi
	rm "$TMP/net.json"
	reload "net.json: there is no such file"
	grep -q version "$NET/stats"
	end_it TERM
}

a_command_that_failed_is_tried_again() {
	start_with ',
		"commands": ["tcp/web announce 80"]'
	write_config ',
		"commands": ["tcp/web announce 80", "tcp/two announce 80", "tcp/three announce 83"]'
	reload "is read again"
	like "what failed" "*commands\[1\]: \"tcp/two announce 80\": announce tcp!80: in use*" "$(cat "$TMP/log")"
	same "what came after it" "::!83" "$(cat "$NET/tcp/three/local")"
	rmdir "$NET/tcp/web"
	reload "is read again"
	same "what two has announced" "::!80" "$(cat "$NET/tcp/two/local")"
	same "errors" "" "$(grep error "$TMP/log")"
	end_it TERM
}

# What each time takes it gives back, as the sanitizers would tell at the end.
it_is_read_a_hundred_times() {
	local i
	start_with ''
	for i in {1..100}; do
		write_config ',
			"spin-us": '"$i"', "commands": ["tcp/web'"$i"' announce '$((i + 1000))'"]'
		sed -i "s,\"$OURS/24\",\"$OURS/24\"\, \"10.9.0.$((i + 10))/24\"," "$TMP/net.json"
		reload "is read again"
	done
	same "conversations" 100 "$(find "$NET/tcp" -maxdepth 1 -name 'web*' | wc -l)"
	same "addresses" 2 "$(grep -c '^10.9.0.[0-9]* .*4u' "$NET/ipselftab")"
	end_it TERM
}

# The way to the file leads into the tree itself, through a link made meanwhile.
a_file_behind_our_own_mount_holds_nobody_up() {
	start_with ''
	rm "$TMP/net.json"
	ln -s "$NET/stats" "$TMP/net.json"
	reload "is as it was for us"
	grep -q version "$NET/stats"
	rm "$TMP/net.json"
	mkfifo "$TMP/net.json" # nobody ever writes to it
	kill -HUP "$SERVING"
	await 5 a_reader_too || fail "nobody reads"
	grep -q version "$NET/stats"
	rm "$TMP/net.json"
	write_config ''
	reload "net.json is read again"
	await 5 one_server || fail "left: $(servers)"
	end_it TERM
}

a_reader_too() {
	[ "$(servers | wc -l)" -ge 2 ]
}

one_server() {
	[ "$(servers | wc -l)" -eq 1 ]
}

the_manager_is_told_of_it() {
	start_in_ns manager python3 "$E2E_DIR/manager.py" "$TMP/notify"
	await 5 grep -q listening "$TMP/manager.out" || fail "$(cat "$TMP/manager.err")"
	export NOTIFY_SOCKET=$TMP/notify
	start_with ''
	reload "is read again"
	await 5 told_twice || fail "$(cat "$TMP/manager.out")"
	grep -q RELOADING=1 "$TMP/manager.out" || fail "$(cat "$TMP/manager.out")"
	end_it TERM
	kill "$STARTED"
}

told_twice() {
	[ "$(grep -c READY=1 "$TMP/manager.out")" -eq 2 ]
}

ns_up
daemon_it "a file is enough, and its commands are obeyed before it serves" the_file_is_enough_and_its_commands_are_obeyed
daemon_it "a further device is bound by commands" a_further_device_is_bound_by_commands
it "a command that waits is waited for" a_command_that_waits_is_waited_for
daemon_it "a command that fails ends the start, with its place and words" a_command_that_fails_ends_the_start
daemon_it "a start that waits for a command can be ended" a_start_that_waits_can_be_ended
daemon_it "the command line is stronger than the file" the_line_is_stronger
daemon_it "--check finds nothing wrong, and starts nothing" check_finds_nothing_wrong_and_starts_nothing
daemon_it "--check tells every mistake" check_tells_every_mistake
daemon_it "SIGHUP: what can change does" what_can_change_does
daemon_it "SIGHUP: what cannot is named in a warning" what_cannot_is_named
daemon_it "SIGHUP: a file with a mistake changes nothing" a_mistake_changes_nothing
daemon_it "SIGHUP: a command that failed is tried again, and only that" a_command_that_failed_is_tried_again
daemon_it "SIGHUP: a hundred times" it_is_read_a_hundred_times
daemon_it "SIGHUP: a file that cannot be read holds nobody up" a_file_behind_our_own_mount_holds_nobody_up
daemon_it "SIGHUP: a service manager is told" the_manager_is_told_of_it
rm -f "$TMP/server.pid"
