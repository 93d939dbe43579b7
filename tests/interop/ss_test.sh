#!/bin/sh
# rill-ss on a web server in every state, beside what the host's own ss says from the other side.
. "$(dirname "$0")/lib.sh"
need curl ping ss python3
export XDG_RUNTIME_DIR="$work/run"
mkdir -m 700 "$work/run"

rill_ss() { "$BIN/rill-ss" "$@"; }
# says STATUS PATTERN ARGUMENT...: its exit status, and a line that it says.
says() {
    status=$1 pattern=$2
    shift 2
    rill_ss "$@" >"$work/told" 2>&1
    got=$?
    cat "$work/told"
    [ $got = "$status" ] && grep -Eq -- "$pattern" "$work/told"
}

check "without a stack it says so" says 1 "no stack runs that you may ask"
check "a bad option" says 2 "no such option" --nonsense
check "a bad filter" says 2 "is no state" state open
check "the help" says 0 "whose turn" --help

# A server that never closes by itself what its peer has closed, and one that reads nothing.
make_file big 3000000
make_file index.html 100
start_answering rill-httpd "$work/site"
httpd=$pid control="$work/run/rill/rill-httpd.$pid.sock"

cat >"$work/peers.py" <<'END'
import socket, sys, time
def connect(): return socket.create_connection(("192.0.2.2", int(sys.argv[1])))
idle = connect()
greedy = socket.socket()
greedy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
greedy.connect(("192.0.2.2", int(sys.argv[1])))
greedy.sendall(b"GET /big HTTP/1.1\r\nHost: rill\r\n\r\n")  # and reads nothing
print(idle.getsockname()[1], greedy.getsockname()[1], flush=True)
sys.stdin.read()
END
mkfifo "$work/hold"
python3 "$work/peers.py" 80 <"$work/hold" >"$work/ports" &
started="$started $!"
exec 9>"$work/hold"
wait_for test -s "$work/ports"
read -r idle greedy <"$work/ports"

check "the listener" says 0 "^tcp +LISTEN +0 +[0-9]+ +\*:80 +\*:\* .*waits for peers" -l
check "and whose it is" says 0 "^tcp +LISTEN .*waits for peers users:\(\(\"rill-httpd\",pid=$httpd\)\)" -lp
check "an idle connection" says 0 "^tcp +ESTAB +0 +0 +192.0.2.2:80 +192.0.2.1:$idle .*both are silent"
blocked() { says 0 "^tcp +ESTAB +0 +[1-9][0-9]+ +192.0.2.2:80 +192.0.2.1:$greedy +[0-9.ms]+ +(rwnd|cwnd) " dport = ":$greedy"; }
check "one whose peer does not read" wait_for blocked
persists() { says 0 "rwnd +the peer has to open its window.*timer:\(persist,[0-9.ms]+,[0-9]+\)" dport = ":$greedy"; }
check "it is the peer's window that limits it in the end, and persist probes it" wait_for persists

# The same connections as the host's kernel lists them, with the ends the other way round.
pairs_of_rill() { rill_ss -tH state established | awk '{ print $6, $5 }' | sort; }
pairs_of_host() { ss -tnH state established dst "$RILL" | awk '{ print $3, $4 }' | sort; }
same_pairs() { [ -n "$(pairs_of_rill)" ] && [ "$(pairs_of_rill)" = "$(pairs_of_host)" ]; }
check "the host's ss lists the same connections" wait_for same_pairs
check "details" says 0 "cubic .*rtt:[0-9.]+/[0-9.]+ mss:1448 .*rwnd:" -i sport = :80
check "memory" says 0 "skmem:\(r0,rb[0-9]+,t[1-9]" -m dport = ":$greedy"
check "a summary" says 0 "TCP: +3 \(LISTEN 1, ESTAB 2\)" -s
check "a list of stacks" says 0 "^rill-httpd, process $httpd, 192.0.2.2 on rill0, .*: $control$" --list
check "counters under Linux's names" says 0 "^TcpPassiveOpens +2 +0.0$" --counters
check "zeros too where asked for" says 0 "^TcpExtTCPSpuriousRTOs +0 " --counters -z

