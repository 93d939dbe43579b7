#!/bin/sh
# The gdb session that README shows, typed as it stands there: the lines behind (gdb) go to gdb, while curl asks from outside.
# Then each command of tools/gdb/rill.py, on a process and on the core that it left.
. "$(dirname "$0")/lib.sh"
need gdb curl ping

# Asks once the TAP is there, and again where nobody listens yet; time stands still for rill at each stop, so the host's kernel may have
# to repeat itself.
ask_when_ready() {
    wait_for ip address show dev rill0 up
    curl -s --retry 20 --retry-connrefused --retry-delay 1 --max-time 60 "http://$RILL/" >"$work/page"
}

# debug NAME ARGUMENT...: what gdb says goes to $work/NAME.
debug() {
    said=$work/$1
    shift
    (cd "$work/site" && timeout 60 gdb -q -nx -batch -iex 'set debuginfod enabled off' -iex 'set pagination off' -iex 'set confirm off' \
        -x "$tree/tools/gdb/rill.py" "$@") >"$said" 2>&1 </dev/null
}

httpd=$BIN/../debug/bin/rill-httpd tree=$PWD
shows() { grep -Eq -e "$1" "$said" || { cat "$said"; false; }; }
no_line_fails() { ! grep -E 'Error in sourced|Python Exception|Warning' "$said"; }

sed -n 's/^ *(gdb) //p' README.md >"$work/session"
make_file index.html 1000
ask_when_ready &
asking=$!
started="$started $asking"
debug gdb -x "$work/session" "$httpd"

check "README shows a session" test -s "$work/session"
for state in SYN_RECEIVED ESTABLISHED CLOSE_WAIT LAST_ACK; do
    check "it stops at $state" shows "RILL_TCP_$state"
done
check "no line of it fails" no_line_fails
check "the backtrace goes down from main in one line" shows '^#[0-9]+ .* in main '
check "the flow table is listed" shows '^ +[0-9]+ ESTABLISHED +192.0.2.2:80 <-> 192.0.2.1:'
wait "$asking"
check "curl got its page in between" same "$work/page" "$work/site/index.html"

