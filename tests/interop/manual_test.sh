#!/bin/sh
# The examples of the manual pages, as they stand there: each command is run for three seconds, and neither it nor its options are refused.
. "$(dirname "$0")/lib.sh"
need gnuplot dot curl nc python3

# examples PAGE: its commands, without the prompt.
examples() { sed -n '/^\.Sh EXAMPLES/,/^\.Sh [^E]/s/^\.Dl [$#] //p' "$1"; }

# What the pages take for granted: programs in PATH, servers on the host, a stack that runs, a script and its capture.
PATH=$BIN:$PATH
mkdir "$work/here"
for port in 80 8080; do
    python3 -m http.server -d "$work/here" $port >/dev/null 2>&1 &
    started="$started $!"
done
yes hello | nc -l -p 8007 >/dev/null &
started="$started $!"
start rill-httpd --tap rill9 --address 203.0.113.2/24 "$work/here"
sed -n '/^\.Bd -literal/,/^\.Ed/{/^\./d;p}' docs/man/rill-script.1 >"$work/here/first.pkt"
wait_for rill-ss --list
check "the script of rill-script(1) passes" rill-script --pcap "$work/run.pcapng" "$work/here/first.pkt"

# A server runs until the time is over. Some examples write run.pcapng, others read it.
works() { # COMMAND
    cp "$work/run.pcapng" "$work/here"
    (cd "$work/here" && timeout -s INT -k 5 3 sh -c "$1" </dev/null)
    status=$?
    [ $status = 0 ] || [ $status = 124 ] || { echo "exit status $status"; false; }
}
unshare -Urn true 2>/dev/null || no_namespaces="users may not make namespaces here (a chroot, or a sysctl)"
for page in docs/man/*; do
    examples "$page" >"$work/examples"
    while read -r command; do
        case $command in unshare*)
            [ -z "${no_namespaces:-}" ] || { skip "${page##*/}: $command" "$no_namespaces"; continue; } ;;
        esac
        check "${page##*/}: $command" works "$command"
    done <"$work/examples"
done
finish
