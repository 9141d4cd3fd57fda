#!/usr/bin/env bash
# Mount points as people have them: behind a symlink, with something in them, with odd names,
# somebody else's. Time limit: 60 s.
#
#   catnetd on a socket instead of a device, in a namespace of its own, started again and again
. "$(dirname "$0")/lib.sh"

# A device that nobody is at the other end of; its own addresses work all the same.
ALONE='
import os, socket, sys
ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
os.set_inheritable(ours.fileno(), True)
os.set_inheritable(theirs.fileno(), True)
os.execv(sys.argv[1], sys.argv[1:2] + ["--fd", str(ours.fileno())] + sys.argv[2:])'
CATNETD=(nsenter --net="/run/netns/$NS" -- /usr/bin/python3 -c "$ALONE" "$BUILD/catnetd" -f --no-acd)

# serve MOUNTPOINT [COMMAND...] - and wait until it is served there. COMMAND goes before all.
serve() {
	local at=$1
	shift
	"$@" "${CATNETD[@]}" "$at" >"$TMP/server.log" 2>&1 </dev/null &
	SERVER=$!
	await 10 test -e "$at/stats" || fail "$(tail -1 "$TMP/server.log")"
	speaks "$at"
}

speaks() { # MOUNTPOINT
	mkdir "$1/tcp/s" "$1/tcp/c"
	order "$1/tcp/s/ctl" "announce 7600"
	order "$1/tcp/c/ctl" "connect 127.0.0.1!7600"
	rmdir "$1/tcp/s" "$1/tcp/c"
}

ends() { # MOUNTPOINT
	local rc=0
	kill -TERM "$SERVER"
	wait "$SERVER" || rc=$?
	same "status" 0 "$rc"
	if mountpoint -q "$1"; then fail "$1 is still mounted"; fi
}

# refuses STATUS PATTERN MOUNTPOINT [COMMAND...]
refuses() {
	local status=$1 pattern=$2 at=$3 rc=0
	shift 3
	timeout 10 "$@" "${CATNETD[@]}" "$at" >"$TMP/out" 2>"$TMP/err" </dev/null || rc=$?
	same "status ($(head -1 "$TMP/err"))" "$status" "$rc"
	same "lines it said" 1 "$(wc -l <"$TMP/err")"
	# shellcheck disable=SC2053
	[[ $(cat "$TMP/err") == $pattern ]] ||
		fail "expected something like \"$pattern\", got \"$(cat "$TMP/err")\""
}

# --- by which name ------------------------------------------------------------------------------

a_symlink() {
	mkdir "$TMP/real"
	ln -s real "$TMP/link"
	serve "$TMP/link"
	mountpoint -q "$TMP/real" || fail "not at the other end of the link"
	refuses 69 "*served by another catnetd*" "$TMP/real"
	refuses 69 "*served by another catnetd*" "$TMP/link"
	ends "$TMP/real"
	[ -L "$TMP/link" ] || fail "the link is gone"
}

# What was mounted is taken away, not what the name means by then.
a_symlink_that_turns() {
	mkdir "$TMP/first" "$TMP/second"
	ln -s first "$TMP/turning"
	serve "$TMP/turning"
	ln -sfn second "$TMP/turning"
	ends "$TMP/first"
}

a_symlink_to_nothing() {
	ln -s nowhere "$TMP/dangling"
	refuses 66 "*$TMP/dangling*does not exist*" "$TMP/dangling"
	[ ! -e "$TMP/nowhere" ] || fail "something was made"
}

symlinks_in_a_ring() {
	ln -s ring "$TMP/ring"
	refuses 66 "*$TMP/ring: Too many levels of symbolic links" "$TMP/ring"
}

a_relative_path() {
	cd "$TMP"
	mkdir relative
	serve relative
	ends relative
}

a_trailing_slash() {
	serve "$NET//./"
	refuses 69 "*served by another catnetd*" "$NET"
	ends "$NET"
}

