#!/bin/sh
# A server stops and starts again while TIME_WAIT stands at either end. The TAP is persistent: the host's connections outlive rill.
. "$(dirname "$0")/lib.sh"
need ping curl nc ss

ip tuntap add dev rill0 mode tap

fetch() { # [CURL OPTION]...
    curl -sS --fail --max-time 10 -o "$work/got" "$@" "http://$RILL/page" && same "$work/site/page" "$work/got"
}

make_file page 5000
start_answering rill-httpd "$work/site"
check "a page is fetched" fetch
check "a page is fetched, the server closing first" fetch -H 'Connection: close' --local-port 40000
check "the same port of the client connects again while rill is in TIME_WAIT" fetch -H 'Connection: close' --local-port 40000
stop "$pid"
start_answering rill-httpd "$work/site"
check "the server serves again at once after a stop" fetch
check "also the port whose TIME_WAIT the old server took along" fetch -H 'Connection: close' --local-port 40000
nc $RILL 80 </dev/null >/dev/null -w 20 -q 20 &
client=$!
started="$started $client"
wait_for sh -c "ss -Htn state established dst $RILL | grep -q :80"
stop "$pid" KILL
start_answering rill-httpd "$work/site"
check "a killed server can be started again at once" fetch
check "the persistent TAP stays when rill ends" sh -c "kill -TERM $pid; sleep 0.5; ip link show rill0"
finish
