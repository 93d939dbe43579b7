#!/bin/sh
# tools/demo shows what it promises.
. "$(dirname "$0")/lib.sh"
need ping curl

shows() { grep -Eq -e "$1" "$work/demo"; }

check "the demo ends well" sh -c "timeout 60 tools/demo >'$work/demo' 2>&1 || { cat '$work/demo'; false; }"
check "it pings" shows '3 packets transmitted, 3 received'
check "it fetches a page" shows 'HTTP/1.1 200'
check "it draws the SYN" shows 'SYN_SENT +A --SYN-+> B +SYN_RECEIVED'
check "the answer" shows 'ESTABLISHED +A <-+SYN,ACK-- B +SYN_RECEIVED'
check "the established connection" shows 'ESTABLISHED +A --ACK-+> B +ESTABLISHED'
check "a FIN" shows 'A --FIN|FIN(,PSH)?,ACK-- B'
check "and TIME_WAIT at the end that closed first" shows '(TIME_WAIT .*CLOSED|CLOSED .*TIME_WAIT)'
finish
