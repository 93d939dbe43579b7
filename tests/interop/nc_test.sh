#!/bin/sh
# rill-nc sleeps until there is input: standard input is adopted (rill_adopt), and wakes it at once.
. "$(dirname "$0")/lib.sh"
need nc ping

wakes() { awk '/^voluntary/ { print $2 }' "/proc/$listener/status"; }

mkfifo "$work/typed"
"$BIN/rill-nc" -l 50123 <"$work/typed" >"$work/heard" 2>"$work/log" &
listener=$! started="$started $!"
exec 3>"$work/typed"
wait_for ping -c 1 -W 1 -q "$RILL"
nc "$RILL" 50123 </dev/null >"$work/told" &
client=$! started="$started $!"
echo first >&3
check "what is typed goes out" wait_for grep -q first "$work/told"
before=$(wakes)
sleep 1
check "while nobody says anything it sleeps" test "$(($(wakes) - before))" -lt 20
echo second >&3
check "and what is typed after a pause" wait_for grep -q second "$work/told"
exec 3>&-
stop "$client"
stop "$listener"

head -c 300000 /dev/urandom >"$work/file"
"$BIN/rill-nc" -l -N 50124 <"$work/file" >"$work/heard" &
listener=$! started="$started $!"
wait_for ping -c 1 -W 1 -q "$RILL"
check "a file on standard input goes out whole" sh -c "timeout 20 nc -N $RILL 50124 <'$work/file' >'$work/told' && cmp '$work/file' '$work/told'"
wait "$listener"
check "and what comes meanwhile arrives whole" cmp "$work/file" "$work/heard"

# Without standard input its number is free for the TAP, whose frames would be read as input.
"$BIN/rill-nc" -l 50125 <&- >"$work/heard" &
listener=$! started="$started $!"
wait_for ping -c 1 -W 1 -q "$RILL"
check "a closed standard input says nothing" sh -c "echo hello | timeout 20 nc -N $RILL 50125 >'$work/told' && [ ! -s '$work/told' ]"
stop "$listener"
check "and what is said is heard" grep -qx hello "$work/heard"
"$BIN/rill-nc" -l 50126 >&- 2>"$work/log" &
listener=$! started="$started $!"
wait_for ping -c 1 -W 1 -q "$RILL"
echo hello | timeout 20 nc -N "$RILL" 50126 >"$work/told"
wait "$listener"
check "a closed standard output is a failure" test $? = 1
check "and said to be one" grep -q "cannot write to standard output" "$work/log"
"$BIN/rill-nc" -l 50127 <"$work" 2>"$work/log" &
listener=$! started="$started $!"
wait_for ping -c 1 -W 1 -q "$RILL"
timeout 20 nc "$RILL" 50127 </dev/null >"$work/told"
wait "$listener"
check "a standard input that cannot be read is a failure" test $? = 1
check "and said to be one, too" grep -q "cannot read standard input: Is a directory" "$work/log"
finish
