#!/bin/sh
# tshark finds nothing malformed and no wrong checksum in what rill sent and received.
. "$(dirname "$0")/lib.sh"
need ping curl arping tshark

make_file 3m 3000000
start_answering rill-httpd --pcap "$work/rill.pcap" "$work/site"
ping -q -c 3 -i 0.1 $RILL >/dev/null
ping -q -c 2 -i 0.1 -s 20000 $RILL >/dev/null
curl -s --max-time 20 -o "$work/got" "http://$RILL/3m"
curl -s --max-time 5 -o /dev/null "http://$RILL:81/"
arping -c 1 -I rill0 $RILL >/dev/null
stop "$pid"

packets() { # FILTER: how many there are
    tshark -r "$work/rill.pcap" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE -Y "$1" 2>/dev/null | wc -l
}

none() { # FILTER
    [ "$(packets "$1")" = 0 ] || { packets "$1"; tshark -r "$work/rill.pcap" -Y "$1" 2>/dev/null | head; false; }
}

some() { [ "$(packets "$1")" -ge "$2" ]; }

check "the download arrived" same "$work/site/3m" "$work/got"
check "the capture holds the transfer" some "tcp.port == 80" 100
for kind in "icmp.type == 8" "icmp.type == 0" "ip.frag_offset > 0" "arp.opcode == 2" "tcp.flags.reset == 1"; do
    check "the capture holds $kind" some "$kind" 1
done
check "no packet is malformed" none "_ws.malformed"
check "no IP checksum is wrong" none "ip.checksum.status == Bad"
# Where a sum comes to 0 the kernel writes ffff (CSUM_MANGLED_0, meant for UDP), which tshark calls wrong (RFC 1624 3): its own
# segments may, rill's may not.
check "no TCP checksum is wrong" none "tcp.checksum.status == Bad and not (ip.src == $HOST and tcp.checksum == 0xffff)"
check "no ICMP checksum is wrong" none "icmp.checksum.status == Bad"
check "no UDP checksum is wrong" none "udp.checksum.status == Bad"
check "tshark has nothing to warn of" none "_ws.expert.severity == error"
check "rill-ladder draws it from SYN to TIME_WAIT" sh -c "'$BIN/rill-ladder' '$work/rill.pcap' tcp port 80 | grep -q TIME_WAIT"
finish
