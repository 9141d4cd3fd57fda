#!/usr/bin/env bash
# The wall clock jumps, by days, to and fro: nothing that is timed notices, and the times that are
# told follow it. Only where the clock is nobody else's, in tests/stock. Time limit: 60 s.
#
#   echo_server.py :7, silent.py :9 --- TAP --- 10.9.0.2, catnetd
. "$(dirname "$0")/lib.sh"

[ -n "${CLOCK_IS_OURS:-}" ] || say_skipped "sets the clock: make e2e-stock-kernel does it in a machine of its own"

uptime_ms() {
	local up
	read -r up _ </proc/uptime
	echo "${up/./}0"
}

jump() { # DAYS
	date -s "@$(($(date +%s) + $1 * 86400))" >/dev/null
}

# A read that waits for 2 s, the clock jumping meanwhile.
a_limit() { # DAYS
	local began took rc=0
	mkdir "$NET/tcp/c"
	order "$NET/tcp/c/ctl" "connect $KERNEL!9"
	order "$NET/tcp/c/ctl" "timeout read 2"
	began=$(uptime_ms)
	start reader cat "$NET/tcp/c/data"
	sleep 0.5
	jump "$1"
	wait "$STARTED" || rc=$?
	took=$(($(uptime_ms) - began))
	same "status" 1 "$rc"
	like "what it said" "*timed out*" "$(cat "$TMP/reader.err")"
	if [ "$took" -lt 1900 ] || [ "$took" -gt 4000 ]; then fail "it took $took ms, not 2000"; fi
	rmdir "$NET/tcp/c"
}

bytes_go_on() { # DAYS
	mkdir "$NET/tcp/c"
	order "$NET/tcp/c/ctl" "connect $KERNEL!7"
	exec 3<>"$NET/tcp/c/data"
	echo before >&3
	same "before" before "$(timeout 5 head -c 6 <&3)"
	jump "$1"
	echo after >&3
	same "after" "
after" "$(timeout 5 head -c 6 <&3)"
	exec 3>&-
	rmdir "$NET/tcp/c"
}

a_reservation_stays() { # DAYS
	local n
	n=$(cat "$NET/tcp/clone")
	jump "$1"
	sleep 1
	[ -d "$NET/tcp/$n" ] || fail "it ended with the jump"
	order "$NET/tcp/$n/ctl" close
}

# told WHAT SECONDS - of now, by the clock as it stands.
told() {
	local off=$(($2 - $(date +%s)))
	if [ "${off#-}" -gt 5 ]; then fail "the time of $1 is $off s off"; fi
}

followed() { # DAYS
	local line
	exec 3<"$NET/events"
	jump "$1"
	mkdir "$NET/tcp/c"
	told "a new conversation" "$(stat -c %Y "$NET/tcp/c/ctl")"
	order "$NET/tcp/c/ctl" "connect $KERNEL!7"
	read -r line _ <&3
	exec 3<&-
	told "an event" "$((line / 1000000))"
	rmdir "$NET/tcp/c"
}

an_old_one_keeps_its_age() { # DAYS
	mkdir "$NET/tcp/c"
	jump "$1"
	await 2 recent "$NET/tcp/c/ctl" || fail "it is of $(stat -c %y "$NET/tcp/c/ctl")"
	rmdir "$NET/tcp/c"
}

recent() {
	local off=$(($(stat -c %Y "$1") - $(date +%s)))
	[ "${off#-}" -le 5 ]
}

net_up
start_echo 7
start_in_ns silent python3 "$E2E_DIR/silent.py" "$KERNEL" 9 10
await 5 kernel_listens 10
for days in 3 -3; do
	it "by $days days: a time limit lasts as long" a_limit "$days"
	it "by $days days: bytes go on" bytes_go_on "$days"
	it "by $days days: a reservation stays" a_reservation_stays "$days"
	it "by $days days: new files and events have the new time" followed "$days"
	it "by $days days: a conversation is as old as before" an_old_one_keeps_its_age "$days"
done
