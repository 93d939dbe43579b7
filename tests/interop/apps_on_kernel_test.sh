#!/bin/sh
# The apps on the host kernel's TCP (kernel_host.c in place of the stack), against curl and nc.
# What fails here is the app's fault; what fails only on rill is the stack's.
. "$(dirname "$0")/lib.sh"
need curl nc "${CC:=gcc}"

for app in echo httpd get nc; do
    models=
    [ $app != httpd ] || models=$(echo apps/httpd/*.c)
    # shellcheck disable=SC2086
    $CC -std=c11 -D_GNU_SOURCE -Iapps -Istack/include -Idrivers/include -g -fsanitize=address,undefined \
        apps/$app.c $models apps/http/*.c tests/interop/kernel_host.c -pthread -o "$work/$app" -lhttp_parser || exit 1
done
cd "$work" || exit 1

is() { check "$1" test "$3" = "$2"; } # NAME EXPECTED GOT
holds() { [ "$(ss -Htn state established 'sport = :80' | wc -l)" = "$1" ]; } # CONNECTIONS
await() { wait_for nc -z 127.0.0.1 "$1"; }
equal() { cmp -s "$1" "$2" && echo same; }

mkdir -p root/sub
echo hello >root/a.txt
echo index >root/sub/index.html
ln -s /etc/passwd root/outside
head -c 3000000 /dev/urandom >big
cp big root/big

# rill-httpd, asked by curl
./httpd --port 80 --max-connections 2 --timeout 1 root >log &
httpd=$! started="$started $!"
await 80
u=http://127.0.0.1
status() { curl -s --path-as-is -o out -w '%{http_code}' "$@"; }
is 'file' 200 "$(status $u/a.txt)"
is 'file comes whole' same "$(status $u/big >/dev/null; equal big out)"
is 'ranges reassemble' same "$(for r in 0-999999 1000000-; do curl -s -r $r $u/big; done | cmp -s - big && echo same)"
is 'redirect' 301 "$(status $u/sub)"
is 'index' index "$(curl -sL $u/sub)"
is 'outside' 403 "$(status $u/outside)"
is 'dots' 404 "$(status $u/../../etc/passwd)"
is 'too large a body' 413 "$(status -X GET -T big $u/a.txt)"
is 'PUT, whatever its body' 405 "$(status -T big $u/a.txt)"
is '100-continue' 405 "$(status -H 'Expect: 100-continue' -d x $u/a.txt)"
is 'keep-alive' 1 "$(curl -sv $u/a.txt $u/a.txt 2>&1 | grep -c 'Re-using')"
is 'HTTP/1.0' 200 "$(status -0 $u/a.txt)"
is 'slow request' 408 "$( (printf 'GET /'; sleep 2) | nc 127.0.0.1 80 | head -1 | cut -d' ' -f2)"
(for _ in 1 2; do sleep 0.8 | nc 127.0.0.1 80 & done; wait) & both=$!
wait_for holds 2
is 'overload' 503 "$(status $u/a.txt)"
wait $both

# rill-get, against rill-httpd
get() { ./get -s "$@" >out; echo $?; }
is 'get' 0 "$(get $u/a.txt)"
is 'get comes whole' same "$(get $u/big >/dev/null; equal big out)"
is 'get -L' 0 "$(get -L 127.0.0.1/sub)"
is 'get -L follows' index "$(cat out)"
is 'get -f' 22 "$(get -f $u/none)"
is 'get from a name' 6 "$(get http://example.com/)"
is 'get from a closed port' 7 "$(get $u:1/)"
is 'get into a full disk' 23 "$(get -o /dev/full $u/big)"
is 'get uploads' 0 "$(get -T big $u/x)"
is 'get of another scheme' 3 "$(get https://127.0.0.1/)"
(printf 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc' | nc -l -q 0 127.0.0.1 81 >request) & await_81=$!
wait_for listens 81
is 'get of a part' 18 "$(get $u:81/)"
wait $await_81
(sleep 2 | nc -l -q 0 127.0.0.1 82 >request) & slow=$!
wait_for listens 82
is 'get --max-time' 28 "$(get --max-time 0.3 $u:82/)"
wait $slow
kill -INT $httpd
wait $httpd
is 'httpd ends on Ctrl-C' 0 $?

# The other models: the same application, but a different wait. A client that has just been answered may still have a place.
for model in process thread select poll coroutine; do
    ./httpd --model $model --port 80 --max-connections 3 --timeout 1 root >log &
    httpd=$! started="$started $!"
    await 80
    is "$model: file comes whole" same "$(status $u/big >/dev/null; equal big out)"
    is "$model: keep-alive" 1 "$(curl -sv $u/a.txt $u/a.txt 2>&1 | grep -c 'Re-using')"
    is "$model: slow request" 408 "$( (printf 'GET /'; sleep 2) | nc 127.0.0.1 80 | head -1 | cut -d' ' -f2)"
    holds=
    for _ in 1 2 3; do
        (sleep 0.8 | nc 127.0.0.1 80) & holds="$holds $!"
    done
    wait_for holds 3
    is "$model: overload" 503 "$(status $u/a.txt)"
    kill -INT $httpd
    wait $httpd
    is "$model: ends on Ctrl-C" 0 $?
    wait $holds
done

# rill-echo, asked by nc and rill-nc
./echo --port 7 &
echo=$! started="$started $!"
await 7
is 'echo' same "$(nc -N 127.0.0.1 7 <big | cmp -s - big && echo same)"
is 'nc to echo' same "$(./nc -N 127.0.0.1 7 <big | cmp -s - big && echo same)"
is 'many at once' 5 "$(for _ in 1 2 3 4 5; do (./nc -N 127.0.0.1 7 <big | cmp -s - big && echo same) & done | wc -l)"
is 'UDP' hi "$(echo hi | ./nc -u -w 1 127.0.0.1 7)"
is 'nc -z' 0 "$(./nc -z 127.0.0.1 7; echo $?)"
is 'nc -z to a closed port' 1 "$(./nc -z 127.0.0.1 1 2>/dev/null; echo $?)"
kill -INT $echo
wait $echo
is 'echo ends on Ctrl-C' 0 $?

# rill-nc as a server
./nc -l -N 83 <big >got &
listener=$! started="$started $!"
wait_for listens 83
nc -N 127.0.0.1 83 <big >back
wait $listener
is 'nc -l' 0 $?
is 'nc -l receives' same "$(equal big got)"
is 'nc -l sends' same "$(equal big back)"

finish
