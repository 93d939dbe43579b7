#!/bin/sh
# The gdb session that README shows, typed as it stands there: the lines behind (gdb) go to gdb, while curl asks from outside.
. "$(dirname "$0")/lib.sh"
need gdb curl ping

# Asks once the TAP is there; time stands still for rill at each stop, so the host's kernel may have to repeat itself.
ask_when_ready() {
    wait_for ip address show dev rill0 up && sleep 0.5
    curl -s --max-time 60 "http://$RILL/" >"$work/page"
}

sed -n 's/^ *(gdb) //p' README.md >"$work/session"
make_file index.html 1000
ask_when_ready &
started="$started $!"
(cd "$work/site" && timeout 60 gdb -q -nx -batch -iex 'set debuginfod enabled off' -iex 'set pagination off' -iex 'set confirm off' \
    -x "$work/session" "$BIN/../debug/bin/rill-httpd") >"$work/gdb" 2>&1 </dev/null
shows() { grep -Eq -e "$1" "$work/gdb" || { cat "$work/gdb"; false; }; }

check "README shows a session" test -s "$work/session"
for state in SYN_RECEIVED ESTABLISHED CLOSE_WAIT LAST_ACK; do
    check "it stops at $state" shows "RILL_TCP_$state"
done
check "no line of it fails" sh -c "! grep -q 'Error in sourced' '$work/gdb'"
check "the backtrace goes down from main in one line" shows '^#[0-9]+ .* in main '
check "curl got its page in between" same "$work/page" "$work/site/index.html"
finish
