#!/bin/sh
# rill-replay's command line: exit statuses, sentences, and a capture of the replay that others can read.
. "$(dirname "$0")/lib.sh"
need tcpdump curl python3

captures=tests/replay/captures
# expect STATUS WORDS ARGUMENT...: the exit status, and words that stand in what is told.
expect() {
    status=$1 words=$2
    shift 2
    "$BIN/rill-replay" "$@" >"$work/told" 2>&1
    got=$?
    [ $got = "$status" ] && grep -qF -- "$words" "$work/told" && return 0
    echo "exit status $got"
    cat "$work/told"
    return 1
}

check "what is exact ends with 0" expect 0 "4 played, 4 exact, 0 unsupported" $captures/gen--s08-simultaneous-close_c.pcap
check "and as exact on a card" expect 0 "4 played, 4 exact" --offload $captures/gen--s02-upload-sack-loss_s.pcap
check "one side is played" expect 0 "1 played, 1 exact" --as server --filter tcp $captures/gen--s08-simultaneous-close_c.pcap
check "a difference that is not allowed ends with 1" expect 1 "#2     NOT ALLOWED  RST" $captures/rst--zeek--rst-inject-rae.pcap
check "what is no capture ends with 2" expect 2 "unknown file format" Makefile
check "no such file is told once" expect 2 "nowhere.pcap: No such file" nowhere.pcap
once() { ! grep -q "nowhere.pcap: nowhere.pcap" "$work/told"; }
check "and its name too" once
complains() { ! "$BIN/rill-replay" nowhere.pcap 2>/dev/null | grep .; }
check "as a complaint, not as a result" complains
unheard() { "$BIN/rill-replay" $captures/gen--s08-simultaneous-close_c.pcap >/dev/full 2>"$work/told"; [ $? = 2 ] && grep -q "standard output: No space" "$work/told"; }
check "what cannot be told is a failure" unheard
check "IPv6 ends with 3" expect 3 "unsupported: IPv6" $captures/gen--s16-ipv6-reqresp_c.pcap
check "hostile frames are survived" expect 0 "14  IPv4" --hostile $captures/sx-crafted-ipv4.pcap
check "each segment is told" expect 0 "> [F.] 1:1 ack" --verbose --filter tcp $captures/gen--s08-simultaneous-close_c.pcap
check "a file is asked for" expect 2 "rill-replay: wanted: one capture"
check "a side that is none" expect 2 "--as nobody" --as nobody $captures/gen--s08-simultaneous-close_c.pcap
mkdir "$work/small"
mount -t tmpfs -o size=64k none "$work/small"
recorded() { "$BIN/rill-replay" --pcap "$work/small/$1" $captures/gen--s02-upload-sack-loss_c.pcap >/dev/null 2>"$work/told"; }
unrecorded() { recorded "$1"; [ $? = 2 ] && [ "$(grep -c "the capture ends here: No space" "$work/told")" = 1 ]; }
check "what cannot be recorded is a failure, and told once" unrecorded full.pcapng
check "in classic format too" unrecorded full.pcap
umount "$work/small"
check "the help" expect 0 "--hostile" --help
check "the replay is recorded" expect 0 "1 exact" --as client --filter tcp --pcap "$work/replay.pcapng" $captures/gen--s01-clean-reqresp_c.pcap
segments() { [ "$(tcpdump -nr "$work/replay.pcapng" 2>/dev/null | grep -c Flags)" -ge 30 ]; }
check "and tcpdump reads it" segments

# A fresh recording: the host's TCP talks to itself, with superframes and sums that no card has finished.
ip link set lo up
make_file 3m 3000000
tcpdump -Z root -B 65536 -U -i any -w "$work/any.pcap" >"$work/log" 2>&1 &
recorder=$!
python3 -m http.server 8000 --bind 127.0.0.1 --directory "$work/site" >/dev/null 2>&1 &
server=$!
started="$started $recorder $server"
wait_for grep -q listening "$work/log"
wait_for curl -s -o /dev/null http://127.0.0.1:8000/nothing
curl -s --max-time 20 --limit-rate 20M -o "$work/got" http://127.0.0.1:8000/3m
# As the client only: how much the server had in flight is its congestion control's business, and rill's is another one.
replayed() { expect 0 "3000" --as client --filter "host 127.0.0.1" "$work/any.pcap" && grep -q "as the client: exact, .* 30002.. delivered" "$work/told"; }
check "what the host's TCP has just said to itself is exact for its client" wait_for replayed
stop $recorder
finish
