#!/bin/sh
# The tour of TCP: what it says without a terminal is docs/tour.txt, to the letter; on a terminal it waits and gdb answers.
. "$(dirname "$0")/lib.sh"
need gdb script

ends=$BIN/../debug/tour/ends
tour() { timeout 60 tools/tour/start "$ends" "$@" </dev/null; }
shows() { grep -Eq -e "$1" "$2" || { cat "$2"; false; }; }

tour >"$work/all" 2>&1
status=$?
check "the tour comes to its end" test "$status" = 0
check "it tells what docs/tour.txt holds (made anew by \`make docs/tour.txt\`)" diff docs/tour.txt "$work/all"
for state in CLOSED LISTEN SYN_SENT SYN_RECEIVED ESTABLISHED FIN_WAIT_1 FIN_WAIT_2 CLOSE_WAIT CLOSING LAST_ACK TIME_WAIT; do
    check "some end was in $state" shows "^ +[0-9.]+ ms .*\\b$state\\b" "$work/all"
done

tour crossed-syns >"$work/one" 2>&1
check "one scene alone begins with its title" sh -c "head -n 1 '$work/one' | grep '^Both open at once: crossed SYNs'"
check "and holds no other" sh -c "! grep -q 'ARP conflict' '$work/one'"

tour nonsense >"$work/none" 2>&1
status=$?
check "a scene that is none is refused" test "$status" = 1
check "with the names of those that there are" shows 'there is no scene nonsense; there are connection, .*arp-conflict' "$work/none"

# ---- A stack that does something else than the tour tells ----
mkdir -p "$work/tools"
cp -r tools/tour tools/gdb "$work/tools"
sed -i 's/"A sends SYN "/"A sends RST "/' "$work/tools/tour/scenes.py"
timeout 60 "$work/tools/tour/start" "$ends" connection >"$work/differs" 2>&1 </dev/null
status=$?
check "a tour that tells what does not happen fails" test "$status" = 1
check "and says where" shows 'in scene connection, after stop 3, `A sends RST ` never happens' "$work/differs"

# ---- On a terminal ----
on_terminal() { # WHAT IS TYPED
    printf "$1" | timeout 60 script -qec "tools/tour/start '$ends' connection" /dev/null >"$work/terminal" 2>&1
}
check "it leaves when told to" on_terminal '\n\nrill conns\nbacktrace 3\nprint nonsense\nq\n'
check "Enter has led to the third stop" shows '3\. Before TCP can speak' "$work/terminal"
check "and no further" sh -c "! grep -q '4\\. First of three' '$work/terminal'"
check "rill's commands answer there" shows '10.0.0.1:40000 <-> 10.0.0.2:80' "$work/terminal"
check "gdb's as well" shows '#2 .*send_request' "$work/terminal"
check "a command that fails is told, and not the end" shows 'No symbol .nonsense. in current context' "$work/terminal"
check "the program may be ended on the way" on_terminal '\nkill\n'
check "which is said" shows 'The program has been ended' "$work/terminal"
finish
