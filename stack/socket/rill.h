/* One stack, the content of `struct rill`: net, the sockets on it, and how it waits. */
#ifndef SOCKET_RILL_H
#define SOCKET_RILL_H

#include "base/pool.h"
#include "net/net.h"
#include "socket/descriptor.h"

#include <rill/rill.h>
#include <signal.h>

enum rill_inside { INSIDE_NOTHING, INSIDE_MACHINE, INSIDE_HOOK };

struct rill {
    struct net net;
    struct pool sockets; /* struct socket */
    struct pool sets;    /* struct watch_set */
    struct pool watches; /* struct watch */
    struct pool adopted; /* struct adopted */
    struct descriptors descriptors;
    struct list woken;         /* struct rill_call, calls to be tried: wait_queue.h */
    struct heap due;           /* struct rill_call with a time-out */
    struct rill_call *waiting; /* for the hook: the call that currently waits in it */
    int (*wait)(void *context, rill_time until); /* NULL: calls cannot wait */
    void *wait_context;
    rill_time (*clock)(void *context); /* NULL: the time is the latest one handed in */
    void *clock_context;
    struct rill_adoption adoption; /* all NULL: adopted descriptors are never ready */
    enum rill_inside inside;       /* what is running: a call may wait only in INSIDE_NOTHING */
};

/* Is every field in its range? */
bool config_good(const struct rill_config *);

struct forwarder {
    void (*forward)(void *context, struct rill_call *);
    void *context;
};
struct forwarder rill_forwarder(void); /* of this thread */

/* The current stack if this thread makes its calls itself; NULL: there is none, or they are
 * forwarded. */
struct rill *rill_own(void);

/* Reads the clock, if there is one. */
void rill_take_time(struct rill *);

/* Lets time pass until something may have changed, but not beyond `until`. 0, or -EDEADLK without a
 * hook, or the hook's error. */
int rill_wait(struct rill *, rill_time until);

#endif
