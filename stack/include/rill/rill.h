/* The interface of librill. That of librill-host begins with <rill/host.h>; librill-coroutine's is
 * <rill/coroutine.h>, librill-sim's <rill/sim.h>. */
#ifndef RILL_RILL_H
#define RILL_RILL_H

#include <rill/address.h>
#include <rill/call.h>
#include <rill/counters.h>
#include <rill/drop.h>
#include <rill/frame.h>
#include <rill/socket.h>
#include <rill/stack.h>
#include <rill/status.h>
#include <rill/time.h>
#include <rill/trace.h>

#endif
