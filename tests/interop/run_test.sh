#!/bin/sh
# Programs of the system, as they are installed, on rill: rill-run curl, nc, python3.
. "$(dirname "$0")/lib.sh"
need curl nc ping python3 "${CC:-gcc}"

run=$BIN/rill-run
export RILL_OPTIONS=--no-control
mkdir "$work/served"
head -c 3000000 /dev/urandom >"$work/served/big"
echo hello >"$work/served/small"

ends_with() { # STATUS COMMAND...
    wanted=$1
    shift
    "$@"
    [ $? = "$wanted" ]
}
says() { # SENTENCE COMMAND...
    sentence=$1
    shift
    "$@" 2>&1 | grep -qF -- "$sentence"
}
check "its options are checked before the program begins" ends_with 2 "$run" --mtu 5 -- true
check "and named" says "--mtu" "$run" --mtu 5 -- true
check "a program without -- is not taken for an option's" says "follows \`--\`" "$run" --mtu 1500 true
check "no program" ends_with 2 "$run"
check "a program that is not there" ends_with 127 "$run" no-such-program
check "one that cannot be run" ends_with 126 "$run" "$work/served/small"
check "an option's value with white space" says "without white space" "$run" --pcap "$work/a b" -- true
check "what RILL_OPTIONS says is checked, too" ends_with 2 env RILL_OPTIONS="--mtu 5" "$run" true
check "and so is a word that is no option" says "follows" env RILL_OPTIONS=--mut "$run" true
many=$(printf -- '--seed 1 %.0s' $(seq 99))
check "and may be long" says "--mtu" env RILL_OPTIONS="$many" "$run" --mtu 5 -- true
mkdir -p "$work/a b/bin" "$work/a b/lib"
cp "$run" "$work/a b/bin"
touch "$work/a b/lib/librill-preload.so"
check "from a path that the loader cannot take it runs nothing" ends_with 126 "$work/a b/bin/rill-run" true
check "the program's own options are its own" says 2 "$run" sh -c 'echo $#' sh --mtu 5
check "its exit status is the program's" ends_with 7 "$run" sh -c 'exit 7'

cat >"$work/go.c" <<'END'
#ifdef GO
__asm__(".pushsection .note.go.buildid,\"a\",@note\n.long 4, 4, 4\n.ascii \"Go\\0\\0\"\n.long 1\n.popsection");
#endif
int main(void) { return 7; }
END
cc=${CC:-gcc}
check "a static program can be built" "$cc" -static -o "$work/static" "$work/go.c"
check "one with the note of a Go program, too" "$cc" -DGO -o "$work/go" "$work/go.c"
check "a static program is told to have the kernel's sockets" says "linked statically" "$run" "$work/static"
check "one of Go, too" says "Go program" env PATH="$work:$PATH" "$run" go
check "they run all the same" ends_with 7 "$run" "$work/go"
check "of others nothing is told" sh -c "! '$run' sh -c : 2>&1 | grep ."

serve() { # PORT: python's web server, by rill
    "$run" -- python3 -m http.server -d "$work/served" -b "$RILL" "$1" >"$work/log" 2>&1 &
    pid=$! started="$started $!"
    wait_for curl -s -o /dev/null "http://$RILL:$1/small"
}
same() { # COMMAND...: it prints what was served
    "$@" | cmp - "$work/served/big"
}
serve 8000
check "python serves files" same curl -sS "http://$RILL:8000/big"
kill -TERM "$pid"
wait "$pid" 2>/dev/null
check "SIGTERM ends it" test $? = 143
check "without a word of its threads" sh -c "! grep -q Traceback '$work/log'"
serve 8000 # a shell's background job ignores SIGINT
kill -INT "$pid"
check "what ignores SIGINT goes on" same curl -sS "http://$RILL:8000/big"
kill -TERM "$pid"
wait "$pid" 2>/dev/null

"$run" -- python3 -m http.server -d "$work/served" -b :: 8002 >"$work/log" 2>&1 &
pid=$! started="$started $!"
wait_for curl -s -o /dev/null "http://$RILL:8002/small"
check "a listener at :: serves IPv4 clients" same curl -sS "http://$RILL:8002/big"
check "and has mapped names for them" grep -q "^::ffff:$HOST " "$work/log"
kill -TERM "$pid"
wait "$pid" 2>/dev/null

ip tuntap add rill0 mode tap
ip address add $HOST/24 dev rill0
ip link set rill0 up
python3 -m http.server -d "$work/served" -b $HOST 8001 >/dev/null 2>&1 &
started="$started $!"
wait_for curl -s -o /dev/null http://$HOST:8001/small

check "curl fetches" same "$run" curl -sS http://$HOST:8001/big
"$run" --address 192.0.2.7/24 --pcap "$work/run.pcapng" -- curl -sS http://$HOST:8001/small >"$work/said"
check "from the address that the options give" says "A is 192.0.2.7:" "$BIN/rill-ladder" "$work/run.pcapng"
check "a shell's children have their own" says "hello hello" "$run" sh -c "echo \$(curl -sS http://$HOST:8001/small; curl -sS http://$HOST:8001/small)"
check "nc speaks" says hello sh -c "printf 'GET /small HTTP/1.0\r\n\r\n' | '$run' nc -N $HOST 8001"
cat >"$work/interrupted.py" <<'END'
import os, signal, socket, sys, threading
signal.signal(signal.SIGINT, signal.default_int_handler)
s = socket.create_connection((sys.argv[1], 8001))
threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    s.recv(1)  # nothing comes
except KeyboardInterrupt:
    print("interrupted", end=" ")
s.sendall(b"GET /small HTTP/1.0\r\n\r\n")
print(s.makefile("rb").read()[-6:])
END
check "its own handler of a signal runs, and it goes on" says "interrupted b'hello\n'" "$run" python3 "$work/interrupted.py" $HOST
cat >"$work/children.py" <<'END'
import socket, subprocess, sys, urllib.request
s = socket.create_connection((sys.argv[1], 8001))
child = subprocess.run(["echo", "of a child"], capture_output=True, close_fds=True)  # vfork(2), and all else is closed there
s.sendall(b"GET /small HTTP/1.0\r\n\r\n")
print(child.stdout, s.makefile("rb").read()[-6:], urllib.request.urlopen(f"http://{sys.argv[1]}:8001/small").read())
END
check "who starts programs keeps its connection" says "b'of a child\n' b'hello\n' b'hello\n'" "$run" python3 "$work/children.py" $HOST
finish
