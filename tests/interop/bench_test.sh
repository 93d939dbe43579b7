#!/bin/sh
# What make bench measures does what it is measured for: each server answers on its four ports, and the clients count it. The report says of
# figures that are known what is true of them. Nothing is timed here.
. "$(dirname "$0")/lib.sh"
need ping curl python3
BENCH=${BENCH:-$(dirname "$BIN")/release/bench}

positive() { awk 'NF >= 2 && $1 > 0 && $2 > 0 { good = 1 } END { exit !good }'; }
# Bytes that must really have passed.
serves() { # NAME ADDRESS
    check "$1 answers pings" ping -q -c 2 -i 0.1 "$2"
    check "$1 answers with 512 bytes" sh -c "curl -s -m 5 http://$2/file | wc -c | grep -qx 512"
    check "$1 keeps a connection for the next request" sh -c "curl -sv -m 5 http://$2/file http://$2/file 2>&1 | grep -q Re-using"
    for way in send receive; do
        check "$1, $way: bytes pass" sh -c "'$BENCH/load' $way $2 2 0.05 >'$work/$way'"
        check "$1, $way: they are counted" positive <"$work/$way"
        check "$1, $way: streams end" sh -c "'$BENCH/load' finish-$way $2 3 100000 >'$work/$way'"
        check "$1, $way: one as the last" positive <"$work/$way"
    done
    check "$1 answers every ping in turn" sh -c "'$BENCH/ping' 10 0.001 $2 $2 | grep -c ' 10$' | grep -qx 2"
    check "$1 ends connections, one after the other" sh -c "'$BENCH/load' connect $2 200 8 | grep -q '^200 '"
}

check_peer() { # NAME NUMBER COMMAND...: a TAP that it does not bring up itself
    peer=$1 net=10.$2.0
    shift 2
    "$@" >"$work/log" 2>&1 &
    pid=$!
    started="$started $pid"
    wait_for ip address replace $net.1/24 dev "$peer"
    ip link set "$peer" up
    wait_for ping -c 1 -W 1 -q $net.2
    serves "$peer" $net.2
    stop $pid
}

check_peer null 2 "$BENCH/null" null 10.2.0.2
check_peer plain 3 "$BENCH/null" plain 10.3.0.2 plain
if [ -x "$BENCH/lwip" ]; then
    check_peer lwip 4 "$BENCH/lwip" lwip 10.4.0.2
else
    skip "lwip" "liblwip-dev is not installed"
fi
check_peer rill0 5 "$BENCH/server" --tap rill0 --address 10.5.0.2/24 --host-address none --gateway 10.5.0.1
check_peer rill1 6 "$BENCH/server" --tap rill1 --address 10.6.0.2/24 --host-address none --gateway 10.6.0.1 --no-offload

check_peer rill2 7 "$BENCH/server" --tap rill2 --address 10.7.0.2/24 --host-address none --gateway 10.7.0.1 --cores 2

# A client without a server reports it.
check "no server is a failure" sh -c "! '$BENCH/load' connect 127.0.0.1 10 2 2>/dev/null"

# Many connections in memory.
"$BENCH/engine" idle -c 2000 >"$work/idle"
check "the engine holds two thousand" grep -q '^2000 open, [0-9]* per s, [0-9]* bytes both ends$' "$work/idle"
check "and talks to a hundredth" grep -q '^20 of them asked' "$work/idle"
check "it does not begin what has no room" sh -c "! '$BENCH/engine' idle -c 1000000000 2>'$work/refusal' && grep -q 'do not fit.*: [0-9]* do$' '$work/refusal'"

# The report: two peers, three rounds.
report() {
    PYTHONPATH=tools/bench python3 - <<'PYTHON'
import report
results = {"bulk in, 1 stream": {"rill": [8, 9, 1], "null": [10, 10, 10], "kernel": [10, 10, 10]},
           "1000 streams in, last/first": {"rill": [1.1, 1.3, 1.4]}, "memory per idle connection, bytes": {"rill": [512]}, "instructions per segment": {"rill": [3000.4]}}
print("".join(report.page(results, {"commit": "c", "machine": "m", "rounds": 3, **report.disturbance([0.1, 0.2])}, None)))
PYTHON
}
report >"$work/page"
line() { check "the report says: $1" grep -qx -- "$1" "$work/page"; }
line 'bulk-in/null 0.8 >=0.80 met'
line 'bulk-in/kernel 0.8 >1.00 not met'
line 'bulk-out/null - >=0.60 not measured'
line '1000-streams-in-last/first 1.3 <=1.20 not met'
line 'memory-per-connection-bytes 512 <=512 met'
line 'instructions-per-segment 3000 <=3000 not met'
targets=$(PYTHONPATH=tools/bench python3 -c 'import report; print(len(report.TARGETS))')
check "these words stand on no line but a target's" test "$(grep -cwE 'met|not measured' "$work/page")" = "$targets"
line '| bulk in, 1 stream | 8 (1–9) | 10 (10–10), ×0.80 | 10 (10–10), ×0.80 |'
finish
