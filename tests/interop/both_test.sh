#!/bin/sh
# What tests say of rill's calls (poll, select, epoll; AF_INET6 sockets; refusals) holds for the host kernel's as well.
. "$(dirname "$0")/lib.sh"
tests=${TESTS:-build/release/unit}

same=
[ -e /proc/net/if_inet6 ] && same=ip6_socket # a kernel without IPv6 has no such socket
for test in epoll epoll_sets poll hosted refusal multicast $same; do
    check "$test as the kernel has it" "$tests/${test}_test" kernel
    check "$test as rill has it" "$tests/${test}_test"
done
finish
