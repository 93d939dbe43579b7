#!/bin/sh
# docs/calls.md is what a run shows: the calls, and what crosses the wire. Pure ACKs are left out, because their number depends on timing, as is the
# order: on a busy machine text may have come before the call that asks for it.
. "$(dirname "$0")/lib.sh"
need tshark nc ping python3 "${CC:-gcc}"

in_kind() { grep -v -- '[->] ACK seq .* 0 bytes$' "$1" | sort; }

lib=$(libraries) || exit 1
show() { LIB=$lib tools/calls/show >"$work/calls.md"; }
check "the two programs run" show
in_kind "$work/calls.md" >"$work/now"
in_kind docs/calls.md >"$work/then"
check "docs/calls.md is up to date (make docs/calls.md)" diff "$work/then" "$work/now"
check "every call of the two programs stands in it" sh -c "for c in socket bind listen accept connect send recv close; do grep -q \"^\$c\$\" docs/calls.md || exit 1; done"
finish
