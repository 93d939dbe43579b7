#!/bin/sh
# The host's kernel pings rill.
. "$(dirname "$0")/lib.sh"
need ping arping

start_answering rill-echo
check "three pings are answered" ping -q -c 3 -i 0.1 $RILL
check "200 pings at short intervals are answered without a loss" sh -c "ping -q -c 200 -i 0.005 $RILL | grep ' 0% packet loss'"
check "a ping that just fits a frame is answered" ping -q -M do -s 1472 -c 2 -i 0.1 $RILL
check "a ping of one byte is answered" ping -q -s 1 -c 2 -i 0.1 $RILL
check "a ping in two fragments is answered" ping -q -s 1473 -c 2 -i 0.1 $RILL
check "the largest ping, in 45 fragments, comes back whole" ping -q -s 65507 -c 5 -i 0.1 $RILL
check "a pattern comes back unchanged" sh -c "! ping -c 2 -i 0.1 -s 5000 -p a55a $RILL | grep -i wrong"
check "an ARP request is answered" arping -c 2 -I rill0 $RILL
check "an ARP request for another address is not answered" sh -c "! arping -c 1 -w 1 -I rill0 192.0.2.77"
check "nothing answers at an address that is not rill's" sh -c "! ping -q -c 1 -W 1 192.0.2.77"
finish
