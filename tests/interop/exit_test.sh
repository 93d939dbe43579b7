#!/bin/sh
# A program whose signal handler calls exit(3) while it waits for rill: what it has sent arrives, and its peer sees it end.
. "$(dirname "$0")/lib.sh"
need nc ip "${CC:=gcc}"
build alarmed

ip tuntap add rill0 mode tap # so that there is an address to listen at
ip address add $HOST/24 dev rill0
ip link set rill0 up
timeout 20 nc -l $HOST 50125 >"$work/heard" </dev/null &
listener=$! started="$started $!"
wait_for sh -c "ss -ltn 2>/dev/null | grep -q 50125 || grep -q ':C3CD 00000000:0000 0A' /proc/net/tcp"
"$work/alarmed" --port 50125 --no-control >"$work/log" 2>&1
check "the handler's status is the program's" test $? = 7
check "it says nothing else" test ! -s "$work/log"
check "its peer has heard all" wait_for grep -q "last words" "$work/heard"
wait "$listener"
check "and has seen it end" test $? = 0
finish
