#!/bin/sh
# rill-graph draws captures of the tree: pictures that are whole, and one sentence where there is nothing to draw.
. "$(dirname "$0")/lib.sh"
need gnuplot python3

captures=tests/replay/captures
kinds="time-sequence cwnd rtt throughput"

graph() { "$BIN/rill-graph" "$@"; }

is_svg() { # FILE: well-formed, and with strokes in it
    python3 - "$1" <<'PYTHON'
import sys, xml.etree.ElementTree as tree
paths = [e for e in tree.parse(sys.argv[1]).iter() if e.tag.endswith("path")]
sys.exit(len(paths) < 10)
PYTHON
}

is_png() { # FILE: all its chunks have their checksums, and it ends with the last one
    python3 - "$1" <<'PYTHON'
import struct, sys, zlib
data = open(sys.argv[1], "rb").read()
assert data[:8] == b"\x89PNG\r\n\x1a\n"
at, kind = 8, b""
while at < len(data):
    length, kind = struct.unpack(">I4s", data[at:at + 8])
    assert struct.unpack(">I", data[at + 8 + length:at + 12 + length])[0] == zlib.crc32(data[at + 4:at + 8 + length])
    at += 12 + length
sys.exit(kind != b"IEND" or len(data) < 10000)
PYTHON
}

says() { # STATUS TEXT ARGUMENT...: rill-graph ends so and says so
    expected=$1 text=$2
    shift 2
    graph "$@" >"$work/out" 2>&1 </dev/null
    status=$?
    cat "$work/out"
    [ "$status" = "$expected" ] && grep -q -- "$text" "$work/out"
}

series() { # NAME DATA: how many points it has
    awk -v name="# $1" '/^#/ { in_it = $0 == name } in_it && /^[0-9]/ { n++ } END { print n + 0 }' "$2"
}

for file in gen--s02-upload-sack-loss_c gen--s04-reorder-dup_c gen--s16-ipv6-reqresp_c gen--s05-zero-window_s; do
    check "$file is drawn" graph -o "$work/" "$captures/$file.pcap"
done
for kind in $kinds; do
    check "its $kind graph is SVG" is_svg "$work/gen--s02-upload-sack-loss_c-a2b-$kind.svg"
    check "its $kind graph is PNG" is_png "$work/gen--s02-upload-sack-loss_c-a2b-$kind.png"
done

lossy=$captures/gen--s02-upload-sack-loss_c.pcap
check "--data keeps points and script" graph --data --plot rtt --svg -o "$work/kept" "$lossy"
check "four retransmissions are found, as the capture was made" [ "$(series retransmitted "$work/kept-a2b.dat")" = 4 ]
check "what rill does not know is not drawn" [ "$(series cwnd "$work/kept-a2b.dat")" = 0 ]
rm -f "$work/kept-a2b-rtt.svg"
check "gnuplot draws it again from them" gnuplot "$work/kept-a2b.gp"
check "the same picture" is_svg "$work/kept-a2b-rtt.svg"
check "only what was asked for is drawn" [ "$(ls "$work" | grep -c '^kept')" = 3 ]
check "a foreign capture has no cwnd, and it is said" says 0 "cwnd and ssthresh are not in this file" --svg -o "$work/x" "$lossy"
check "a capture comes through a pipe" sh -c "cat '$lossy' | '$BIN/rill-graph' --png --plot rtt -o '$work/pipe' -"
check "and is drawn" is_png "$work/pipe-a2b-rtt.png"
check "several connections are listed" says 0 "10.77.1.1:[0-9]* → " --list "$captures/gen--s18-timewait-reuse_s.pcap"
check "and each has its files" says 0 "reuse-3-" --svg --plot time-sequence --both -o "$work/reuse" "$captures/gen--s18-timewait-reuse_s.pcap"
check "a filter chooses" says 1 "no TCP that the filter lets pass" -o "$work/x" "$lossy" tcp port 9
check "no TCP is one sentence" says 1 "no TCP in it" "$captures/arp--zeek--arp-leak.pcap"
check "no file at all is asked for" says 2 "which capture? (--help lists the options)$"
check "a file that is missing, too" says 2 "No such file" "$work/none.pcap"
head -c 100 /dev/zero >"$work/zeros"
check "and what is no capture" says 2 "zeros" "$work/zeros"
head -c 20000 "$lossy" >"$work/cut.pcap"
check "a cut file is drawn up to the cut, and not quite well" says 2 "damaged behind packet" --svg --plot rtt -o "$work/cut" "$work/cut.pcap"
check "the picture is whole" is_svg "$work/cut-a2b-rtt.svg"
check "a folder that is missing" says 1 "No such file" -o "$work/none/" "$lossy"
check "a kind that is none" says 2 "time-sequence, cwnd, rtt or throughput" --plot x "$lossy"
check "--help tells all" says 0 "Exit status" --help
mkdir "$work/empty"
check "without gnuplot it says what to install" env PATH="$work/empty" "$(command -v sh)" -c "
    '$BIN/rill-graph' -o '$work/empty/x' '$lossy' 2>&1 | while read -r line; do case \$line in *gnuplot-nox*) exit 7 ;; esac; done; [ \$? = 7 ]"
check "and leaves nothing empty behind" [ -z "$(ls "$work/empty")" ]

# A run of rill's own, lossy, on the virtual clock.
recorder=$BIN/../release/sim/graph_test
if [ -x "$recorder" ]; then
    check "a simulated run is recorded" "$recorder" --pcap "$work/run.pcapng"
    check "its comments are drawn" graph --data -o "$work/run" "$work/run.pcapng"
    check "cwnd among them" [ "$(series cwnd "$work/run-a2b.dat")" -gt 50 ]
    check "as a picture" is_svg "$work/run-a2b-cwnd.svg"
fi
finish
