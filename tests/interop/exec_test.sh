#!/bin/sh
# Programs of rill-run execute others, which have their sockets (exec(2)): tests/interop/executed.c on the kernel and on rill, and programs
# of the system.
. "$(dirname "$0")/lib.sh"
need nc ping diff ip "${CC:=gcc}"

executed=$work/executed
check "it compiles" "$CC" -std=gnu11 -Wall -Wno-unused-result -O2 tests/interop/executed.c tests/interop/ported_tools.c -pthread -o "$executed"
check "a static program does, too" sh -c "echo 'int main(void) { return 0; }' | $CC -static -x c - -o '$work/static'"
export RILL_OPTIONS="--no-control"
on_rill=$BIN/rill-run
ip link set lo up

timeout 60 "$executed" >"$work/said.kernel" 2>&1
check "the kernel says more than a hundred lines" test "$(wc -l <"$work/said.kernel")" -gt 100
timeout 60 "$on_rill" "$executed" >"$work/said.rill" 2>&1
check "each way to execute gives the new program its sockets" diff "$work/said.kernel" "$work/said.rill"

timeout 60 "$executed" second >"$work/said.kernel" 2>&1
timeout 60 "$on_rill" "$executed" second >"$work/said.rill" 2>&1
check "a shell that another thread starts has them, too" diff "$work/said.kernel" "$work/said.rill"

for threads in 0 2; do
    timeout 60 "$executed" first $threads >"$work/said.kernel" 2>&1
    wait_for grep -q is_answered "$work/said.kernel"
    wait_for sh -c "! ip link show rill0"
    timeout 60 "$on_rill" "$executed" first $threads >"$work/said.rill" 2>&1
    check "the first process, with $threads more threads, executes" test $? = 0
    check "and its sockets and its child, which may end after it, go on" wait_for diff "$work/said.kernel" "$work/said.rill"
    check "the stack ends with the last of them" wait_for sh -c "! ip link show rill0"
done

for lack in cramped crowded; do
    timeout 60 "$on_rill" "$executed" $lack 2>"$work/complaint"
    check "a program that cannot have its sockets is $lack" test $? = 2
    check "which is told" grep -q "cannot use" "$work/complaint"
done

"$on_rill" sh -c "exec '$work/static'" 2>"$work/complaint"
check "a program that a shell executes is looked at, too" grep -q "static uses the kernel's sockets" "$work/complaint"
check "an empty environment keeps rill" sh -c "'$on_rill' env -i env | grep -q LD_PRELOAD=.*librill-preload"
finish
