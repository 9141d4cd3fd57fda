# lib.sh - what the end-to-end scripts share: a namespace with a kernel in it, a server on a TAP
# to it, tests that say how they went, and an end that leaves nothing behind. Sourced, never run.
#
#   the kernel's TCP/IP                          catnetd
#   10.9.0.1  in namespace $NS --- $TAP --- 10.9.0.2   ... its tree at $NET, for all to see
#
# A script sources this, calls net_up, runs `it NAME FUNCTION` for each test and ends by itself.
# A test fails with the first command in it that fails, or by `fail WORDS`. Names carry the
# script's process number, so that scripts may run beside each other and beside anything else.
# shellcheck shell=bash

set -u
E2E_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT_DIR=$(cd "$E2E_DIR/../.." && pwd)
BUILD=${BUILD:-build/debug-gcc}
case $BUILD in /*) ;; *) BUILD=$ROOT_DIR/$BUILD ;; esac
SCRIPT=$(basename "$0" .sh)
NS=catnet-$SCRIPT-$$
TAP=cn$$
KERNEL=10.9.0.1
OURS=10.9.0.2
CURRENT="the set-up"
FAILED_N=0

say_skipped() {
	echo "skipped $SCRIPT $1"
	exit 0
}
[ "$(id -u)" -eq 0 ] || say_skipped "needs root, for a namespace, a TAP device and a mount"
[ -c /dev/net/tun ] || say_skipped "needs /dev/net/tun"
[ -c /dev/fuse ] || say_skipped "needs /dev/fuse"
[ -x "$BUILD/catnetd" ] || { echo "FAILED $SCRIPT $BUILD/catnetd is not built: make"; exit 1; }

TMP=$(mktemp -d "/tmp/$NS.XXXX")
chmod 755 "$TMP"
NET=$TMP/net
mkdir "$NET"
# Whoever is started from here can be found by it, and only he is ever killed.
export E2E_MARK=$NS
export CATNET=$NET
export PYTHONPATH=$E2E_DIR PYTHONDONTWRITEBYTECODE=1
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1} UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}

# --- small words -------------------------------------------------------------------------------

now_ms() {
	echo $((${EPOCHREALTIME/./} / 1000))
}

fail() {
	echo "$*" >"$TMP/reason"
	exit 1
}

# not_here WORDS - this test cannot be made on this machine; said aloud, and counted as nothing.
not_here() {
	echo "$*" >"$TMP/reason"
	exit 77
}

# Is this kernel older than MAJOR.MINOR?
kernel_before() { # MAJOR MINOR
	local major minor
	IFS=.- read -r major minor _ < <(uname -r)
	[ "$major" -lt "$1" ] || { [ "$major" -eq "$1" ] && [ "$minor" -lt "$2" ]; }
}

# same WHAT EXPECTED GOT
same() {
	[ "$2" = "$3" ] || fail "$1: expected \"$2\", got \"$3\""
}

# like WHAT PATTERN GOT - PATTERN is the shell's.
like() {
	# shellcheck disable=SC2053
	[[ $3 == $2 ]] || fail "$1: expected something like \"$2\", got \"$3\""
}

# await SECONDS COMMAND... - until it succeeds; fails when the time is over.
await() {
	local end=$(($(now_ms) + $1 * 1000))
	shift
	until "$@" 2>/dev/null; do
		[ "$(now_ms)" -lt "$end" ] || return 1
		sleep 0.02
	done
}

is_gone() {
	local state
	read -r _ _ state _ < "/proc/$1/stat" 2>/dev/null || return 0
	[ "$state" = Z ]
}

# refused ERRNO_WORDS COMMAND... - it must fail and say why.
refused() {
	local words=$1 out
	shift
	if out=$(LC_ALL=C "$@" 2>&1); then fail "\"$*\" succeeded, expected: $words"; fi
	like "\"$*\"" "*$words*" "$out"
}

# order CTL WORDS... - one command, the shell's way.
order() {
	local ctl=$1
	shift
	echo "$*" >"$ctl"
}

# The state of a conversation's directory, as status names it first.
state_of() {
	local state
	read -r state _ <"$1/status"
	echo "$state"
}

# json FILE PYTHON - an expression over the object `j` read from FILE.
json() {
	python3 -c 'import json,sys; j=json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$1" "$2"
}

sum_of() {
	sha256sum "$@" | cut -d' ' -f1
}

# --- tests -------------------------------------------------------------------------------------

# it NAME FUNCTION [ARGUMENT...]
it() {
	local rc reason
	CURRENT=$1
	shift
	rm -f "$TMP/reason" "$TMP/line"
	(
		set -eE
		trap 'echo "line $LINENO: $BASH_COMMAND" >"$TMP/line"' ERR
		"$@"
	) >"$TMP/it.log" 2>&1
	rc=$?
	if [ "$rc" -eq 0 ]; then
		echo "ok $CURRENT"
		CURRENT="between the tests"
		return
	fi
	if [ "$rc" -eq 77 ] && [ -e "$TMP/reason" ]; then
		skip "$CURRENT" "$(cat "$TMP/reason")"
		CURRENT="between the tests"
		return
	fi
	FAILED_N=$((FAILED_N + 1))
	reason=$(cat "$TMP/reason" 2>/dev/null || head -1 "$TMP/line" 2>/dev/null)
	echo "FAILED $CURRENT ${reason:-status $rc}"
	sed 's/^/    | /' "$TMP/it.log" | tail -20
	CURRENT="between the tests"
}

# skip NAME REASON - said aloud, and counted as nothing.
skip() {
	echo "skipped $1: $2"
}

# Does PROTO know VERB? One that is not built yet is absent, not faked.
has_verb() { # PROTO VERB
	local known=yes
	mkdir "$NET/$1/verb"
	echo "$2" 2>/dev/null >"$NET/$1/verb/ctl" || true
	if grep -q "no such verb" "$NET/$1/verb/err"; then known=; fi
	rmdir "$NET/$1/verb"
	[ "$known" ]
}

# run_cases PROGRAM ARGUMENT... - every test of a program made with cases.py.
run_cases() {
	local program=$E2E_DIR/$1 name
	shift
	while IFS= read -r name <&9; do
		it "$name" timeout -k 1 "${CASE_LIMIT_S:-20}" python3 "$program" "$@" "$name"
	done 9< <(python3 "$program")
}

# --- processes ---------------------------------------------------------------------------------

# Run something in the namespace, waiting for it.
in_ns() {
	nsenter --net="/run/netns/$NS" -- "$@"
}

# start NAME COMMAND... - in the background outside of the namespace; its pid in STARTED.
# shellcheck disable=SC2034
start() {
	local name=$1
	shift
	"$@" >"$TMP/$name.out" 2>"$TMP/$name.err" </dev/null &
	STARTED=$!
}

# start_in_ns NAME COMMAND... - the same within.
# shellcheck disable=SC2034
start_in_ns() {
	local name=$1
	shift
	nsenter --net="/run/netns/$NS" -- "$@" >"$TMP/$name.out" 2>"$TMP/$name.err" </dev/null &
	STARTED=$!
}

# Ours and nobody else's: they carry our mark since they were executed, or are in our namespace
# (some programs write their title over their environment).
marked() {
	local dir
	{
		ip netns pids "$NS" 2>/dev/null
		for dir in /proc/[0-9]*; do
			grep -qsz "^E2E_MARK=$NS\$" "$dir/environ" && echo "${dir#/proc/}"
		done
	} | sort -u
}

kernel_listens() {
	in_ns ss -Hltn "sport = :$1" | grep -q .
}

tree_listens() {
	grep -qs "!$1\$" "$NET"/tcp/*/local
}

