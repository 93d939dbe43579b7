/* A host as one of several cores that share an address (host/cores.c). */
#ifndef DRIVERS_HOST_HOST_H
#define DRIVERS_HOST_HOST_H

#include "exchange.h"

#include <rill/host.h>

struct host_core_setup {
    struct rill_core core;
    struct exchange *exchange; /* NULL: a single core */
    struct rill_host *first;   /* core 0, which opened the interface; this one has a queue of it.
                                  NULL: this is core 0 */
};

struct rill_host *host_open(const struct rill_host_options *, const struct host_core_setup *,
                            struct rill_diagnostic *);

/* The stack's own address on the TAP. */
struct rill_address host_address(const struct rill_host *, unsigned *prefix);

/* Opens now the set that adopted descriptors are in, so that the caller may learn its number. */
void host_expect_adoption(struct rill_host *);

/* In a child process: its copy is not used any more, so it closes the TAP. */
void host_forsake(struct rill_host *);

/* The host now belongs to this process, a child of the one that opened it and has ended. The second
 * keeps the mailbox, for that one's other children. */
void host_inherit(struct rill_host *);
void host_keep(struct rill_host *);

/* The host now belongs to the calling thread, where its stack becomes current. */
void host_take(struct rill_host *);

/* Closes every descriptor and turns until all sent data is acknowledged, or 5 s have passed. */
void host_drain(struct rill_host *);

/* Frees everything, without draining; also for a host that was opened only in part. */
void host_dismantle(struct rill_host *);

#endif
