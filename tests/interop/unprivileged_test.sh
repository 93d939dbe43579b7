#!/bin/sh
# The demo as a user without any privilege: all it takes is a /dev/net/tun that he may open. Root makes one, in a mount namespace.
. "$(dirname "$0")/lib.sh"
need ping curl setpriv

really_root || { skip "the demo runs unprivileged" "making a device node takes root"; finish; }

# A copy that any user can read, wherever this tree lies.
mkdir "$work/tree"
cp -r "$BIN" "$work/tree/bin"
cp -r tools "$work/tree/tools"
chmod -R a+rX "$work"

demo_as_nobody() { # MODE of the device node
    unshare --mount sh -c 'mount -t tmpfs none /dev/net && mknod -m "$1" /dev/net/tun c 10 200 && shift && exec "$@"' sh "$1" \
        setpriv --reuid 65534 --regid 65534 --clear-groups env BIN="$work/tree/bin" TMPDIR=/tmp timeout 60 "$work/tree/tools/demo"
}

demo_complains() {
    ! demo_as_nobody 600 >"$work/demo" 2>&1
    cat "$work/demo"
    [ "$(wc -l <"$work/demo")" = 1 ] && grep -q 'chmod 666 /dev/net/tun' "$work/demo"
}

demo_works() {
    demo_as_nobody 666 >"$work/demo" 2>&1
    status=$?
    cat "$work/demo"
    [ $status = 0 ] && grep -q '3 received' "$work/demo" && grep -q TIME_WAIT "$work/demo"
}

if setpriv --reuid 65534 --regid 65534 --clear-groups unshare --user true 2>/dev/null; then
    check "where the device may be opened, the demo runs" demo_works
else
    skip "the demo runs" "users may not make user namespaces here (a chroot, or a sysctl)"
fi
check "where it may not, one sentence says what to do" demo_complains
finish
