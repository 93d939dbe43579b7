#!/bin/sh
# A server stops and starts again while TIME_WAIT stands at either end. The TAP is persistent: the host's connections outlive rill.
. "$(dirname "$0")/lib.sh"
need ping curl python3

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
# A connection that the old server's death leaves behind: what the client sends on it is answered with a reset.
python3 - "$work" <<'PYTHON' &
import os, socket, sys, time
client = socket.create_connection(("192.0.2.2", 80))
open(sys.argv[1] + "/connected", "w").close()
while not os.path.exists(sys.argv[1] + "/restarted"):
    time.sleep(0.05)
client.settimeout(10)
try:
    client.send(b"GET / HTTP/1.1\r\n\r\n")
    sys.exit(f"answered: {client.recv(100)}")
except ConnectionResetError:
    sys.exit(0)
PYTHON
client=$!
started="$started $client"
wait_for test -e "$work/connected"
stop "$pid" KILL
start_answering rill-httpd "$work/site"
touch "$work/restarted"
check "a connection that the dead server left behind is reset" wait "$client"
check "a killed server can be started again at once" fetch
stop "$pid"
check "the persistent TAP stays when rill ends" sh -c "! kill -0 $pid && ip link show rill0"
finish
