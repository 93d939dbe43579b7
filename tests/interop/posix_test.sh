#!/bin/sh
# A program for the kernel's sockets on rill, by <rill/posix.h>: tests/interop/ported.c, as it stands and with the header in front.
. "$(dirname "$0")/lib.sh"
need nc ping diff "${CC:=gcc}"

lib=$(dirname "$BIN")/release/lib
[ -e "$lib/librill.a" ] || lib=$(dirname "$BIN")/lib
check "it compiles for the kernel" "$CC" -std=gnu11 -Wall -Wno-unused-result -O1 tests/interop/ported.c -pthread -o "$work/on_kernel"
check "it compiles for rill" "$CC" -std=gnu11 -Wall -Werror -Wno-unused-result -O2 -D_FORTIFY_SOURCE=2 -Istack/include -Idrivers/include \
    -include rill/posix.h tests/interop/ported.c "$lib/librill-host.a" "$lib/librill.a" -lpcap -pthread -o "$work/ported"
export RILL_OPTIONS="--no-control"

begin() { # MODE PORT: in the background, until it answers a ping
    "$work/ported" "$@" >"$work/said.$1" 2>"$work/complaint" &
    pid=$! started="$started $!"
    wait_for ping -c 1 -W 1 -q "$RILL"
}

timeout 20 "$work/on_kernel" calls >"$work/calls.kernel" 2>&1
timeout 20 "$work/ported" calls >"$work/calls.rill" 2>&1
check "more than eighty calls say what they say on the kernel" test "$(wc -l <"$work/calls.kernel")" -gt 80
check "all of them" diff "$work/calls.kernel" "$work/calls.rill"

begin threads 50201
for i in 1 2 3 4 5; do
    (echo "hello $i"; sleep 1) | timeout 10 nc -N "$RILL" 50201 >"$work/echo$i" &
    clients="${clients:-} $!"
done
wait $clients
check "threads echo side by side" sh -c "cat '$work'/echo? | sort | tr '\n' ' ' | grep -q 'hello 1 hello 2 hello 3 hello 4 hello 5'"
kill -TERM "$pid"
wait "$pid" 2>/dev/null
check "SIGTERM ends them as it would" test $? = 143

mkfifo "$work/typed"
"$work/ported" select 50202 <"$work/typed" >"$work/said.select" 2>"$work/complaint" &
pid=$! started="$started $!"
exec 3>"$work/typed"
wait_for ping -c 1 -W 1 -q "$RILL"
(echo from afar; sleep 1) | timeout 10 nc "$RILL" 50202 >"$work/told" &
client=$!
sleep 0.3
echo typed >&3
wait $client
exec 3>&-
check "what is typed goes out" grep -q typed "$work/told"
check "and what is told comes in" grep -q "from afar" "$work/said.select"
wait "$pid" 2>/dev/null
check "the end of standard input ends it" test $? = 0

"$work/ported" daemon 50203 >"$work/said.daemon" 2>"$work/complaint" &
parent=$!
wait "$parent"
check "who becomes a daemon ends well" test $? = 0
for i in 1 2; do
    check "and serves, as another process" wait_for sh -c "timeout 5 nc -d '$RILL' 50203 | grep -q 'a daemon'"
done
check "which is not the one that bound" sh -c "! grep -qx $parent '$work/said.daemon'"
gone() { ! kill -0 "$(head -n 1 "$work/said.daemon")" 2>/dev/null || grep -q 'State:.Z' "/proc/$(head -n 1 "$work/said.daemon")/status"; }
wait_for gone

ip tuntap add rill0 mode tap # so that there is an address to listen at
ip address add $HOST/24 dev rill0
ip link set rill0 up
listens() { grep -qi ":$(printf %04x "$1") 00000000:0000 0A" /proc/net/tcp; }

(sleep 3) | timeout 20 nc -N -l $HOST 50204 >"$work/heard" &
listener=$!
wait_for listens 50204
"$work/ported" jump 50204 2>"$work/complaint"
check "who jumps out of a handler goes on" test $? = 0
wait "$listener"
check "and is heard" grep -q jumped "$work/heard"

timeout 20 nc -l $HOST 50205 >"$work/heard" </dev/null &
listener=$!
wait_for listens 50205
"$work/ported" fork 50205 2>"$work/complaint"
check "a child's call fails" test $? = 3
check "it is told why" grep -q "cannot use them" "$work/complaint"
wait "$listener"
check "its parent goes on" grep -qx "of the parent" "$work/heard"
finish
