#!/bin/sh
# Downloads by curl from rill-httpd: sizes, many at once, a client that dies.
. "$(dirname "$0")/lib.sh"
need ping curl

fetch() { # NAME
    curl -sS --fail --max-time 60 -o "$work/got" "http://$RILL/$1" && same "$work/site/$1" "$work/got"
}

fetch_many() { # 200 processes at once, each must get equal bytes
    mkdir -p "$work/many"
    seq 200 | xargs -P 200 -I '{}' curl -sS --fail --max-time 60 -o "$work/many/{}" "http://$RILL/64k" || return 1
    [ "$(sha256sum "$work"/many/* | cut -c1-64 | sort | uniq -c | wc -l)" = 1 ] && [ "$(ls "$work/many" | wc -l)" = 200 ] &&
        same "$work/many/1" "$work/site/64k"
}

die_in_mid_transfer() {
    rm -f "$work/part"
    curl -s --limit-rate 2M -o "$work/part" "http://$RILL/100m" &
    victim=$!
    wait_for test -s "$work/part"
    stop $victim KILL
}

make_file empty 0
make_file one 1
make_file 64k 65536
make_file 1m 1048576
make_file 100m 104857600
start_answering rill-httpd "$work/site"
for file in empty one 64k 1m 100m; do
    check "the file $file arrives with equal bytes" fetch $file
done
check "a range arrives" sh -c "curl -sS --fail --max-time 10 -r 100-199 http://$RILL/1m | cmp - '$work/site/1m' -n 100 -i 0:100"
check "200 clients at once get equal bytes" fetch_many
for _ in 1 2 3; do
    die_in_mid_transfer
done
check "the server outlives clients that were killed in mid-transfer" alive "$pid"
check "and goes on serving" fetch 1m
check "a missing file is 404" sh -c "curl -sS -o /dev/null -w '%{http_code}' http://$RILL/nowhere | grep -qx 404"
check "SIGTERM ends the server" sh -c "kill -TERM $pid"
wait "$pid"
check "its exit status is 0" [ $? = 0 ]
check "the TAP has gone with it" sh -c "! ip link show rill0"
finish