# JSON is JSON, and says the same.
cat >"$work/read.py" <<'END'
import json, sys
stack, = json.load(open(sys.argv[1]))["stacks"]
by_port = {s["peer"]["port"]: s for s in stack["sockets"]}
idle, greedy = (by_port[int(port)] for port in sys.argv[2:4])
assert stack["program"] == "rill-httpd" and 0 < stack["memory_used"] <= stack["memory_peak"]
assert idle["state"] == "ESTAB" and idle["turn"] == "nobody" and idle["in_state_ms"] > 0
assert greedy["limit"] == "rwnd" and greedy["turn"] == "peer" and greedy["send_q"] > 0
assert [t for t in greedy["timers"] if t["timer"] == "persist" and t["left_ms"] >= 0]
assert by_port[0]["state"] == "LISTEN" and by_port[0]["in_state_ms"] is None
END
json() { rill_ss -aj >"$work/json" && python3 "$work/read.py" "$work/json" "$idle" "$greedy"; }
check "JSON for programs" json
json_of() { rill_ss -j "$1" | python3 -c "import json, sys; print(json.load(sys.stdin)['stacks'][0]['$2'])" | grep "$3"; }
check "counters as JSON" json_of --counters counters "'TcpPassiveOpens': 2"
check "a summary as JSON" json_of -s summary "'ESTAB': 2"

# State changes as they happen.
"$BIN/rill-ss" --follow 80 >"$work/changes" 2>&1 &
follower=$!
started="$started $follower"
# It may not have begun when the first request comes.
asks_until() { curl -s -o /dev/null "http://$RILL/"; "$@"; }
changed() { grep -Eq "192.0.2.2:80 <-> 192.0.2.1:[0-9]+  $1 -> $2  .*RFC 9293 3.10" "$work/changes"; }
check "it tells the SYN" wait_for asks_until changed LISTEN SYN_RECEIVED
check "and the handshake's end" wait_for changed SYN_RECEIVED ESTABLISHED
check "and the end of it all" wait_for changed LAST_ACK CLOSED
kill -INT $follower
check "Ctrl-C ends it well" wait $follower

# The ladder of what passes, while it passes: each rung is there at once.
"$BIN/rill-ladder" --live tcp port 80 and not port "$greedy" >"$work/ladder" 2>&1 &
ladder=$!
"$BIN/rill-ladder" --live "$control" >"$work/ladder2" 2>&1 &
ladder2=$!
started="$started $ladder $ladder2"
rung() { grep -Eq "ms  $1 +A $2 B  $3 " "$work/ladder"; }
check "the handshake is drawn" wait_for asks_until rung ESTABLISHED '<-+SYN,ACK--' SYN_RECEIVED
check "and data" wait_for rung ESTABLISHED '--PSH,ACK-+>' ESTABLISHED
check "and the close" wait_for rung TIME_WAIT '<-+FIN,ACK--' LAST_ACK
check "to its end" wait_for rung TIME_WAIT '--ACK-+>' CLOSED
check "several may watch, one by the socket's name" wait_for asks_until grep -q SYN,ACK "$work/ladder2"
ping -c 1 -q "$RILL" >/dev/null
check "what the filter leaves out is not drawn" sh -c "! grep echo '$work/ladder'"
check "without a filter everything is" wait_for grep -q "echo request" "$work/ladder2"
kill -INT $ladder
check "Ctrl-C ends the ladder well" wait $ladder
check "a recording that is written to standard input" sh -c "'$BIN/rill-ladder' --live - <tests/replay/captures/gen--s08-simultaneous-close_c.pcap | grep -q 'CLOSING .* FIN_WAIT_1'"
check "a bad filter is told" sh -c "'$BIN/rill-ladder' --live nonsense 2>&1 | grep 'the filter'"
check "a name from here has a slash somewhere" sh -c "'$BIN/rill-ladder' --live docs/nobody 2>&1 | grep 'docs/nobody: no stack listens there'"
check "no stack there" sh -c "'$BIN/rill-ladder' --live '$work/nobody' 2>&1 | grep 'no stack listens there'"

