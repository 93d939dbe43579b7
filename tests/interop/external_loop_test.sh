#!/bin/sh
# rill in another event loop: examples/epoll_loop.c, libevent_loop.c and libuv_loop.c sleep for rill_host_fd in theirs.
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
hold_clients 3 7
check "it echoes to several at once" wait_for sh -c "cat '$work'/said? | sort | tr '\n' ' ' | grep -q 'hello 1 hello 2 hello 3 '"
release_clients
echo x >&3
before=$(wakes)
sleep 1
check "while nothing happens it sleeps" test "$(($(wakes) - before))" -lt 20
check "it still runs" alive "$loop"
echo q >&3
exec 3>&-
wait "$loop"
check "standard input, adopted, ends it" test $? = 0

# begin LIBRARY HEADER PACKAGE LINK: its example in the background, process id to $loop. Status 1: it is not installed.
begin() {
    echo "#include <$2>" | "$CC" -E - >/dev/null 2>&1 || { skip "$1" "$3 is not installed"; return 1; }
    check "the example for $1 compiles" "$CC" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Istack/include -Idrivers/include \
        "examples/$1_loop.c" "$lib/librill-host.a" "$lib/librill.a" -lpcap -pthread "$4" -o "$work/$1_loop"
    "$work/$1_loop" >"$work/log" 2>&1 </dev/null &
    loop=$! started="$started $!"
    check "it answers a ping" wait_for ping -c 1 -W 1 -q "$RILL"
}

end() {
    kill -INT "$loop"
    wait "$loop"
    check "Ctrl-C ends it" test $? = 0
}

if begin libevent event2/event.h libevent-dev -levent_core; then
    check "it echoes" sh -c "echo hello | nc -u -w 1 '$RILL' 7 | grep -q hello"
    end
fi

if begin libuv uv.h libuv1-dev -luv; then
    counts_up() { [ "$(wc -l <"$1")" -ge 3 ] && sort -nuc "$1"; }
    exec 4<>"$work/typed" # they say nothing, until it is closed
    clients=
    for i in 1 2; do
        timeout 20 nc -N "$RILL" 7 <"$work/typed" >"$work/told$i" 4>&- &
        clients="$clients $!"
    done
    for i in 1 2; do
        check "its timer tells each silent client numbers that count up" wait_for counts_up "$work/told$i"
    done
    before=$(wakes)
    sleep 1
    check "it sleeps in between" test "$(($(wakes) - before))" -lt 40
    exec 4>&-
    for c in $clients; do wait "$c"; done
    end
fi
finish