# ---- Each command on a process ----
cat >"$work/session" <<'END'
rill break-state LISTEN
run .
finish
rill conns
delete
rill step-segment
rill step-segment
rill until ESTABLISHED
print *h
tbreak ring_put
continue
print *r
rill until close-wait
finish
rill conn 4
rill timeline 4
rill why 5
print c->sender.head.flow
print t->now
print c->busy->duplicate
print c->busy->beyond
print c->iss
generate-core-file core
python began = int(find_net()["now"])
shell sleep 3
rill tick 200ms
python print("passed", (int(find_net()["now"]) - began) // 10**6)
rill tick 3600s
python print("passed", (int(find_net()["now"]) - began) // 10**9, "s")
kill
END
ask_when_ready &
started="$started $!"
debug process -x "$work/session" "$httpd"
check "no line of the second session fails" no_line_fails
check "break-state stops there" shows 'tcp_set_state .*to=RILL_TCP_LISTEN'
check "conns lists a listener" shows '^ +[0-9]+ LISTEN +\*:80 <-> \*:\* +0 of [0-9]+ wait'
check "step-segment shows one that arrives" shows '^in  [0-9]+ > 80 S '
check "and one that leaves" shows '^out 80 > [0-9]+ S\. '
check "until stops there" shows 'tcp_set_state .*to=RILL_TCP_ESTABLISHED'
check "a connection is printed with its state and flow" shows '= SYN_RECEIVED 192.0.2.2:80 <-> 192.0.2.1:[0-9]+ = {flow'
check "conn shows positions" shows '^    rcv   read [0-9]+ nxt 75 '
check "timeline tells a state change" shows 'state  LISTEN -> SYN_RECEIVED; an arriving segment'
check "timeline tells segments" shows 'out    S\. 0:0\(0\) ack 1 '
check "why counts" shows '^ +[0-9]+ ETH_TYPE: '
check "why shows the last ones" shows 'drop   not used: EtherType that rill does not speak; port 1'
check "flows are printed" shows '= 192.0.2.2:80 <-> 192.0.2.1:'
check "times are printed" shows '= [0-9]+\.[0-9]{6} s$'
check "rings are printed" shows '= 2048 bytes, written \[1, [0-9]+\)$'
check "ranges are printed" shows '= \[[0-9]+, [0-9]+\)$'
check "sets of them are printed" shows '= \{\}$'
check "sequence numbers are printed" shows '^\$[0-9]+ = [0-9]+$'
check "three seconds at a stop count for nothing, and tick passes 200 ms" shows '^passed [2-9][0-9][0-9]$'

check "an hour passes while nobody waits for it" shows '^passed 360[0-9] s$'

# ---- Those that only look, on the core; the others say that they cannot ----
core=$work/site/core
check "gdb wrote a core" test -s "$core"
on_core() { # COMMAND EXPECTED
    debug core -ex "$1" "$httpd" "$core"
    shows "$2"
}
check "conns on a core" on_core 'rill conns' '<-> 192.0.2.1:[0-9]+'
check "conn on a core" on_core 'rill conn 4' '^    snd   una '
check "timeline on a core" on_core 'rill timeline 4' 'ESTABLISHED -> CLOSE_WAIT; an arriving segment'
check "why on a core" on_core 'rill why' '^ +[0-9]+ ETH_TYPE: '
for command in 'break-state CLOSED' 'until CLOSED' 'step-segment' 'tick 1s'; do
    check "$command cannot" on_core "rill $command" "^.rill ${command%% *}. lets the program run: it needs a live process, not a core"
done

# ---- Wrong arguments, each one sentence ----
while read -r command expected; do
    check "$command" on_core "$(echo "rill $command" | tr _ ' ')" "^$expected"
done <<'END'
conn That is not the number of a connection
conn_x x is not the number of a connection
conn_999 No connection has the number 999 now
conns_1 .rill conns. takes no arguments
timeline That is not the number of a connection
timeline_192.0.2.1:1 The trace holds nothing .any more. about 192.0.2.1:1
why_0 0 is not a number of drops to show
why_1_2 .rill why. takes 1 argument
break-state_OPEN OPEN is no state of TCP
until That is no state of TCP
tick_200 200 is not a length of time
tick_0s 0s is not a length of time
step-segment_2 .rill step-segment. takes no arguments
nonsense rill has no command nonsense
END

# ---- Coroutines: those of rill-echo, before any request ----
echo=${httpd%httpd}echo
cat >"$work/coroutines" <<'END'
break doze
run
continue
rill coroutines
rill coroutine 1 bt
generate-core-file core2
kill
END
debug echoing -x "$work/coroutines" "$echo"
check "coroutines are listed with what they wait for" shows '^ +1 accept_clients +accept of [0-9]+$'
check "each of them" shows '^ +2 echo_datagrams +receive of [0-9]+$'
check "one shows where it stands" shows '^    #[0-9]+ +rill_accept at stack/socket/calls_socket.c:[0-9]+$'
check "down to where it began" shows '^    #[0-9]+ +accept_clients at apps/echo.c:[0-9]+$'
check "no coroutines in rill-httpd" on_core 'rill coroutines' '^No thread has coroutines here'
core=$work/site/core2 httpd=$echo
check "coroutine on a core" on_core 'rill coroutine 2' '^    #[0-9]+ +echo_datagrams at apps/echo.c:[0-9]+$'
check "coroutine_x" on_core 'rill coroutine x' '^x is not the number of a coroutine'

check "without rill" sh -c "gdb -nx -batch -x tools/gdb/rill.py -ex 'rill until CLOSED' 2>&1 | grep '^gdb cannot do this'"
check "without a process" sh -c "gdb -nx -batch -x tools/gdb/rill.py -ex 'rill conns' '$httpd' 2>&1 | grep 'There is no process'"
finish
