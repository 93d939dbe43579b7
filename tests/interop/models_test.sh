#!/bin/sh
# Each model of rill-httpd, all six side by side on a TAP each, and what an unkind client finds out about it (models.py).
. "$(dirname "$0")/lib.sh"
need ping python3

MODELS="process thread select poll epoll coroutine"
mkdir "$work/site"
echo hello >"$work/site/page"
head -c 2000000 /dev/zero >"$work/site/large"

# serve MODEL OPTIONS: rill-httpd on the $n-th subnet; its process id to $pid, which $servers collects.
serve() {
    model=$1
    shift
    n=$((${n:-0} + 1))
    sh -c "${limits:-} exec \"\$@\"" sh "$BIN/rill-httpd" --model "$model" --tap "rill$n" --address "10.0.$n.2/24" --timeout 4 "$@" "$work/site" >"$work/$n.log" 2>&1 &
    pid=$!
    started="$started $pid"
    wait_for ping -c 1 -W 1 -q "10.0.$n.2" || cat "$work/$n.log"
}

# report NAME: each line that models.py has left there is a test.
report() {
    while read -r outcome statement; do
        check "$1: ${statement%%: *}" sh -c "echo '$statement'; test $outcome = ok"
    done <"$work/$1"
    check "$1: the client came to its end" test -s "$work/$1"
}

# ---- Patience ----
servers=
for model in $MODELS; do
    serve "$model"
    servers="$servers $pid"
    python3 tests/interop/models.py "10.0.$n.2" timeouts >"$work/$model" &
    eval "client_$model=$!"
done
for model in $MODELS; do
    eval "wait \$client_$model"
    report "$model"
done

# ---- The end: with one client that is silent, one in the middle of a request, one that reads nothing of its answer ----
# hold FIRST LAST: these three, on each of the subnets.
hold() {
    rm -f "$work/held"
    python3 - "$1" "$2" >"$work/held" <<'PYTHON' &
import select, socket, sys, time
held = []
for number in range(int(sys.argv[1]), int(sys.argv[2]) + 1):
    for text in (b"", b"GET /pa", b"GET /large HTTP/1.1\r\nHost: rill\r\n\r\n"):
        held.append(socket.create_connection((f"10.0.{number}.2", 80)))
        held[-1].sendall(text)
    select.select(held[-1:], [], [])  # its answer has begun
print("all", flush=True)
time.sleep(60)
PYTHON
    started="$started $!"
    wait_for test -s "$work/held"
}
hold 1 "$n"
for pid in $servers; do
    kill -TERM "$pid"
done
i=0
for model in $MODELS; do
    i=$((i + 1))
    check "$model: SIGTERM ends it within seven seconds" sh -c "for _ in \$(seq 70); do kill -0 $(echo $servers | cut -d' ' -f$i) || exit 0; sleep 0.1; done; false"
done
for pid in $servers; do
    wait "$pid"
    check "with status 0" test $? = 0
done
workers() { pgrep -f "^$BIN/rill-httpd.*$work/site"; }
no_workers() { ! workers; }
check "no worker is left" no_workers

# ---- The owner is killed, and cannot inform its workers; one worker has crashed before, and was replaced ----
serve process --workers 5 --timeout 60
hold "$n" "$n"
all=$(workers | wc -l)
crashes=$(workers | tail -n 1)
is_replaced() { [ "$(workers | grep -cvx "$crashes")" = "$all" ]; }
kill -SEGV "$crashes"
check "process: there is another worker for one that crashes" wait_for is_replaced
stop "$pid" KILL
check "process: the workers of an owner that is killed end by themselves" wait_for no_workers

# ---- Overload ----
overload() { # WHAT MODEL OPTIONS
    label="$2, $1"
    shift
    serve "$@"
    python3 tests/interop/models.py "10.0.$n.2" overload >"$work/$label"
    report "$label"
    stop "$pid"
}
for model in $MODELS; do
    overload "few places" "$model" --max-connections 5
done
limits='ulimit -n 20;'
overload "few descriptors of the host" process --workers 60
export MALLOC_ARENA_MAX=1 MALLOC_TOP_PAD_=8000000 # it is stacks that are short, and nothing else
for model in thread coroutine; do
    limits=
    serve "$model"
    size=$(awk '/^VmSize/ { print $2 }' "/proc/$pid/status")
    stop "$pid"
    limits="ulimit -v $((size + 1000));"
    overload "little room for stacks" "$model"
    check "$model says so" grep "$model serves [0-9]* at once" "$work/$n.log"
done
finish
