#!/bin/sh
# Processes of a program send one another sockets through Unix sockets (SCM_RIGHTS): tests/interop/passed.c, on the kernel and on rill.
. "$(dirname "$0")/lib.sh"
need diff ip "${CC:=gcc}"

check "it compiles" "$CC" -std=gnu11 -Wall -Wno-unused-result -O2 tests/interop/passed.c tests/interop/ported_tools.c -o "$work/passed"
export RILL_OPTIONS="--no-control"
ip link set lo up

timeout 60 "$work/passed" >"$work/said.kernel" 2>&1
check "the kernel passes them" test $? = 0
check "and says more than forty lines" test "$(wc -l <"$work/said.kernel")" -gt 40
timeout 60 "$BIN/rill-run" "$work/passed" >"$work/said.rill" 2>&1
check "rill passes them in the same way" diff "$work/said.kernel" "$work/said.rill"
finish
