#!/bin/sh
# poll, select, epoll: the tests that hold for rill's calls hold for the host kernel's as well.
. "$(dirname "$0")/lib.sh"
tests=${TESTS:-build/release/unit}

for test in epoll epoll_sets poll hosted; do
    check "$test(7) as the kernel has it" "$tests/${test}_test" kernel
    check "$test(7) as rill has it" "$tests/${test}_test"
done
finish
