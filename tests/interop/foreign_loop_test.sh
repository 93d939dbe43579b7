#!/bin/sh
# rill in somebody else's loop: examples/epoll_loop.c and libevent_loop.c sleep for rill_host_fd in theirs.
. "$(dirname "$0")/lib.sh"
need nc ping "${CC:=gcc}"

lib=$(dirname "$BIN")/release/lib
check "the example compiles" "$CC" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Istack/include -Idrivers/include examples/epoll_loop.c \
    "$lib/librill-host.a" "$lib/librill.a" -lpcap -pthread -o "$work/epoll_loop"
mkfifo "$work/typed"
"$work/epoll_loop" <"$work/typed" >"$work/log" 2>&1 &
loop=$! started="$started $!"
exec 3>"$work/typed"
wakes() { awk '/^voluntary/ { print $2 }' "/proc/$loop/status"; }

check "it answers a ping" wait_for ping -c 1 -W 1 -q "$RILL"
for i in 1 2 3; do
    (echo "hello $i"; sleep 1) | timeout 10 nc -N "$RILL" 7 >"$work/said$i" &
    clients="${clients:-} $!"
done
for c in $clients; do wait "$c"; done
check "it echoes to several at once" sh -c "cat '$work'/said? | sort | tr '\n' ' ' | grep -q 'hello 1 hello 2 hello 3 '"
echo x >&3
sleep 0.5
before=$(wakes)
sleep 1
check "while nothing happens it sleeps" test "$(($(wakes) - before))" -lt 20
check "it still runs" alive "$loop"
echo q >&3
wait "$loop"
check "standard input, adopted, ends it" test $? = 0

if ! echo '#include <event2/event.h>' | "$CC" -E - >/dev/null 2>&1; then
    skip "libevent" "libevent-dev is not installed"
    finish
fi
check "the example for libevent compiles" "$CC" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Istack/include -Idrivers/include \
    examples/libevent_loop.c "$lib/librill-host.a" "$lib/librill.a" -lpcap -pthread -levent_core -o "$work/libevent_loop"
"$work/libevent_loop" >"$work/log" 2>&1 </dev/null &
loop=$! started="$started $!"
check "it answers a ping" wait_for ping -c 1 -W 1 -q "$RILL"
check "it echoes" sh -c "echo hello | nc -u -w 1 '$RILL' 7 | grep -q hello"
kill -INT "$loop"
wait "$loop"
check "Ctrl-C ends it" test $? = 0
finish
