#!/bin/sh
# A program for the kernel's sockets, tests/interop/ported.c, on rill in two ways: compiled with <rill/posix.h> in front, and by rill-run
# as the kernel's own binary.
. "$(dirname "$0")/lib.sh"
need nc ping diff ip "${CC:=gcc}"

lib=$(dirname "$BIN")/release/lib
[ -e "$lib/librill.a" ] || lib=$(dirname "$BIN")/lib
ported_c="tests/interop/ported.c tests/interop/ported_children.c tests/interop/ported_daemons.c tests/interop/ported_numbers.c tests/interop/ported_threads.c tests/interop/ported_tools.c"
check "it compiles for the kernel" "$CC" -std=gnu11 -Wall -Wno-unused-result -O2 -D_FORTIFY_SOURCE=2 $ported_c \
    -pthread -o "$work/on_kernel"
check "it compiles for rill" "$CC" -std=gnu11 -Wall -Werror -Wno-unused-result -O2 -D_FORTIFY_SOURCE=2 -Istack/include -Idrivers/include \
    -include rill/posix.h $ported_c "$lib/librill-host.a" "$lib/librill.a" -lpcap -pthread -o "$work/ported"
export RILL_OPTIONS="--no-control"

timeout 20 "$work/on_kernel" calls >"$work/calls.kernel" 2>&1
check "more than eighty calls are asked of the kernel" test "$(wc -l <"$work/calls.kernel")" -gt 80

timeout 20 "$work/on_kernel" bare 0 >"$work/bare.kernel" <&-

begin() { # MODE PORT: in the background, until it answers a ping
    $ported "$@" >"$work/said.$1" 2>"$work/complaint" &
    pid=$! started="$started $!"
    wait_for ping -c 1 -W 1 -q "$RILL"
}
gone() { ! kill -0 "$(head -n 1 "$work/said.daemon")" 2>/dev/null || grep -q 'State:.Z' "/proc/$(head -n 1 "$work/said.daemon")/status"; }

