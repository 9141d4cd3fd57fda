#!/usr/bin/env bash
# make install and make uninstall: what is installed works from where it is, and all of it goes
# again. Time limit: 300 s.
#
#   a directory as PREFIX, another as DESTDIR; catnetd from there in a namespace
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/readme/lib.sh"

for tool in make gcc pkg-config scdoc man; do
	command -v "$tool" >/dev/null || say_skipped "needs $tool, to build what is installed"
done
[ -e "$ROOT_DIR/Makefile" ] || say_skipped "needs the source"
unset MAKEFLAGS MFLAGS MAKELEVEL # those of a make that runs the tests
OPT=$TMP/opt
export LD_LIBRARY_PATH=

make_it() { # TARGET VARIABLE=VALUE...
	timeout 250 make -s -C "$ROOT_DIR" "$@" >"$TMP/make.out" 2>&1 || fail "$(tail -3 "$TMP/make.out")"
}

files_in() {
	find "$1" \( -type f -o -type l \) -printf '%P\n' | sort
}

it_installs_below_a_prefix() {
	make_it install PREFIX="$OPT"
	same "where mount's helper leads" "$OPT/sbin/catnetd" "$(readlink "$OPT/sbin/mount.fuse.catnetd")"
	same "what it is" "catnetd" "$("$OPT/sbin/catnetd" --version | cut -d' ' -f1)"
	same "links that lead nowhere" "" "$(find "$OPT" -xtype l)"
}

into_a_staging_tree_the_same_files_go() {
	make_it install PREFIX=/opt/catnet DESTDIR="$TMP/stage"
	same "files" "$(files_in "$OPT")" "$(files_in "$TMP/stage/opt/catnet")"
	same "the prefix in catnet.pc" "prefix=/opt/catnet" "$(head -1 "$TMP/stage/opt/catnet/lib/pkgconfig/catnet.pc")"
	if grep -rlqI "$TMP" "$TMP/stage"; then fail "$(grep -rlI "$TMP" "$TMP/stage") names the staging tree"; fi
	make_it uninstall PREFIX=/opt/catnet DESTDIR="$TMP/stage"
	same "what is left" "" "$(ls -A "$TMP/stage")"
}

with_the_usual_prefix_the_helper_is_in_sbin() {
	make_it install DESTDIR="$TMP/stage"
	same "where it leads" /usr/local/sbin/catnetd "$(readlink "$TMP/stage/sbin/mount.fuse.catnetd")"
	make_it uninstall DESTDIR="$TMP/stage"
	same "what is left" "" "$(ls -A "$TMP/stage")"
}

a_place_that_cannot_be_is_refused() { # PREFIX
	refused 'PREFIX: expected an absolute path without blanks and colons, got "'"$1"'"' \
		make -s -C "$ROOT_DIR" install PREFIX="$1" DESTDIR="$TMP/nowhere"
	refused "expected an absolute path" make -s -C "$ROOT_DIR" uninstall PREFIX="$1" DESTDIR="$TMP/nowhere"
	if [ -e "$TMP/nowhere" ]; then fail "it has begun"; fi
}

# Who has built it may be another: what is right there need not be his to write.
what_is_made_is_not_made_again() {
	local before
	make_it install DESTDIR="$TMP/a stage"
	before=$(stat -c %y "$ROOT_DIR"/build/release-gcc/install/cat*)
	make_it install DESTDIR="$TMP/a stage"
	same "times of what was made" "$before" "$(stat -c %y "$ROOT_DIR"/build/release-gcc/install/cat*)"
	make_it uninstall DESTDIR="$TMP/a stage"
	same "what is left" "" "$(ls -A "$TMP/a stage")"
	rmdir "$TMP/a stage"
}

# A client from outside of the source, as its user would write and build it.
write_client() {
	cat >"$TMP/client.c" <<-'END'
		#include <arpa/inet.h>
		#include <catnet.h>
		#include <catnet/plan9.h>
		#include <stdio.h>
		#include <unistd.h>

		int dial = 7; /* nothing of the library's that it does not promise is in our way */

		int main(void)
		{
			struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(7) };
			char answer[6] = "";
			int fd = net_socket(AF_INET, SOCK_STREAM, 0);

			inet_pton(AF_INET, KERNEL, &to.sin_addr);
			if (fd < 0 || net_connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 ||
				write(fd, "hello", 5) != 5 || net_recv(fd, answer, 5, MSG_WAITALL) != 5) {
				perror("client");
				return 1;
			}
			puts(answer);
			fd = p9dial("tcp!" KERNEL "!7", NULL, NULL, NULL);
			return fd < 0 || dial != 7;
		}
	END
}

