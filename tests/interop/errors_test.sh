#!/bin/sh
# What goes wrong at the start is one sentence and a status other than 0.
. "$(dirname "$0")/lib.sh"
need ping setpriv curl

# complains STATUS WORD COMMAND...: ends with that status and one line on standard error that holds the word.
complains() {
    status=$1 word=$2
    shift 2
    timeout 10 "$@" >/dev/null 2>"$work/complaint" </dev/null
    got=$?
    cat "$work/complaint"
    [ $got = "$status" ] && [ "$(wc -l <"$work/complaint")" = 1 ] && grep -qi -e "$word" "$work/complaint"
}

# An interface that is no TAP: of a kind that this kernel has.
other_interface() {
    ip link add "$1" type dummy 2>/dev/null || ip link add "$1" type bridge 2>/dev/null || ip link add "$1" type veth
}

hide_devices='mount -t tmpfs none /dev && exec "$@"'
open_to_all='mount -t tmpfs none /dev/net && mknod -m 666 /dev/net/tun c 10 200 && exec "$@"'
nobody="setpriv --reuid 65534 --regid 65534 --clear-groups"
httpd="$BIN/rill-httpd"
cp "$httpd" "$work/rill-httpd" # where an unprivileged user can read it
chmod 755 "$work" "$work/rill-httpd"

check "no /dev/net/tun" complains 1 /dev/net/tun unshare --mount sh -c "$hide_devices" sh "$httpd"
if really_root; then
    check "no permission to open /dev/net/tun" complains 1 /dev/net/tun \
        unshare --mount sh -c "mount -t tmpfs none /dev/net && mknod -m 600 /dev/net/tun c 10 200 && exec \"\$@\"" sh $nobody "$work/rill-httpd"
    check "no permission to make an interface" complains 1 "permi\|privilege\|root" unshare --mount sh -c "$open_to_all" sh $nobody "$work/rill-httpd"
else
    skip "no permission" "becoming another user takes root"
fi

other_interface rill0
check "the name belongs to an interface that is no TAP" complains 1 rill0 "$httpd"
ip link delete rill0

for program in "$BIN"/rill-*; do
    check "$(basename "$program"): an option that is none" complains 2 "help lists them" "$program" --bogus
done
start_answering rill-echo
check "the TAP is in another's hands" complains 1 rill0 "$httpd"
stop "$pid"

other_interface other
ip address add $RILL/24 dev other
ip link set other up
check "the host has rill's address itself" complains 1 $RILL "$httpd"
ip link delete other

check "both sides are given the same address" complains 2 address "$httpd" --address $HOST/24 --host-address $HOST/24
check "a bad address" complains 2 --address "$httpd" --address 192.0.2.256/24
check "a bad prefix" complains 2 --address "$httpd" --address 192.0.2.2/33
check "a bad port" complains 2 --port "$httpd" --port 65536
check "a bad MTU" complains 2 --mtu "$httpd" --mtu 67
check "a bad MAC" complains 2 --mac "$httpd" --mac 01:02:03
check "a name too long" complains 2 --tap "$httpd" --tap a-name-that-is-too-long
check "a capture on standard output cannot be divided" complains 2 --pcap-size "$httpd" --pcap - --pcap-size 1
check "captures that cannot be written are no success" complains 2 "/proc/none" "$BIN/rill-sim" --replay 1 --captures /proc/none
check "there is no number of captures without their size" complains 2 --pcap-size "$httpd" --pcap-files 3
check "a listener cannot only connect" complains 2 "-z" "$BIN/rill-nc" -zl 80
check "a folder that does not exist" complains 1 /does/not/exist "$httpd" /does/not/exist
check "an option that does not exist" complains 2 nonsense "$httpd" --nonsense
check "--help ends well" "$httpd" --help
check "--version ends well" "$httpd" --version

interrupted() {
    "$@" </dev/null >/dev/null 2>&1 &
    wait_for sh -c "'$BIN/rill-ss' -H state syn-sent | grep SYN-SENT"
    kill -INT $!
    wait $!
    [ $? = 130 ]
}
check "what Ctrl-C ends has not succeeded: rill-get" interrupted "$BIN/rill-get" http://192.0.2.77/
check "what Ctrl-C ends has not succeeded: rill-nc" interrupted "$BIN/rill-nc" 192.0.2.77 80

full() { "$@" >/dev/full 2>"$work/complaint"; [ $? = "$wanted" ] && grep -q "^$(basename "$1"): standard output: No space" "$work/complaint"; }
for program in "$BIN"/rill-*; do
    wanted=1
    case $program in *-script | *-sim | *-replay) wanted=2 ;; esac
    check "$(basename "$program"): what could not be printed is a failure" full "$program" --help
done
log_lost() {
    "$httpd" --access-log "$work" >/dev/full 2>"$work/complaint" &
    wait_for ping -c 1 -W 1 -q "$RILL" && curl -s -o "$work/page" --max-time 10 "http://$RILL/"
    kill -TERM $!
    wait $!
    [ $? = 1 ] && grep -q "^rill-httpd: the log is not complete" "$work/complaint"
}
check "an access log that could not be written is a failure" log_lost
wanted=2
check "and a campaign's result, too" full "$BIN/rill-sim" --seeds 1 --first 1
finish
