#!/bin/sh
# rill-echo by TCP and UDP; ports where nobody listens.
. "$(dirname "$0")/lib.sh"
need ping nc curl python3

udp_echo() { # BYTES: one datagram there and back
    python3 - "$1" <<'PYTHON'
import os, socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.connect(("192.0.2.2", 7))
sent = os.urandom(int(sys.argv[1]))
s.send(sent)
assert s.recv(70000) == sent
PYTHON
}

udp_refused() {
    python3 - <<'PYTHON'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.connect(("192.0.2.2", 9))
s.send(b"anybody?")
try:
    s.recv(100)
    raise SystemExit("answered")
except ConnectionRefusedError:
    pass
PYTHON
}

tcp_echo() { # FILE: there and back through one connection, then our end, then rill's
    nc -N -w 20 $RILL 7 <"$1" >"$work/back" && same "$1" "$work/back"
}

make_file one 1
make_file million 1000000
start_answering rill-echo
check "TCP returns one byte" tcp_echo "$work/site/one"
check "TCP returns a million bytes" tcp_echo "$work/site/million"
for bytes in 0 1 1472 1473 60000; do
    check "UDP returns a datagram of $bytes bytes" udp_echo $bytes
done
check "a TCP port where nobody listens refuses" sh -c "! nc -z -w 5 $RILL 81"
check "a refused connection is refused at once" sh -c "curl -s --max-time 2 http://$RILL:81/; [ \$? = 7 ]"
check "a UDP port where nobody listens says port unreachable" udp_refused
check "the server lives" alive "$pid"
finish
