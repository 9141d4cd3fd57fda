#!/usr/bin/env bash
# What the server tells of packets and states: --trace on standard error, the file log, and the
# comments of --pcap. Time limit: 90 s.
#
#   nginx, 10.9.0.1:80; ping --- TAP --- 10.9.0.2, catnetd
. "$(dirname "$0")/lib.sh"

LOG=$TMP/server.log

# fetch NAME - a page by the shell's own means.
fetch() {
	mkdir "$NET/tcp/$1"
	echo "connect $KERNEL!80" >"$NET/tcp/$1/ctl"
	printf 'GET /page HTTP/1.0\r\n\r\n' >"$NET/tcp/$1/data"
	cat "$NET/tcp/$1/data" >"$TMP/got"
	rmdir "$NET/tcp/$1"
}

# trace_is FILE: on standard input a pattern a line, each of which must fit a line of FILE, in this
# order; N stands for a number. What is in between does not matter.
trace_is() {
	local pattern at=0 found lines=$1
	while read -r pattern; do
		pattern=${pattern//./[.]}
		pattern="^[0-9]+[.][0-9]{6} ${pattern//N/[0-9]+}\$"
		found=$(tail -n +$((at + 1)) "$lines" | grep -nEm1 "$pattern") ||
			fail "no line like \"$pattern\" behind line $at: $(tail -n +$((at + 1)) "$lines" | head -5)"
		at=$((at + ${found%%:*}))
	done
}

started() { # OPTION...
	: >"$LOG"
	server_up "$@" || fail "$(tail -1 "$LOG")"
	start_nginx "$TMP/www" 80
}

ended() {
	kill "$STARTED"
	server_down TERM || fail "it did not end"
}

a_fetch_reads_as_expected() {
	started --trace all
	fetch web
	await 5 grep -q "Last_ack to Closed" "$LOG" || fail "$(tail -3 "$LOG")"
	in_ns ping -q -c 1 "$OURS"
	ended
	trace_is "$LOG" <<-END
		arp > $OURS is-at [0-9a-f:]+, announced
		tcp N $KERNEL!80 Closed to Syn_sent by connect
		tcp N > $KERNEL!80 S seq 0 win 65535 mss 1460 ws N ts N ecr 0
		arp > who-has $KERNEL tell $OURS
		arp < $KERNEL is-at [0-9a-f:]+
		tcp N < $KERNEL!80 S. seq 0 ack 1 win N mss 1460 ws N ts N ecr N
		tcp N $KERNEL!80 Syn_sent to Established by segment S.
		tcp N > $KERNEL!80 . ack 1 win N ts N ecr N
		tcp N > $KERNEL!80 P. seq 1:N ack 1 win N ts N ecr N length N
		tcp N < $KERNEL!80 P. seq 1:N ack 23 win N ts N ecr N length N
		tcp N < $KERNEL!80 F. seq N ack 23 win N ts N ecr N
		tcp N $KERNEL!80 Established to Close_wait by segment F.
		tcp N $KERNEL!80 Close_wait to Last_ack by its last holder
		tcp N > $KERNEL!80 F. seq 23 ack N win N ts N ecr N
		tcp N $KERNEL!80 Last_ack to Closed by segment .
		icmp - < $KERNEL to $OURS echo request id N seq 1 length 64
		icmp - > $KERNEL from $OURS echo reply id N seq 1 length 64
	END
	same "times that went back" "" "$(grep -oE '^[0-9]+[.][0-9]{6}' "$LOG" | sort -nc 2>&1)"
}

only_the_kinds_asked_for() {
	started --trace state,icmp
	fetch web
	await 5 grep -q "Last_ack to Closed" "$LOG" || fail "$(tail -3 "$LOG")"
	ended
	same "segments" "" "$(grep ' tcp [0-9]* [<>]' "$LOG")"
}

a_refused_call_says_why() {
	started --trace tcp
	if in_ns nc -w 2 "$OURS" 99 </dev/null; then fail "nc got through"; fi
	ended
	trace_is "$LOG" <<-END
		tcp - < $KERNEL!N to $OURS!99 S seq N win N mss N ws N sack ts N ecr 0
		tcp - < $KERNEL!N to $OURS!99 dropped: tcp_drop_no_conv
		tcp - > $KERNEL!N from $OURS!99 R. seq 0 ack N win 0
	END
}

log_tells_segments_live() {
	started
	exec 8<"$NET/log" # open before anything happens
	cat <&8 >"$TMP/live" &
	local reader=$!
	exec 8<&-
	echo "set tcp" >"$NET/log"
	fetch web
	await 5 grep -qE "^[0-9]{16} tcp [0-9]+ > $KERNEL!80 S seq 0 win" "$TMP/live" || fail "$(cat "$TMP/live")"
	await 5 grep -q "Last_ack to Closed by segment \.$" "$TMP/live" || fail "$(tail -3 "$TMP/live")"
	kill "$reader"
	same "on standard error" "" "$(grep tcp "$LOG")"
	ended
}

# Nobody reads the pipe: lines are lost, the server is not.
a_full_pipe_holds_nobody_up() {
	mkfifo "$TMP/pipe"
	exec 7<>"$TMP/pipe"
	LOG=$TMP/unused
	nsenter --net="/run/netns/$NS" -- "$BUILD/catnetd" -f --tap "$TAP" --host-addr "$KERNEL/24" \
		--addr "$OURS/24" --no-acd --trace all "$NET" >"$TMP/pipe" 2>&1 </dev/null &
	echo $! >"$TMP/server.pid"
	disown
	await 10 is_served || fail "it does not serve"
	in_ns ping -q -f -c 2000 "$OURS" >"$TMP/out" || fail "$(tail -2 "$TMP/out")"
	timeout 2 cat <&7 >"$TMP/first" || true
	in_ns ping -q -c 1 "$OURS"
	timeout 1 cat <&7 >"$TMP/more" || true
	exec 7>&-
	server_down TERM || fail "it did not end"
	cat "$TMP/first" "$TMP/more" | grep -qE "[0-9]+ lines before this one were lost" ||
		fail "nothing was lost: $(head -3 "$TMP/more")"
	LOG=$TMP/server.log
}

a_hangup_changes_what_is_told() {
	: >"$LOG"
	write_config ''
	"${CATNETD[@]}" -f --config "$TMP/net.json" >>"$LOG" 2>&1 </dev/null &
	echo $! >"$TMP/server.pid"
	disown
	await 10 is_served || fail "it does not serve: $(tail -1 "$LOG")"
	write_config ',
		"trace": "icmp"'
	kill -HUP "$(server_pid)"
	await 5 grep -q "is read again" "$LOG" || fail "$(tail -3 "$LOG")"
	in_ns ping -q -c 1 "$OURS"
	await 5 grep -q "icmp - < $KERNEL to $OURS echo request" "$LOG" || fail "$(tail -3 "$LOG")"
	server_down TERM || fail "it did not end"
}

a_capture_names_the_conversation() {
	local packets
	started --pcap "$TMP/x.pcapng"
	fetch web
	in_ns ping -q -c 1 "$OURS"
	ended
	packets=$(tshark -r "$TMP/x.pcapng" -T fields -e frame.comment -e frame.packet_flags_direction \
		-e _ws.col.Info 2>/dev/null)
	grep -qE '^tcp [0-9]+ "web" Syn_sent	0x0*2	.*\[SYN\]' <<<"$packets" || fail "$packets"
	grep -qE '^tcp [0-9]+ "web" Syn_sent	0x0*1	.*\[SYN, ACK\]' <<<"$packets" || fail "$packets"
	grep -qE '^tcp [0-9]+ "web" Established	0x0*1	HTTP/1.1 200 OK' <<<"$packets" || fail "$packets"
	grep -qE '^	0x0*1	Echo \(ping\) request' <<<"$packets" || fail "$packets"
	like "what wrote it" "*catnetd [0-9]*" "$(capinfos "$TMP/x.pcapng" | grep "Capture application")"
	capinfos "$TMP/x.pcapng" | grep -qE "Number of stat entries = 1" || fail "it has no statistics"
	tcpdump -r "$TMP/x.pcapng" >"$TMP/out" 2>"$TMP/err" || fail "tcpdump: $(tail -1 "$TMP/err")"
	same "frames" "$(wc -l <<<"$packets")" "$(wc -l <"$TMP/out")"
}

mkdir "$TMP/www"
head -c 5000 /dev/urandom >"$TMP/www/page"
ns_up
daemon_it "a fetch reads as expected, packet by packet" a_fetch_reads_as_expected
daemon_it "only the kinds that are asked for are told" only_the_kinds_asked_for
daemon_it "a call to a closed port says why it was refused" a_refused_call_says_why
daemon_it "log tells segments as they come and go" log_tells_segments_live
daemon_it "a pipe that nobody reads holds nobody up" a_full_pipe_holds_nobody_up
daemon_it "SIGHUP changes what is told" a_hangup_changes_what_is_told
daemon_it "a capture names the conversation of each frame" a_capture_names_the_conversation
rm -f "$TMP/server.pid"
