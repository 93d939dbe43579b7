#!/bin/sh
# 100 MB each way between rill-nc and the host's nc, and rill-get from a host's server.
. "$(dirname "$0")/lib.sh"
need ping nc python3

to_rill() {
    "$BIN/rill-nc" -l 5000 </dev/null >"$work/got" &
    receiver=$!
    started="$started $receiver"
    wait_for ping -c 1 -W 1 -q $RILL && timeout 60 nc -N $RILL 5000 <"$work/site/100m" && wait $receiver && same "$work/site/100m" "$work/got"
}

from_rill() {
    rm -f "$work/got"
    timeout 60 nc -l 5000 </dev/null >"$work/got" &
    receiver=$!
    started="$started $receiver"
    wait_for listens 5000
    timeout 60 "$BIN/rill-nc" -N $HOST 5000 <"$work/site/100m" && wait $receiver && same "$work/site/100m" "$work/got"
}

get() { # NAME
    timeout 60 "$BIN/rill-get" -o "$work/got" "http://$HOST:8000/$1" && same "$work/site/$1" "$work/got"
}

make_file empty 0
make_file 100m 104857600
check "100 MB from the host arrive at rill-nc with equal bytes" to_rill
check "100 MB from rill-nc arrive at the host with equal bytes" from_rill
python3 -m http.server --directory "$work/site" 8000 >"$work/log" 2>&1 &
started="$started $!"
wait_for nc -z 127.0.0.1 8000
check "rill-get fetches an empty file" get empty
check "rill-get fetches 100 MB" get 100m
check "rill-get tells what it could not write, and why" \
    sh -c "'$BIN/rill-get' -o /dev/full http://$HOST:8000/100m 2>&1 | grep -q 'cannot write /dev/full: No space'"
check "rill-get -f ends with curl's status at a 404" sh -c "'$BIN/rill-get' -f http://$HOST:8000/nowhere; [ \$? = 22 ]"
finish