build_client() { # NAME PKG_CONFIG_OPTION
	# Its words are to be split.
	# shellcheck disable=SC2046
	PKG_CONFIG_PATH=$OPT/lib/pkgconfig gcc -Wall -Werror -DKERNEL="\"$KERNEL\"" -o "$TMP/$1" "$TMP/client.c" \
		$(PKG_CONFIG_PATH=$OPT/lib/pkgconfig pkg-config --cflags --libs catnet) "${@:2}"
}

a_client_is_built_by_pkg_config() {
	write_client
	build_client shared
	like "what it needs" "*libcatnet.so.0*" "$(readelf -d "$TMP/shared")"
	LD_LIBRARY_PATH=$OPT/lib ldd "$TMP/shared" | grep -q "libcatnet.so.0 => $OPT/lib/libcatnet.so.0"
	mkdir "$TMP/static"
	ln -s "$OPT/lib/libcatnet.a" "$TMP/static"
	gcc -Wall -Werror -DKERNEL="\"$KERNEL\"" -I"$OPT/include" -o "$TMP/own" "$TMP/client.c" \
		-L"$TMP/static" -lcatnet
}

what_is_installed_works() {
	"${CATNETD[@]}" "${BASIC[@]}" "$NET" >"$TMP/out" 2>&1
	start_echo 7
	same "what the shared client says" hello "$(LD_LIBRARY_PATH=$OPT/lib "$TMP/shared")"
	same "what the static one says" hello "$("$TMP/own")"
	"$OPT/bin/net_ping" -c 1 "$KERNEL" >"$TMP/ping.out"
	umount "$NET"
	kill "$STARTED"
}

only_its_promises_are_seen() {
	local names
	names=$(nm -D --defined-only "$OPT/lib/libcatnet.so" | awk '$2 == "T" { sub("@.*", "", $3); print $3 }')
	same "other names" "" "$(grep -vE '^(net|p9)' <<<"$names")"
	same "calls of catnet.h that are not there" "" "$(grep -oE '\bnet_[a-z]+\(' "$OPT/include/catnet.h" |
		tr -d '(' | sort -u | grep -vxF "$names")"
}

the_manual_can_be_read() {
	local page
	for page in "$OPT"/share/man/man*/*; do
		MANWIDTH=80 man --warnings=w -l "$page" >"$TMP/page" 2>"$TMP/err"
		same "warnings of $page" "" "$(cat "$TMP/err")"
		grep -q "^NAME" "$TMP/page" || fail "$page has no name: $(head -3 "$TMP/page" | cat -A)"
		same "its lines of over 80" "" "$(awk 'length($0) > 82' "$TMP/page")"
	done
	man -M "$OPT/share/man" -w catnetd catnetd.json net net_socket net_connect net_why >/dev/null
}

# The page's own program, and its shell's lines, as somebody would take them from there.
its_examples_work() {
	MANWIDTH=100 man -l "$OPT/share/man/man3/net_socket.3" |
		sed -n '/^EXAMPLE/,/^SEE ALSO/{ /^EXAMPLE/d; /^SEE ALSO/d; s/10.99.0.1/'"$KERNEL"'/; p }' >"$TMP/page.c"
	# shellcheck disable=SC2046
	gcc -Wall -Wextra -Werror -O2 -o "$TMP/page" "$TMP/page.c" \
		$(PKG_CONFIG_PATH=$OPT/lib/pkgconfig pkg-config --cflags --libs catnet)
	mkdir -p "$TMP/www"
	echo "a page for the manual" >"$TMP/www/index.html"
	"${CATNETD[@]}" "${BASIC[@]}" "$NET" >"$TMP/out" 2>&1
	start_in_ns http.server python3 -m http.server -d "$TMP/www" -b "$KERNEL" 80
	await 5 kernel_listens 80
	like "what the program fetched" "HTTP/1.0 200*a page for the manual" "$(LD_LIBRARY_PATH=$OPT/lib "$TMP/page")"
	MANWIDTH=100 man -l "$OPT/share/man/man4/net.4" |
		sed -n '/A client:/,/A server:/{ s/^ *//; s|/net/|'"$NET"'/|g; s/10.99.0.1/'"$KERNEL"'/; /!80\|^mk\|^pr\|^cat\|^rm/p }' >"$TMP/page.sh"
	same "lines of the session" 5 "$(wc -l <"$TMP/page.sh")"
	like "what the session fetched" "HTTP/1.0 200*a page for the manual" "$(bash -e "$TMP/page.sh")"
	umount "$NET"
	kill "$STARTED"
}

