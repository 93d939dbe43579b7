#!/bin/sh
# make c10k in small: 500 connections that are kept and talked on, for each model of rill-httpd.
. "$(dirname "$0")/lib.sh"
need ping bash

LOAD=${LOAD:-$BIN/../c10k/load}
[ -x "$LOAD" ] || LOAD=$BIN/../release/c10k/load
export BIN LOAD

# The column of a model's row: 1 is the model, then held, requests/s, p50, p99, p99.9, KB each, CPU per request.
row() { awk -v model="$1" -v column="$2" '$1 == model { print $column }' "$work/rows"; }
is() { check "$1" test "$3" = "$2"; } # NAME EXPECTED GOT
below() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > 0 && a < b) }'; }

check "no connection failed" timeout 60 tools/c10k/run --connections 500 --seconds 1 --workers 60 --rows "$work/rows"
for model in thread select poll epoll coroutine; do
    is "$model holds them all" 500 "$(row $model 2)"
done
is "process holds what it has workers for" 60 "$(row process 2)"
check "an idle connection is small with epoll" below "$(row epoll 7)" 8
check "and with a coroutine" below "$(row coroutine 7)" 48

check "select says how many it can hold" sh -c "timeout 60 tools/c10k/run --connections 1100 --seconds 1 --rows '$work/rows' select | grep 'FD_SETSIZE is 1024'"
is "and holds them" "500 1007" "$(row select 2 | tr '\n' ' ' | sed 's/ $//')"

# The end of make c100k, where it is interrupted among all its clients.
no_clients() { ! pgrep -f "^$LOAD .*--rounds"; }
interrupted() {
    timeout 3 tools/c10k/idle 700 1400 >"$work/idle" 2>&1
    [ $? = 124 ] && [ ! -s "$work/idle" ] && wait_for no_clients || { cat "$work/idle"; return 1; }
}
check "who is interrupted ends silently, and his clients with him" interrupted

# make c1m in small, and where there is no room for it.
million() { timeout 60 tools/c10k/million "$@" >"$work/million" 2>&1; }
check "two thousand are held, and a hundredth of them is answered" million 2000
check "which it says" grep -q '^Held: 2000 of 2000\..* 20 got right answers.*Failures: 0\.$' "$work/million"
# What a row tells of: the first table's are of the opened, the second's of the closed. Two tenths within one look are one row.
tenths() { awk -v table="$1" '/^[|]--/ { n++ } /^[|] [0-9]/ && n == table { print int($2 / 200) }' "$work/million"; }
told() { [ "$(tenths "$1" | wc -l)" -ge 3 ] && tenths "$1" | sort -c -n -u && is "$2" 10 "$(tenths "$1" | tail -n 1)"; }
check "with rows by tenths of the opened" told 1 "up to all of them"
check "and of the closed" told 2 "up to all of them"
check "and nothing of them left, also the second time" grep -q '^Left in the stack: 0 connections, and 0 after' "$work/million"
refuses() { ! million 1000000000 && grep -q 'connections do not fit: [0-9]* do' "$work/million"; }
check "what does not fit into memory is not begun" refuses
finish
