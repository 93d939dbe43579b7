#!/bin/sh
# Error queue, control messages, UDP_SEGMENT, time stamps of sending: two_stacks.c makes the same calls on the host kernel and on rill, and both say
# the same.
. "$(dirname "$0")/lib.sh"
need "${CC:-gcc}" diff

build two_stacks
"$work/two_stacks" kernel >"$work/kernel"
check "rill says all of it" "$work/two_stacks" rill
cp "$work/said" "$work/rill"
for part in "without IP_RECVERR" "with IP_RECVERR" "control messages" UDP_SEGMENT "time stamps of sending"; do
    for stack in kernel rill; do
        sed -n "/^# $part/,/^# /p" "$work/$stack" >"$work/$stack.part"
    done
    check "$part" diff "$work/kernel.part" "$work/rill.part"
    check "$part: it is not empty" test -s "$work/rill.part"
done
finish
