#!/bin/sh
# A program on rill and one on the host kernel exchange multicast, as mDNS and SSDP do; a bridge of the kernel, which asks with IGMP
# who is in which group, learns of rill's members.
. "$(dirname "$0")/lib.sh"
need python3

run=$BIN/rill-run
export RILL_OPTIONS=--no-control
ip tuntap add rill0 mode tap
ip address add $HOST/24 dev rill0
ip link set rill0 up
ip route add 224.0.0.0/4 dev rill0

cat >"$work/peer.py" <<'END'
import socket, struct, sys
ROLE, OWN, GROUP, PORT = sys.argv[1], sys.argv[2], "239.255.255.250", 1900
MEMBER = socket.inet_aton(GROUP) + socket.inet_aton(OWN)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(8)
if ROLE in ("answer", "deaf"):  # a service: the search comes to the group, the answer goes to who asks
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("", PORT))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, MEMBER)
    if ROLE == "deaf":
        s.setsockopt(socket.IPPROTO_IP, socket.IP_DROP_MEMBERSHIP, MEMBER)
    print("ready", flush=True)
    while True:
        text, asker = s.recvfrom(100)
        s.sendto(b"here is " + socket.inet_aton(OWN) + text, asker)
        if ROLE == "answer" and text == b"last":
            s.close()
            break
else:
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(OWN))
    for i in range(20):
        s.settimeout(0.5)
        s.sendto(ROLE.encode(), (GROUP, PORT))
        try:
            text, answerer = s.recvfrom(100)
        except TimeoutError:
            continue
        print(text[:7].decode(), answerer[0])
        sys.exit(0)
    sys.exit(1)
END

answers() { # ADDRESS COMMAND...
    wanted=$1
    shift
    [ "$("$@" 2>&1)" = "here is $wanted" ]
}

python3 "$work/peer.py" answer $HOST >"$work/kernel" 2>&1 &
kernel=$! started="$started $!"
wait_for grep -q ready "$work/kernel"
check "rill finds a service of the kernel's" answers $HOST "$run" --address $RILL/24 -- python3 "$work/peer.py" last $RILL
wait "$kernel" 2>/dev/null

"$run" --address $RILL/24 -- python3 "$work/peer.py" answer $RILL >"$work/rill" 2>&1 &
pid=$! started="$started $!"
wait_for grep -q ready "$work/rill"
check "the kernel finds a service of rill's" answers $RILL python3 "$work/peer.py" more $HOST
check "and again" answers $RILL python3 "$work/peer.py" last $HOST
wait "$pid"
check "it ends" test $? = 0

"$run" --address $RILL/24 -- python3 "$work/peer.py" deaf $RILL >"$work/rill" 2>&1 &
pid=$! started="$started $!"
wait_for grep -q ready "$work/rill"
check "who has left the group is not found" sh -c "! timeout 3 python3 '$work/peer.py' more $HOST"
stop "$pid"

if ! ip link add bridge0 type bridge mcast_snooping 1 mcast_querier 1 mcast_query_response_interval 100 2>"$work/said"; then
    skip "a bridge learns of members" "$(head -n 1 "$work/said")"
    finish
fi
ip address del $HOST/24 dev rill0
ip link set rill0 master bridge0
ip address add $HOST/24 dev bridge0
ip link set bridge0 up
"$run" --host-address none --address $RILL/24 -- python3 "$work/peer.py" answer $RILL >"$work/rill" 2>&1 &
pid=$! started="$started $!"
member() { bridge mdb show dev bridge0 | grep -q "port rill0 grp 239.255.255.250"; }
check "a bridge learns of a member" wait_for member
ip route replace 224.0.0.0/4 dev bridge0
check "whom the kernel finds through it" answers $RILL python3 "$work/peer.py" more $HOST
check "until it ends" answers $RILL python3 "$work/peer.py" last $HOST
wait "$pid"
gone() { ! member; }
check "which the bridge learns, too" wait_for gone
finish
