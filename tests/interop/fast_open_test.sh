#!/bin/sh
# Fast Open (RFC 7413) with the host kernel, which asks first and answers afterwards: both sides say which SYNs brought text.
. "$(dirname "$0")/lib.sh"
need "${CC:-gcc}" python3

build fast_open
echo 3 >/proc/sys/net/ipv4/tcp_fastopen || { skip "all of it" "tcp_fastopen cannot be set here"; finish; }
BIN=$work

kernel_asks() {
    python3 - <<'PYTHON'
import socket
for _ in range(3):
    with socket.socket() as s:
        assert s.sendto(b"a" * 700, socket.MSG_FASTOPEN, ("192.0.2.2", 8080)) == 700
        got = b""
        while len(got) < 700:
            got += s.recv(1000)
        print(len(got), "SYN_DATA" * bool(s.getsockopt(6, 11, 104)[5] & 32))
PYTHON
}

kernel_serves() { # until four have come
    python3 - <<'PYTHON'
import socket
listener = socket.create_server(("0.0.0.0", 8081))
listener.setsockopt(6, 23, 5)
for _ in range(4):
    s, _ = listener.accept()
    got = 0
    while n := len(s.recv(10000)):
        got += n
    print(got, "SYN_DATA" * bool(s.getsockopt(6, 11, 104)[5] & 32))
    s.sendall(b"b" * got)
    s.close()
PYTHON
}

said() { # FILE LINE...: the file is these lines
    file=$1
    shift
    printf '%s\n' "$@" | diff - "$file"
}

start_answering fast_open serve 3
kernel_asks | sed 's/ $//' >"$work/client"
wait_for sh -c "! kill -0 $pid"
check "the kernel's second and third SYN brought text, which was acknowledged" said "$work/client" 700 "700 SYN_DATA" "700 SYN_DATA"
check "rill had read it from the SYN" said "$work/log" 700 "700 SYN_DATA" "700 SYN_DATA"

kernel_serves | sed 's/ $//' >"$work/server" &
started="$started $!"
wait_for listens 8081
start fast_open ask 4
wait_for sh -c "! kill -0 $pid"
check "rill's SYNs brought text once it had a cookie" said "$work/log" 3000 "3000 SYN_DATA" "3000 SYN_DATA" "3000 SYN_DATA"
check "the kernel had taken it from the SYN" said "$work/server" 3000 "3000 SYN_DATA" "3000 SYN_DATA" "3000 SYN_DATA"
finish
