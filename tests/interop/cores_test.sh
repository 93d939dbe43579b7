#!/bin/sh
# rill on several cores: stacks that share an address, each with a queue of the TAP.
. "$(dirname "$0")/lib.sh"
need curl ping python3
export XDG_RUNTIME_DIR="$work/run"
mkdir -m 700 "$work/run"
make_file page 3000
make_file big 3000000

all_answered() { [ "$(python3 tests/interop/many_connections.py 80 "$1" "$2" "$work/site/page")" = "$1 $1" ]; }
fetch() { curl -sS --fail --max-time 10 -o "$work/got" "http://$RILL/$1" && same "$work/site/$1" "$work/got"; }
# counted NAME: of each core, one a line.
counted() {
    for socket in "$XDG_RUNTIME_DIR"/rill/*.sock; do
        "$BIN/rill-ss" --counters -z --socket "$socket" | awk -v name="$1" '$1 == name { print $2 }'
    done
}
sum() { counted "$1" | awk '{ n += $1 } END { print n + 0 }'; }
# each_had NAME LEAST CORES: so many cores, and each has counted so much.
each_had() { counted "$1"; [ "$(counted "$1" | awk -v least="$2" '$1 >= least' | wc -l)" = "$3" ]; }

serves_on() {
    start_answering rill-httpd --cores "$1" --access-log --pcap "$work/run-$1.pcapng" "$work/site"
    check "$1 cores: all of 500 connections are answered, and again after a pause" all_answered 500 "$2"
    check "$1 cores: each has accepted a share of them" each_had TcpPassiveOpens $((350 / $1)) "$1"
    check "$1 cores: none was refused or reset" test "$(sum TcpOutRsts) $(sum TcpEstabResets) $(sum TcpAttemptFails)" = "0 0 0"
    check "$1 cores: a large file" fetch big
    check "$1 cores: pings are answered, once each" sh -c "ping -q -c 50 -i 0.01 $RILL | grep -v duplicates | grep ' 0% packet loss'"
    check "$1 cores: large pings come back whole" ping -q -s 20000 -c 5 -i 0.1 "$RILL"
    check "$1 cores: rill-ss lists a stack for each" test "$("$BIN/rill-ss" --list | grep -c rill-httpd)" = "$1"
    check "$1 cores: one line of the log for each request, whole" test "$(grep -Ec '^[0-9.]+ - - .*" 200 [0-9]+$' "$work/log")" = 1001
    stop "$pid"
    check "$1 cores: Ctrl-C ends it well" test $? = 0
    check "$1 cores: nothing is left of the sockets" sh -c "! ls '$XDG_RUNTIME_DIR'/rill/*.sock"
    check "$1 cores: each has recorded its own" test "$(ls "$work/run-$1"*.pcapng | wc -l)" = "$1"
}

serves_on 2 4
serves_on 3 0

# What an end leaves behind: a server that is killed, and that starts again on the same TAP.
start_answering rill-httpd --cores 2 "$work/site"
stop "$pid" KILL
start_answering rill-httpd --cores 2 "$work/site"
check "after a kill it serves again" all_answered 50 0
check "a second one cannot take a queue of the same TAP" sh -c "'$BIN/rill-httpd' --cores 2 . 2>&1 | grep 'in use by another process'"
check "nor one on one core" sh -c "'$BIN/rill-httpd' . 2>&1 | grep 'in use by another process'"
stop "$pid"

# Two stacks, one queue: the first reader takes a frame, so half of them go to the wrong core.
ip tuntap add dev rill0 mode tap
start_answering rill-httpd --cores 2 "$work/site"
check "one queue for two cores: all of 200 are answered" all_answered 200 0
check "one queue: each has a share" each_had TcpPassiveOpens 70 2
check "one queue: none was reset" test "$(sum TcpOutRsts)" = 0
check "one queue: a large file" fetch big
stop "$pid"
ip link del rill0

# A TAP that was made for several queues serves a program with one.
ip tuntap add dev rill0 mode tap multi_queue
start_answering rill-httpd "$work/site"
check "one core on a TAP for several" fetch page
stop "$pid"
start_answering rill-httpd --cores 2 "$work/site"
check "and two" all_answered 100 0
stop "$pid"
ip link del rill0

# UDP: each of 60 sockets is answered by the core that its port leads to, also where the datagrams come in fragments.
start_answering rill-echo --cores 3
cat >"$work/datagrams.py" <<'PYTHON'
import socket
for i in range(60):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.settimeout(10)
    s.connect(("192.0.2.2", 7))
    for length in (10, 20000):
        text = bytes([i]) * length
        s.send(text)
        assert s.recv(65536) == text
    s.settimeout(0)
    try:
        s.recv(65536)
        raise SystemExit("answered twice")
    except BlockingIOError:
        pass
PYTHON
check "datagrams, whole and in fragments, are echoed once" python3 "$work/datagrams.py"
check "each core had a share of them" each_had UdpInDatagrams 20 3
stop "$pid"
check "and its end is a good one" test $? = 0

# What the cores begin themselves: the answers reach the core that has asked.
ip tuntap add dev rill0 mode tap multi_queue
ip address add "$HOST/24" dev rill0 && ip link set rill0 up
python3 - <<'PYTHON' &
import socketserver, threading
class Stream(socketserver.BaseRequestHandler):
    def handle(self): self.request.sendall(self.request.recv(64))
class Datagram(socketserver.BaseRequestHandler):
    def handle(self): self.request[1].sendto(self.request[0], self.client_address)
socketserver.ThreadingTCPServer.request_queue_size = 100
tcp = socketserver.ThreadingTCPServer(("192.0.2.1", 7000), Stream)
threading.Thread(target=tcp.serve_forever, daemon=True).start()
socketserver.ThreadingUDPServer(("192.0.2.1", 7000), Datagram).serve_forever()
PYTHON
started="$started $!"
build cores
wait_for sh -c "ss -tln | grep :7000"
check "each of three cores connects and asks, and is answered" timeout 60 "$work/cores" --cores 3 100

check "a program that knows nothing of cores says so" sh -c "'$BIN/rill-nc' --cores 2 -l 7 2>&1 | grep 'runs on one core'"
finish