# start_nginx DIR PORT - a web server of the kernel's side.
start_nginx() {
	cat >"$TMP/nginx.conf" <<-END
		user root; daemon off; worker_processes 1; pid $TMP/nginx.pid; error_log $TMP/nginx.err;
		events { worker_connections 512; }
		http {
			access_log off; client_body_temp_path $TMP; proxy_temp_path $TMP;
			fastcgi_temp_path $TMP; uwsgi_temp_path $TMP; scgi_temp_path $TMP;
			server { listen $KERNEL:$2; root $1; }
		}
	END
	start_in_ns nginx nginx -c "$TMP/nginx.conf" -p "$TMP"
	await 5 kernel_listens "$2"
}

# start_echo PORT... - kernel servers that send back what they get, tcp and udp.
start_echo() {
	start_in_ns echo python3 "$E2E_DIR/echo_server.py" "$KERNEL" "$@"
	await 5 kernel_listens "$1"
}

# --- the net -----------------------------------------------------------------------------------

ns_up() {
	ip netns add "$NS"
	in_ns ip link set lo up
	# The default may be bbr, whose pace is not what is tested here.
	in_ns sysctl -qw net.ipv4.tcp_congestion_control=cubic 2>/dev/null ||
		in_ns sysctl -qw net.ipv4.tcp_congestion_control=reno
	in_ns sysctl -qw net.ipv6.conf.default.disable_ipv6=1 net.ipv6.conf.all.disable_ipv6=1 || true
}

is_served() {
	[ -e "$NET/stats" ] && in_ns ip -o addr show dev "$TAP" 2>/dev/null | grep -q "$KERNEL"
}

# server_up [OPTION...] - the server in the namespace, its mount outside, where we are.
server_up() {
	nsenter --net="/run/netns/$NS" -- "$BUILD/catnetd" -f --tap "$TAP" --host-addr "$KERNEL/24" \
		--addr "$OURS/24" --gw "$KERNEL" --no-acd "$@" "$NET" >>"$TMP/server.log" 2>&1 </dev/null &
	echo $! >"$TMP/server.pid"
	disown # its end is looked at, not waited for
	await 10 is_served || { cat "$TMP/server.log"; return 1; }
}

server_pid() {
	cat "$TMP/server.pid"
}

# server_down SIGNAL - and wait until it is gone.
server_down() {
	local pid
	pid=$(server_pid)
	kill "-$1" "$pid" 2>/dev/null
	await 10 is_gone "$pid"
}

