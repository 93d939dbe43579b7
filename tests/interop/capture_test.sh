#!/bin/sh
# tshark finds nothing malformed and no wrong checksum in what rill sent and received.
. "$(dirname "$0")/lib.sh"
need ping curl arping tshark

make_file 3m 3000000
start_answering rill-httpd --pcap "$work/rill.pcapng" "$work/site"
ping -q -c 3 -i 0.1 $RILL >/dev/null
ping -q -c 2 -i 0.1 -s 20000 $RILL >/dev/null
curl -s --max-time 20 -o "$work/got" "http://$RILL/3m"
curl -s --max-time 5 -o /dev/null "http://$RILL:81/"
arping -c 1 -I rill0 $RILL >/dev/null
stop "$pid"

packets() { # FILTER: how many there are
    tshark -r "$work/rill.pcapng" -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE -Y "$1" 2>/dev/null | wc -l
}

none() { # FILTER
    [ "$(packets "$1")" = 0 ] || { packets "$1"; tshark -r "$work/rill.pcapng" -Y "$1" 2>/dev/null | head; false; }
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
comments() { tshark -r "$work/rill.pcapng" -Y "$1" -T fields -e frame.comment 2>/dev/null; }
said() { comments "$1" | grep -q "$2"; }
check "every packet has a comment" none "not frame.comment"
check "a SYN says what it does" said "tcp.flags == 2 and tcp.dstport == 80" "LISTEN -> SYN_RECEIVED.*RFC 9293 3.10.7.2"
check "text says why it was sent" said "tcp.srcport == 80 and tcp.len > 0" "ESTABLISHED: .* sent for: data; cwnd [0-9]*, ssthresh none"
check "a reset says whose port is closed" said "tcp.flags.reset == 1" "CLOSED: .* sent for: no such connection"
check "what was not used says so" said "ipv6" "dropped: "
check "the direction is kept" none "frame.packet_flags_direction == 0"
check "rill-ladder draws it from SYN to TIME_WAIT" sh -c "'$BIN/rill-ladder' '$work/rill.pcapng' tcp port 80 | grep -q TIME_WAIT"

# As on a cable, packet by packet: more of them than are drawn.
start_answering rill-httpd --no-offload --pcap "$work/cable.pcapng" "$work/site"
curl -s --max-time 20 -o "$work/got" "http://$RILL/3m"
stop "$pid"
check "without offloads no packet is longer than the MTU" [ "$(tshark -r "$work/cable.pcapng" -Y "frame.len > 1514" 2>/dev/null | wc -l)" = 0 ]
check "with them some are" some "frame.len > 1514" 10
check "an option may stand behind the capture" sh -c "'$BIN/rill-ladder' '$work/cable.pcapng' tcp port 80 --svg '$work/behind.svg' && grep -q '</svg>' '$work/behind.svg'"
check "an option that is none" sh -c "'$BIN/rill-ladder' --tall '$work/cable.pcapng' 2>&1 | grep 'rill-ladder: --tall: no such option'"
"$BIN/rill-ladder" --svg "$work/page.svg" "$work/cable.pcapng" tcp port 80
check "and on a page" python3 -c "import sys, xml.dom.minidom as d; d.parse(sys.argv[1])" "$work/page.svg"
check "of a bounded length" [ "$(grep -c marker-end "$work/page.svg")" = 2000 ]

# Bounded: the newest files stay, each readable.
start_answering rill-httpd --pcap "$work/ring.pcapng" --pcap-size 1 --pcap-files 2 "$work/site"
curl -s --max-time 20 -o "$work/got" "http://$RILL/3m"
stop "$pid"
check "two files stay" [ "$(ls "$work" | grep -c '^ring')" = 2 ]
check "the older one is whole" sh -c "[ \$(tshark -r '$work/ring.1.pcapng' 2>/dev/null | wc -l) -gt 20 ]"

# A process that is killed leaves a readable file: killed while it writes, one whose last block is cut. So it is when nothing more
# comes, and read when it is dead, which kill(1) does not wait for.
quiet() {
    size=$(stat -c %s "$1")
    sleep 0.3
    [ "$(stat -c %s "$1")" = "$size" ]
}
start_answering rill-httpd --pcap "$work/killed.pcapng" "$work/site"
curl -s --max-time 20 -o "$work/got" "http://$RILL/3m"
wait_for quiet "$work/killed.pcapng"
stop "$pid" KILL
tshark -r "$work/killed.pcapng" >"$work/packets" 2>"$work/complaints"
check "a killed process leaves its packets" [ "$(wc -l <"$work/packets")" -gt 100 ]
check "in a whole file" sh -c "! grep -i 'cut short\|damaged\|error' '$work/complaints'"

# Packet scripts and replays have no device: what passes their stacks is written all the same.
whole() { # FILE: every packet has a comment, and tshark no complaint
    tshark -r "$1" -Y "not frame.comment or _ws.malformed or tcp.checksum.status == Bad" -o tcp.check_checksum:TRUE >"$work/packets" 2>"$work/complaints"
    [ ! -s "$work/packets" ] && ! grep -i "cut short\|damaged\|error" "$work/complaints" && [ "$(tshark -r "$1" 2>/dev/null | wc -l)" -ge "$2" ]
}
script=tests/script/sack/acks_without_blocks.pkt
check "rill-script writes a capture" "$BIN/rill-script" --pcap "$work/script.pcapng" "$script"
check "with comments" whole "$work/script.pcapng" 10
check "a name in .pcap is classic" "$BIN/rill-script" "--pcap=$work/script.pcap" "$script"
check "and readable" sh -c "tshark -r '$work/script.pcap' 2>/dev/null | grep -q SYN"
mkdir "$work/small"
mount -t tmpfs -o size=4k none "$work/small"
unrecorded() { "$BIN/rill-script" --pcap "$work/small/$1" tests/script/sack/*.pkt >/dev/null; [ $? = 2 ]; }
check "what it cannot record is a failure" unrecorded full.pcapng
check "in classic format too" unrecorded full.pcap
umount "$work/small"
check "rill-replay does" "$BIN/rill-replay" --pcap "$work/replay.pcapng" tests/replay/captures/gen--s01-clean-reqresp_c.pcap
check "with comments, too" whole "$work/replay.pcapng" 50
finish
