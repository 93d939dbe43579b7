#!/bin/sh
# Threads on one stack (threads.c), asked by nc over a TAP: forty clients, ten at once.
. "$(dirname "$0")/lib.sh"
need "${CC:-gcc}" nc ping

build threads
make_file big 300000
"$work/threads" 41 >"$work/end" &
server=$!
started="$started $server"
wait_for ping -c 1 -W 1 $RILL

ask() { nc -N -w 20 $RILL 7 <"$work/site/big" | cmp -s - "$work/site/big" && echo same; }
ask_all() {
    for _ in 1 2 3 4; do
        for _ in 1 2 3 4 5 6 7 8 9 10; do
            ask &
        done
        wait
    done
}
check "forty get back what they sent" test "$(ask_all | grep -c same)" = 40
check "and one more, the last" test "$(ask)" = same
wait $server
check "it ends by itself, without an error" test $? = 0
check "those who wait are told that it is over" grep '^41 served, 8 threads told$' "$work/end"
finish
