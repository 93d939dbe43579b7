# tests/interop/lib.sh: sourced first by each test script. The script then runs in a network namespace of its own, as root there,
# with $work for its files; what it started is ended and all is gone when it ends.
set -u
self=$(realpath "$0")
cd "$(dirname "$self")/../.." || exit 1
BIN=${BIN:-$PWD/build/bin}
name=$(basename "$0" .sh)
RILL=192.0.2.2
HOST=192.0.2.1

if [ -z "${RILL_INTEROP:-}" ]; then
    if ! reason=$(tools/in-namespace --check 2>&1); then
        echo "SKIP $name: $reason"
        echo "$name: 0 passed, 0 failed"
        exit 0
    fi
    exec env RILL_INTEROP=1 tools/in-namespace unshare --mount "$self" "$@"
fi

# Stacks that run outside have their control sockets there: a test sees its own only.
mkdir -m 700 /run/rill "/tmp/rill-$(id -u)" 2>/dev/null
for sockets in /run/rill /tmp/rill-* /run/user; do
    [ ! -d "$sockets" ] || mount -t tmpfs -o mode=700 none "$sockets" 2>/dev/null
done

passed=0 failed=0 skipped=0 started=
work=$(mktemp -d)
trap 'stop_all; rm -rf "$work"' EXIT
trap 'exit 1' TERM INT

# check "what is true" COMMAND...: one test; the command's output is shown where it fails.
check() {
    statement=$1
    shift
    if "$@" >"$work/said" 2>&1; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    echo "FAILED: $statement: $*"
    sed 's/^/    /' "$work/said" | tail -n 20
}

# skip "what is true" REASON: a test that cannot run here.
skip() {
    skipped=$((skipped + 1))
    echo "SKIP $name, $1: $2"
}

# need TOOL...: without them the whole script is skipped.
need() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null || { skip "all of it" "$tool is not installed"; finish; }
    done
}

# finish: the last line of each script.
finish() {
    echo "$name: $passed passed, $failed failed, $skipped skipped"
    [ "$failed" = 0 ]
    exit
}

# Root of the machine, not of a user namespace with one user.
really_root() { [ "$(awk '{ print $3; exit }' /proc/self/uid_map)" != 1 ]; }

# wait_for COMMAND...: until it succeeds, at most ten seconds.
wait_for() {
    for _ in $(seq 200); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    echo "in vain for ten seconds: $*" >&2
    return 1
}

# start PROGRAM [ARGUMENT]...: a rill program in the background; its output goes to $work/log, its process id to $pid.
start() {
    program=$BIN/$1
    shift
    "$program" "$@" >"$work/log" 2>&1 </dev/null &
    pid=$!
    started="$started $pid"
}

# start_answering PROGRAM [ARGUMENT]...: the same, and waits until rill answers a ping.
start_answering() {
    start "$@"
    wait_for ping -c 1 -W 1 -q "$RILL" || { cat "$work/log"; failed=$((failed + 1)); finish; }
}

# stop PID [SIGNAL]: ends a program that this script started, and waits for it.
stop() {
    kill "-${2:-TERM}" "$1" 2>/dev/null
    wait "$1" 2>/dev/null
}

stop_all() {
    for p in $started; do
        kill -KILL "$p" 2>/dev/null
    done
}

# libraries: the folder with those of the programs in $BIN.
libraries() {
    for lib in "$BIN/../lib" "$BIN/../release/lib"; do
        [ -e "$lib/librill.a" ] && echo "$lib" && return
    done
    echo "no librill.a beside $BIN: run \`make libraries\` first" >&2
    return 1
}

# build NAME: the program of tests/interop/NAME.c, with what is installed, as $work/NAME.
build() {
    lib=$(libraries) || exit 1
    "${CC:-gcc}" -std=c11 -D_GNU_SOURCE -Istack/include -Idrivers/include -g "tests/interop/$1.c" "$lib/librill-host.a" "$lib/librill.a" \
        -lpcap -o "$work/$1" || exit 1
}

# hold_clients COUNT PORT: so many connections, each of which says `hello N` and stays; what it hears goes to $work/saidN.
# release_clients ends them.
hold_clients() {
    clients=
    rm -f "$work/hold"
    mkfifo "$work/hold"
    exec 9<>"$work/hold"
    for i in $(seq "$1"); do
        (exec 9>&-; echo "hello $i"; exec cat "$work/hold") | timeout 20 nc -N "$RILL" "$2" >"$work/said$i" 9>&- &
        clients="$clients $!"
    done
}
release_clients() {
    exec 9>&-
    # shellcheck disable=SC2086
    wait $clients
}

# listens PORT: does a program of the host listen there?
listens() { ss -Hltn "sport = :$1" | grep -q .; }

alive() { kill -0 "$1" 2>/dev/null; }

# make_file NAME BYTES: random bytes in $work/site.
make_file() {
    mkdir -p "$work/site"
    head -c "$2" /dev/urandom >"$work/site/$1"
}

same() { [ "$(sha256sum <"$1")" = "$(sha256sum <"$2")" ]; }
