#!/usr/bin/env bash
# Thousands of conversations are listed, each once, also while others come and go. CATNET_LONG=1:
# 100,000 of them, else 10,000. Sanitizers multiply what each takes, so this is the release build.
# Time limit: 90 s.
#
#   10.9.0.1, the kernel --- TAP --- 10.9.0.2, catnetd; listing.py
BUILD=${RELEASE_BUILD:-build/release-gcc}
. "$(dirname "$0")/lib.sh"

COUNT=10000
if [ "${CATNET_LONG:-}" ]; then COUNT=100000; fi

is_empty() {
	[ "$(find "$NET/tcp" -mindepth 1 -maxdepth 1 -type d | wc -l)" -eq 0 ]
}

nothing_is_left() {
	await 20 is_empty || fail "$(ls "$NET/tcp" | wc -l) are still listed"
}

net_up
CASE_LIMIT_S=60 run_cases listing.py "$NET" "$COUNT"
it "nothing is listed when their process has gone" nothing_is_left
