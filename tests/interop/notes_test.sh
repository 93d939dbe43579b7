#!/bin/sh
# Every command that docs/notes.md names works, as it stands there.
. "$(dirname "$0")/lib.sh"
need gdb curl ping

PATH=$BIN:$PATH
grep '^|' docs/notes.md | grep -o '`[^`]*` |$' | sed 's/^`//; s/` |$//' | sort -u >"$work/commands"
rows=$(grep '^|' docs/notes.md | grep -vc -e '^|---' -e 'see it |$')

check "the notes hold rows" test "$rows" -gt 40
check "each of which ends with a command" test "$(grep '^|' docs/notes.md | grep -c '`[^`]*` |$')" = "$rows"
while read -r command; do
    case $command in
    make\ tour*) run="tools/tour/start $BIN/../debug/tour/ends ${command#*SCENE=}" ;;
    make\ demo) run=tools/demo ;;
    make\ c10k) run="LOAD=${LOAD:-$BIN/../release/c10k/load} BIN=$BIN tools/c10k/run --connections 100 --seconds 1 epoll coroutine" ;;
    make\ build/*) run="${TESTS:-$BIN/../release/unit}/${command##*/}" ;;
    gdb*) run="$(echo "$command" | sed "s,build/bin,$BIN,") | grep '= 288'" ;; # gdb's own status says nothing
    *) run=$command ;;
    esac
    check "$command" timeout 60 sh -c "$run" </dev/null
done <"$work/commands"
check "a script of one's own may come through a pipe" sh -c "cat tests/script/tcp/nagle.pkt | rill-script -"
finish