# Who may ask.
mode() { [ "$(stat -c %a "$control")" = 600 ] && [ "$(stat -c %a "$work/run/rill")" = 700 ]; }
check "the socket is its owner's, in a directory of his own" mode
if really_root && command -v setpriv >/dev/null; then
    chmod 755 "$work" "$work/run" "$work/run/rill"
    cp "$BIN/rill-ss" "$work/rill-ss"
    as_nobody() { setpriv --reuid 65534 --clear-groups "$work/rill-ss" --socket "$control" 2>&1 | grep "belongs to somebody else"; }
    check "nobody else may open it, even where he can see it" as_nobody
    chmod 700 "$work/run/rill"
else
    skip "nobody else may open it" "this is not root of the machine"
fi

# TIME-WAIT: the server closes first. CLOSE-WAIT: a server that forgets to.
curl -s -0 -o /dev/null -H 'Connection: close' "http://$RILL/"
check "TIME-WAIT and its time" says 0 "^tcp +TIME-WAIT +0 +0 +192.0.2.2:80 +192.0.2.1:[0-9]+ .*old segments die out timer:\(time-wait,(59|1min)" state time-wait
build forgetful
"$work/forgetful" --tap rill1 --address 198.51.100.2/24 --port 7000 >"$work/log" 2>&1 &
forgetful=$!
started="$started $forgetful"
wait_for ping -c 1 -W 1 -q 198.51.100.2
python3 -c "
import socket, sys
s = socket.create_connection(('198.51.100.2', 7000)); s.shutdown(socket.SHUT_WR)
sys.stdin.read()" <"$work/hold" &
started="$started $!"
close_wait() {
    says 0 "^tcp +CLOSE-WAIT +0 +0 +198.51.100.2:7000 +198.51.100.1:[0-9]+ +[0-9.ms]+ .*the application has to close: the peer has" state close-wait
}
check "CLOSE-WAIT, since when, and who has to act" wait_for close_wait
fin_wait() { ss -tnH state fin-wait-2 dst 198.51.100.2 | grep ':7000'; }
check "its peer in the host's ss waits in FIN-WAIT-2" wait_for fin_wait
check "several stacks are told apart" says 0 "^forgetful, process $forgetful, 198.51.100.2 on rill1" -a
check "which one to follow must be said" says 1 "several stacks run: name one with --socket" --follow 7000
kill -STOP $forgetful
check "one that is stopped is told of" says 1 "it does not answer: the process is stopped, or busy" --socket "$work/run/rill/forgetful.$forgetful.sock"
kill -CONT $forgetful
stop $forgetful

# A killed stack leaves a socket, which must not be taken for a stack.
stop $httpd KILL
check "the ladder of a stack that has died ends" wait_for sh -c "! kill -0 $ladder2"
check "a dead stack is not listed" sh -c "! '$BIN/rill-ss' --list | grep rill-httpd"
check "asked for by name it is told" says 1 "no stack listens there" --socket "$control"
exec 9>&-
start rill-httpd "$work/site"
check "the next one sweeps it away" wait_for sh -c "! test -e '$control' && '$BIN/rill-ss' --list | grep rill-httpd"
stop $pid
check "an orderly end leaves nothing" sh -c "! ls '$work/run/rill' | grep httpd"
start rill-httpd --no-control "$work/site"
wait_for ping -c 1 -W 1 -q "$RILL"
check "--no-control" sh -c "! '$BIN/rill-ss' --list | grep rill-httpd"
stop $pid
start rill-httpd --control "$work/here" "$work/site"
check "--control names the place" wait_for says 0 "LISTEN" --socket "$work/here" -l
stop $pid
check "a place that is none is refused" sh -c "'$BIN/rill-httpd' --control '$work/no/where' . 2>&1 | grep -q 'No such file'"
finish
