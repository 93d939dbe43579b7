#!/bin/sh
# Slow HTTP attacks (slowhttptest), in its four modes, one after the other: other clients are served meanwhile, and the slow
# ones are disconnected.
. "$(dirname "$0")/lib.sh"
need ping curl slowhttptest

mkdir "$work/site"
head -c 2000000 /dev/zero >"$work/site/large"
echo hello >"$work/site/page"

# How many connections have been open for $1 seconds: new ones, and those that request a page, do not count.
old() { "$BIN/rill-ss" -H state established | awk -v least="$1" '$7 ~ /[0-9]s$/ && $7 + 0 >= least || $7 ~ /min|h/' | wc -l; }

# attack OPTIONS: 300 connections, eight seconds or as OPTIONS say, while others ask for a page. Shortly before its end $left of them
# had been open for $age seconds.
attack() {
    timeout 25 slowhttptest -c 300 -r 300 -l 8 -i 1 -p 1 -u "http://$RILL/large" "$@" >"$work/attack" 2>&1 &
    attacker=$!
    started="$started $attacker"
    slowest=0 served=0
    while alive $attacker; do
        took=$(curl -sf -m 5 -o "$work/page" -w '%{time_total}' "http://$RILL/page" && cmp -s "$work/page" "$work/site/page") || break
        served=$((served + 1))
        now=$(old $age)
        ! alive $attacker || left=$now
        slowest=$(printf '%s\n%s\n' "$slowest" "$took" | sort -n | tail -1)
        sleep 0.1
    done
    ! alive $attacker && [ $served -gt 0 ] && awk -v t="$slowest" 'BEGIN { print "slowest: " t; exit t > 3 }'
}

# slowhttptest sees the end of a connection when it writes, not when it reads.
disconnected() {
    grep -q 'No open connections left' "$work/attack" || [ "$left" = 0 ] || { echo "$left connections"; tail -n 15 "$work/attack"; false; }
}

for model in epoll coroutine; do
    age=5 # two seconds of it, two to hear 408, one for a busy machine
    start_answering rill-httpd --model $model --timeout 2 "$work/site"
    check "$model: others are served beside slow heads" attack -H
    check "$model: which are disconnected" disconnected
    check "$model: others are served beside slow bodies" attack -B -s 8192
    check "$model: which are disconnected" disconnected
    check "$model: others are served beside many ranges" attack -R -t HEAD
    age=8 # what fits the buffers is taken at once, and gives more time once or twice
    check "$model: others are served beside slow readers" attack -X -l 12 -w 10 -y 20 -n 1 -z 5 -k 3
    check "$model: which are disconnected" disconnected
    stop "$pid" INT
done
finish
