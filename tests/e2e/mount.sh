#!/usr/bin/env bash
# The ways to a mount other than by root's command line: a line of fstab, a user who is not root, and
# root of a user namespace. Time limit: 120 s.
#
#   all of it in a mount namespace of its own, with an /etc/fstab, an /sbin and a /dev/fuse of its own
[ -n "${MOUNT_NS:-}" ] || MOUNT_NS=1 exec unshare -m --propagation private "$0" "$@"
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/readme/lib.sh"

USER_ID=65534 # nobody, who has a name everywhere, as fusermount3 wants it

# A helper in /sbin, where alone mount(8) looks, and a device that everybody may open, as usual.
prepare() {
	local sbin
	sbin=$(readlink -f /sbin)
	mkdir "$TMP/own"
	mount -t tmpfs none "$TMP/own"
	mkdir "$TMP/own/bin" "$TMP/own/sbin" "$TMP/own/real-sbin"
	mknod -m 666 "$TMP/own/fuse" c 10 229
	mount --bind "$TMP/own/fuse" /dev/fuse
	mount --bind "$sbin" "$TMP/own/real-sbin"
	ln -s "$TMP"/own/real-sbin/* "$TMP/own/sbin"
	mount --bind "$TMP/own/sbin" "$sbin"
	# Others cannot read where we were built, perhaps.
	cp "$BUILD/catnetd" "$TMP/own/bin/catnetd"
	ln -s "$TMP/own/bin/catnetd" "$sbin/mount.fuse.catnetd"
}
CATNETD=("$TMP/own/bin/catnetd")

fstab() { # OPTIONS
	echo "my-net $NET fuse.catnetd tap=$TAP,host-addr=$KERNEL/24,addr=$OURS/24,$1 0 0" >"$TMP/own/fstab"
	[ ! -e /etc/fstab ] || mount --bind "$TMP/own/fstab" /etc/fstab
}

no_servers() {
	[ -z "$(servers)" ]
}

a_line_of_fstab_is_enough() {
	fstab "gw=$KERNEL,no-acd,_netdev,nofail,x-systemd.automount"
	in_ns mount "$NET"
	grep -q '"version"' "$NET/stats" || fail "it is not served"
	like "the list of mounts" "my-net $NET fuse.catnetd rw,nosuid,nodev,noexec,*" \
		"$(grep " $NET " /proc/self/mounts)"
	grep -q "$KERNEL" "$NET/iproute" || fail "no gateway: $(cat "$NET/iproute")"
}

# With our tree and addresses.
the_readmes_line_mounts_it() {
	readme_block "Installed, and as a service" 2 | sed "s|/net|$NET|; s|10.99.0.1\>|$KERNEL|g
		s|10.99.0.2\>|$OURS|g; s|_netdev|_netdev,tap=$TAP,no-acd|" >"$TMP/own/fstab"
	[ ! -e /etc/fstab ] || mount --bind "$TMP/own/fstab" /etc/fstab
	in_ns mount "$NET"
	in_ns ping -q -c 1 -W 5 "$OURS"
	umount_ends_it
}

mount_a_mounts_it_once() {
	in_ns mount -a -t fuse.catnetd
	same "mounts there" 1 "$(grep -c " $NET " /proc/self/mounts)"
}

umount_ends_it() {
	umount "$NET"
	await 5 no_servers || fail "the server still runs"
}

a_mistake_is_mounts_status() { # STATUS OPTIONS PATTERN
	local rc=0
	in_ns mount -t fuse.catnetd -o "$2" x "$NET" 2>"$TMP/err" || rc=$?
	same "status" "$1" "$rc"
	like "the words" "$3" "$(cat "$TMP/err")"
	if mountpoint -q "$NET"; then fail "it is mounted"; fi
}

# A TAP that root has made for the user, as `catnetd --help` and its words advise.
as_user() {
	nsenter --net="/run/netns/$NS" -- setpriv --reuid "$USER_ID" --regid "$USER_ID" --clear-groups -- "$@"
}

make_tap() {
	in_ns ip tuntap add "$TAP" mode tap vnet_hdr user "$USER_ID"
	in_ns ip addr add "$KERNEL/24" dev "$TAP"
	in_ns ip link set "$TAP" up
	mknod -m 666 "$TMP/own/tun" c 10 200
	mount --bind "$TMP/own/tun" /dev/net/tun
	chown "$USER_ID" "$NET"
}

a_user_serves_his_own_mount() {
	make_tap
	as_user "$TMP/own/bin/catnetd" --tap "$TAP" --addr "$OURS/24" --no-acd "$NET" >"$TMP/out" 2>&1
	like "what it said" "*only your own programs can use $NET*" "$(cat "$TMP/out")"
	same "lines it said" 2 "$(wc -l <"$TMP/out")"
	# He is in root's place there.
	as_user bash -c "echo 'add 10.77.0.0 /16 $KERNEL' >$NET/iproute && grep -q ^10.77 $NET/iproute"
	as_user bash -c "mkdir $NET/tcp/web && echo 'announce 80' >$NET/tcp/web/ctl"
	in_ns nc -z -w 5 "$OURS" 80
	if ls "$NET" >/dev/null 2>&1; then fail "root could look into it"; fi
}

# As fusermount3 reads it: blanks around, and a comment behind.
he_shares_it_where_the_machine_lets_him() {
	echo "  user_allow_other # for all" >"$TMP/own/fuse.conf"
	[ -e /etc/fuse.conf ] || not_here "there is no /etc/fuse.conf"
	mount --bind "$TMP/own/fuse.conf" /etc/fuse.conf
	as_user "$TMP/own/bin/catnetd" --tap "$TAP" --addr "$OURS/24" --no-acd "$NET" >"$TMP/out" 2>&1
	umount /etc/fuse.conf
	same "lines it said" 1 "$(wc -l <"$TMP/out")"
	grep -q version "$NET/stats" || fail "root cannot look into it"
	as_user fusermount3 -u "$NET"
	await 5 no_servers || fail "the server still runs"
}

he_unmounts_it() {
	as_user fusermount3 -u "$NET"
	await 5 no_servers || fail "the server still runs"
}

root_takes_his_tap_away() {
	in_ns ip tuntap del "$TAP" mode tap
}

# What cannot be is refused in words, in one line.
a_user_is_told_what_he_may_not() { # PATTERN COMMAND...
	local pattern=$1 rc=0
	shift
	as_user timeout 20 "$TMP/own/bin/catnetd" "$@" >"$TMP/out" 2>&1 || rc=$?
	same "status ($(cat "$TMP/out"))" 77 "$rc"
	# shellcheck disable=SC2053
	[[ $(tail -1 "$TMP/out") == $pattern ]] || fail "expected something like \"$pattern\", got \"$(cat "$TMP/out")\""
}

root_of_a_user_namespace_mounts() {
	chown "$USER_ID" "$NET"
	as_user timeout 30 unshare -U -r -m -n "$TMP/own/bin/catnetd" -f --tap t0 --host-addr "$KERNEL/24" \
		--addr "$OURS/24" --no-acd "$NET" >"$TMP/out" 2>&1 </dev/null &
	await 10 grep -q serving "$TMP/out" || fail "$(cat "$TMP/out")"
	# Its mount is in its own mount namespace, for which we have to be its root.
	inside=$(servers)
	same "whose the tree is" "0 0" \
		"$(nsenter -t "$inside" -U -m -- stat -c '%u %g' "$NET/stats")"
	kill "$inside"
	await 5 no_servers || fail "the server still runs"
}

ns_up
it "a place of its own is made" prepare
[ "$FAILED_N" -eq 0 ] || exit 1
it "a line of fstab is enough" a_line_of_fstab_is_enough
it "mount -a mounts it once" mount_a_mounts_it_once
it "umount ends its server" umount_ends_it
it "the README's line of fstab mounts it" the_readmes_line_mounts_it
it "a wrong value is mount's usage error" a_mistake_is_mounts_status 1 "addr=10.0.0.300/24" "*--addr: expected ADDRESS/PREFIX*"
it "an unknown option is, too" a_mistake_is_mounts_status 1 "colour=blue" "*colour=blue: no such mount option*"
it "a device that is none is a mount that failed" a_mistake_is_mounts_status 32 "fd=0" "*descriptor 0*"
it "a user serves a mount of his own, by fusermount3" a_user_serves_his_own_mount
it "and unmounts it" he_unmounts_it
it "it is for all where fuse.conf says so" he_shares_it_where_the_machine_lets_him
it "his TAP goes again" root_takes_his_tap_away
it "a TAP that is not his is refused" a_user_is_told_what_he_may_not "*no right to open TAP*ip tuntap add*" --tap nobodys --addr "$OURS/24" "$NET"
it "root of a user namespace mounts" root_of_a_user_namespace_mounts
umount -l /dev/fuse /dev/net/tun 2>/dev/null