a_name_that_is_odd() {
	local odd=$TMP/$'odd \t\\040 #name\nin two lines'
	mkdir "$odd"
	serve "$odd"
	timeout 10 "${CATNETD[@]}" "$odd" 2>"$TMP/err" && fail "a second one started there"
	like "what it said" "*served by another catnetd*" "$(cat "$TMP/err")"
	ends "$odd"
}

a_name_that_is_too_long() {
	refuses 66 "*File name too long" "$TMP/$(printf 'x%.0s' {1..300})"
}

# --- what is there --------------------------------------------------------------------------------

# Hidden while it is served, as by any mount, and untouched.
not_empty() {
	mkdir "$TMP/full"
	echo precious >"$TMP/full/stats"
	mkdir "$TMP/full/tcp"
	exec 7<"$TMP/full/stats"
	"${CATNETD[@]}" "$TMP/full" >"$TMP/server.log" 2>&1 </dev/null &
	SERVER=$!
	await 10 test -e "$TMP/full/udp" || fail "$(tail -1 "$TMP/server.log")"
	speaks "$TMP/full"
	same "a file that was open" precious "$(cat <&7)"
	exec 7<&-
	ends "$TMP/full"
	same "what was there" "stats tcp" "$(ls "$TMP/full" | tr '\n' ' ' | sed 's/ $//')"
	same "what was in it" precious "$(cat "$TMP/full/stats")"
}

a_file() {
	touch "$TMP/file"
	refuses 66 "*$TMP/file is no directory*mkdir -p*" "$TMP/file"
}

on_a_read_only_file_system() {
	mkdir "$TMP/ro"
	mount -t tmpfs tmpfs "$TMP/ro"
	mkdir "$TMP/ro/net"
	mount -o remount,ro "$TMP/ro"
	serve "$TMP/ro/net"
	ends "$TMP/ro/net"
	umount "$TMP/ro"
}

a_mount_within() {
	serve "$NET"
	mount -t tmpfs tmpfs "$NET/tcp"
	ends "$NET"
}

# --- what came after -------------------------------------------------------------------------------

# `umount -l`, a new server, and then the old one is ended: not at the cost of the new.
the_mount_of_a_successor() {
	local old status=0
	serve "$NET"
	old=$SERVER
	exec 7<"$NET/tcp/stats"
	umount -l "$NET"
	serve "$NET"
	kill -TERM "$old"
	wait "$old" || status=$?
	exec 7<&-
	same "status of the old one" 0 "$status"
	speaks "$NET"
	ends "$NET"
}

# The same when the old one is killed by the kernel, and looks whether its mount is still there.
the_mount_of_a_successor_of_the_aborted() {
	local old status=0 connections=/sys/fs/fuse/connections
	mountpoint -q "$connections" || mount -t fusectl none "$connections"
	serve "$NET"
	old=$SERVER
	minor=$(stat -c %d "$NET")
	exec 7<"$NET/tcp/stats"
	umount -l "$NET"
	serve "$NET"
	echo 1 >"$connections/$minor/abort"
	wait "$old" || status=$?
	exec 7<&-
	same "status of the old one" 0 "$status"
	speaks "$NET"
	ends "$NET"
}

# Somebody has mounted over us: that is his, and stays.
what_was_mounted_over_it() {
	serve "$NET"
	mount -t tmpfs over "$NET"
	kill -TERM "$SERVER"
	await 10 is_gone "$SERVER" || fail "it still runs"
	same "what is mounted there" over "$(findmnt -n -o SOURCE "$NET" | tail -1)"
	umount "$NET"
	# What was left of ours under it is cleared away by the next.
	serve "$NET"
	ends "$NET"
}

# --- whose it is ----------------------------------------------------------------------------------

root_takes_what_another_owns() {
	mkdir -m 700 "$TMP/anns"
	chown 65534:65534 "$TMP/anns"
	serve "$TMP/anns"
	ends "$TMP/anns"
	same "its owner" 65534 "$(stat -c %u "$TMP/anns")"
}

