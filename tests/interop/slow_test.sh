#!/bin/sh
# Clients that are slow on purpose (slowhttptest), in its four modes, one after the other: others are served meanwhile, and the slow
# ones are thrown out.
. "$(dirname "$0")/lib.sh"
need ping curl slowhttptest

mkdir "$work/site"
head -c 2000000 /dev/zero >"$work/site/large"
echo hello >"$work/site/page"

# attack OPTIONS: 300 connections, eight seconds or as OPTIONS say, while others ask for a page. $left connections stood shortly before its end.
attack() {
    timeout 25 slowhttptest -c 300 -r 300 -l 8 -i 1 -p 1 -u "http://$RILL/large" "$@" >"$work/attack" 2>&1 &
    attacker=$!
    started="$started $attacker"
    slowest=0 served=0
    while alive $attacker; do
        took=$(curl -sf -m 5 -o "$work/page" -w '%{time_total}' "http://$RILL/page" && cmp -s "$work/page" "$work/site/page") || break
        served=$((served + 1))
        now=$("$BIN/rill-ss" | grep -c ESTAB)
        ! alive $attacker || left=$now
        slowest=$(printf '%s\n%s\n' "$slowest" "$took" | sort -n | tail -1)
        sleep 0.1
    done
    ! alive $attacker && [ $served -gt 0 ] && awk -v t="$slowest" 'BEGIN { print "slowest: " t; exit t > 3 }'
}

# slowhttptest sees the end of a connection when it writes, not when it reads.
thrown_out() {
    grep -q 'No open connections left' "$work/attack" || [ "$left" -le 2 ] || { echo "$left connections"; tail -n 15 "$work/attack"; false; }
}

for model in epoll coroutine; do
    start_answering rill-httpd --model $model --timeout 2 "$work/site"
    check "$model: others are served beside slow heads" attack -H
    check "$model: who are thrown out" thrown_out
    check "$model: others are served beside slow bodies" attack -B -s 8192
    check "$model: who are thrown out" thrown_out
    check "$model: others are served beside many ranges" attack -R -t HEAD
    check "$model: others are served beside slow readers" attack -X -l 12 -w 10 -y 20 -n 1 -z 5 -k 3
    check "$model: who are thrown out" thrown_out
    stop "$pid" INT
done
finish
