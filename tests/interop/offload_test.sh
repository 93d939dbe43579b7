#!/bin/sh
# Bulk both ways between rill and the host kernel, with offloads and without, over several MTUs, through a slow and short queue, and
# while the MTU changes: equal bytes, and tshark finds nothing wrong in the captures.
. "$(dirname "$0")/lib.sh"
need ping curl nc tshark tc python3 ethtool

make_file 20m 20000000
seq -w 1000000 | head -c 3000000 >"$work/site/3m" # captured: in random bytes a dissector may see anything
curl="curl -s --max-time 60 -o $work/got http://$RILL"

# rill-httpd with these options in the background; then the command, and its end.
with_httpd() { # OPTIONS COMMAND...
    options=$1
    shift
    start rill-httpd $options "$work/site"
    wait_for ping -c 1 -W 1 -q $RILL && "$@"
    result=$?
    stop "$pid"
    return $result
}

get() { # NAME
    $curl/"$1" && same "$work/site/$1" "$work/got"
}

put() { # NAME OPTIONS: the host sends to rill-nc
    "$BIN/rill-nc" $2 -l 50123 </dev/null >"$work/got" &
    receiver=$!
    started="$started $receiver"
    wait_for ping -c 1 -W 1 -q $RILL && timeout 60 nc -N $RILL 50123 <"$work/site/$1" && wait $receiver && same "$work/site/$1" "$work/got"
}

# What a capture must not hold. Where a sum comes to 0 the kernel writes ffff, which tshark calls wrong (see capture_test.sh).
sound() { # FILE
    tshark -r "$1" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE -Y "_ws.malformed or
        ip.checksum.status == Bad or udp.checksum.status == Bad or _ws.expert.severity == error or
        (tcp.checksum.status == Bad and not (ip.src == $HOST and tcp.checksum == 0xffff))" >"$work/bad" || return 1
    head "$work/bad"
    [ ! -s "$work/bad" ]
}

for offload in "" --no-offload; do
    for mtu in 576 1500 9000; do
        what="MTU $mtu${offload:+, $offload}"
        check "$what: rill sends 20 MB" with_httpd "--mtu $mtu $offload" get 20m
        check "$what: the host sends 20 MB" put 20m "--mtu $mtu $offload"
    done
    check "captured${offload:+, $offload}: rill sends 3 MB" with_httpd "$offload --pcap $work/out.pcapng" get 3m
    check "its capture is sound" sound "$work/out.pcapng"
    check "captured${offload:+, $offload}: the host sends 3 MB" put 3m "$offload --pcap $work/in.pcapng"
    check "its capture is sound" sound "$work/in.pcapng"
done

# Datagrams that the host joins behind one header (UDP_SEGMENT) come back one by one, and with checksums that the host believes.
cat >"$work/datagrams.py" <<END
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(5)
s.setsockopt(socket.IPPROTO_UDP, 103, 1000)  # UDP_SEGMENT
s.connect(("$RILL", 7))
for i in range(20):
    whole = bytes((i + j // 1000) % 256 for j in range(40500))
    s.send(whole)
    back = [s.recv(65536) for j in range(41)]
    assert [len(b) for b in back] == [1000] * 40 + [500], back
    assert b"".join(back) == whole
some = [bytes((7 * i + j // 1000) % 256 for j in range(10500)) for i in range(3)]
for whole in some:  # several bursts at once
    s.send(whole)
assert b"".join(s.recv(65536) for j in range(33)) == b"".join(some)
s.setsockopt(socket.IPPROTO_UDP, 103, 0)
for length in 0, 1, 18, 19, 1472, 1473, 9000, 65507:
    s.send(bytes(length))
    assert len(s.recv(65536)) == length
END
echoed() { # OPTIONS [COMMAND...]
    start rill-echo $1 --pcap "$work/udp.pcapng"
    shift
    wait_for ping -c 1 -W 1 -q $RILL && "$@" python3 "$work/datagrams.py"
    result=$?
    stop "$pid"
    return $result
}
check "joined datagrams come back one by one" echoed ""
check "their capture is sound" sound "$work/udp.pcapng"
joined() { # COUNT: so many packets of ours are superframes, which the host is to cut (UDP_SEGMENT)
    [ "$(tshark -r "$work/udp.pcapng" -Y "ip.src == $RILL and udp.length == 40508" 2>/dev/null | wc -l)" = "$1" ]
}
check "they leave joined" joined 20
check "with --no-offload, too" echoed --no-offload
check "one by one" joined 0
check "its capture is sound" sound "$work/udp.pcapng"

# A queue of 20 ms at 100 Mbit/s in the host, towards rill: superframes are dropped whole.
slow_put() {
    "$BIN/rill-nc" -l 50123 </dev/null >"$work/got" &
    receiver=$!
    started="$started $receiver"
    wait_for ping -c 1 -W 1 -q $RILL && tc qdisc add dev rill0 root tbf rate 100mbit burst 100kb limit 250kb &&
        timeout 60 nc -N $RILL 50123 <"$work/site/20m" && wait $receiver && same "$work/site/20m" "$work/got"
}
check "through a queue that overflows the host's 20 MB arrive" slow_put

# From rill into a network behind the host, whose veth cuts no segments and whose queue drops some of each superframe.
if ip netns add far-$$ 2>/dev/null; then
    far="ip netns exec far-$$"
    trap 'stop_all; ip netns del far-$$; rm -rf "$work"' EXIT
    ip link add near0 type veth peer name far0 netns far-$$
    ip addr add 198.51.100.1/24 dev near0
    ip link set near0 up
    $far ip addr add 198.51.100.2/24 dev far0
    $far ip link set far0 up
    $far ip link set lo up
    $far ip route add default via 198.51.100.1
    echo 1 >/proc/sys/net/ipv4/ip_forward
    tc qdisc add dev near0 root tbf rate 200mbit burst 30kb limit 100kb
    far_get() { # NAME
        wait_for $far ping -c 1 -W 1 -q $RILL && $far $curl/"$1" && same "$work/site/$1" "$work/got"
    }
    check "through a router with a short queue rill's 20 MB arrive" with_httpd "" far_get 20m
    ip link set near0 mtu 1000
    $far ip link set far0 mtu 1000
    check "behind a narrower link rill's 20 MB arrive" with_httpd "" far_get 20m
    check "with --no-offload, too" with_httpd --no-offload far_get 20m
else
    skip "a network behind the host" "no network namespace can be named here"
fi

# The host's side cuts and sums what it sends itself: as told while rill runs.
as_told() { # FEATURES COMMAND...
    features=$1
    shift
    ethtool -K rill0 $features && "$@"
}
for features in "tso off" "tso off gso off" "tx off" "gro off"; do
    check "with ethtool -K $features rill sends 20 MB" with_httpd "" as_told "$features" get 20m
    check "with ethtool -K $features datagrams come back" echoed "" as_told "$features"
    check "and its capture is sound" sound "$work/udp.pcapng"
done

# The MTU of the host's side goes down and up in mid-flight.
shaken() { # COMMAND...
    "$@" &
    transfer=$!
    for mtu in 900 1500 700 1400; do
        sleep 0.05
        ip link set rill0 mtu $mtu
    done
    wait $transfer
}
make_file 100m 100000000
check "while the MTU changes rill's 100 MB arrive" with_httpd "" shaken get 100m
check "while the MTU changes the host's 100 MB arrive" shaken put 100m ""
finish