# net_up [OPTION...] - all of it, or the script ends here.
net_up() {
	if ! ns_up || ! server_up "$@"; then
		echo "FAILED $SCRIPT the server did not come up: $(tail -1 "$TMP/server.log")"
		FAILED_N=1
		exit 1
	fi
}

# --- a server as a daemon, wherever it runs ------------------------------------------------------

BASIC=(--tap "$TAP" --host-addr "$KERNEL/24" --addr "$OURS/24" --no-acd)
CATNETD=(nsenter --net="/run/netns/$NS" -- "$BUILD/catnetd")

catnetd() {
	"${CATNETD[@]}" "$@"
}

# Ours of this program (there may be very many processes to look at).
servers() {
	local dir
	for dir in /proc/[0-9]*; do
		[ "$dir/exe" -ef "${CATNETD[-1]}" ] || continue
		if grep -qsz "^E2E_MARK=$NS\$" "$dir/environ"; then echo "${dir#/proc/}"; fi
	done
}

# The one server, wherever it came from, ends.
end_it() { # SIGNAL
	local pid
	pid=$(servers)
	[ -n "$pid" ] || fail "there is no server"
	kill "-${1:-TERM}" "$pid"
	await 10 is_gone "$pid" || fail "it still runs"
	if mountpoint -q "$NET"; then fail "it is still mounted"; fi
	if grep -ahE 'ERROR: |runtime error|ASSERT|assertion' "$TMP/log" "$TMP/out" 2>/dev/null; then
		fail "what it said at its end: $(tail -1 "$TMP/it.log")"
	fi
}

# ends_with STATUS PATTERN COMMAND... - one line on standard error, like PATTERN.
ends_with() {
	local expected=$1 pattern=$2 rc=0
	shift 2
	timeout 20 "$@" >"$TMP/out" 2>"$TMP/err" </dev/null || rc=$?
	same "status ($(head -1 "$TMP/err"))" "$expected" "$rc"
	# shellcheck disable=SC2053
	[[ $(cat "$TMP/err") == $pattern ]] ||
		fail "expected something like \"$pattern\", got \"$(cat "$TMP/err")\""
	if mountpoint -q "$NET"; then fail "something was mounted"; fi
	same "servers left" "" "$(servers)"
}

# A file with what BASIC says and LINES besides.
write_config() { # LINES
	cat >"$TMP/net.json" <<-END
		{
		  "mountpoint": "$NET",
		  "tap": "$TAP",
		  "host-addr": "$KERNEL/24",
		  "addr": ["$OURS/24"],
		  "no-acd": true$1
		}
	END
}

# A server that a failed test has left is none of the next one's business.
daemon_it() {
	local pid
	it "$@"
	for pid in $(servers); do
		kill -KILL "$pid"
		await 5 is_gone "$pid"
	done
	if mountpoint -q "$NET"; then umount -l "$NET"; fi
}

# --- the end -----------------------------------------------------------------------------------

ends_cleanly() {
	local pid
	pid=$(server_pid)
	if is_gone "$pid"; then fail "it was gone already: $(tail -3 "$TMP/server.log")"; fi
	kill -TERM "$pid"
	await 10 is_gone "$pid" || fail "it still runs 10 s after SIGTERM"
	if mountpoint -q "$NET"; then fail "the mount is still there"; fi
	if grep -aE 'ERROR: |runtime error|ASSERT|assertion' "$TMP/server.log"; then
		fail "$(grep -aE 'ERROR: |runtime error|ASSERT|assertion' "$TMP/server.log" | head -1)"
	fi
}

keep_evidence() {
	local dir=$ROOT_DIR/build/failed/e2e-$SCRIPT
	rm -rf "$dir"
	mkdir -p "$dir"
	find "$TMP" -maxdepth 1 -type f -size -20M \( -name '*.log' -o -name '*.err' -o -name '*.out' \
		-o -name '*.pcap' \) -exec cp {} "$dir" \;
	echo "evidence: ${dir#"$ROOT_DIR"/}"
}

clean_up() {
	local pid mount
	trap '' EXIT TERM INT
	exec 2>/dev/null # the shell tells of every process that is killed here
	for pid in $(marked); do kill -KILL "$pid" 2>/dev/null; done
	ip netns del "$NS" # before the mounts: one of them may be where ip is
	while read -r _ mount _; do
		case $mount in "$TMP"/*) umount -l "$mount" ;; esac
	done <<<"$(cat /proc/self/mounts)"
	[ "$FAILED_N" -eq 0 ] || keep_evidence
	rm -rf --one-file-system "$TMP"
}

finish() {
	if [ -e "$TMP/server.pid" ]; then it "the server ends cleanly when told to" ends_cleanly; fi
	clean_up
	[ "$FAILED_N" -eq 0 ] || exit 1
}

out_of_time() {
	FAILED_N=$((FAILED_N + 1))
	echo "FAILED $CURRENT it did not end in time"
	clean_up
	exit 1
}

trap finish EXIT
trap out_of_time TERM INT