on_rill() { # WAY COMMAND
    way=$1 ported=$2
    check "$way: a word in RILL_OPTIONS that is no option is told" sh -c "RILL_OPTIONS=--mut $ported calls 2>&1 | grep -q -e '--mut'"
    timeout 20 $ported calls >"$work/calls.rill" 2>&1
    check "$way: all of them say so on rill" diff "$work/calls.kernel" "$work/calls.rill"

    timeout 20 $ported bare 0 >"$work/bare.rill" <&-
    check "$way: and what has no standard input" diff "$work/bare.kernel" "$work/bare.rill"

    begin threads 50201
    hold_clients 5 50201
    check "$way: threads echo side by side" wait_for sh -c "cat '$work'/said? | sort | tr '\n' ' ' | grep -q 'hello 1 hello 2 hello 3 hello 4 hello 5'"
    release_clients
    kill -TERM "$pid"
    wait "$pid" 2>/dev/null
    check "$way: SIGTERM ends them as it would" test $? = 143

    begin pause 50207
    check "$way: a sleeper answers" ping -c 1 -W 1 -q "$RILL"
    wait_for grep -q pauses "$work/said.pause"
    check "$way: and who waits for a signal" ping -c 1 -W 1 -q "$RILL"
    kill -USR1 "$pid"
    wait "$pid"
    check "$way: which ends it" test $? = 0

    rm -f "$work/typed"
    mkfifo "$work/typed"
    $ported select 50202 <"$work/typed" >"$work/said.select" 2>"$work/complaint" &
    pid=$! started="$started $!"
    exec 3>"$work/typed"
    wait_for ping -c 1 -W 1 -q "$RILL"
    hold_clients 1 50202
    check "$way: what a client says comes in" wait_for grep -q "hello 1" "$work/said.select"
    echo typed >&3
    check "$way: and what is typed goes out" wait_for grep -q typed "$work/said1"
    exec 3>&-
    wait "$pid" 2>/dev/null
    check "$way: the end of standard input ends it" test $? = 0
    release_clients

    ip address add 10.9.8.7/24 dev lo
    $ported interfaces 0 >"$work/said.interfaces"
    ip address delete 10.9.8.7/24 dev lo
    check "$way: interfaces have the addresses of rill's sockets" diff - "$work/said.interfaces" <<END
lo 127.0.0.1/255.0.0.0
rill0 192.0.2.2/255.255.255.0
lo 127.0.0.1 127.0.0.1 255.0.0.0 0.0.0.0
rill0 192.0.2.2 192.0.2.2 255.255.255.0 192.0.2.255
END

    timeout 20 $ported exit 50206 2>"$work/complaint"
    check "$way: an exit handler may ask and close a socket" test $? = 0

    timeout 20 $ported short 50206 2>"$work/complaint"
    check "$way: who cannot have a thread goes on, and its child, too" test $? = 0

    for mode in daemon daemon_once_parent daemon_once_threaded; do
        $ported $mode 50203 >"$work/said.daemon" 2>"$work/complaint" &
        parent=$!
        wait "$parent"
        check "$way: who becomes a $mode ends well" test $? = 0
        for i in 1 2; do
            check "$way: and serves, as another process" wait_for sh -c "timeout 5 nc -d '$RILL' 50203 | grep -q 'a daemon'"
        done
        check "$way: which is not the one that bound" sh -c "! grep -qx $parent '$work/said.daemon'"
        wait_for gone
    done

    ip tuntap add rill0 mode tap # so that there is an address to listen at
    ip address add $HOST/24 dev rill0
    ip link set rill0 up

    (sleep 3) | timeout 20 nc -N -l $HOST 50204 >"$work/heard" &
    listener=$!
    wait_for listens 50204
    $ported jump 50204 2>"$work/complaint"
    check "$way: who jumps out of a handler goes on" test $? = 0
    wait "$listener"
    check "$way: and is heard" grep -q jumped "$work/heard"

    timeout 20 nc -l $HOST 50205 >"$work/heard" </dev/null &
    listener=$!
    wait_for listens 50205
    $ported fork 50205 2>"$work/complaint"
    check "$way: a child uses its parent's connection" test $? = 4
    wait "$listener"
    check "$way: and the parent, too" sh -c "tr '\n' , <'$work/heard' | grep -qx 'of the child,of the parent,'"

    timeout 20 nc -l $HOST 50205 >"$work/heard" </dev/null &
    listener=$!
    wait_for listens 50205
    $ported crowded 50205 2>"$work/complaint"
    check "$way: one that has no part in the stack fails" test $? = 3
    check "$way: it is told why" grep -q "cannot use them" "$work/complaint"
    wait "$listener"
    check "$way: its parent goes on" grep -qx "of the parent" "$work/heard"

    timeout 20 nc -l $HOST 50205 >"$work/heard" </dev/null &
    listener=$!
    wait_for listens 50205
    timeout 20 $ported crowd 50205 </dev/null 2>"$work/complaint"
    check "$way: a child with more threads than can have a part in the stack ends well" test $? = 4
    wait "$listener"
    check "$way: and its parent goes on, too" grep -qx "of the parent" "$work/heard"
    ip link delete rill0

    for mode in forks preforks; do
        begin $mode 50208
        clients=
        for i in 1 2 3 4 5 6 7 8; do
            timeout 20 nc -N "$RILL" 50208 <"$work/big" >"$work/back$i" &
            clients="$clients $!"
        done
        wait $clients
        for i in 1 2 3 4 5 6 7 8; do
            check "$way: $mode: client $i has what it sent" cmp "$work/big" "$work/back$i"
        done
        kill -TERM "$pid"
        wait "$pid" 2>/dev/null
        check "$way: $mode: without the stack nobody keeps its interface" wait_for sh -c "! ip link show rill0"
    done
}
head -c 1000000 /dev/urandom >"$work/big"

on_rill header "$work/ported"
on_rill preload "$BIN/rill-run $work/on_kernel"
finish
