#!/usr/bin/env bash
# The programs of clients/ and examples/, each as its user runs it. Time limit: 90 s.
#
#   echo_server.py :7, nginx :80, ping, curl, nc --- TAP --- 10.9.0.2, catnetd; the clients
. "$(dirname "$0")/lib.sh"

says() { # NAME WORDS
	await 5 grep -q "$2" "$TMP/$1.out" || fail "$1 said: $(cat "$TMP/$1.out" "$TMP/$1.err")"
}

ping_prints_what_ping_prints() {
	local out
	out=$("$BUILD/net_ping" -c 3 -i 0.05 "$KERNEL")
	like "the first line" "PING $KERNEL 56(84) bytes of data." "$(head -1 <<<"$out")"
	same "answers" 3 "$(grep -c "^64 bytes from $KERNEL: icmp_seq=[123] time=[0-9.]* ms$" <<<"$out")"
	like "the sums" "*--- $KERNEL ping statistics ---*" "$out"
	like "the sums" "*3 packets transmitted, 3 received, 0% packet loss, time *ms*" "$out"
	like "the times" "*rtt min/avg/max/mdev = *.*/*.*/*.*/*.* ms" "$out"
}

ping_of_nobody_ends_with_1() {
	local out rc=0
	out=$("$BUILD/net_ping" -c 1 -W 0.2 10.9.0.77) || rc=$?
	same "status" 1 "$rc"
	like "the sums" "*1 packets transmitted, 0 received*100% packet loss*" "$out"
}

ping_is_stopped_by_a_signal_and_gives_its_sums() {
	start ping "$BUILD/net_ping" -i 0.05 "$KERNEL"
	says ping "icmp_seq=3"
	kill -INT "$STARTED"
	await 5 is_gone "$STARTED"
	says ping " 0% packet loss"
}

ping_says_what_is_wrong_with_an_address() {
	refused "give an address" "$BUILD/net_ping" some.host
}

tcp_echo_serves_many_at_once() {
	start tcp_echo "$BUILD/tcp_echo" 7
	says tcp_echo "serving port 7"
	in_ns python3 "$E2E_DIR/chatter.py" kernel "$OURS" 7 --conversations 20 --rounds 20 --size 1000
	kill "$STARTED"
}

udp_echo_answers_whoever_asks() {
	start udp_echo "$BUILD/udp_echo" 9
	says udp_echo "echoing at"
	same "one" "from one" "$(printf 'from one' | in_ns nc -u -w 1 "$OURS" 9)"
	same "another" "from another" "$(printf 'from another' | in_ns nc -u -w 1 "$OURS" 9)"
	kill "$STARTED"
}

udp_echo_ends_with_its_address() {
	order "$NET/ipifc/0/ctl" "add 10.9.0.3 255.255.255.0"
	await 5 grep -q "10.9.0.3 .*used" "$NET/ipifc/0/status"
	start echo_at "$BUILD/udp_echo" '10.9.0.3!9'
	local echo=$STARTED
	says echo_at "echoing at"
	order "$NET/ipifc/0/ctl" "remove 10.9.0.3 255.255.255.0"
	await 5 is_gone "$echo" || fail "udp_echo spins: $(cat "$TMP/echo_at.err")"
	like "its words" "*it is over: Cannot assign requested address*" "$(cat "$TMP/echo_at.err")"
}

waits_for_good() { # PID
	local before after
	before=$(awk '/^voluntary/ { print $2 }' "/proc/$1/status")
	sleep 0.5
	after=$(awk '/^voluntary/ { print $2 }' "/proc/$1/status")
	[ $((after - before)) -lt 10 ]
}

an_echo_server_without_descriptors_waits_for_one() {
	start few_echo sh -c "ulimit -n 12; exec $BUILD/tcp_echo 7"
	local echo=$STARTED before after
	says few_echo "serving port 7"
	start_in_ns many python3 -c '
import signal, socket, sys
calls = [socket.create_connection((sys.argv[1], 7)) for _ in range(20)]
print("all called", flush=True)
signal.pause()
' "$OURS"
	local many=$STARTED
	says many "all called"
	# Awake it would go to the tree and wait for it thousands of times in a second.
	await 5 waits_for_good "$echo" || fail "it is woken again and again"
	kill "$many" "$echo"
}