the_example_is_right() {
	same "what --check says" "$OPT/share/doc/catnet/net.json: ok" \
		"$("$OPT/sbin/catnetd" --check --config "$OPT/share/doc/catnet/net.json")"
}

# With our prefix, and /etc elsewhere; systemd has only what it would start.
the_readmes_lines_install_it() {
	mkdir "$TMP/etc"
	readme_block "Installed, and as a service" 1 | sed "s|sudo ||; s|/usr/local|$OPT|; s|/etc/|$TMP/etc/|
		s|#.*||; s|^catnetd |$OPT/sbin/catnetd |; s|\<make\>|make -s PREFIX=$OPT|g" >"$TMP/lines"
	same "the service" "systemctl enable --now catnetd@home" "$(tail -n 1 "$TMP/lines")"
	sed -i '$d' "$TMP/lines"
	(cd "$ROOT_DIR" && timeout 250 bash -e "$TMP/lines") >"$TMP/make.out" 2>&1 || fail "$(tail -3 "$TMP/make.out")"
	same "what --check says" "$TMP/etc/catnet/home.json: ok" "$(tail -n 1 "$TMP/make.out")"
	grep -q "^ExecStart=.*/etc/catnet/%i.json" "$OPT/lib/systemd/system/catnetd@.service"
}

the_unit_is_right() {
	command -v systemd-analyze >/dev/null || return 0
	systemd-analyze verify --man=no "$OPT/lib/systemd/system/catnetd@.service" >"$TMP/verify" 2>&1 || true
	same "complaints" "" "$(grep -i 'catnetd@' "$TMP/verify")"
	grep -q "^ExecStart=$OPT/sbin/catnetd " "$OPT/lib/systemd/system/catnetd@.service"
}

# completes WORDS... gives EXPECTED... - the last word is the one that is typed.
completes() {
	local words=() got
	while [ "$1" != gives ]; do words+=("$1"); shift; done
	shift
	got=$(bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _catnetd; echo "${COMPREPLY[*]}"' \
		- "$OPT/share/bash-completion/completions/catnetd" "${words[@]}")
	same "\"${words[*]}\"" "$*" "$got"
}

bash_completes() {
	local option
	completes catnetd --ad gives --addr
	completes catnetd --log d gives debug
	completes catnetd -l w gives warning
	completes catnetd --log = e gives error
	completes catnetd --m gives --mtu --memory
	completes catnetd "$OPT/sh" gives "$OPT/share"
	completes catnetd --config "$OPT/share/doc/catnet/n" gives "$OPT/share/doc/catnet/net.json"
	while read -r option; do
		completes catnetd "$option" gives "$option"
	done < <("$OPT/sbin/catnetd" --help | grep -oE '^ .*--[a-z-]+ ' | grep -oE -- '--[a-z-]+')
}

all_of_it_goes() {
	echo mine >"$OPT/bin/mine"
	make_it uninstall PREFIX="$OPT"
	same "files that are left" bin/mine "$(files_in "$OPT")"
}

ns_up
it "it installs below a prefix" it_installs_below_a_prefix
[ "$FAILED_N" -eq 0 ] || exit 1
CATNETD=(nsenter --net="/run/netns/$NS" -- "$OPT/sbin/catnetd")
it "the same files go into a staging tree, and all of it goes again" into_a_staging_tree_the_same_files_go
it "with the usual prefix mount's helper is where mount looks" with_the_usual_prefix_the_helper_is_in_sbin
it "a PREFIX that is a relative path is refused" a_place_that_cannot_be_is_refused opt
it "one with a blank is" a_place_that_cannot_be_is_refused "$TMP/my opt"
it "what is made already is not made again" what_is_made_is_not_made_again
it "a client is built by pkg-config" a_client_is_built_by_pkg_config
it "what is installed works" what_is_installed_works
it "the library shows its calls and nothing else" only_its_promises_are_seen
it "the manual can be read" the_manual_can_be_read
it "the manual's examples work" its_examples_work
it "the example of a configuration is right" the_example_is_right
it "the README's lines install it" the_readmes_lines_install_it
it "the unit is right" the_unit_is_right
it "bash completes every option, and values" bash_completes
it "uninstall takes all of it away and nothing else" all_of_it_goes