# as_ann MOUNTPOINT - she serves there, in a mount namespace in which she may open /dev/fuse.
as_ann() {
	[ -e "$TMP/fuse" ] || { mknod "$TMP/fuse" c 10 229 && chmod 666 "$TMP/fuse"; }
	# shellcheck disable=SC2016
	exec nsenter --net="/run/netns/$NS" -- unshare -m bash -c 'mount --bind "$0" /dev/fuse
		exec setpriv --reuid 65534 --regid 65534 --clear-groups -- "$@"' "$TMP/fuse" \
		/usr/bin/python3 -c "$ALONE" "$BUILD/catnetd" -f --no-acd "$1"
}

where_she_is() { # UID COMMAND...
	local uid=$1
	shift
	nsenter --mount="/proc/$SERVER/ns/mnt" -- setpriv --reuid "$uid" --regid "$uid" --clear-groups -- "$@"
}

she_serves_on_what_she_owns() {
	local rc=0
	command -v fusermount3 >/dev/null || not_here "fusermount3 is not installed"
	mkdir "$TMP/hers"
	chown 65534:65534 "$TMP/hers"
	as_ann "$TMP/hers" >"$TMP/server.log" 2>&1 </dev/null &
	SERVER=$!
	await 10 grep -q serving "$TMP/server.log" || fail "$(tail -1 "$TMP/server.log")"
	where_she_is 65534 grep -q version "$TMP/hers/stats"
	if ! grep -qs ^user_allow_other /etc/fuse.conf; then
		like "what she was told" "*only your own programs can use*user_allow_other*" \
			"$(cat "$TMP/server.log")"
		refused "Permission denied" where_she_is 0 cat "$TMP/hers/stats"
	fi
	kill -TERM "$SERVER"
	wait "$SERVER" || rc=$?
	same "status" 0 "$rc"
}

# What fusermount3 says of it comes before.
she_is_refused() { # PATTERN MOUNTPOINT
	local rc=0
	(as_ann "$2") >"$TMP/out" 2>"$TMP/err" </dev/null || rc=$?
	same "status ($(head -1 "$TMP/err"))" 77 "$rc"
	# shellcheck disable=SC2053
	[[ $(tail -1 "$TMP/err") == $1 ]] ||
		fail "expected something like \"$1\", got \"$(cat "$TMP/err")\""
}

she_is_refused_what_she_does_not_own() {
	chmod 755 "$NET"
	she_is_refused "*cannot mount on $NET*root*own the directory*" "$NET"
	mkdir -p "$TMP/private/net"
	chmod 700 "$TMP/private"
	she_is_refused "*$TMP/private/net: Permission denied*" "$TMP/private/net"
}

ns_up
it "behind a symlink it is served under both names, and once only" a_symlink
it "a symlink that turns meanwhile changes nothing" a_symlink_that_turns
it "a symlink to nothing is refused" a_symlink_to_nothing
it "symlinks in a ring are refused" symlinks_in_a_ring
it "a relative path is as good" a_relative_path
it "dots and slashes are as good" a_trailing_slash
it "blanks, backslashes and newlines are as good" a_name_that_is_odd
it "a name that is too long is refused" a_name_that_is_too_long
it "what is in the directory is hidden, and comes back" not_empty
it "a file is refused" a_file
it "a read-only file system is as good" on_a_read_only_file_system
it "a mount within goes with it" a_mount_within
it "the mount of a successor stays when the old server ends" the_mount_of_a_successor
it "and when the old one was cut off" the_mount_of_a_successor_of_the_aborted
it "what was mounted over it stays" what_was_mounted_over_it
it "root serves on what another owns, and it stays hers" root_takes_what_another_owns
it "who is not root serves on what she owns, for herself" she_serves_on_what_she_owns
it "and is told why she cannot on what she does not" she_is_refused_what_she_does_not_own