chat_says_at_once_who_has_gone_and_obeys_nobody() {
	start chat_too "$BUILD/chat" 8081
	local chat=$STARTED
	says chat_too "serving port 8081"
	in_ns timeout 20 python3 - "$OURS" <<-'END' || fail "see above"
		import socket, sys
		def call():
		    s = socket.create_connection((sys.argv[1], 8081), 5)
		    return s, s.makefile("rb")
		def heard(f, words):
		    line = f.readline()
		    assert line == words, (line, words)
		a, fa = call()
		a.sendall(b"hello\n")
		heard(fa, b"* guest1 has come\n")
		heard(fa, b"guest1: hello\n")
		b, fb = call()
		b.sendall(b"\x1b[2Jred\0\x07\xc2\x9b1m \xc3\xa9\r\n")
		heard(fa, b"* guest2 has come\n")
		heard(fa, "guest2: ?[2Jred????1m \u00e9\n".encode())
		# The first in the list leaves: the last one, served before, is told at once.
		a.sendall(b"/quit\n")
		fb.readline(), fb.readline()
		heard(fb, b"* guest1 has gone\n")
		# One megabyte without an end is many lines, and the next caller is served.
		c, fc = call()
		c.settimeout(10)
		try:
		    c.sendall(b"x" * (1 << 20))
		except OSError:
		    pass # cut off: he does not read what he hears himself say
		c.close()
		d, fd = call()
		for byte in b"GET / HTTP/1.0\r\nA: b\r\n\r\n":
		    d.sendall(bytes([byte]))
		assert b"</html>" in fd.read()
	END
	kill "$chat"
}

chat_carries_lines_and_shows_a_page() {
	start chat "$BUILD/chat" 8080
	local chat=$STARTED
	says chat "serving port 8080"
	mkfifo "$TMP/anna" "$TMP/bert"
	start_in_ns a sh -c "exec nc -N $OURS 8080 <$TMP/anna"
	start_in_ns b sh -c "exec nc -N $OURS 8080 <$TMP/bert"
	exec 8>"$TMP/anna" 9>"$TMP/bert"
	echo "good morning" >&8
	says a "guest[12]: good morning"
	echo "/nick bert" >&9
	says a "is now bert"
	echo "is 1 < 2 & 3?" >&9
	says a "bert: is 1 < 2 & 3?"
	like "the page" "*<p>*bert*bert: is 1 &lt; 2 &amp; 3?*" "$(in_ns curl -sS -m 5 "http://$OURS:8080/")"
	exec 9>&-
	says a "bert has gone"
	exec 8>&-
	kill "$chat"
}

a_cpp_program_links() {
	printf '%s\n' '#include <catnet.h>' '#include <plan9.h>' \
		'int main() { return net_socket(2, 1, 0) < 0 || p9why() == nullptr; }' >"$TMP/program.cc"
	clang -x c++ -std=c++17 -fPIE -I"$ROOT_DIR/clients" -c "$TMP/program.cc" -o "$TMP/program.o"
	gcc -fsanitize=address,undefined "$TMP/program.o" "$BUILD/libcatnet.a" -o "$TMP/program"
	"$TMP/program"
}

servers_say_why_they_cannot() {
	start tcp_echo "$BUILD/tcp_echo" 7
	says tcp_echo "serving port 7"
	refused "in use by conversation" "$BUILD/tcp_echo" 7
	refused "usage: chat PORT" "$BUILD/chat" nonsense
	refused "no tree" env CATNET=/nowhere "$BUILD/chat" 80
	kill "$STARTED"
}

plan9_programs_call_and_are_called() {
	start plan9 "$BUILD/tests/e2e/helper_plan9" answer 'tcp!*!564' 2
	await 5 tree_listens 564
	like "the answer" "$NET/tcp/[0-9]* hello from here" \
		"$("$BUILD/tests/e2e/helper_plan9" call "tcp!$OURS!564" "hello from here")"
	same "the answer" "hello from there" "$(echo "hello from there" | in_ns nc -N "$OURS" 564)"
	await 5 is_gone "$STARTED"
	like "an address without a network" "$NET/tcp/*hello" \
		"$("$BUILD/tests/e2e/helper_plan9" call "$KERNEL!7" hello)"
	like "another tree" "$NET/udp/*hello" \
		"$(CATNET=/nowhere "$BUILD/tests/e2e/helper_plan9" call "$NET/udp!$KERNEL!7" hello)"
}

