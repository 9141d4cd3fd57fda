#!/usr/bin/env bash
# What a wrong call of the server says: one line that names the remedy, and a status that is not 0.
# Time limit: 60 s.
#
#   catnetd alone, in a namespace of its own
. "$(dirname "$0")/lib.sh"

# complains PATTERN OPTION... - one line on stderr, like PATTERN, nothing on stdout.
complains() {
	local pattern=$1 rc=0
	shift
	timeout 10 nsenter --net="/run/netns/$NS" -- "$BUILD/catnetd" "$@" >"$TMP/out" 2>"$TMP/err" || rc=$?
	case $rc in 0) fail "it succeeded" ;; 124) fail "it went on" ;; esac
	same "lines it said" 1 "$(wc -l <"$TMP/err")"
	same "on standard output" "" "$(cat "$TMP/out")"
	# shellcheck disable=SC2053
	[[ $(cat "$TMP/err") == $pattern ]] || fail "expected something like \"$pattern\", got \"$(cat "$TMP/err")\""
	if mountpoint -q "$NET"; then fail "something was mounted"; fi
}

not_root() {
	local rc=0
	chmod 755 "$NET"
	setpriv --reuid 65534 --regid 65534 --clear-groups -- "$BUILD/catnetd" -f --tap "$TAP" \
		--addr "$OURS/24" "$NET" >"$TMP/out" 2>"$TMP/err" || rc=$?
	[ "$rc" -ne 0 ] || fail "it succeeded"
	same "lines it said" 1 "$(wc -l <"$TMP/err")"
	grep -q root "$TMP/err" || fail "no word of root in: $(cat "$TMP/err")"
}

says() { # OPTION PATTERN
	like "catnetd $1" "$2" "$("$BUILD/catnetd" "$1")"
}

help_names_every_option() {
	local option
	for option in -f --tap --host-addr --addr --gw --log --pcap --fault --no-acd --help --version; do
		"$BUILD/catnetd" --help | grep -qe "$option" || fail "$option is not in it"
	done
}

no_room_for_two() {
	server_up
	if in_ns timeout 5 "$BUILD/catnetd" -f --tap "${TAP}b" --addr 10.8.0.2/24 "$NET" 2>"$TMP/err"; then
		fail "a second one started there"
	fi
	same "lines it said" 1 "$(wc -l <"$TMP/err")"
	grep -q "is served by another" "$TMP/err" || fail "$(cat "$TMP/err")"
	[ -e "$NET/stats" ] || fail "the first one is gone"
	server_down TERM
}

# What --help promises is what starts, and carries a page.
the_least_memory() {
	local least
	least=$("$BUILD/catnetd" --help | sed -n 's/.*at least \([0-9]*\)M).*/\1/p')
	grep -q "least ${least}M\." "$ROOT_DIR/docs/man/catnetd.8.scd" || fail "catnetd(8) says something else"
	server_up --memory "${least}M"
	same "its budget" $((least << 20)) "$(json "$NET/stats" 'j["memory"]["budget_bytes"]')"
	in_ns ping -q -c 1 -W 5 "$OURS"
	mkdir "$TMP/www"
	head -c 3000000 /dev/urandom >"$TMP/www/page"
	start_in_ns http.server python3 -m http.server -d "$TMP/www" -b "$KERNEL" 80
	await 5 kernel_listens 80
	same "the page" "$(sum_of <"$TMP/www/page")" \
		"$("$BUILD/http_client" "$KERNEL!80" /page | sum_of)"
	kill "$STARTED"
	server_down TERM
	complains "*--memory: expected a size of at least ${least}M, got \"$(((least << 20) - 1))\"" \
		"${BASIC[@]}" --memory "$(((least << 20) - 1))" "$NET"
}

it_goes_to_the_background() {
	local pid
	in_ns "$BUILD/catnetd" --tap "$TAP" --host-addr "$KERNEL/24" --addr "$OURS/24" --no-acd "$NET" \
		>"$TMP/out" 2>&1
	[ -e "$NET/stats" ] || fail "it returned before it served"
	pid=$(servers)
	kill -TERM "$pid"
	await 10 is_gone "$pid"
	if mountpoint -q "$NET"; then fail "it is still mounted"; fi
}

ns_up
touch "$TMP/file"
BASIC=(-f --tap "$TAP" --addr "$OURS/24" --no-acd)
it "no mount point" complains "*mount point*" "${BASIC[@]}"
it "a mount point that does not exist" complains "*$TMP/none*mkdir*" "${BASIC[@]}" "$TMP/none"
it "a mount point that is a file" complains "*$TMP/file*directory*" "${BASIC[@]}" "$TMP/file"
it "an unknown option" complains "*--colour*--help*" "${BASIC[@]}" --colour "$NET"
it "an option without its value" complains "*--tap*" -f "$NET" --tap
it "an address that is none" complains "*10.9.0.300/24*" -f --tap "$TAP" --addr 10.9.0.300/24 "$NET"
it "a gateway that is no address" complains "*nowhere*" "${BASIC[@]}" --gw nowhere "$NET"
it "a gateway of another network" complains "*--gw: 10.7.0.1: *addr*" "${BASIC[@]}" --gw 10.7.0.1 "$NET"
it "an address given twice" complains "*--addr: $OURS/24: *twice*" "${BASIC[@]}" --addr "$OURS/24" "$NET"
it "an address that no host has" complains "*--addr: 127.0.0.1/8: *" "${BASIC[@]}" --addr 127.0.0.1/8 "$NET"
it "a level the log does not have" complains "*shouting*" "${BASIC[@]}" --log shouting "$NET"
it "a fault that is none" complains "*gremlins*" "${BASIC[@]}" --fault gremlins=1% "$NET"
it "a name too long for a device" complains "*a-name-that-is-too-long*" -f --tap a-name-that-is-too-long --addr "$OURS/24" "$NET"
it "a capture that cannot be written" complains "*$TMP/none/x.pcap*" "${BASIC[@]}" --pcap "$TMP/none/x.pcap" "$NET"
it "the least memory that --help names starts, a byte less is refused" the_least_memory
it "two mount points" complains "*" "${BASIC[@]}" "$NET" "$TMP"
it "somebody who is not root" not_root
it "--version says what it is" says --version "catnetd [0-9]*"
it "--help says how it is called" says --help "*MOUNTPOINT*"
it "--help names every option" help_names_every_option
it "a mount point that is served already" no_room_for_two
it "without -f it serves before it returns" it_goes_to_the_background
rm -f "$TMP/server.pid"