plan9_programs_reject_and_are_told() {
	start plan9 "$BUILD/tests/e2e/helper_plan9" reject 'tcp!*!565'
	await 5 tree_listens 565
	local out rc=0
	out=$("$BUILD/tests/e2e/helper_plan9" call "tcp!$OURS!565" hello 2>&1) || rc=$?
	same "status" 1 "$rc"
	[[ $out == *"Connection reset"* || $out == *"Broken pipe"* ]] || fail "the caller was told: $out"
	refused "connection refused by the peer" "$BUILD/tests/e2e/helper_plan9" call "$KERNEL!566" hello
	refused "no tree at /nowhere/tcp" env CATNET=/nowhere "$BUILD/tests/e2e/helper_plan9" call "$KERNEL!7" x
}

python_fetches_a_page() {
	"$ROOT_DIR/examples/fetch.py" "$KERNEL!80" /page >"$TMP/got"
	tail -c "$(stat -c %s "$TMP/www/page")" "$TMP/got" | cmp - "$TMP/www/page"
	refused "connection refused by the peer" "$ROOT_DIR/examples/fetch.py" "$KERNEL!81"
}

python_serves_many() {
	start echo_py "$ROOT_DIR/examples/echo.py" 10
	says echo_py "echoing at 10"
	in_ns python3 "$E2E_DIR/chatter.py" kernel "$OURS" 10 --conversations 10 --rounds 5 --size 1000
	kill "$STARTED"
}

python_serves_others_while_one_does_not_read() {
	start echo_too "$ROOT_DIR/examples/echo.py" 11
	local echo=$STARTED
	says echo_too "echoing at 11"
	start_in_ns deaf python3 -c '
import signal, socket, sys
s = socket.create_connection((sys.argv[1], 11))
s.settimeout(1)
try:
    while True:
        s.sendall(bytes(1 << 20))
except TimeoutError:
    print("nothing more is taken", flush=True)
signal.pause()
' "$OURS"
	local deaf=$STARTED
	await 20 grep -q "nothing more" "$TMP/deaf.out" || fail "all of it was taken: $(cat "$TMP/deaf.err")"
	same "another" "from another" "$(echo "from another" | in_ns timeout 5 nc -N "$OURS" 11)"
	# Whoever calls and has gone before he is asked his name is no trouble either.
	in_ns python3 -c '
import socket, struct, sys
for _ in range(50):
    s = socket.create_connection((sys.argv[1], 11))
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()
' "$OURS"
	same "the next" "from the next" "$(echo "from the next" | in_ns timeout 5 nc -N "$OURS" 11)"
	kill "$deaf" "$echo"
}

# The last of all: nothing is left to call from.
ping_ends_with_its_address() {
	start last_ping "$BUILD/net_ping" -i 0.05 -c 1000000 "$KERNEL"
	says last_ping "icmp_seq=3"
	order "$NET/ipifc/0/ctl" "remove $OURS"
	await 5 is_gone "$STARTED" || fail "it goes on"
	same "how often it says why" 1 "$(grep -c "Cannot assign requested address\|not an address" "$TMP/last_ping.out")"
	says last_ping "ping statistics"
}

mkdir "$TMP/www"
head -c 300000 /dev/urandom >"$TMP/www/page"
net_up
start_nginx "$TMP/www" 80
start_echo 7
it "net_ping prints what ping prints" ping_prints_what_ping_prints
it "net_ping of nobody ends with 1" ping_of_nobody_ends_with_1
it "net_ping is stopped by a signal and gives its sums" ping_is_stopped_by_a_signal_and_gives_its_sums
it "net_ping says what is wrong with an address" ping_says_what_is_wrong_with_an_address
it "tcp_echo serves many at once" tcp_echo_serves_many_at_once
it "udp_echo answers whoever asks" udp_echo_answers_whoever_asks
it "chat carries lines and shows a page on the same port" chat_carries_lines_and_shows_a_page
it "chat says at once who has gone, and what is shown obeys nobody" \
	chat_says_at_once_who_has_gone_and_obeys_nobody
it "tcp_echo without descriptors waits for one" an_echo_server_without_descriptors_waits_for_one
it "udp_echo ends with its address" udp_echo_ends_with_its_address
it "a C++ program links and runs" a_cpp_program_links
it "the servers say why they cannot" servers_say_why_they_cannot
it "programs from Plan 9 call and are called" plan9_programs_call_and_are_called
it "programs from Plan 9 reject and are told" plan9_programs_reject_and_are_told
it "Python fetches a page" python_fetches_a_page
it "Python serves many" python_serves_many
it "Python serves others while one does not read" python_serves_others_while_one_does_not_read
it "net_ping ends with its address" ping_ends_with_its_address
